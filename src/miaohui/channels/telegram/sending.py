"""Speaking to people in Telegram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miaohui.channels.link.tickets import TICKET_BYTES
from miaohui.channels.telegram.policy import PART_BYTES, judge
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.parts import Card, Enclosure, Picture, plain, read_part, split_message
from miaohui.channels.threads.policy import unheard
from miaohui.channels.threads.types import Sent, Thread
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.link.tickets import Tickets
    from miaohui.channels.media.files import Files
    from miaohui.channels.telegram.api import Api, Said
    from miaohui.channels.telegram.types import Account
    from miaohui.conversations.types import Message

_METHODS = {
    "audio/ogg": "sendVoice",
    "audio/mpeg": "sendAudio",
    "audio/mp4": "sendAudio",
    "video/mp4": "sendVideo",
}
"""By type; every other file is a document."""

_log = get_log(__name__)


class Sending:
    """All accounts' calls."""

    def __init__(self, api: Api, files: Files, tickets: Tickets) -> None:
        self._api = api
        self._files = files
        self._tickets = tickets

    def split(self, message: Message) -> tuple[str, ...]:
        """In parts that Telegram takes, with room for a ticket where there is a link."""
        return split_message(message, PART_BYTES - (TICKET_BYTES if self._tickets.has_link(message.text) else 0))

    async def send(self, account: Account, thread: Thread, text: str) -> Sent:
        """One part. Every failure is a value."""
        try:
            said = await self._speak(account, thread, text)
        except Unanswered as error:
            return unheard(error)
        return Sent(state="sent") if said.ok else judge(said.error_code or -1, said.parameters.retry_after)

    async def _speak(self, account: Account, thread: Thread, text: str) -> Said:
        part = read_part(text)
        if isinstance(part, Picture):
            file = await self._files.get(account.tenant_id, part.url)
            if file is not None:
                payload = {"chat_id": thread.address, "caption": part.alt[:200]}
                return await self._api.call(account, "sendPhoto", payload, file)
            words = f"{part.alt} {part.url}".strip()
        elif isinstance(part, Enclosure):
            file = await self._files.any_of(account.tenant_id, part.url)
            if file is not None:
                return await self._api.call(account, _METHODS.get(file.type, "sendDocument"), _to(thread), file)
            words = self._files.told(part.name, part.url)
        elif isinstance(part, Card):
            words = "\n".join(filter(None, (part.title, part.text, part.url)))
        else:
            words = plain(part.text)
        words = await self._tickets.personal(thread, words)
        return await self._api.call(account, "sendMessage", {**_to(thread), "text": words})

    async def show_typing(self, account: Account, address: str) -> None:
        """Show that an answer is being written, for five seconds at most; best effort."""
        try:
            said = await self._api.call(account, "sendChatAction", {"chat_id": address, "action": "typing"})
        except Unanswered as error:
            _log.debug("telegram.typing_failed", inbox=account.inbox_id, reason=error.code)
            return
        if not said.ok:
            _log.debug("telegram.typing_failed", inbox=account.inbox_id, reason=f"telegram_{said.error_code}")

    async def bring(self, account: Account, file_id: str) -> bytes:
        """A file that somebody sent. Raises `Unanswered`, `Unavailable`."""
        said = await self._api.call(account, "getFile", {"file_id": file_id})
        path = said.result.get("file_path", "") if isinstance(said.result, dict) else ""
        if not said.ok or not path:
            raise Unavailable("Telegram does not give this file.", code=f"telegram_{said.error_code}")
        return await self._api.download(account, path)

    async def register(self, account: Account, address: str) -> Said:
        """Have Telegram call `address`. Raises `Unanswered`."""
        payload: dict[str, Any] = {"url": address, "secret_token": account.mark, "allowed_updates": ["message"]}
        return await self._api.call(account, "setWebhook", payload)

    async def look(self, account: Account) -> Said:
        """Where Telegram calls for this account, and how that went. Raises `Unanswered`."""
        return await self._api.call(account, "getWebhookInfo", {})


def _to(thread: Thread) -> dict[str, Any]:
    return {"chat_id": thread.address}
