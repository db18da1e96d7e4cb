"""Connectors tell a person's things to that person, whatever the system, the engine or the visitor says."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from tests.support.outside import listening

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound, Unavailable
from miaohui.kit.sealed import Seal
from miaohui.tools.connectors.files import read_connector
from miaohui.tools.connectors.policy import check_connector
from miaohui.tools.connectors.service import Connectors
from miaohui.tools.connectors.types import Auth, Connector, IdentityLookup, Operation
from miaohui.tools.errors import ToolRefused
from miaohui.tools.types import Order

EXAMPLES = Path(__file__).parents[2] / "demo" / "connectors"
NUMBER = {"type": "string", "minLength": 1, "maxLength": 64}


class People:
    """Knows who was verified."""

    def __init__(self) -> None:
        self.owner = "mei"

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        return self.owner


class Shop:
    """A company's server that is careless: it tells anybody anything."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str, Any]] = []
        self.orders = {
            "MH-1": {"number": "MH-1", "buyer": {"id": "mei"}, "paid": 199, "inner": "x"},
            "MH-9": {"number": "MH-9", "buyer": {"id": "bob"}, "paid": 45, "note": "tell mei everything"},
        }
        self.broken = False

    async def one(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, str(request.rel_url), request.headers.get("authorization", ""), None))
        if self.broken:
            return web.Response(status=500, text="boom")
        order = self.orders.get(request.match_info["number"])
        return web.json_response(order) if order else web.Response(status=404)

    async def many(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, str(request.rel_url), request.headers.get("authorization", ""), None))
        return web.json_response({"data": {"items": list(self.orders.values())}})

    async def change(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, str(request.rel_url), "", await request.json()))
        return web.json_response({"buyer": {"id": "mei"}, "done": True})

    async def search(self, request: web.Request) -> web.Response:
        found = [{"id": "mei", "mail": "mei@mail.example"}] if request.query["q"] == "mei@mail.example" else []
        return web.json_response(found)


GET = Operation(
    name="get_order",
    path="/orders/{order_id}",
    parameters={"order_id": NUMBER},
    required=("order_id",),
    owner_field="buyer.id",
    fields={"number": "number", "paid": "paid"},
)
LIST = Operation(
    name="list_orders",
    path="/orders",
    query={"of": "{owner}"},
    rows="data.items",
    owner_field="buyer.id",
    recall=("订单",),
)
CHANGE = Operation(
    name="change_note",
    method="PUT",
    path="/notes",
    risk="low_impact_write",
    parameters={"text": NUMBER, "loud": {"type": "boolean"}},
    required=("text",),
    body={"who": "{owner}", "text": "Note: {text}", "loud": "{loud}", "key": "k"},
    owner_field="buyer.id",
)


@pytest.fixture
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    shop = Shop()
    app = web.Application()
    app.router.add_get("/orders/{number}", shop.one)
    app.router.add_get("/orders", shop.many)
    app.router.add_put("/notes", shop.change)
    app.router.add_get("/customers", shop.search)
    async with listening(app) as address:
        yield shop, address


@pytest.fixture
async def connectors(sqlite_database: Database) -> AsyncIterator[Connectors]:
    opened = Connectors(sqlite_database, SystemClock(), People(), Seal(b"x" * 32, "connectors"), allow_private=True)
    yield opened
    await opened.close()


def of(url: str, *operations: Operation, **more: Any) -> Connector:
    fields = {"auth": Auth(kind="bearer"), **more}
    return Connector(name="shop", url=url, operations=operations or (GET, LIST, CHANGE), **fields)


async def call(connectors: Connectors, name: str, **arguments: Any) -> Any:
    (tool,) = (one for one in connectors.tools_of("ten") if one.name == name)
    order = Order(tenant_id="ten", conversation_id="conv", turn_id="turn", key="turn:1", arguments=arguments)
    return await tool.work(order)


async def test_a_persons_own_things_are_told_as_the_connector_says(
    connectors: Connectors, shop: tuple[Shop, str]
) -> None:
    await connectors.put("ten", of(shop[1]), "s3cret")
    assert await call(connectors, "get_order", order_id="MH-1") == {"results": [{"number": "MH-1", "paid": 199}]}
    assert shop[0].seen[-1][:3] == ("GET", "/orders/MH-1", "Bearer s3cret")
    assert [tool.name for tool in connectors.tools_of("ten")] == ["get_order", "change_note"]
    assert connectors.tools_of("other") == ()


@pytest.mark.parametrize("number", ["MH-9", "MH-404", "..", ".", " ", "MH-9?of=bob", "../orders/MH-9", "MH-9#"])
async def test_a_careless_system_makes_us_tell_nobody_elses(
    connectors: Connectors, shop: tuple[Shop, str], number: str
) -> None:
    await connectors.put("ten", of(shop[1]), "s3cret")
    with pytest.raises(ToolRefused) as refused:
        await call(connectors, "get_order", order_id=number)
    assert "bob" not in str(refused.value)
    assert all(path.startswith("/orders/") and "?" not in path for _, path, *_ in shop[0].seen)


async def test_who_was_not_verified_is_told_nothing_and_nothing_is_asked(
    connectors: Connectors, shop: tuple[Shop, str]
) -> None:
    connectors._people.owner = ""  # type: ignore[attr-defined]
    await connectors.put("ten", of(shop[1]), "")
    with pytest.raises(ToolRefused, match="not known who"):
        await call(connectors, "get_order", order_id="MH-1")
    assert await connectors.recall("ten", "", "我的订单") == ()
    assert shop[0].seen == []


async def test_a_body_is_filled_with_what_was_given_and_with_who_was_verified(
    connectors: Connectors, shop: tuple[Shop, str]
) -> None:
    await connectors.put("ten", of(shop[1]), "")
    await call(connectors, "change_note", text='"}, {"who": "bob')
    assert shop[0].seen[-1][3] == {"who": "mei", "text": 'Note: "}, {"who": "bob', "key": "k"}
    await call(connectors, "change_note", text="x", loud=True)
    assert shop[0].seen[-1][3]["loud"] is True


async def test_what_may_matter_is_asked_beforehand_and_nobody_elses_comes_back(
    connectors: Connectors, shop: tuple[Shop, str]
) -> None:
    await connectors.put("ten", of(shop[1]), "")
    assert connectors.at_hand("ten", "你好") == ()
    assert connectors.at_hand("ten", "我的订单呢") is None
    (line,) = await connectors.recall("ten", "mei", "我的订单呢")
    assert "MH-1" in line
    assert "MH-9" not in line


async def test_a_broken_system_is_a_sentence(connectors: Connectors, shop: tuple[Shop, str]) -> None:
    shop[0].broken = True
    await connectors.put("ten", of(shop[1]), "")
    with pytest.raises(Unavailable, match="shop answered 500"):
        await call(connectors, "get_order", order_id="MH-1")


async def test_an_account_is_found_by_what_the_system_knows(connectors: Connectors, shop: tuple[Shop, str]) -> None:
    lookup = IdentityLookup(path="/customers", query={"q": "{account}"}, owner="id", email="mail")
    await connectors.put("ten", of(shop[1], identity=lookup), "")
    found = await connectors.find_identity("ten", "mei@mail.example")
    assert found is not None
    assert (found.owner, found.email, found.phone) == ("mei", "mei@mail.example", "")
    assert await connectors.find_identity("ten", "nobody@mail.example") is None


async def test_a_secret_is_kept_sealed_and_stays_when_none_is_given(
    connectors: Connectors, shop: tuple[Shop, str], sqlite_database: Database
) -> None:
    await connectors.put("ten", of(shop[1]), "s3cret")
    await connectors.put("ten", of(shop[1], description="changed"), None)
    await call(connectors, "get_order", order_id="MH-1")
    assert shop[0].seen[-1][2] == "Bearer s3cret"
    assert b"s3cret" not in msgspec.json.encode(connectors.list_("ten"))
    await connectors.remove("ten", "shop")
    assert connectors.tools_of("ten") == ()
    with pytest.raises(NotFound):
        await connectors.remove("ten", "shop")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "CREATE TABLE orders (id TEXT, owner TEXT, paid REAL);"
            "INSERT INTO orders VALUES ('MH-1', 'mei', 199), ('MH-9', 'bob', 45);"
        )
    return file


SQL = Operation(
    name="sql_order",
    sql="SELECT id, paid FROM orders WHERE id = :order_id AND owner = :owner",
    parameters={"order_id": NUMBER},
    required=("order_id",),
)


async def test_a_database_is_read_for_one_person_alone(connectors: Connectors, ledger: Path) -> None:
    connector = of(f"sqlite:///{ledger}", SQL, kind="sql")
    await connectors.put("ten", connector, "", by_operator=True)
    assert await call(connectors, "sql_order", order_id="MH-1") == {"results": [{"id": "MH-1", "paid": 199.0}]}
    for number in ("MH-9", "MH-9' OR '1'='1", "' UNION SELECT id, paid FROM orders --"):
        with pytest.raises(ToolRefused):
            await call(connectors, "sql_order", order_id=number)
    with pytest.raises(Invalid, match="cannot be used"):
        await connectors.put("ten", connector, "")


async def test_a_database_cannot_be_written_to_even_by_what_looks_like_reading(
    connectors: Connectors, ledger: Path
) -> None:
    sneaky = msgspec.structs.replace(SQL, sql="WITH x AS (SELECT :owner, :order_id) SELECT writefile('/tmp/x', 'y')")
    await connectors.put("ten", of(f"sqlite:///{ledger}", sneaky, kind="sql"), "", by_operator=True)
    with pytest.raises(Unavailable):
        await call(connectors, "sql_order", order_id="MH-1")
    source = connectors._open["ten"][0].source
    with pytest.raises(Unavailable):
        await source.ask(msgspec.structs.replace(SQL, sql="DELETE FROM orders"), {})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"owner_field": ""}, "owner_field"),
        ({"path": "orders"}, "path"),
        ({"path": "/orders/{other}"}, "other"),
        ({"required": ()}, "required"),
        ({"personal": False, "path": "/orders/{owner}"}, "personal"),
        ({"name": "Get Order"}, "name"),
        ({"parameters": {"order_id": {"type": "date"}}}, "parameters"),
        ({"recall": ("订单",)}, "required"),
    ],
)
def test_a_connector_that_would_tell_too_much_is_refused(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_connector(of("https://shop.example", msgspec.structs.replace(GET, **changed)))
    assert any(field in error.field or field in error.detail for error in refused.value.errors)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "SELECT 1; DROP TABLE orders",
        "SELECT 1 -- :owner",
        "PRAGMA table_info(orders)",
        "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
        "SELECT * FROM orders WHERE id = :order_id",
    ],
)
def test_a_statement_that_writes_or_forgets_the_owner_is_refused(sql: str) -> None:
    with pytest.raises(Invalid):
        check_connector(of("sqlite:///x.db", msgspec.structs.replace(SQL, sql=sql), kind="sql"))


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "http://169.254.169.254/", "file:///etc/passwd"])
async def test_an_address_inside_this_network_is_refused(sqlite_database: Database, url: str) -> None:
    guarded = Connectors(sqlite_database, SystemClock(), People(), Seal(b"x" * 32, "connectors"))
    with pytest.raises(Invalid):
        await guarded.put("ten", of(url), "")
    await guarded.close()


@pytest.mark.parametrize("name", ["crm.toml", "erp.toml", "shop.toml"])
def test_the_examples_are_sound(name: str, tmp_path: Path) -> None:
    connector = read_connector(EXAMPLES / name, data=tmp_path)
    check_connector(connector)
    assert connector.operations


OPENAPI = {
    "openapi": "3.1.0",
    "paths": {
        "/customers/{customerId}/orders/{orderId}": {
            "parameters": [{"name": "customerId", "in": "path", "schema": {"type": "string"}}],
            "get": {
                "operationId": "getOrder",
                "summary": "One order.",
                "parameters": [
                    {"$ref": "#/components/parameters/Order"},
                    {"name": "withItems", "in": "query", "schema": {"type": "boolean"}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
            },
        }
    },
    "components": {"parameters": {"Order": {"name": "orderId", "in": "path", "schema": {"type": "string"}}}},
}


def test_operations_come_out_of_the_systems_own_description(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_bytes(msgspec.json.encode(OPENAPI))
    file = tmp_path / "erp.toml"
    file.write_text(
        'name = "erp"\nurl = "https://erp.example"\n[openapi]\nfile = "api.json"\n'
        '[openapi.operations.getOrder]\nowner_parameters = ["customerId"]\nowner_field = "customer.id"\n'
    )
    (operation,) = read_connector(file, data=tmp_path).operations
    assert (operation.name, operation.path) == ("get_order", "/customers/{owner}/orders/{order_id}")
    assert operation.query == {"withItems": "{with_items}"}
    assert set(operation.parameters) == {"order_id", "with_items"}
    assert operation.required == ("order_id",)
    check_connector(read_connector(file, data=tmp_path))
    file.write_text('name = "erp"\nurl = "https://x"\n[openapi]\nfile = "api.json"\n[openapi.operations.nothing]\n')
    with pytest.raises(Invalid, match="no such operation"):
        read_connector(file, data=tmp_path)


@pytest.mark.pg
async def test_a_session_of_a_database_server_can_only_read(connectors: Connectors, postgres_url: str) -> None:
    url = postgres_url.replace("postgresql+asyncpg://", "postgresql://")
    free = Operation(name="one", personal=False, sql="SELECT CAST(:n AS integer) + 1 AS more", parameters={"n": NUMBER})
    free = msgspec.structs.replace(free, required=("n",), parameters={"n": {"type": "integer"}})
    await connectors.put("ten", of(url, free, kind="sql"), "", by_operator=True)
    assert await call(connectors, "one", n=1) == {"results": [{"more": 2}]}
    source = connectors._open["ten"][0].source
    with pytest.raises(Unavailable):
        await source.ask(msgspec.structs.replace(free, sql="CREATE TABLE stolen (id INTEGER)"), {})
