"""What was said and done cannot be changed without its being seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, insert, update
from sqlalchemy.sql import Executable
from tests.support.clock import ManualClock

from miaohui.cli import main
from miaohui.conversations.tables import conversations, messages
from miaohui.journal.audits import DAY_MS, HOUR_S, SETTLED_MS, Audits, Fault, check_export
from miaohui.journal.tables import audit, audit_chain
from miaohui.kit.database import Database, Operation
from miaohui.tenants.tables import tenants

TENANT = "ten_1"


@dataclass
class Place:
    """Records in which something was said and done, and sealed."""

    database: Database
    clock: ManualClock
    audits: Audits

    async def run(self, *statements: tuple[Executable, dict[str, Any]]) -> None:
        def operation() -> Operation[None]:
            left = list(statements)
            while left:
                yield left.pop(0)

        await self.database.write(operation)

    async def say(self, conversation: str, *numbers: int) -> None:
        now = self.clock.now_ms()
        for number in numbers:
            await self.run((insert(messages), a_message(conversation, number, now)))
        change = update(conversations).where(conversations.c.id == conversation)
        await self.run((change.values(last_seq=max(numbers), updated_at_ms=now), {}))

    async def seal(self) -> int:
        self.clock.advance(SETTLED_MS / 1000 + 1)
        return await self.audits.seal()

    async def faults(self, head: str = "") -> list[tuple[int, str]]:
        return [(one.number, one.says) for one in (await self.audits.verify(TENANT, head)).faults]


def a_message(conversation: str, number: int, now_ms: int) -> dict[str, Any]:
    return {
        "id": f"{conversation}_{number}", "tenant_id": TENANT, "conversation_id": conversation, "seq": number,
        "sender": "visitor", "sender_id": "p", "kind": "text", "text": f"第{number}句", "created_at_ms": now_ms,
    }  # fmt: skip


def a_conversation(name: str, now_ms: int) -> dict[str, Any]:
    return {
        "id": name, "tenant_id": TENANT, "inbox_id": "i", "contact_id": "p", "status": "open",
        "created_at_ms": now_ms, "updated_at_ms": now_ms,
    }  # fmt: skip


def an_act(name: str, now_ms: int, act: str = "key.revoked", detail: str = "{}") -> dict[str, Any]:
    return {
        "id": name, "tenant_id": TENANT, "at_ms": now_ms, "actor": "agent:li", "actor_name": "Li", "act": act,
        "subject": "key_1", "detail": detail,
    }  # fmt: skip


@pytest.fixture
async def place(database: Database) -> Place:
    clock = ManualClock()
    place = Place(database, clock, Audits(database, clock))
    now = clock.now_ms()
    await place.run((insert(tenants), {"id": TENANT, "name": "T", "slug": "t", "created_at_ms": now}))
    for name in ("one", "two"):
        await place.run((insert(conversations), a_conversation(name, now)))
    await place.say("one", 1, 2, 3)
    await place.say("two", 1)
    await place.run((insert(audit), an_act("aud_1", now)))
    await place.seal()
    await place.say("one", 4, 5)
    await place.seal()
    return place


async def test_what_was_left_alone_verifies(place: Place) -> None:
    verdict = await place.audits.verify(TENANT)
    assert (verdict.links, verdict.messages, verdict.acts, verdict.faults) == (4, 6, 1, ())
    assert await place.seal() == 0


async def test_what_was_written_before_it_was_translated_is_sealed_with_it(place: Place) -> None:
    await place.say("two", 2, 3)
    one = update(messages).where(messages.c.id == "two_2")
    await place.run((one.values(original="as it was written"), {}))
    await place.seal()
    assert await place.faults() == []
    for told in ("never written", ""):
        await place.run((one.values(original=told), {}))
        assert [says for _, says in await place.faults()] == ["messages 2 to 3 are not what was said"]
    lines = [line async for line in place.audits.export(TENANT)]
    assert check_export(lines)[2]


@pytest.mark.parametrize("behind_s", [3_600, 30 * 86_400])
async def test_what_a_node_with_a_clock_far_behind_wrote_is_sealed_within_a_day(place: Place, behind_s: int) -> None:
    place.clock.advance(60)
    await place.seal()
    true_ms = place.clock.now_ms()
    late = update(conversations).where(conversations.c.id == "two")
    await place.run((insert(messages), a_message("two", 2, true_ms - behind_s * 1000)))
    await place.run((late.values(last_seq=2, updated_at_ms=true_ms - behind_s * 1000), {}))
    await place.run((insert(audit), an_act("aud_9", true_ms - behind_s * 1000)))
    assert await place.seal() == 0
    place.clock.advance(HOUR_S if behind_s < 86_400 else DAY_MS / 1000)
    assert await place.seal() == 2
    assert await place.seal() == 0
    assert await place.faults() == []


def changed(column: str, value: Any) -> Executable:
    return update(messages).where(messages.c.id == "one_2").values({column: value})


HARMS: dict[str, tuple[Executable, str]] = {
    "words": (changed("text", "没说过"), "are not what was said"),
    "as written": (changed("original", "never written"), "are not what was said"),
    "sender": (changed("sender", "agent"), "are not what was said"),
    "time": (changed("created_at_ms", 5), "are not what was said"),
    "taken out": (delete(messages).where(messages.c.id == "one_2"), "are not what was said"),
    "hidden": (changed("text", "[erased]"), "lost their words"),
    "act": (update(audit).values(actor="agent:wu"), "the act was changed"),
    "act gone": (delete(audit), "the act is gone"),
    "link": (update(audit_chain).where(audit_chain.c.number == 2).values(at_ms=5), "broken"),
    "link gone": (delete(audit_chain).where(audit_chain.c.number == 2), "broken"),
}


@pytest.mark.parametrize("harm", HARMS)
async def test_whatever_is_changed_is_seen(place: Place, harm: str) -> None:
    statement, says = HARMS[harm]
    await place.run((statement, {}))
    found = await place.faults()
    assert found
    assert says in found[0][1]


async def test_a_chain_that_was_made_anew_does_not_hold_the_hash_that_was_noted(place: Place) -> None:
    head = (await place.audits.verify(TENANT)).head
    assert await place.faults(head) == []
    await place.run((changed("text", "没说过"), {}), (delete(audit_chain), {}))
    await Audits(place.database, place.clock).seal()
    assert await place.faults() == []
    assert [says for _, says in await place.faults(head)] == [
        "the noted hash is not in the chain: links were replaced or cut off"
    ]


async def test_words_may_be_gone_where_an_act_says_that_they_were_erased(place: Place) -> None:
    now = place.clock.now_ms()
    await place.run(
        (update(messages).where(messages.c.conversation_id == "one").values(text="[erased]"), {}),
        (insert(audit), an_act("aud_2", now, "contact.erased", '{"conversations":1}')),
    )
    await place.seal()
    verdict = await place.audits.verify(TENANT)
    assert (verdict.erased, verdict.faults) == (1, ())


async def test_two_nodes_that_seal_at_once_seal_everything_once(place: Place) -> None:
    await place.say("two", 2, 3)
    other = Audits(place.database, place.clock)
    place.clock.advance(10)
    import asyncio

    await asyncio.gather(place.audits.seal(), other.seal())
    await place.audits.seal()
    verdict = await place.audits.verify(TENANT)
    assert (verdict.links, verdict.messages, verdict.faults) == (5, 8, ())


@pytest.mark.parametrize("harm", ["none", "words", "order", "field"])
async def test_an_export_is_checked_anywhere(place: Place, harm: str) -> None:
    lines = [line async for line in place.audits.export(TENANT)]
    count, head, faults = check_export(HARM_OF_EXPORTS[harm](lines))
    assert count == 4
    assert (head == (await place.audits.verify(TENANT)).head) == (harm != "order")
    assert bool(faults) == (harm != "none")
    assert all(isinstance(one, Fault) for one in faults)


HARM_OF_EXPORTS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "none": lambda lines: lines,
    "words": lambda lines: [line.replace("第2句".encode(), "别的".encode()) for line in lines],
    "field": lambda lines: [line.replace(b'"sender_id"', b'"other"') for line in lines],
    "order": lambda lines: [lines[0], lines[1], lines[3], lines[2]],
}


def test_the_command_verifies_and_exports_under_a_running_server(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    runner = CliRunner()
    assert runner.invoke(main, ["tenant", "create", "acme", "--data", data]).exit_code == 0
    with (tmp_path / "data" / "lock").open("a+") as lock:
        from miaohui.kit.locks import lock_file

        lock_file(lock)
        said = runner.invoke(main, ["audit", "verify", "--data", data, "--json"])
        assert said.exit_code == 0, said.output
        assert json.loads(said.output)[0]["faults"] == []
        file = str(tmp_path / "chain.jsonl")
        assert runner.invoke(main, ["audit", "export", file, "--data", data]).exit_code == 0
    assert runner.invoke(main, ["audit", "check", file]).exit_code == 0
    Path(file).write_text("nonsense\n", encoding="utf-8")
    assert "is not an export" in runner.invoke(main, ["audit", "check", file]).output
