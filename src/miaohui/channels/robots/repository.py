"""Rows of robots, and of what was told already."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, String, bindparam, delete, insert, select, update

from miaohui.channels.tables import alert_robots, channel_heard
from miaohui.kit.database import Database, Operation, Row

_r, _h = alert_robots.c, channel_heard.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_THIS = (_r.tenant_id == _given("tenant"), _r.id == _given("robot"))
_LIST = select(alert_robots).where(_r.tenant_id == _given("tenant")).order_by(_r.created_at_ms).limit(100)
_INSERT = insert(alert_robots)
_DELETE = delete(alert_robots).where(*_THIS).returning(_r.id)
_FAILED = update(alert_robots).where(*_THIS).values(last_error=_given("error"))
_TOLD = select(_h.key).where(_h.inbox_id == _given("robot"), _h.key == _given("key"))
_TELL = insert(channel_heard).values(
    inbox_id=_given("robot"), key=_given("key"), answer="", at_ms=_given("now", BigInteger)
)


class SealedRobot(msgspec.Struct, frozen=True, kw_only=True):
    """A robot as it stands in the records."""

    id: str
    tenant_id: str
    kind: str
    name: str
    sealed: str
    codes: str
    last_error: str = ""
    created_at_ms: int = 0


def put(robot: SealedRobot) -> Operation[None]:
    """Add a robot."""
    yield _INSERT, {**msgspec.structs.asdict(robot), "enabled": 1}


def remove(tenant_id: str, robot_id: str) -> Operation[bool]:
    """Whether the tenant had it."""
    return bool((yield _DELETE, {"p_tenant": tenant_id, "p_robot": robot_id}))


def note(tenant_id: str, robot_id: str, error: str) -> Operation[None]:
    """How the last call went; empty for well."""
    yield _FAILED, {"p_tenant": tenant_id, "p_robot": robot_id, "p_error": error[:200]}


def claim(robot_id: str, key: str, now_ms: int) -> Operation[bool]:
    """Whether this alert is ours to tell: no node has told it. The key is forgotten after a day."""
    if (yield _TOLD, {"p_robot": robot_id, "p_key": key}):
        return False
    yield _TELL, {"p_robot": robot_id, "p_key": key, "p_now": now_ms}
    return True


async def list_(database: Database, tenant_id: str) -> list[SealedRobot]:
    """The tenant's."""
    return [_robot(row) for row in await database.read(_LIST, {"p_tenant": tenant_id})]


def _robot(row: Row) -> SealedRobot:
    return SealedRobot(**{name: row[name] for name in SealedRobot.__struct_fields__})
