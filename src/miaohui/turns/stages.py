"""The rooms a turn passes through, and the bounds it is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from miaohui.conversations.policy import words_in
from miaohui.prompts.compose import Brief
from miaohui.prompts.fit import WHOLE, Economy

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.engines.types import EngineRequest
    from miaohui.turns.ports import Engine, Guard, Knowledge, Memory, Profiles
    from miaohui.turns.types import Informed, Profile, Work

SMALL, LEAVE = 0.8, 0.97
"""From this strain on the small route answers; from that on nobody does, and a person answers later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Plugged in by `wiring`."""

    guard: Guard
    memory: Memory
    knowledge: Knowledge
    engine: Engine
    profiles: Profiles
    lag_s: Callable[[], float] = lambda: 0.0
    """How late the event loop is."""
    passages: int = 5
    """Passages given to the engine."""
    max_output_tokens: int = 800
    strain: float = 0.0
    """How much of what this node can bear is taken up; 1 is all of it."""
    small_route: str = ""
    """Whom to ask while much is; empty: whomever it would be anyway."""
    economy: Economy = WHOLE
    """What is left out of prompts to save tokens."""
    prompt_room: Callable[[str], tuple[int, float]] = lambda _tenant_id: (0, 1.0)
    """Of a tenant: the context window of its smallest route, and tokens that routes report for each we estimate."""

    def under(self, strain: float) -> Stages:
        """The same rooms, while so much is asked of them."""
        return self if strain < SMALL else replace(self, strain=strain)

    def ease(self, request: EngineRequest) -> EngineRequest | None:
        """What is asked while much is: a kept answer, or the small route's; None: nobody is, and a message is left."""
        if self.strain >= LEAVE:
            return None
        eased = self.strain >= SMALL and self.small_route
        return structs.replace(request, only=self.small_route) if eased else request

    def brief(self, work: Work, profile: Profile, locale: str, informed: Informed, suspicion: float) -> Brief:
        """What the prompt is made from."""
        window_tokens, correction = self.prompt_room(work.turn.tenant_id)
        asked = words_in(work.turn.question)
        return Brief(
            turn_id=work.turn.id,
            tenant_id=work.turn.tenant_id,
            conversation_id=work.turn.conversation_id,
            question=asked,
            unseen=asked != work.turn.question,
            assistant=profile.assistant,
            company=profile.company,
            locale=locale,
            recollection=informed.recollection,
            retrieval=informed.retrieval,
            suspicion=suspicion,
            max_output_tokens=self.max_output_tokens,
            economy=self.economy,
            window_tokens=window_tokens,
            correction=correction,
        )
