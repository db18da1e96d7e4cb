"""Everything of the desk, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.desk.aftercare import Aftercare
from miaohui.desk.cases import CasesRepository
from miaohui.desk.dispatch import Dispatch
from miaohui.desk.escalation import Escalation
from miaohui.desk.handing import Handing
from miaohui.desk.notices import Notices
from miaohui.desk.preferences import Habits
from miaohui.desk.replies import Notebook
from miaohui.desk.service import Desk
from miaohui.desk.translating import Translating

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.desk.ports import Inboxes, People, Told
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rooms around the desk."""

    conversations: Conversations
    told: Told
    people: People
    inboxes: Inboxes


class FrontDesk:
    """The people (`desk`), the queue (`dispatch`), the verbs of agents (`handing`), what they have at hand.

    And what comes after: `aftercare`, `notices` to everybody, `cases` that must stay right; and other languages.
    """

    def __init__(
        self, database: Database, clock: Clock, rooms: Neighbours, *, grace_s: float = 60, review_share: float = 0.05
    ) -> None:
        self.desk = Desk(database, clock, rooms.told, rooms.people, rooms.inboxes)
        self.dispatch = Dispatch(database, clock, rooms.conversations, self.desk, rooms.told)
        self.dispatch.grace_ms = round(grace_s * 1000)
        self.handing = Handing(clock, rooms.conversations, self.desk, self.dispatch, rooms.told)
        self.notebook = Notebook(database, clock)
        self.habits = Habits(database, clock)
        self.aftercare = Aftercare(database, clock, rooms.conversations, share=review_share)
        self.notices = Notices(database, clock, rooms.conversations, rooms.inboxes)
        self.dispatch.notices = self.notices
        self.cases = CasesRepository(database)
        self.translating = Translating(database, clock)
        self.escalation = Escalation(database, rooms.conversations)

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change of owner, before any watcher."""
        self.dispatch.conversation_changed(conversation)
        self.aftercare.conversation_changed(conversation)

    async def settle(self) -> None:
        """Return when nothing is under way, so that the records may be closed."""
        await self.dispatch.settle()
        await self.aftercare.settle()
        await self.translating.settle()
        await self.escalation.settle()
