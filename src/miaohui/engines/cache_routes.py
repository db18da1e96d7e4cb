"""Whose answers are worth keeping: those of the routes that are asked first."""

from __future__ import annotations

from miaohui.engines.fleet import Choice, Fleet, TierLines
from miaohui.engines.routes import TIERS


class FirstChoice:
    """What the routes of a tenant mean to the cache; follows every change of theirs."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._known: tuple[Choice | None, str] = (None, "")

    def answer_class(self, tenant_id: str) -> str:
        """The models that are asked first; empty when the tenant has no route, and nothing is worth keeping."""
        choice = self._fleet.choice_for(tenant_id)
        if choice is not self._known[0]:
            tier = _first_tier(choice)
            models = sorted({line.route.model for line in tier.lines}) if tier else []
            self._known = (choice, "+".join(models))
        return self._known[1]

    def includes(self, tenant_id: str, route: str) -> bool:
        """Whether the route is one of them; a fallback's answer, or the last resort's, was only better than none."""
        choice = self._fleet.choice_for(tenant_id)
        tier = _first_tier(choice)
        return tier is not None and any(line.route.name == route for line in tier.lines)


def _first_tier(choice: Choice) -> TierLines | None:
    return next((choice.tiers[name] for name in TIERS if choice.tiers[name].lines), None)
