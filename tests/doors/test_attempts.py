"""Which engines were asked in a turn, and what it cost."""

from __future__ import annotations

import msgspec
import pytest
from tests.doors.building import Building
from tests.engines.attempts import ENTRY

from miaohui.engines.ledger import AttemptEntry
from miaohui.engines.repository import add_attempts
from miaohui.journal.repository import record_turn
from miaohui.journal.types import TurnEntry

session_loop = pytest.mark.asyncio(loop_scope="session")


def attempt(building: Building, number: int, outcome: str, first_ms: int) -> AttemptEntry:
    return msgspec.structs.replace(
        ENTRY,
        id=f"att_doors_{number}",
        tenant_id=building.ours.tenant.id,
        turn_id="turn_attempted",
        conversation_id=building.ours.conversation.id,
        number=number,
        route="deepseek" if number == 1 else "qwen",
        key_id="key_secret_name",
        outcome=outcome,
        failure="server" if outcome == "failed" else "",
        code="502" if outcome == "failed" else "",
        cost_micro=400,
        first_content_ms=first_ms,
        started_at_ms=1_600_000_000_000 + number,
    )


@session_loop
async def test_every_attempt_of_a_turn_is_told_in_its_order_without_its_key(building: Building) -> None:
    ours = building.ours
    entry = TurnEntry(
        turn_id="turn_attempted",
        tenant_id=ours.tenant.id,
        conversation_id=ours.conversation.id,
        started_at_ms=1,
        ended_at_ms=2,
        outcome="answered",
    )
    await building.house.database.write(lambda: record_turn(entry))
    entries = (attempt(building, 2, "winner", 420), attempt(building, 1, "failed", -1))
    await building.house.database.write(lambda: add_attempts(entries))
    answer = await building.ask("GET", "/v1/turns/turn_attempted/attempts", token=ours.agent)
    told = [(one["route"], one["outcome"], one["first_content_ms"], one["cost_micro"]) for one in answer.json()["data"]]
    assert told == [("deepseek", "failed", None, 400), ("qwen", "winner", 420, 400)]
    assert b"key_secret_name" not in answer.body


@session_loop
async def test_attempts_of_another_companys_turn_are_not_there(building: Building) -> None:
    theirs = building.theirs
    answer = await building.ask("GET", "/v1/turns/turn_attempted/attempts", token=theirs.agent)
    assert answer.status == 404
