"""The rooms a turn passes through, and the bounds it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.prompts.compose import Brief
from miaohui.prompts.fit import WHOLE, Economy

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.turns.ports import Engine, Guard, Knowledge, Memory, Profiles
    from miaohui.turns.types import Informed, Profile, Work


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
    economy: Economy = WHOLE
    """What is left out of prompts to save tokens."""
    prompt_room: Callable[[str], tuple[int, float]] = lambda _tenant_id: (0, 1.0)
    """Of a tenant: the context window of its smallest route, and tokens that routes report for each we estimate."""

    def brief(self, work: Work, profile: Profile, locale: str, informed: Informed, suspicion: float) -> Brief:
        """What the prompt is made from."""
        window_tokens, correction = self.prompt_room(work.turn.tenant_id)
        return Brief(
            turn_id=work.turn.id,
            tenant_id=work.turn.tenant_id,
            conversation_id=work.turn.conversation_id,
            question=work.turn.question,
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
