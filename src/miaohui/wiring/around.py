"""The rooms around the story: they hear of what happens, and act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.conversations.search import ConversationSearch
from miaohui.desk.escalating import Rules
from miaohui.desk.front import FrontDesk, Neighbours
from miaohui.desk.interpreter import Interpreter, Terms
from miaohui.insight.service import Insight
from miaohui.tickets.ports import Neighbours as TicketNeighbours
from miaohui.tickets.service import Tickets
from miaohui.wiring.leaving import GOES_WITH_THE_WORDS

if TYPE_CHECKING:
    from miaohui.engines.router import Router
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings


@dataclass(frozen=True, slots=True)
class Around:
    """What people do with conversations, and what is counted of them."""

    search: ConversationSearch
    desk: FrontDesk
    tickets: Tickets
    insight: Insight


def build_around(settings: Settings, clock: Clock, database: Database, rooms: Neighbours, router: Router) -> Around:
    """Over the same neighbours. What goes with words that are erased goes from here on."""
    rooms.conversations.leaving = GOES_WITH_THE_WORDS
    beside = TicketNeighbours(rooms.conversations, rooms.told, rooms.people, rooms.inboxes)
    desk = FrontDesk(
        database, clock, rooms, grace_s=settings.desk_gone_seconds, review_share=settings.desk_review_share
    )
    desk.escalation.rules = Rules(
        unanswered=settings.handoff_unanswered,
        upset=settings.handoff_upset,
        turns=settings.handoff_turns,
        tool_failure=settings.handoff_tool_failure,
    )
    desk.translating.interpreter = build_interpreter(settings, router)
    return Around(
        search=ConversationSearch(database),
        desk=desk,
        tickets=Tickets(database, clock, beside),
        insight=Insight(database, clock),
    )


def build_interpreter(settings: Settings, router: Router) -> Interpreter:
    """Translates for agents through the routes; the engine that only quotes is none of them."""
    terms = Terms(
        enabled=settings.translation,
        deadline_s=settings.translation_seconds,
        at_once=settings.translation_at_once,
    )
    return Interpreter(router, lambda tenant_id: bool(router.fleet.choice_for(tenant_id).names), terms)
