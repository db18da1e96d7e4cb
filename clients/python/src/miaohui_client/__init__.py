"""A client for Miaohui's public API.

async with Miaohui("https://support.example.com", key="mh_live_…") as miaohui:
    async for piece in miaohui.ask("怎么退货?", visitor_id="4711"):
        print(piece.text, end="")
"""

from miaohui_client.client import Miaohui
from miaohui_client.errors import ApiError, ClientError, Unreachable
from miaohui_client.events import ConversationChanged, Event, MessagePosted, Reset, Said, Snapshot, TurnEnded
from miaohui_client.models import Citation, Contact, Conversation, Message, Reply, Sender, Sent
from miaohui_client.talks import Talk
from miaohui_client.transport import Retrying

__all__ = [
    "ApiError",
    "Citation",
    "ClientError",
    "Contact",
    "Conversation",
    "ConversationChanged",
    "Event",
    "Message",
    "MessagePosted",
    "Miaohui",
    "Reply",
    "Reset",
    "Retrying",
    "Said",
    "Sender",
    "Sent",
    "Snapshot",
    "Talk",
    "TurnEnded",
    "Unreachable",
]
