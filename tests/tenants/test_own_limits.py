"""What companies set for themselves in the records, on both databases, and what it changes."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.desk.escalating import Rules
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import Words
from miaohui.identity.types import Principal
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Invalid
from miaohui.tenants.limits import CompanyLimits
from miaohui.tenants.policy import budgets_of, check_limits, most_of
from miaohui.tenants.repository import LimitsRepository
from miaohui.tenants.types import OwnLimits
from miaohui.testing.clock import FakeClock

INSTALLATION = OwnLimits(
    visitor_messages_per_minute=30,
    visitor_burst=10,
    visitor_pictures_per_minute=12,
    tenant_messages_per_minute=60_000,
    tenant_burst=3_000,
    tenant_pictures_per_minute=600,
    message_bytes=16_384,
    handoff_unanswered=3,
    handoff_upset=2,
    handoff_turns=0,
    handoff_tool_failure=True,
    cost_day_micro=50_000_000,
    cost_month_micro=0,
)
VISITOR = Principal(tenant_id="ten_1", kind="visitor", id="cont_1", name="")


def kept_in(database: Database) -> CompanyLimits:
    return CompanyLimits(LimitsRepository(database), FakeClock(), INSTALLATION)


def test_what_guards_all_may_be_tighter_and_not_wider() -> None:
    check_limits(OwnLimits(visitor_burst=10, handoff_turns=9_999), INSTALLATION)
    with pytest.raises(Conflict) as caught:
        check_limits(OwnLimits(visitor_burst=11), INSTALLATION)
    assert caught.value.code == "limit_above_installation"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (OwnLimits(visitor_burst=0), "visitor_burst"),
        (OwnLimits(message_bytes=99), "message_bytes"),
        (OwnLimits(handoff_upset=4), "handoff_upset"),
        (OwnLimits(handoff_turns=-1), "handoff_turns"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_by_its_name(wanted: OwnLimits, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_limits(wanted, INSTALLATION)
    assert [one.field for one in caught.value.errors] == [f"$.{name}"]


def test_every_number_has_its_most_and_the_switch_has_none() -> None:
    most = most_of(INSTALLATION)
    assert most["visitor_burst"] == 10
    assert most["handoff_unanswered"] == 100
    assert set(OwnLimits.__struct_fields__) - set(most) == {"handoff_tool_failure", "version"}


def test_a_budget_goes_as_far_as_the_installations_and_anywhere_where_there_is_none() -> None:
    check_limits(OwnLimits(cost_day_micro=50_000_000, cost_month_micro=10**15), INSTALLATION)
    check_limits(OwnLimits(cost_day_micro=0), INSTALLATION)
    with pytest.raises(Conflict) as caught:
        check_limits(OwnLimits(cost_day_micro=50_000_001), INSTALLATION)
    assert caught.value.code == "limit_above_installation"
    for wrong in (OwnLimits(cost_month_micro=-1), OwnLimits(cost_month_micro=10**15 + 1)):
        with pytest.raises(Invalid):
            check_limits(wrong, INSTALLATION)


@pytest.mark.parametrize(
    ("own", "budgets"),
    [
        (None, (50_000_000, 0)),
        (OwnLimits(visitor_burst=3), (50_000_000, 0)),
        (OwnLimits(cost_day_micro=1, cost_month_micro=9), (1, 9)),
        (OwnLimits(cost_day_micro=0), (50_000_000, 0)),
        (OwnLimits(cost_day_micro=60_000_000), (50_000_000, 0)),
    ],
)
def test_the_tighter_budget_holds_and_0_is_none(own: OwnLimits | None, budgets: tuple[int, int]) -> None:
    assert budgets_of(own, INSTALLATION) == budgets


async def test_limits_come_back_as_they_were_put_and_another_company_has_none(database: Database) -> None:
    kept = kept_in(database)
    stored = await kept.put("ten_1", OwnLimits(visitor_burst=3))
    assert (stored.version, await kept.get("ten_1"), await kept.get("ten_2")) == (1, stored, OwnLimits())
    assert (kept.find("ten_1"), kept.find("ten_2")) == (stored, None)


async def test_another_node_learns_of_a_change_at_its_next_look_and_of_its_end(database: Database) -> None:
    here, there = kept_in(database), kept_in(database)
    await there.refresh()
    first = await here.put("ten_1", OwnLimits(visitor_burst=3))
    assert there.find("ten_1") is None
    await there.refresh()
    assert there.find("ten_1") == first
    await here.put("ten_1", OwnLimits(version=1))
    await there.refresh()
    assert there.find("ten_1") is None


async def test_of_two_who_change_limits_at_once_one_is_told_of_the_other(database: Database) -> None:
    nodes = [kept_in(database), kept_in(database)]
    for version in (0, 1):
        news = [OwnLimits(visitor_burst=burst, version=version) for burst in (3, 4)]
        ends = await asyncio.gather(
            *(node.put("ten_1", own) for node, own in zip(nodes, news, strict=True)), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "OwnLimits"]
        assert next(end for end in ends if isinstance(end, Conflict)).code == "limits_changed"


async def test_the_guard_counts_by_a_companys_own_limits(database: Database) -> None:
    kept = kept_in(database)
    guard = Guard(LimitsMemory(FakeClock()), Words({}), GuardOptions())
    guard.companies = kept
    await kept.put("ten_1", OwnLimits(visitor_burst=2, message_bytes=100, visitor_pictures_per_minute=1))
    admitted = [all(limit.allowed for limit in await guard.admit(VISITOR)) for _ in range(3)]
    assert admitted == [True, True, False]
    assert [(await guard.admit_picture(VISITOR))[0].allowed for _ in range(2)] == [True, False]
    assert guard.judge("ten_1", "字" * 34).reason == "too_long"
    assert guard.judge("ten_1", "字" * 33).allowed
    assert guard.judge("ten_2", "字" * 34).allowed
    await kept.put("ten_1", OwnLimits(version=1))
    assert all(limit.allowed for limit in await guard.admit(VISITOR))


def test_limits_from_before_the_installation_was_narrowed_do_not_widen_it() -> None:
    options = GuardOptions(visitor_burst=5).narrowed(OwnLimits(visitor_burst=10, message_bytes=500))
    assert (options.visitor_burst, options.message_bytes) == (5, 500)


def test_a_company_calls_people_by_its_own_rules() -> None:
    rules = Rules(unanswered=3, upset=2, turns=0, tool_failure=True)
    changed = rules.changed_by(OwnLimits(handoff_turns=5, handoff_upset=0, handoff_tool_failure=False))
    assert changed == Rules(unanswered=3, upset=0, turns=5, tool_failure=False)
    assert rules.changed_by(OwnLimits()) == rules
