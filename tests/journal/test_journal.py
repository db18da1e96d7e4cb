from __future__ import annotations

import pytest
from tests.support.clock import ManualClock

from miaohui.identity.types import Principal
from miaohui.journal import repository
from miaohui.journal.service import Journal
from miaohui.journal.types import Stage, TurnEntry
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Invalid

ENTRY = TurnEntry(
    turn_id="turn_1",
    tenant_id="ten_1",
    conversation_id="conv_1",
    started_at_ms=1,
    ended_at_ms=2,
    outcome="answered",
    stages=(Stage(name="retrieve", at_ms=0.5, took_ms=0.25, facts={"passages": ["a", 1, 0.5], "ok": True}),),
)
ADMIN = Principal(tenant_id="ten_1", kind="agent", id="per_1", name="林", role="admin")


async def test_a_turns_entry_comes_back_whole_and_to_its_tenant_only(database: Database) -> None:
    journal = Journal(database)
    assert await journal.find_turn("ten_1", "turn_1") is None
    await database.write(lambda: repository.record_turn(ENTRY))
    assert await journal.find_turn("ten_1", "turn_1") == ENTRY
    assert await journal.find_turn("ten_2", "turn_1") is None


async def test_a_turn_is_recorded_once(database: Database) -> None:
    await database.write(lambda: repository.record_turn(ENTRY))
    with pytest.raises(Conflict):
        await database.write(lambda: repository.record_turn(ENTRY))


async def test_the_audit_is_read_from_the_newest_page_by_page_by_its_tenant_only(database: Database) -> None:
    clock = ManualClock()
    journal = Journal(database, clock)
    for number in range(5):
        await journal.audit(ADMIN, "key.created", f"key_{number}", {"scopes": ["chat"]})
        if number != 2:
            clock.advance(1)
    first = await journal.list_audit("ten_1", limit=2)
    second = await journal.list_audit("ten_1", cursor=first.next_cursor, limit=2)
    third = await journal.list_audit("ten_1", cursor=second.next_cursor, limit=2)
    assert [entry.subject for part in (first, second, third) for entry in part.data] == [
        f"key_{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert third.next_cursor == ""
    assert first.data[0].actor == "agent:per_1"
    assert first.data[0].detail == {"scopes": ["chat"]}
    assert (await journal.list_audit("ten_2")).data == []


@pytest.mark.parametrize("cursor", ["x", "!!!", "W10", "eyJhIjoxfQ", "é", "WyJhIiwiYiJd"])
async def test_a_cursor_that_is_not_ours_is_refused(sqlite_database: Database, cursor: str) -> None:
    with pytest.raises(Invalid):
        await Journal(sqlite_database).list_audit("ten_1", cursor=cursor)
