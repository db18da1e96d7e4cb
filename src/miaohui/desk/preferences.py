"""How an agent likes their desk, wherever they sit down at it; and SQL of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, insert, select, update

from miaohui.desk.tables import desk_preferences
from miaohui.kit.errors import Conflict

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

Call = Literal["queue", "given", "reply", "mention"]
"""Somebody new in the queue; one given to me; a reply in one of mine; my name in a note."""
CALLS: tuple[Call, ...] = ("queue", "given", "reply", "mention")


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A list of conversations that has a name."""

    name: str
    status: str
    assignee_id: str = ""
    inbox_id: str = ""
    team_id: str = ""
    label: str = ""
    priority: str = ""
    vip: bool = False
    """Only of contacts who are served sooner."""


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent chose; the usual where they chose nothing."""

    translate_incoming: bool = False
    """What visitors write in other languages is translated without being asked to."""
    sounds: tuple[Call, ...] = CALLS
    """What makes a sound."""
    notices: tuple[Call, ...] = CALLS
    """What shows a notice of the system while the console is not looked at."""
    sound_when_looking: bool = True
    """Also while the console is looked at."""
    away_after_minutes: int = 0
    """Without a key or a pointer for so long one is away; 0: never by itself."""
    views: tuple[SavedView, ...] = ()


_p = desk_preferences.c
_FIND = select(_p.body).where(_p.tenant_id == bindparam("its_tenant"), _p.person_id == bindparam("its_person"))
_CHANGE = (
    update(desk_preferences)
    .where(_p.tenant_id == bindparam("its_tenant"), _p.person_id == bindparam("its_person"))
    .values(body=bindparam("its_body"), changed_at_ms=bindparam("its_now"))
    .returning(_p.person_id)
)
_ADD = insert(desk_preferences)


class Habits:
    """The preferences of every agent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, tenant_id: str, person_id: str) -> Preferences:
        """The usual ones when they never chose."""
        rows = await self._database.read(_FIND, {"its_tenant": tenant_id, "its_person": person_id})
        return _read(rows[0]["body"]) if rows else Preferences()

    async def change(self, tenant_id: str, person_id: str, **chosen: object) -> Preferences:
        """What is not named stays, also what another window of theirs changes at the same time."""
        now_ms = self._clock.now_ms()
        key = f"desk_preferences:{person_id}"
        try:
            return await self._database.write(lambda: change(tenant_id, person_id, chosen, now_ms), key=key)
        except Conflict:
            return await self._database.write(lambda: change(tenant_id, person_id, chosen, now_ms), key=key)


def change(tenant_id: str, person_id: str, chosen: dict[str, object], now_ms: int) -> Operation[Preferences]:
    """Beside what was chosen before. Raises `Conflict` when another window chose for the first time just now."""
    key = {"its_tenant": tenant_id, "its_person": person_id}
    rows = yield _FIND, key
    before = _read(rows[0]["body"]) if rows else Preferences()
    after = msgspec.structs.replace(before, **chosen)
    body = msgspec.json.encode(after).decode()
    if rows:
        yield _CHANGE, {**key, "its_body": body, "its_now": now_ms}
    else:
        yield _ADD, {"tenant_id": tenant_id, "person_id": person_id, "body": body, "changed_at_ms": now_ms}
    return after


def _read(body: str) -> Preferences:
    return msgspec.json.decode(body, type=Preferences)
