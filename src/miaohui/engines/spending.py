"""What each company spends on providers, against its budgets.

This process counts its own attempts the moment they end; what others came to is read from the ledger's sums every two
seconds, so that finding a purse costs a look into a dictionary. Beyond a budget goes at most, on each node, the one
attempt that crosses it, and what the others of several nodes have under way or spent within those two seconds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from miaohui.engines import numbers
from miaohui.engines.purses import DAY_MS, NEAR, Budget, Period, Purse, Spent, first_of_month, month_after
from miaohui.kit.polling import keep_doing
from miaohui.kit.telemetry import get_log
from miaohui.kit.versioned import FOLLOWED_S
from miaohui.tenants.policy import budgets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.engines.ledger import AttemptEntry, Ledger
    from miaohui.engines.repository import EnginesRepository
    from miaohui.kit.clock import Clock
    from miaohui.tenants.limits import CompanyLimits

_WHOLE_S = 60.0
"""So often the whole month is read and not only its last day."""
_log = get_log(__name__)


class Spending:
    """A ledger before the ledger that adds up what goes through it, and the purses. `run` beside the house."""

    def __init__(self, ledger: Ledger, records: EnginesRepository, clock: Clock, node: str) -> None:
        """`node`: the name under which `ledger` adds up what goes through here."""
        self.companies: CompanyLimits | None = None
        """Who has which budget; until it is there nobody has one."""
        self._ledger = ledger
        self._records = records
        self._clock = clock
        self._node = node
        self._purses: dict[str, Purse] = {}
        self._for_all = Budget()
        self._mine: defaultdict[str, dict[int, int]] = defaultdict(dict)
        """By company and day, what ended in this process."""
        self._earlier: dict[str, int] = {}
        """By company, what ended elsewhere, this month before today."""
        self._today: dict[str, int] = {}
        self._day = 0
        self._whole_at = float("-inf")

    # On the way of every turn

    def find(self, tenant_id: str) -> Purse | None:
        """See `purses.Purses`."""
        purse = self._purses.get(tenant_id)
        if purse is None and self._for_all:
            return self._open(tenant_id)
        return purse

    def _open(self, tenant_id: str) -> Purse:
        """Of a company that is heard of for the first time, where all have a budget."""
        purse = self._purses[tenant_id] = Purse()
        purse.fill(self._for_all, self._spent_by(tenant_id))
        return purse

    def add(self, entry: AttemptEntry) -> None:
        """See `ledger.Ledger`."""
        self._ledger.add(entry)
        if entry.cost_micro:
            days, day = self._mine[entry.tenant_id], entry.started_at_ms // DAY_MS
            days[day] = days.get(day, 0) + entry.cost_micro
            purse = self._purses.get(entry.tenant_id)
            if purse is not None:
                purse.spend(entry.cost_micro)

    # Beside it

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=FOLLOWED_S, failing="engines.spending_unread")

    async def refresh(self) -> None:
        """Read who has which budget, and what was spent elsewhere while anybody has one."""
        if self.companies is None:
            return
        await self.companies.refresh()
        installation = self.companies.installation
        for_all = Budget(*budgets_of(None, installation))
        budgets = {
            tenant_id: Budget(*budgets_of(own, installation)) for tenant_id, own in self.companies.everybody().items()
        }
        if for_all or any(budgets.values()):
            await self._read()
        self._forget()
        self._for_all = for_all
        self._fill(budgets)

    async def _read(self) -> None:
        """Only what changes is read every time: a day that is over gets few attempts more."""
        day, now = self._clock.now_ms() // DAY_MS, self._clock.monotonic()
        whole = day != self._day or now - self._whole_at >= _WHOLE_S
        first = first_of_month(day)
        rows = await self._records.spent_elsewhere(first if whole else day, self._node)
        self._today = {tenant_id: cost for tenant_id, of_day, cost in rows if of_day >= day}
        if not whole:
            return
        earlier: defaultdict[str, int] = defaultdict(int)
        for tenant_id, of_day, cost in rows:
            earlier[tenant_id] += cost if of_day < day else 0
        self._earlier, self._day, self._whole_at = earlier, day, now

    def _forget(self) -> None:
        """What ended in a month before this one."""
        first = first_of_month(self._clock.now_ms() // DAY_MS)
        for tenant_id, days in list(self._mine.items()):
            if min(days, default=first) < first:
                self._mine[tenant_id] = {day: cost for day, cost in days.items() if day >= first}

    def _fill(self, budgets: Mapping[str, Budget]) -> None:
        # Where all have a budget, also who spent something before this process began.
        spenders = {*self._today, *self._earlier} if self._for_all else set()
        for tenant_id in {*self._purses, *budgets, *spenders}:
            budget = budgets.get(tenant_id, self._for_all)
            if not budget:
                self._purses.pop(tenant_id, None)
                continue
            purse = self._purses.setdefault(tenant_id, Purse())
            before = purse.share
            purse.fill(budget, self._spent_by(tenant_id))
            if before < 1 <= purse.share:
                _log.warning("engine.budget_reached", tenant=tenant_id, spent_micro=purse.day_micro)
        shares = [purse.share for purse in self._purses.values()]
        numbers.BUDGETS.labels("near").set(sum(NEAR <= share < 1 for share in shares))
        numbers.BUDGETS.labels("reached").set(sum(share >= 1 for share in shares))

    def _spent_by(self, tenant_id: str) -> Spent:
        mine, today = self._mine.get(tenant_id, {}), self._today.get(tenant_id, 0)
        first = first_of_month(self._day)
        return Spent(
            day_micro=today + sum(cost for day, cost in mine.items() if day >= self._day),
            month_micro=today
            + self._earlier.get(tenant_id, 0)
            + sum(cost for day, cost in mine.items() if day >= first),
        )

    # For people

    def shares(self) -> dict[str, float]:
        """Companies near their budget or beyond it, and the part that is spent."""
        return {tenant_id: purse.share for tenant_id, purse in self._purses.items() if purse.share >= NEAR}

    async def periods(self, tenant_id: str) -> tuple[Period, Period]:
        """How this day and this month stand for one company."""
        day = self._clock.now_ms() // DAY_MS
        first = first_of_month(day)
        mine = self._mine.get(tenant_id, {})
        found = await self._records.spent_elsewhere(first, self._node, tenant_id)
        both = [*((of_day, cost) for _, of_day, cost in found), *mine.items()]
        budget = Budget()
        if self.companies is not None:
            budget = Budget(*budgets_of(self.companies.find(tenant_id), self.companies.installation))
        return (
            Period(
                budget_micro=budget.day_micro,
                spent_micro=sum(cost for of_day, cost in both if of_day >= day),
                ends_at_ms=(day + 1) * DAY_MS,
            ),
            Period(
                budget_micro=budget.month_micro,
                spent_micro=sum(cost for of_day, cost in both if of_day >= first),
                ends_at_ms=month_after(day) * DAY_MS,
            ),
        )
