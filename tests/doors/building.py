"""Two companies behind the real doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI
from tests.doors.wire import SocketClient, StreamClient, request_scope
from tests.support import records

from miaohui.app import services_of
from miaohui.channels.rest.app_parts import build_api
from miaohui.channels.services import Check, Services, StaticFolders
from miaohui.contacts.types import Contact
from miaohui.conversations.types import Conversation
from miaohui.identity.types import Person
from miaohui.inboxes.types import Inbox
from miaohui.kit.clock import Clock
from miaohui.migrations import check_version
from miaohui.settings.types import Settings
from miaohui.tenants.types import Tenant
from miaohui.wiring import House, open_house

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, kw_only=True)
class Company:
    """One tenant, and the credentials of everybody in it."""

    tenant: Tenant
    inbox: Inbox
    person: Person
    contact: Contact
    conversation: Conversation
    agent: str
    """Access token of the owner."""
    key: str
    """API key with every scope."""
    visitor: str
    """Token of the contact."""

    @property
    def credentials(self) -> Mapping[str, str]:
        return {"agent": self.agent, "key": self.key, "visitor": self.visitor}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, kw_only=True)
class Building:
    """Both companies, and the application."""

    house: House
    services: Services
    app: FastAPI
    ours: Company
    theirs: Company

    def again(
        self, *, clock: Clock | None = None, checks: Mapping[str, Check] | None = None, **settings: Any
    ) -> Building:
        """Other doors on the same rooms: with another clock, other checks, other bounds."""
        services = replace(
            self.services,
            settings=self.services.settings.model_copy(update=settings),
            clock=clock or self.services.clock,
            checks=self.services.checks if checks is None else checks,
        )
        return replace(self, services=services, app=build_api(services))

    async def visitor(self, inbox: Inbox | None = None) -> tuple[str, Conversation]:
        """Token and conversation of somebody new."""
        contact = await self.house.contacts.create_visitor(inbox or self.ours.inbox)
        return self.house.identity.issue_visitor(contact), await self.house.conversations.start(contact)

    @asynccontextmanager
    async def socket(self, **headers: str) -> AsyncIterator[SocketClient]:
        """A WebSocket to `/v1/ws`."""
        client = SocketClient(self.app, {"host": "testserver", **headers})
        try:
            yield client
        finally:
            await client.leave()

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, token: str, json: Any = None, **headers: str
    ) -> AsyncIterator[StreamClient]:
        """A request whose answer comes piece by piece."""
        sent = {"host": "testserver", "authorization": f"Bearer {token}", "accept": "text/event-stream", **headers}
        body = b"" if json is None else msgspec.json.encode(json)
        client = StreamClient(self.app, request_scope(method, path, {**sent, "content-type": "application/json"}), body)
        try:
            await client.began()
            yield client
        finally:
            await client.leave()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, through every layer of the application."""
        sent = {"host": "testserver", **(headers or {})}
        if token:
            sent["authorization"] = f"Bearer {token}"
        if json is not None:
            body = msgspec.json.encode(json)
            sent.setdefault("content-type", "application/json")
        return await call(self.app, method, path, sent, body or b"")


async def call(app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Drive an ASGI application for one request."""
    scope = request_scope(method, path, headers)
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    outgoing: list[dict[str, Any]] = []
    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        outgoing.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    await app(scope, receive, send)
    head = outgoing[0]
    return Answer(
        status=head["status"],
        headers={name.decode(): value.decode("latin-1") for name, value in head["headers"]},
        body=b"".join(part.get("body", b"") for part in outgoing[1:]),
    )


def services_in(house: House, folder: Path) -> Services:
    """What the doors need of a house, with pages from `folder`, and checks that hold."""

    async def fine() -> None:
        return None

    static = StaticFolders(folder / "widget", folder / "console", folder / "demo")
    return services_of(house, static, {"database": fine, "migrations": lambda: check_version(house.database)})


@asynccontextmanager
async def open_building(template: Path, folder: Path, **settings: Any) -> AsyncIterator[Building]:
    """Everything, on a new SQLite file."""
    data = folder / "data"
    data.mkdir()
    records.copy_sqlite(template, data / "miaohui.db")
    async with open_house(Settings(data=data, **settings)) as house:
        services = services_in(house, folder / "static")
        app = build_api(services)
        ours = await open_company(house, "ours")
        theirs = await open_company(house, "theirs")
        yield Building(house=house, services=services, app=app, ours=ours, theirs=theirs)
        await app.state.sockets.close()


async def open_company(house: House, name: str) -> Company:
    """One more, with everybody in it."""
    tenant = await house.tenants.create(name.title(), name)
    person = await house.identity.create_person(f"{name}@example.com", name, PASSWORD, tenant.id, "owner")
    inbox = await house.inboxes.create(tenant.id, f"{name} web")
    contact = await house.contacts.create_visitor(inbox)
    conversation = await house.conversations.start(contact)
    tokens = await house.identity.login(person.email, PASSWORD, "127.0.0.1")
    _, key = await house.identity.create_key(
        tenant.id, "all", ["chat", "conversations:read", "conversations:write", "knowledge:read", "admin"]
    )
    return Company(
        tenant=tenant,
        inbox=inbox,
        person=person,
        contact=contact,
        conversation=conversation,
        agent=tokens.access,
        key=key,
        visitor=house.identity.issue_visitor(contact),
    )
