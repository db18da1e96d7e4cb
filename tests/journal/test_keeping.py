"""What was kept for long enough is gone, nothing else is, and the chain still holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func, insert, select
from tests.support.clock import ManualClock

from miaohui.conversations.tables import conversations, messages, turns
from miaohui.journal.audits import Audits
from miaohui.journal.keeping import Keeping, Terms
from miaohui.journal.tables import journal_turns
from miaohui.kit.database import Database, Operation
from miaohui.tenants.tables import tenants

DAY_S = 86_400
TENANT = "ten_1"


async def fill(database: Database, clock: ManualClock) -> None:
    """Resolved long ago, open since long ago, resolved lately."""
    now = clock.now_ms()
    ages = {"old": ("resolved", 40), "waiting": ("open", 40), "late": ("resolved", 3)}

    def operation() -> Operation[None]:
        yield insert(tenants), {"id": TENANT, "name": "T", "slug": "t", "created_at_ms": now}
        for name, (status, days) in ages.items():
            at_ms = now - days * DAY_S * 1000
            its: dict[str, Any] = {"tenant_id": TENANT, "conversation_id": name}
            yield (
                insert(conversations),
                {
                    "id": name, "tenant_id": TENANT, "inbox_id": "i", "contact_id": "p", "status": status,
                    "last_seq": 1, "created_at_ms": at_ms, "updated_at_ms": at_ms,
                },
            )  # fmt: skip
            yield (
                insert(messages),
                {
                    **its, "id": f"msg_{name}", "seq": 1, "sender": "visitor", "sender_id": "p", "kind": "text",
                    "text": "你好", "created_at_ms": at_ms,
                },
            )  # fmt: skip
            yield (
                insert(turns),
                {
                    **its, "id": f"turn_{name}", "message_id": f"msg_{name}", "state": "answered", "lease_owner": "",
                    "lease_until_ms": 0, "ownership_epoch": 1, "created_at_ms": at_ms,
                },
            )  # fmt: skip
            yield (
                insert(journal_turns),
                {
                    **its, "turn_id": f"turn_{name}", "started_at_ms": at_ms, "ended_at_ms": at_ms,
                    "outcome": "answered", "entry": "{}",
                },
            )  # fmt: skip

    await database.write(operation)


async def count(database: Database, table: Table) -> int:
    rows = await database.read(select(func.count().label("n")).select_from(table))
    return int(rows[0]["n"])


async def test_resolved_conversations_go_after_their_time_and_the_chain_says_so(database: Database) -> None:
    clock = ManualClock()
    await fill(database, clock)
    audits = Audits(database, clock)
    await audits.seal()
    keeping = Keeping(database, clock, Terms(conversations_days=30))
    assert await keeping.sweep() == 1
    assert [await count(database, table) for table in (conversations, messages, turns, journal_turns)] == [2] * 4
    verdict = await audits.verify(TENANT)
    assert (verdict.links, verdict.erased, verdict.faults) == (4, 1, ())
    assert await keeping.sweep() == 0


async def test_without_terms_everything_is_kept(sqlite_database: Database) -> None:
    clock = ManualClock()
    await fill(sqlite_database, clock)
    clock.advance(10_000 * DAY_S)
    assert await Keeping(sqlite_database, clock, Terms()).sweep() == 0
    assert await count(sqlite_database, messages) == 3


async def test_the_journal_may_go_before_the_words(sqlite_database: Database) -> None:
    clock = ManualClock()
    await fill(sqlite_database, clock)
    await Keeping(sqlite_database, clock, Terms(journal_days=7)).sweep()
    assert await count(sqlite_database, journal_turns) == 1
    assert await count(sqlite_database, messages) == 3
