"""The sample shop: a tenant with an inbox, knowledge, a person and a key, made once through the rooms' own verbs.

What a script or a reader needs to begin stands in `demo.json` in the data folder.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import miaohui
from miaohui.cli.connectors import read_prices
from miaohui.cli.output import Refused
from miaohui.cli.sample_records import lay_out
from miaohui.identity.types import Role, Scope
from miaohui.inboxes.repository import insert
from miaohui.inboxes.types import Assistant, Inbox, Locale
from miaohui.kit.ids import new_id
from miaohui.tools.connectors.files import read_connector

if TYPE_CHECKING:
    from miaohui.settings.types import Settings
    from miaohui.wiring import House

SCOPES: tuple[Scope, ...] = ("chat", "conversations:read", "conversations:write", "knowledge:read", "knowledge:write")
LOCALE: Locale = "zh-CN"


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """The assistant in `tenant.json`: each word by locale."""

    name: dict[str, str]
    persona: dict[str, str]
    greeting: dict[str, str]
    quick_questions: dict[str, tuple[str, ...]]


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """The inbox in `tenant.json`."""

    name: str
    site_key: str
    default_locale: Locale = LOCALE


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """A person in `tenant.json`."""

    email: str
    name: str
    role: Role


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """`tenant.json` of the sample."""

    slug: str
    name: str
    assistant: Persona
    people: tuple[Colleague, ...]
    inbox: Door
    knowledge: str


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Who may log in to the console. Passwords are drawn for each installation: there is no default everybody knows."""

    email: str
    password: str
    role: Role


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """`demo.json`: everything to begin with."""

    base_url: str
    ws_url: str
    api_key: str
    visitor_token: str
    admin: Login
    agents: tuple[Login, ...]
    site_key: str
    shop_url: str
    console_url: str
    docs_url: str


async def prepare(house: House, settings: Settings) -> Note:
    """Make of the sample shop what is not yet there, and write `demo.json`."""
    shop = _shop()
    tenant = await house.tenants.find_by_slug(shop.slug) or await house.tenants.create(shop.name, shop.slug)
    if house.tenants.standings.find(tenant.id).state == "leaving":
        raise Refused(f"The sample shop is being deleted; `miaohui tenant delete {shop.slug}` ends that.")
    inbox = await _inbox(house, tenant.id, shop)
    await house.knowledge.import_folder(tenant.id, sample_folder() / shop.knowledge)
    await _connect(house, tenant.id)
    known = _read(settings)
    logins = (known.admin, *known.agents) if known else await _logins(house, tenant.id, shop)
    note = Note(
        base_url=(base := base_url(settings)),
        ws_url=f"ws{base.removeprefix('http')}/v1/ws",
        api_key=known.api_key if known else (await house.identity.create_key(tenant.id, "Sample shop", SCOPES))[1],
        visitor_token=house.identity.issue_visitor(await house.contacts.create_visitor(inbox)),
        admin=logins[0],
        agents=logins[1:],
        site_key=inbox.site_key,
        shop_url=f"{base}/demo/",
        console_url=f"{base}/console/",
        docs_url=f"{base}/docs",
    )
    _write(settings, note)
    return note


async def _connect(house: House, tenant_id: str) -> None:
    """The shop's prices to count by, and its records to read from."""
    folder = sample_folder()
    await house.answering.prices.put(tenant_id, read_prices(folder / "prices.json"))
    await asyncio.to_thread(lay_out, folder / "data", house.settings.data / "shop.db")
    connector = read_connector(folder / "connectors" / "shop.toml", data=house.settings.data)
    await house.answering.company.connectors.put(tenant_id, connector, None, by_operator=True)


def sample_folder() -> Path:
    """`miaohui/sample` of an installed wheel, or `demo/` of a checkout."""
    package = Path(miaohui.__file__).parent
    for folder in (package / "sample", package.parents[1] / "demo"):
        if (folder / "tenant.json").is_file():
            return folder
    raise Refused("The sample shop is not part of this installation.")


def base_url(settings: Settings) -> str:
    """Where a browser on this machine finds the server."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def format_screen(note: Note) -> str:
    """One screen: where things are, how to log in, and a first question."""
    return f"""
  Miaohui 秒回 is up.

    Sample shop   {note.shop_url}
    Console       {note.console_url}
                  {note.admin.email} · {note.admin.password}
    API docs      {note.docs_url}

  Ask it something:

    curl {note.base_url}/v1/chat \\
      -H 'Authorization: Bearer {note.api_key}' \\
      -H 'Content-Type: application/json' \\
      -d '{{"visitor_id":"123","question":"如何退货?"}}'

  The same facts are in demo.json in the data folder. Ctrl+C stops the server.
"""


def _shop() -> Shop:
    return msgspec.json.decode((sample_folder() / "tenant.json").read_bytes(), type=Shop)


async def _inbox(house: House, tenant_id: str, shop: Shop) -> Inbox:
    """Under the site key that the shop's page names; every other inbox is given one that nobody chose."""
    inboxes = await house.inboxes.list_(tenant_id)
    if inboxes:
        return inboxes[0]
    locale = shop.inbox.default_locale
    words = shop.assistant
    assistant = Assistant(
        name=words.name[locale],
        persona=words.persona[locale],
        greeting=words.greeting,
        quick_questions=words.quick_questions,
    )
    inbox = Inbox(
        id=new_id("inb"),
        tenant_id=tenant_id,
        channel="web",
        name=shop.inbox.name,
        site_key=shop.inbox.site_key,
        assistant=assistant,
        locale=locale,
        created_at_ms=house.clock.now_ms(),
    )
    return await house.database.write(lambda: insert(inbox, secrets.token_urlsafe(32)))


async def _logins(house: House, tenant_id: str, shop: Shop) -> tuple[Login, ...]:
    """Everybody of the shop with a new password, the owner first."""
    there = {person.email: person.id for person in await house.identity.list_people(tenant_id)}
    logins = []
    for person in shop.people:
        password = secrets.token_urlsafe(12)
        if person.email in there:
            await house.identity.set_password(tenant_id, there[person.email], password)
        else:
            await house.identity.create_person(person.email, person.name, password, tenant_id, person.role)
        logins.append(Login(email=person.email, password=password, role=person.role))
    return tuple(sorted(logins, key=lambda login: login.role != "owner"))


def _read(settings: Settings) -> Note | None:
    file = settings.data / "demo.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return None


def forget_shop(settings: Settings, slug: str) -> None:
    """What `prepare` wrote beside the records, when the tenant that is gone was the sample shop."""
    try:
        ours = _shop().slug == slug
    except Refused:  # it is not part of this installation
        return
    for name in ("demo.json", "shop.db") if ours else ():
        (settings.data / name).unlink(missing_ok=True)


def _write(settings: Settings, note: Note) -> None:
    """Whole or not at all, and for the owner's eyes only: it holds a password and a key."""
    file = settings.data / "demo.json"
    draft = file.with_suffix(".json.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(note)) + b"\n")
    draft.replace(file)
