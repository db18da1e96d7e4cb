"""The sample shop: a tenant with an inbox, knowledge, a person and a key, made once through the rooms' own verbs.

What a script or a reader needs to begin stands in `demo.json` in the data folder.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

import miaohui
from miaohui.cli.output import Refused
from miaohui.inboxes.types import Assistant, Locale

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

EMAIL = "owner@demo.example"
SCOPES = frozenset({"chat", "conversations:read", "conversations:write", "knowledge:read", "knowledge:write"})


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """`tenant.json` of the sample."""

    slug: str
    name: str
    inbox: str = "Web"
    locale: Locale = "zh-CN"
    assistant: Assistant = Assistant()


class Admin(msgspec.Struct, frozen=True, kw_only=True):
    """Who may log in to the console."""

    email: str
    password: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """`demo.json`: everything to begin with."""

    base_url: str
    ws_url: str
    api_key: str
    visitor_token: str
    admin: Admin
    site_key: str
    shop_url: str
    console_url: str
    docs_url: str


async def prepare(house: Any, settings: Settings) -> None:
    """Make the sample shop where it is not yet there, write `demo.json`, and say where everything is."""
    shop = _shop()
    note = _read(settings)
    tenant = await house.tenants.find_by_slug(shop.slug)
    if tenant is None:
        tenant = await house.tenants.create(shop.name, shop.slug)
    inbox = await _inbox(house, tenant.id, shop)
    await house.knowledge.import_folder(tenant.id, sample_folder() / "knowledge", lambda *_: None)
    admin = note.admin if note else await _admin(house, tenant.id)
    api_key = note.api_key if note else (await house.identity.create_key(tenant.id, "Sample shop", SCOPES))[1]
    visitor = await house.contacts.create_visitor(inbox)
    base = base_url(settings)
    note = Note(
        base_url=base,
        ws_url=f"ws{base.removeprefix('http')}/v1/ws",
        api_key=api_key,
        visitor_token=house.identity.issue_visitor(visitor),
        admin=admin,
        site_key=inbox.site_key,
        shop_url=f"{base}/demo/",
        console_url=f"{base}/console/",
        docs_url=f"{base}/docs",
    )
    _write(settings, note)
    click.echo(format_screen(note))


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


async def _inbox(house: Any, tenant_id: str, shop: Shop) -> Any:
    inboxes = await house.inboxes.list_(tenant_id)
    if inboxes:
        return inboxes[0]
    return await house.inboxes.create(
        tenant_id, channel="web", name=shop.inbox, assistant=shop.assistant, locale=shop.locale
    )


async def _admin(house: Any, tenant_id: str) -> Admin:
    """The owner's account with a new password: there is no default one that everybody knows."""
    password = secrets.token_urlsafe(9)
    await house.identity.create_person(EMAIL, "店主", password, tenant_id, "owner")
    return Admin(email=EMAIL, password=password)


def _read(settings: Settings) -> Note | None:
    file = settings.data / "demo.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return None


def _write(settings: Settings, note: Note) -> None:
    """Whole or not at all, and for the owner's eyes only: it holds a password and a key."""
    file = settings.data / "demo.json"
    draft = file.with_suffix(".json.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(note)) + b"\n")
    draft.replace(file)
