"""Rows of contacts; every one is asked for together with its tenant."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy import insert as insert_into

from miaohui.contacts.policy import is_vip
from miaohui.contacts.tables import contact_visits, contacts
from miaohui.contacts.types import Contact, Page, Visit
from miaohui.kit.database import Database, Operation, Row

_INSERT = contacts.insert()
_OWN = (contacts.c.tenant_id == bindparam("its_tenant_id"), contacts.c.id == bindparam("its_id"))
_GET = select(contacts).where(*_OWN)
_FIND = select(contacts).where(
    contacts.c.tenant_id == bindparam("tenant_id"),
    contacts.c.inbox_id == bindparam("inbox_id"),
    contacts.c.external_id == bindparam("external_id"),
)
_VERIFY = contacts.update().where(*_OWN).values(verified=1, name=bindparam("its_name")).returning(contacts)
_SET_ATTRIBUTES = (
    contacts.update()
    .where(*_OWN)
    .values(attributes=bindparam("its_attributes"), name=bindparam("its_name"), vip=bindparam("its_vip"))
    .returning(contacts)
)
_BLOCK = contacts.update().where(*_OWN).values(blocked_at_ms=bindparam("its_time")).returning(contacts)
_MERGE = (
    contacts.update()
    .where(
        contacts.c.tenant_id == bindparam("its_tenant_id"),
        or_(contacts.c.id == bindparam("its_id"), contacts.c.merged_into == bindparam("its_id")),
    )
    .values(merged_into=bindparam("its_target"))
)
_PART = contacts.update().where(*_OWN).values(merged_into="").returning(contacts)
_FAMILY = (
    select(contacts)
    .where(
        contacts.c.tenant_id == bindparam("tenant_id"),
        or_(contacts.c.id == bindparam("id"), contacts.c.merged_into == bindparam("id")),
    )
    .order_by(contacts.c.created_at_ms, contacts.c.id)
    .limit(500)
)
_VIPS = (
    select(contacts.c.id)
    .where(contacts.c.tenant_id == bindparam("tenant_id"), contacts.c.vip == 1)
    .order_by(contacts.c.last_seen_at_ms.desc())
    .limit(bindparam("limit"))
)
_recent = (
    select(contacts.c.id)
    .where(contacts.c.tenant_id == bindparam("tenant_id"))
    .order_by(contacts.c.last_seen_at_ms.desc())
    .limit(20_000)
    .subquery()
)
_SEARCH = (
    select(contacts)
    .join(_recent, contacts.c.id == _recent.c.id)
    .where(
        contacts.c.tenant_id == bindparam("tenant_id"),
        contacts.c.merged_into == "",
        or_(
            contacts.c.name.ilike(bindparam("pattern"), escape="\\"),
            contacts.c.external_id.ilike(bindparam("pattern"), escape="\\"),
            contacts.c.attributes.ilike(bindparam("pattern"), escape="\\"),
        ),
    )
    .order_by(contacts.c.last_seen_at_ms.desc(), contacts.c.id)
    .limit(bindparam("limit"))
)
_ERASE = (
    contacts.update()
    .where(*_OWN)
    .values(name="", external_id=None, attributes="{}", verified=0, vip=0)
    .returning(contacts)
)
_v = contact_visits.c
_ITS_VISIT = (_v.tenant_id == bindparam("its_tenant_id"), _v.contact_id == bindparam("its_id"))
_VISIT = select(contact_visits).where(*_ITS_VISIT)
_ADD_VISIT = insert_into(contact_visits)
_MOVE_VISIT = (
    update(contact_visits)
    .where(*_ITS_VISIT)
    .values(page=bindparam("its_page"), since_at_ms=bindparam("its_since"), updated_at_ms=bindparam("its_time"))
)
_FORGET_VISIT = delete(contact_visits).where(*_ITS_VISIT)
_FORGET_OLD_VISITS = delete(contact_visits).where(
    _v.tenant_id == bindparam("its_tenant_id"), _v.updated_at_ms < bindparam("before")
)
_TOUCH = contacts.update().where(*_OWN).values(last_seen_at_ms=bindparam("now_ms"))


def insert(contact: Contact) -> Operation[Contact]:
    """A new contact."""
    yield (
        _INSERT,
        {
            "id": contact.id,
            "tenant_id": contact.tenant_id,
            "inbox_id": contact.inbox_id,
            "external_id": contact.external_id or None,
            "name": contact.name,
            "verified": int(contact.verified),
            "attributes": msgspec.json.encode(contact.attributes).decode(),
            "created_at_ms": contact.created_at_ms,
            "last_seen_at_ms": contact.last_seen_at_ms,
            "vip": int(is_vip(contact.attributes)),
        },
    )
    return contact


def insert_or_find(contact: Contact) -> Operation[Contact]:
    """The contact with this external id: the one that is there, marked verified if this one is, or this one."""
    rows = yield (
        _FIND,
        {"tenant_id": contact.tenant_id, "inbox_id": contact.inbox_id, "external_id": contact.external_id},
    )
    if not rows:
        return (yield from insert(contact))
    known = _contact(rows[0])
    if not needs_update(known, contact):
        return known
    rows = yield (
        _VERIFY,
        {"its_tenant_id": known.tenant_id, "its_id": known.id, "its_name": contact.name or known.name},
    )
    return _contact(rows[0])


def needs_update(known: Contact, claimed: Contact) -> bool:
    """Whether a verified source says something new of a contact."""
    return claimed.verified and (not known.verified or claimed.name not in ("", known.name))


def update_attributes(
    tenant_id: str, contact_id: str, changes: Mapping[str, str], name: str
) -> Operation[Contact | None]:
    """Merge attributes; an empty value removes one, an empty name keeps the old."""
    key = {"its_tenant_id": tenant_id, "its_id": contact_id}
    rows = yield _GET, key
    if not rows:
        return None
    known = _contact(rows[0])
    merged = {k: v for k, v in {**known.attributes, **changes}.items() if v}
    rows = yield (
        _SET_ATTRIBUTES,
        {
            **key,
            "its_attributes": msgspec.json.encode(merged).decode(),
            "its_name": name or known.name,
            "its_vip": int(is_vip(merged)),
        },
    )
    return _contact(rows[0])


def set_blocked(tenant_id: str, contact_id: str, at_ms: int) -> Operation[Contact | None]:
    """Blocked since; 0 is not blocked. None when it is not the tenant's."""
    rows = yield _BLOCK, {"its_tenant_id": tenant_id, "its_id": contact_id, "its_time": at_ms}
    return _contact(rows[0]) if rows else None


def merge(known: Contact, target: Contact) -> Operation[Contact]:
    """`known`, and whoever was found to be it, is `target`, who gets to know what was known of it."""
    yield _MERGE, {"its_tenant_id": known.tenant_id, "its_id": known.id, "its_target": target.id}
    changes = {name: value for name, value in known.attributes.items() if name not in target.attributes}
    merged = yield from update_attributes(target.tenant_id, target.id, changes, target.name or known.name)
    return merged or target


def erase(tenant_id: str, contact_id: str) -> Operation[Contact | None]:
    """Only that somebody was here is left. None when it is not the tenant's."""
    yield _FORGET_VISIT, {"its_tenant_id": tenant_id, "its_id": contact_id}
    rows = yield _ERASE, {"its_tenant_id": tenant_id, "its_id": contact_id}
    return _contact(rows[0]) if rows else None


def part(tenant_id: str, contact_id: str) -> Operation[Contact | None]:
    """It is somebody else after all. None when it is not the tenant's."""
    rows = yield _PART, {"its_tenant_id": tenant_id, "its_id": contact_id}
    return _contact(rows[0]) if rows else None


def touch(tenant_id: str, contact_id: str, now_ms: int) -> Operation[None]:
    """Seen just now."""
    yield _TOUCH, {"its_tenant_id": tenant_id, "its_id": contact_id, "now_ms": now_ms}


def note_visit(visit: Visit) -> Operation[None]:
    """In place of the page before; who stays on a page is there since they came, from where they first came."""
    key = {"its_tenant_id": visit.tenant_id, "its_id": visit.contact_id}
    rows = yield _VISIT, key
    if not rows:
        row = {"tenant_id": visit.tenant_id, "contact_id": visit.contact_id, "page": _text(visit.page)}
        yield _ADD_VISIT, row | {"since_at_ms": visit.since_ms, "updated_at_ms": visit.seen_at_ms}
        return
    known = _visit(rows[0])
    same = known.page.url == visit.page.url
    page = visit.page if visit.page.referrer else msgspec.structs.replace(visit.page, referrer=known.page.referrer)
    since_ms = known.since_ms if same else visit.since_ms
    yield _MOVE_VISIT, key | {"its_page": _text(page), "its_since": since_ms, "its_time": visit.seen_at_ms}


def forget_visits(tenant_id: str, before_ms: int) -> Operation[None]:
    """Of those who were not seen since."""
    yield _FORGET_OLD_VISITS, {"its_tenant_id": tenant_id, "before": before_ms}


async def find_visit(database: Database, tenant_id: str, contact_id: str) -> Visit | None:
    """Where a contact was last."""
    rows = await database.read(_VISIT, {"its_tenant_id": tenant_id, "its_id": contact_id})
    return _visit(rows[0]) if rows else None


def _text(page: Page) -> str:
    return msgspec.json.encode(page).decode()


def _visit(row: Row) -> Visit:
    return Visit(
        tenant_id=row["tenant_id"],
        contact_id=row["contact_id"],
        page=msgspec.json.decode(row["page"], type=Page),
        since_ms=row["since_at_ms"],
        seen_at_ms=row["updated_at_ms"],
    )


async def find(database: Database, tenant_id: str, contact_id: str) -> Contact | None:
    """By id, of this tenant."""
    rows = await database.read(_GET, {"its_tenant_id": tenant_id, "its_id": contact_id})
    return _contact(rows[0]) if rows else None


async def list_vips(database: Database, tenant_id: str, limit: int) -> list[str]:
    """Ids of those served sooner, the last seen first."""
    rows = await database.read(_VIPS, {"tenant_id": tenant_id, "limit": limit})
    return [row["id"] for row in rows]


async def list_family(database: Database, tenant_id: str, contact_id: str) -> list[Contact]:
    """A contact and all that were merged into it."""
    return [_contact(row) for row in await database.read(_FAMILY, {"tenant_id": tenant_id, "id": contact_id})]


async def search(database: Database, tenant_id: str, pattern: str, limit: int) -> list[Contact]:
    """By name, the tenant's own id, or an attribute, among the twenty thousand who were here last."""
    values = {"tenant_id": tenant_id, "pattern": pattern, "limit": limit}
    return [_contact(row) for row in await database.read(_SEARCH, values)]


async def find_by_external_id(database: Database, tenant_id: str, inbox_id: str, external_id: str) -> Contact | None:
    """By the tenant's own id of the person."""
    rows = await database.read(_FIND, {"tenant_id": tenant_id, "inbox_id": inbox_id, "external_id": external_id})
    return _contact(rows[0]) if rows else None


def _contact(row: Row) -> Contact:
    return Contact(
        id=row["id"],
        tenant_id=row["tenant_id"],
        inbox_id=row["inbox_id"],
        external_id=row["external_id"] or "",
        name=row["name"],
        verified=bool(row["verified"]),
        attributes=msgspec.json.decode(row["attributes"], type=dict[str, str]),
        created_at_ms=row["created_at_ms"],
        last_seen_at_ms=row["last_seen_at_ms"],
        blocked_at_ms=row["blocked_at_ms"],
        merged_into=row["merged_into"],
    )
