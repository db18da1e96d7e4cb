"""Rows of people, logins and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from miaohui.identity.tables import api_keys, memberships, people, refresh_tokens
from miaohui.identity.types import ApiKey, Person, Role
from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.errors import NotFound

_PERSON = (
    people.c.id,
    people.c.email,
    people.c.name,
    people.c.active,
    people.c.created_at_ms,
    people.c.password_hash,
    people.c.sessions_from_ms,
    memberships.c.tenant_id,
    memberships.c.role,
)
_MEMBERS = select(*_PERSON).join_from(people, memberships, memberships.c.person_id == people.c.id)
_BY_EMAIL = (
    _MEMBERS.where(people.c.email == bindparam("email"))
    .order_by(memberships.c.created_at_ms, memberships.c.tenant_id)
    .limit(1)
)
_BY_ID = _MEMBERS.where(memberships.c.tenant_id == bindparam("tenant_id"), people.c.id == bindparam("person_id"))
_LIST_PEOPLE = (
    _MEMBERS.where(memberships.c.tenant_id == bindparam("tenant_id"))
    .order_by(people.c.created_at_ms, people.c.id)
    .limit(1_000)
)
_INSERT_PERSON = people.insert()
_INSERT_MEMBERSHIP = memberships.insert()
_IS_MEMBER = people.c.id.in_(
    select(memberships.c.person_id).where(
        memberships.c.tenant_id == bindparam("its_tenant_id"), memberships.c.person_id == bindparam("its_id")
    )
)
_SET_PASSWORD = (
    people.update()
    .where(_IS_MEMBER)
    .values(password_hash=bindparam("its_hash"), sessions_from_ms=bindparam("now_ms"))
    .returning(people.c.id)
)
_SET_ACTIVE = (
    people.update()
    .where(_IS_MEMBER)
    .values(active=bindparam("its_active"), sessions_from_ms=bindparam("now_ms"))
    .returning(people.c.id)
)
_SET_ROLE = (
    memberships.update()
    .where(memberships.c.tenant_id == bindparam("its_tenant_id"), memberships.c.person_id == bindparam("its_id"))
    .values(role=bindparam("its_role"))
    .returning(memberships.c.person_id)
)
_INSERT_REFRESH = refresh_tokens.insert()
_FIND_REFRESH = select(refresh_tokens).where(refresh_tokens.c.digest == bindparam("digest"))
_USE_REFRESH = (
    refresh_tokens.update()
    .where(refresh_tokens.c.digest == bindparam("its_digest"), refresh_tokens.c.used_at_ms == 0)
    .values(used_at_ms=bindparam("now_ms"))
    .returning(refresh_tokens.c.family)
)
_REVOKE_FAMILY = (
    refresh_tokens.update()
    .where(refresh_tokens.c.family == bindparam("its_family"), refresh_tokens.c.revoked_at_ms == 0)
    .values(revoked_at_ms=bindparam("now_ms"))
)
_REVOKE_LOGINS = (
    refresh_tokens.update()
    .where(refresh_tokens.c.person_id == bindparam("its_id"), refresh_tokens.c.revoked_at_ms == 0)
    .values(revoked_at_ms=bindparam("now_ms"))
)
_INSERT_KEY = api_keys.insert()
_KEY_BY_DIGEST = select(api_keys).where(api_keys.c.digest == bindparam("digest"), api_keys.c.revoked_at_ms == 0)
_LIST_KEYS = (
    select(api_keys)
    .where(api_keys.c.tenant_id == bindparam("tenant_id"))
    .order_by(api_keys.c.created_at_ms, api_keys.c.id)
    .limit(1_000)
)
_REVOKE_KEY = (
    api_keys.update()
    .where(
        api_keys.c.tenant_id == bindparam("its_tenant_id"),
        api_keys.c.id == bindparam("its_id"),
        api_keys.c.revoked_at_ms == 0,
    )
    .values(revoked_at_ms=bindparam("now_ms"))
    .returning(api_keys.c.id)
)
_USE_KEY = (
    api_keys.update()
    .where(api_keys.c.tenant_id == bindparam("its_tenant_id"), api_keys.c.id == bindparam("its_id"))
    .values(last_used_at_ms=bindparam("now_ms"))
)


class Credentials(NamedTuple):
    """A person with what a login is checked against."""

    person: Person
    password_hash: str
    sessions_from_ms: int


class RefreshToken(NamedTuple):
    """A refresh token as it is stored."""

    digest: str
    family: str
    tenant_id: str
    person_id: str
    expires_at_ms: int


class Rotation(NamedTuple):
    """What became of a refresh token that was shown."""

    outcome: Literal["rotated", "unknown", "expired", "reused"]
    tenant_id: str = ""
    person_id: str = ""


def insert_person(person: Person, password_hash: str) -> Operation[Person]:
    """A new person with a place in a tenant; the e-mail must be free."""
    yield (
        _INSERT_PERSON,
        {
            "id": person.id,
            "email": person.email,
            "name": person.name,
            "password_hash": password_hash,
            "active": 1,
            "sessions_from_ms": 0,
            "created_at_ms": person.created_at_ms,
        },
    )
    yield (
        _INSERT_MEMBERSHIP,
        {
            "tenant_id": person.tenant_id,
            "person_id": person.id,
            "role": person.role,
            "created_at_ms": person.created_at_ms,
        },
    )
    return person


def set_password(tenant_id: str, person_id: str, password_hash: str, now_ms: int) -> Operation[None]:
    """Also ends every login. Raises `NotFound`."""
    key = {"its_tenant_id": tenant_id, "its_id": person_id}
    if not (yield _SET_PASSWORD, {**key, "its_hash": password_hash, "now_ms": now_ms}):
        raise NotFound("There is no such person.")
    yield _REVOKE_LOGINS, {"its_id": person_id, "now_ms": now_ms}


def set_active(tenant_id: str, person_id: str, now_ms: int, *, active: bool) -> Operation[None]:
    """Also ends every login. Raises `NotFound`."""
    key = {"its_tenant_id": tenant_id, "its_id": person_id}
    if not (yield _SET_ACTIVE, {**key, "its_active": int(active), "now_ms": now_ms}):
        raise NotFound("There is no such person.")
    yield _REVOKE_LOGINS, {"its_id": person_id, "now_ms": now_ms}


def set_role(tenant_id: str, person_id: str, role: Role) -> Operation[None]:
    """Raises `NotFound`."""
    if not (yield _SET_ROLE, {"its_tenant_id": tenant_id, "its_id": person_id, "its_role": role}):
        raise NotFound("There is no such person.")


def insert_refresh(token: RefreshToken) -> Operation[None]:
    """The first of a family, at a login."""
    yield _INSERT_REFRESH, token._asdict()


def rotate_refresh(
    digest: str, next_digest: str, now_ms: int, lifetime_ms: int, check: Callable[[str], None]
) -> Operation[Rotation]:
    """Use a token up and put its successor in its place; a second use ends the family, and that is committed.

    Raises what `check` raises of its tenant, and changes nothing then.
    """
    rows = yield _FIND_REFRESH, {"digest": digest}
    if not rows:
        return Rotation("unknown")
    row = rows[0]
    check(row["tenant_id"])
    if row["revoked_at_ms"] or row["expires_at_ms"] <= now_ms:
        return Rotation("expired")
    if not (yield _USE_REFRESH, {"its_digest": digest, "now_ms": now_ms}):
        yield _REVOKE_FAMILY, {"its_family": row["family"], "now_ms": now_ms}
        return Rotation("reused", row["tenant_id"], row["person_id"])
    successor = RefreshToken(next_digest, row["family"], row["tenant_id"], row["person_id"], now_ms + lifetime_ms)
    yield from insert_refresh(successor)
    return Rotation("rotated", row["tenant_id"], row["person_id"])


def revoke_login(digest: str, now_ms: int) -> Operation[None]:
    """End the login that a refresh token belongs to; nothing when it is unknown."""
    rows = yield _FIND_REFRESH, {"digest": digest}
    if rows:
        yield _REVOKE_FAMILY, {"its_family": rows[0]["family"], "now_ms": now_ms}


def insert_key(key: ApiKey, digest: str) -> Operation[ApiKey]:
    """A new key; only its digest is stored."""
    yield (
        _INSERT_KEY,
        {
            "id": key.id,
            "tenant_id": key.tenant_id,
            "name": key.name,
            "digest": digest,
            "hint": key.hint,
            "scopes": msgspec.json.encode(sorted(key.scopes)).decode(),
            "created_at_ms": key.created_at_ms,
        },
    )
    return key


def revoke_key(tenant_id: str, key_id: str, now_ms: int) -> Operation[bool]:
    """Whether there was such a key that still held."""
    rows = yield _REVOKE_KEY, {"its_tenant_id": tenant_id, "its_id": key_id, "now_ms": now_ms}
    return bool(rows)


def use_keys(used: dict[tuple[str, str], int]) -> Operation[None]:
    """When each (tenant, key) was used last."""
    for (tenant_id, key_id), now_ms in used.items():
        yield _USE_KEY, {"its_tenant_id": tenant_id, "its_id": key_id, "now_ms": now_ms}


async def find_by_email(database: Database, email: str) -> Credentials | None:
    """For a login: the person in the tenant they joined first."""
    rows = await database.read(_BY_EMAIL, {"email": email})
    return _credentials(rows[0]) if rows else None


async def find_person(database: Database, tenant_id: str, person_id: str) -> Credentials | None:
    """By id, of this tenant."""
    rows = await database.read(_BY_ID, {"tenant_id": tenant_id, "person_id": person_id})
    return _credentials(rows[0]) if rows else None


async def list_people(database: Database, tenant_id: str) -> list[Person]:
    """The first thousand, oldest first."""
    return [_credentials(row).person for row in await database.read(_LIST_PEOPLE, {"tenant_id": tenant_id})]


async def find_key(database: Database, digest: str) -> ApiKey | None:
    """The key that holds under this digest; it names the tenant, so none is asked for."""
    rows = await database.read(_KEY_BY_DIGEST, {"digest": digest})
    return _key(rows[0]) if rows else None


async def list_keys(database: Database, tenant_id: str) -> list[ApiKey]:
    """The first thousand, oldest first, revoked ones too."""
    return [_key(row) for row in await database.read(_LIST_KEYS, {"tenant_id": tenant_id})]


def _credentials(row: Row) -> Credentials:
    person = Person(
        id=row["id"],
        tenant_id=row["tenant_id"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        active=bool(row["active"]),
        created_at_ms=row["created_at_ms"],
    )
    return Credentials(person, row["password_hash"], row["sessions_from_ms"])


def _key(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        tenant_id=row["tenant_id"],
        name=row["name"],
        scopes=frozenset(msgspec.json.decode(row["scopes"], type=list[str])),
        hint=row["hint"],
        created_at_ms=row["created_at_ms"],
        last_used_at_ms=row["last_used_at_ms"],
        revoked_at_ms=row["revoked_at_ms"],
    )
