"""Routes as a tenant's admin sees and changes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.engines.routing import Entries, request
from tests.engines.streams import Told, listen
from tests.support.waiting import until

from miaohui.engines.book import RouteBook
from miaohui.engines.connect import connect_openai
from miaohui.engines.extractive import Extractive
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import build_catalog
from miaohui.engines.service import MOST_OWN, EngineRoutes, RouteEntry
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Invalid, NotFound
from miaohui.kit.sealed import Seal
from miaohui.testing.upstream import Upstream, UpstreamOptions

SHARED = {
    "name": "official",
    "base_url": "https://api.example.com/v1",
    "model": "large",
    "rpm": 60,
    "keys": [{"id": "a", "secret": "sk-operator-secret", "account": "main"}],
}
OWN: dict[str, Any] = {
    "name": "mine",
    "base_url": "https://own.example.com/v1",
    "model": "m",
    "price_in": 100,
    "keys": [{"id": "one", "secret": "sk-tenant-first-1111"}],
}


class Room:
    """Routes over real records."""

    def __init__(
        self, database: Database, *, given: tuple[dict[str, Any], ...] = (SHARED,), private: bool = False
    ) -> None:
        clock = SystemClock()
        connect = connect_openai()
        self.entries = Entries()
        self.router = Router(
            RouterParts(
                clock=clock,
                limits=LimitsMemory(clock),
                connect=connect,
                ledger=self.entries,
                last_resort=Extractive(),
            )
        )
        self.records = EnginesRepository(database)
        self.book = RouteBook(self.router.adopt, given=given, records=self.records, seal=Seal(b"s" * 32, "engines"))
        self.routes = EngineRoutes(self.book, self.router, connect, clock, allow_private=private)

    def secrets(self, tenant: str = "tnt_1") -> dict[str, list[str]]:
        found = self.router.fleet.catalog.routes_for(tenant)
        return {route.name: [key.secret for key in route.keys] for route in found}

    async def put(self, described: dict[str, Any]) -> RouteEntry:
        await self.routes.put("tnt_1", described)
        return await self.routes.get("tnt_1", described["name"])

    async def listed(self, tenant: str = "tnt_1") -> list[tuple[str, str, bool]]:
        return [(one.route.name, one.origin, one.enabled) for one in await self.routes.list_for(tenant)]


@pytest.fixture
async def room(database: Database) -> Room:
    made = Room(database)
    await made.book.load()
    return made


async def test_a_route_of_ones_own_serves_its_tenant_and_nobody_else(room: Room) -> None:
    await room.routes.put("tnt_1", OWN)
    assert await room.listed() == [("mine", "own", True), ("official", "shared", True)]
    assert await room.listed("tnt_2") == [("official", "shared", True)]
    await room.routes.remove("tnt_1", "mine")
    assert await room.listed() == [("official", "shared", True)]
    with pytest.raises(NotFound):
        await room.routes.remove("tnt_1", "mine")
    with pytest.raises(NotFound):
        await room.routes.remove("tnt_1", "official")


async def test_a_shared_route_may_be_weighed_and_switched_off_and_no_more(room: Room) -> None:
    entry = await room.put({"name": "official", "weight": 7})
    assert (entry.origin, entry.route.weight, entry.route.rpm) == ("changed", 7, 60)
    await room.routes.put("tnt_1", {"name": "official", "enabled": False})
    assert await room.listed() == [("official", "changed", False)]
    assert await room.listed("tnt_2") == [("official", "shared", True)]
    for field, value in (
        ("base_url", "https://evil.example.com/v1"),
        ("rpm", 0),
        ("keys", OWN["keys"]),
        ("model", "x"),
    ):
        with pytest.raises(Invalid) as refused:
            await room.routes.put("tnt_1", {"name": "official", field: value})
        assert [error.field for error in refused.value.errors] == [f"$.{field}"]


async def test_the_operators_keys_never_go_to_an_address_of_a_tenants(database: Database) -> None:
    before = Room(database, given=())
    await before.book.load()
    await before.routes.put("tnt_1", {**OWN, "name": "official", "keys": [{"id": "a"}]})
    # Later the operator makes a shared route of the same name.
    after = Room(database)
    await after.book.load()
    assert after.secrets() == {"official": [""]}
    assert after.secrets("tnt_2") == {"official": ["sk-operator-secret"]}
    overlaid = build_catalog("1", [[SHARED], [{"name": "official", "tenant": "t", "base_url": "https://x.example/v1"}]])
    assert [key.secret for key in overlaid.routes_for("t")[0].keys] == [""]


async def test_keys_are_sealed_in_the_records_and_kept_when_they_are_not_told_again(room: Room) -> None:
    await room.routes.put("tnt_1", OWN)
    (kept,) = await room.records.list_own("tnt_1")
    assert "sk-tenant-first-1111" not in repr(kept)
    assert kept["keys"][0]["sealed"].startswith("s1.")
    rotated = {**OWN, "keys": [{"id": "one", "state": "draining"}, {"id": "two", "secret": "sk-tenant-second-2222"}]}
    entry = await room.put(rotated)
    assert entry.route.key_version == 2
    assert room.secrets()["mine"] == ["sk-tenant-first-1111", "sk-tenant-second-2222"]
    entry = await room.put({**OWN, "keys": [{"id": "two"}]})
    assert (entry.route.key_version, room.secrets()["mine"]) == (3, ["sk-tenant-second-2222"])
    assert (await room.put({**OWN, "keys": [{"id": "two"}]})).route.key_version == 3


async def test_a_sealed_key_opens_for_its_own_tenant_and_route_only(room: Room, database: Database) -> None:
    await room.routes.put("tnt_1", OWN)
    (kept,) = await room.records.list_own("tnt_1")
    await room.records.put("tnt_2", {**kept, "tenant": "tnt_2"}, 1)
    await room.book.refresh()
    assert room.secrets("tnt_1")["mine"] == ["sk-tenant-first-1111"]
    assert room.secrets("tnt_2")["mine"] == [""]


async def test_what_an_older_version_kept_in_plain_words_is_sealed(room: Room) -> None:
    await room.records.put("tnt_1", OWN, 1)
    assert await room.book.seal_plain(2) == 1
    assert "sk-tenant" not in repr(await room.records.list_own("tnt_1"))
    await room.book.load()
    assert room.secrets()["mine"] == ["sk-tenant-first-1111"]
    assert await room.book.seal_plain(3) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "http://127.0.0.1:8080/v1"},
        {"base_url": "http://169.254.169.254/latest"},
        {"base_url": "http://[::1]/v1"},
        {"base_url": "ftp://own.example.com"},
        {"base_url": "https://own.example.com/v1?x=1"},
        {"provider": "nobody"},
        {"model": ""},
        {"weight": -1},
        {"colour": "red"},
        {"keys": [{"id": "a", "secret": "ключ"}]},
        {"keys": [{"id": "a"}, {"id": "a"}]},
    ],
)
async def test_what_cannot_or_may_not_be_used_is_refused_and_not_kept(room: Room, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await room.routes.put("tnt_1", {**OWN, **change})
    assert await room.records.list_own("tnt_1") == []
    assert await room.listed() == [("official", "shared", True)]


async def test_a_name_that_leads_into_this_network_is_never_spoken_to(database: Database) -> None:
    upstream = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1)).start()
    room = Room(database, given=())
    await room.book.load()
    await room.routes.put("tnt_1", {**OWN, "base_url": f"http://localhost.example.com:{upstream.port}/v1"})
    own = {**OWN, "public_only": True, "base_url": upstream.url}
    await room.records.put("tnt_1", own, 9)
    await room.book.refresh()
    told = await listen(room.router, request())
    assert told.finished is not None
    assert told.finished.route == "extractive"
    assert upstream.requests == 0
    assert {row.code for row in room.entries.rows} == {"unreachable"}
    await room.records.put("tnt_1", {**own, "public_only": False}, 10)
    await room.book.refresh()
    assert (await listen(room.router, request())).finished.route == "mine"  # type: ignore[union-attr]
    await room.router.close()
    await upstream.close()


async def test_an_operator_may_let_tenants_into_this_network(database: Database) -> None:
    room = Room(database, private=True)
    await room.book.load()
    entry = await room.put({**OWN, "base_url": "http://10.0.0.5:8000/v1"})
    assert not entry.route.public_only


async def test_a_changed_price_gets_a_version_of_its_own_unless_one_is_given(room: Room) -> None:
    first = (await room.put(OWN)).route.price_version
    assert len(first) == len("2026-11-21")
    assert (await room.put({**OWN, "price_version": first})).route.price_version == first
    named = await room.put({**OWN, "price_in": 200, "price_version": "spring"})
    assert named.route.price_version == "spring"


async def test_nobody_describes_routes_without_end(room: Room) -> None:
    for number in range(MOST_OWN):
        await room.records.put("tnt_1", {**OWN, "name": f"r{number}"}, number)
    with pytest.raises(Conflict):
        await room.routes.put("tnt_1", OWN)
    await room.routes.put("tnt_1", {**OWN, "name": "r0"})


async def test_the_board_tells_a_tenant_nothing_of_what_others_do_on_a_shared_route(room: Room) -> None:
    await room.routes.put("tnt_1", OWN)
    for line in room.router.fleet.lines():
        line.tally.attempts, line.tally.cost_micro = 5, 7
    shown = {one.name: one for one in await room.routes.standings("tnt_1")}
    assert (shown["mine"].attempts, shown["mine"].cost_micro) == (5, 7)
    assert (shown["official"].attempts, shown["official"].cost_micro) == (0, 0)
    assert shown["official"].keys[0].requests_left is None
    assert [one.name for one in await room.routes.standings("tnt_2")] == ["official"]


async def test_the_operator_changes_what_all_share(room: Room) -> None:
    await room.routes.put("", {"name": "official", "weight": 9})
    await room.routes.put("", {**OWN, "name": "second", "base_url": "http://10.0.0.5:8000/v1"})
    assert [(one.route.name, one.route.weight, one.origin) for one in await room.routes.list_for("tnt_1")] == [
        ("official", 9, "shared"),
        ("second", 1, "shared"),
    ]
    assert room.secrets()["official"] == ["sk-operator-secret"]
    with pytest.raises(Invalid):
        await room.routes.put("", {**OWN, "name": "third", "provider": "nobody"})
    await room.routes.remove("", "second")
    with pytest.raises(NotFound):
        await room.routes.get("tnt_1", "second")


async def test_what_happens_to_a_tenants_keys_is_no_matter_of_the_operators(room: Room) -> None:
    same = {**OWN, "base_url": SHARED["base_url"], "keys": [{"id": "a", "secret": "sk-x" * 4, "account": "main"}]}
    await room.routes.put("tnt_1", same)
    own, shared = (
        next(line.wires[0] for line in room.router.fleet.lines() if line.route.name == name)
        for name in ("mine", "official")
    )
    assert not set(own.scopes) & set(shared.scopes)
    room.router.books.cooldowns.kill(own.scopes[2], 0.0, "quota")
    assert room.router.books.cooldowns.wait(shared.scopes, 0.0) == 0
    assert room.router.books.cooldowns.wait(own.scopes, 0.0) > 0
    changed = await room.put({"name": "official", "weight": 2})
    assert changed.route.owner == ""


async def test_keys_rotated_ten_times_through_the_records_fail_no_turn_under_load(sqlite_database: Database) -> None:
    upstream = await Upstream(UpstreamOptions(chunks=4, gap_ms=3, first_ms=5)).start()
    room = Room(sqlite_database, given=(), private=True)
    await room.book.load()

    async def publish(*keys: dict[str, str]) -> None:
        await room.routes.put("tnt_1", {"name": "mine", "base_url": upstream.url, "model": "sim", "keys": list(keys)})

    upstream.accepts = {"sk-number-0"}
    await publish({"id": "k0", "secret": "sk-number-0"})
    told: list[Told] = []
    over = False

    async def talk(number: int) -> None:
        while not over:
            told.append(await listen(room.router, request(f"turn_{number}_{len(told)}")))

    talkers = [asyncio.create_task(talk(number)) for number in range(20)]
    await until(lambda: told)
    for number in range(1, 11):
        upstream.accepts.add(f"sk-number-{number}")
        fresh = {"id": f"k{number}", "secret": f"sk-number-{number}"}
        await publish({"id": f"k{number - 1}", "state": "draining"}, fresh)
        old, new = room.router.fleet.lines()[0].wires
        await until(lambda new=new, old=old: new.in_flight and not old.in_flight)  # type: ignore[misc]
        upstream.accepts.discard(f"sk-number-{number - 1}")
        await publish({"id": f"k{number}"})
    over = True
    await asyncio.gather(*talkers)
    entry = await room.routes.get("tnt_1", "mine")
    assert entry.route.key_version == 21
    assert {one.failure for one in told} == {None}
    assert {row.outcome for row in room.entries.rows} == {"winner"}
    assert {row.key_id for row in room.entries.rows} == {f"k{number}" for number in range(11)}
    assert len(told) > 100
    await room.router.close()
    await upstream.close()
