"""Rows of inboxes. The identity secret never becomes part of an `Inbox`."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select

from miaohui.inboxes.hours import Hours
from miaohui.inboxes.tables import inbox_hours, inboxes
from miaohui.inboxes.types import Assistant, Inbox
from miaohui.kit.database import Database, Operation, Row

_INSERT = inboxes.insert()
_OWN = (inboxes.c.tenant_id == bindparam("its_tenant_id"), inboxes.c.id == bindparam("its_id"))
_CHANGE = (
    inboxes.update()
    .where(*_OWN)
    .values(
        name=bindparam("name"),
        allowed_origins=bindparam("allowed_origins"),
        assistant=bindparam("assistant"),
        locale=bindparam("locale"),
        pictures=bindparam("pictures"),
        files=bindparam("files"),
        pages=bindparam("pages"),
    )
    .returning(inboxes)
)
_GET = select(inboxes).where(*_OWN)
_BY_SITE_KEY = select(inboxes).where(inboxes.c.site_key == bindparam("site_key"))
_SECRET = select(inboxes.c.secret).where(*_OWN)
_SECRET_BY_ID = select(inboxes.c.secret).where(inboxes.c.id == bindparam("its_id"))
_LIST = (
    select(inboxes)
    .where(inboxes.c.tenant_id == bindparam("its_tenant_id"))
    .order_by(inboxes.c.created_at_ms, inboxes.c.id)
    .limit(200)
)

_HOURS = select(inbox_hours.c.hours).where(
    inbox_hours.c.tenant_id == bindparam("its_tenant_id"), inbox_hours.c.inbox_id == bindparam("its_id")
)
_DELETE_HOURS = inbox_hours.delete().where(
    inbox_hours.c.tenant_id == bindparam("its_tenant_id"), inbox_hours.c.inbox_id == bindparam("its_id")
)
_INSERT_HOURS = inbox_hours.insert()


def insert(inbox: Inbox, secret: str) -> Operation[Inbox]:
    """A new inbox with its identity secret."""
    yield (
        _INSERT,
        {
            "id": inbox.id,
            "tenant_id": inbox.tenant_id,
            "channel": inbox.channel,
            "name": inbox.name,
            "site_key": inbox.site_key,
            "secret": secret,
            "allowed_origins": _text(inbox.allowed_origins),
            "assistant": _text(inbox.assistant),
            "locale": inbox.locale,
            "pictures": int(inbox.pictures),
            "files": int(inbox.files),
            "pages": int(inbox.pages),
            "created_at_ms": inbox.created_at_ms,
        },
    )
    return inbox


def change(inbox: Inbox) -> Operation[Inbox | None]:
    """Write what may change: all but id, channel, keys and when it was made; None when it is not the tenant's."""
    rows = yield (
        _CHANGE,
        {
            "its_tenant_id": inbox.tenant_id,
            "its_id": inbox.id,
            "name": inbox.name,
            "allowed_origins": _text(inbox.allowed_origins),
            "assistant": _text(inbox.assistant),
            "locale": inbox.locale,
            "pictures": int(inbox.pictures),
            "files": int(inbox.files),
            "pages": int(inbox.pages),
        },
    )
    return _inbox(rows[0]) if rows else None


def set_hours(tenant_id: str, inbox_id: str, hours: Hours | None, now_ms: int) -> Operation[None]:
    """Other business hours, or none."""
    yield _DELETE_HOURS, {"its_tenant_id": tenant_id, "its_id": inbox_id}
    if hours is not None:
        row = {"inbox_id": inbox_id, "tenant_id": tenant_id, "hours": _text(hours), "updated_at_ms": now_ms}
        yield _INSERT_HOURS, row


async def find_hours(database: Database, tenant_id: str, inbox_id: str) -> Hours | None:
    """When it is attended; None when nothing was said of that."""
    rows = await database.read(_HOURS, {"its_tenant_id": tenant_id, "its_id": inbox_id})
    return msgspec.json.decode(rows[0]["hours"], type=Hours) if rows else None


async def find(database: Database, tenant_id: str, inbox_id: str) -> Inbox | None:
    """By id, of this tenant."""
    rows = await database.read(_GET, {"its_tenant_id": tenant_id, "its_id": inbox_id})
    return _inbox(rows[0]) if rows else None


async def find_by_site_key(database: Database, site_key: str) -> Inbox | None:
    """By the public key in the embed code; it names the tenant, so none is asked for."""
    rows = await database.read(_BY_SITE_KEY, {"site_key": site_key})
    return _inbox(rows[0]) if rows else None


async def find_secret(database: Database, tenant_id: str, inbox_id: str) -> str | None:
    """The identity secret, for the tenant's own people."""
    rows = await database.read(_SECRET, {"its_tenant_id": tenant_id, "its_id": inbox_id})
    return str(rows[0]["secret"]) if rows else None


async def find_secret_for_proof(database: Database, inbox_id: str) -> str | None:
    """The identity secret, to check a visitor's proof; the inbox comes from the site key."""
    rows = await database.read(_SECRET_BY_ID, {"its_id": inbox_id})
    return str(rows[0]["secret"]) if rows else None


async def list_(database: Database, tenant_id: str) -> list[Inbox]:
    """The first two hundred, oldest first."""
    return [_inbox(row) for row in await database.read(_LIST, {"its_tenant_id": tenant_id})]


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _inbox(row: Row) -> Inbox:
    return Inbox(
        id=row["id"],
        tenant_id=row["tenant_id"],
        channel=row["channel"],
        name=row["name"],
        site_key=row["site_key"],
        allowed_origins=msgspec.json.decode(row["allowed_origins"], type=tuple[str, ...]),
        assistant=msgspec.json.decode(row["assistant"], type=Assistant),
        locale=row["locale"],
        pictures=bool(row["pictures"]),
        files=bool(row["files"]),
        pages=bool(row["pages"]),
        created_at_ms=row["created_at_ms"],
    )
