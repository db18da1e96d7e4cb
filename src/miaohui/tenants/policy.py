"""Which limits a company may set for itself, and how it comes and goes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.kit.errors import Conflict, FieldError, Invalid
from miaohui.tenants.types import OwnLimits, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.tenants.types import State

RULES: Mapping[str, int] = {"handoff_unanswered": 100, "handoff_upset": 3, "handoff_turns": 10_000}
"""The most of what is a matter of taste; 0 is never. Everything else guards what all companies share."""
LEAST: Mapping[str, int] = {"message_bytes": 100}
COSTS = ("cost_day_micro", "cost_month_micro")
MOST_COST_MICRO = 10**15
"""A thousand million of the currency's units, where the installation sets no budget."""


def most_of(installation: OwnLimits) -> dict[str, int]:
    """How far each may go: of what guards the installation, not beyond the installation's own value."""
    values = msgspec.structs.asdict(installation)
    guarding = {name: value for name, value in values.items() if type(value) is int and name != "version"}
    costs = {name: guarding.get(name) or MOST_COST_MICRO for name in COSTS}
    return {**guarding, **costs, **RULES}


def budgets_of(own: OwnLimits | None, installation: OwnLimits) -> tuple[int, int]:
    """A company's budgets of a day and of a month, in millionths: the tighter of its own and the installation's.

    0 is none.
    """
    mine = own or installation
    day = _tighter(mine.cost_day_micro, installation.cost_day_micro)
    return day, _tighter(mine.cost_month_micro, installation.cost_month_micro)


def _tighter(one: int | None, other: int | None) -> int:
    return min((budget for budget in (one, other) if budget), default=0)


def least_of(name: str, most: int) -> int:
    """A rule may be off, and so may a company's own budget; nothing else may be shut."""
    return 0 if name in RULES or name in COSTS else min(LEAST.get(name, 1), most)


def check_limits(wanted: OwnLimits, installation: OwnLimits) -> None:
    """Raises `Invalid` on what makes no sense, `Conflict` (`limit_above_installation`) on what others would pay for."""
    values = msgspec.structs.asdict(wanted)
    for name, most in most_of(installation).items():
        value = values[name]
        if value is None:
            continue
        least = least_of(name, most)
        if value < least or (name in RULES and value > most):
            raise Invalid("The limits are not in form.", errors=[FieldError(f"$.{name}", f"{least} to {most}")])
        if value > MOST_COST_MICRO and name in COSTS:
            raise Invalid("The limits are not in form.", errors=[FieldError(f"$.{name}", f"0 to {MOST_COST_MICRO}")])
        if value > most:
            msg = f"{name} may be {most} at most: that is what holds for the whole installation."
            raise Conflict(msg, code="limit_above_installation")


def next_standing(now: Standing, wanted: State) -> Standing | None:
    """What follows; None when it stands so already. Raises `Conflict` (`tenant_leaving`): who began to go is gone."""
    if now.state == wanted:
        return None
    if now.state == "gone" or (now.state == "leaving" and wanted != "gone"):
        msg = "This tenant is being deleted, and nothing brings it back. Delete it again to end that."
        raise Conflict(msg, code="tenant_leaving")
    return Standing(state=wanted, version=now.version)
