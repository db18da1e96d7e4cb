"""Rows of agents, teams and what an inbox wants of the desk. The queue stands in `queue.py`, texts in `notebook.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from miaohui.conversations.tables import conversations
from miaohui.desk.tables import desk_agents, desk_inboxes, desk_members, desk_teams
from miaohui.desk.types import Agent, InboxDesk, Team
from miaohui.identity.tables import memberships, people

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miaohui.desk.types import Presence
    from miaohui.kit.database import Database, Operation, Row

MOST_AGENTS = 1_000

_names = msgspec.json.Decoder(tuple[str, ...])
_a = desk_agents.c
_ITS_AGENT = (_a.tenant_id == bindparam("its_tenant"), _a.person_id == bindparam("its_person"))
_AGENTS = (
    select(
        memberships.c.tenant_id,
        people.c.id.label("person_id"),
        people.c.name,
        _a.state,
        _a.gone,
        _a.capacity,
        _a.skills,
        _a.languages,
        _a.seen_at_ms,
        _a.assigned_at_ms,
    )
    .join_from(memberships, people, people.c.id == memberships.c.person_id)
    .outerjoin(desk_agents, and_(_a.tenant_id == memberships.c.tenant_id, _a.person_id == people.c.id))
    .where(memberships.c.tenant_id == bindparam("tenant_id"), people.c.active == 1)
    .order_by(people.c.created_at_ms, people.c.id)
    .limit(MOST_AGENTS)
)
_LOADS = (
    select(conversations.c.assignee_id, func.count().label("load"))
    .where(
        conversations.c.tenant_id == bindparam("tenant_id"),
        conversations.c.assignee_id != "",
        conversations.c.status == "open",
    )
    .group_by(conversations.c.assignee_id)
)
_MEMBERS = select(desk_members.c.team_id, desk_members.c.person_id).where(
    desk_members.c.tenant_id == bindparam("tenant_id")
)
_TEAMS = (
    select(desk_teams)
    .where(desk_teams.c.tenant_id == bindparam("tenant_id"))
    .order_by(desk_teams.c.created_at_ms, desk_teams.c.id)
    .limit(200)
)
_FIND_AGENT = select(desk_agents).where(*_ITS_AGENT)
_INSERT_AGENT = insert(desk_agents)
_SET_STATE = (
    update(desk_agents)
    .where(*_ITS_AGENT)
    .values(
        {
            _a.state: bindparam("its_state"),
            _a.gone: 0,
            _a.seen_at_ms: bindparam("its_now"),
            _a.changed_at_ms: bindparam("its_now"),
        }
    )
    .returning(_a.person_id)
)
_SET_ABILITIES = (
    update(desk_agents)
    .where(*_ITS_AGENT)
    .values(
        {
            _a.capacity: bindparam("its_capacity"),
            _a.skills: bindparam("its_skills"),
            _a.languages: bindparam("its_languages"),
        }
    )
    .returning(_a.person_id)
)
_SEE = (
    update(desk_agents)
    .where(*_ITS_AGENT)
    .values({_a.seen_at_ms: bindparam("its_now"), _a.gone: 0})
    .returning(_a.person_id)
)
_WERE_GONE = select(_a.person_id).where(*_ITS_AGENT, _a.gone == 1)
_MARK_GONE = (
    update(desk_agents)
    .where(_a.state != "offline", _a.gone == 0, _a.seen_at_ms < bindparam("its_before"))
    .values({_a.gone: 1, _a.changed_at_ms: bindparam("its_now")})
    .returning(_a.tenant_id, _a.person_id, _a.capacity)
)
_MISSED = (
    select(conversations.c.tenant_id, conversations.c.id, conversations.c.assignee_id, people.c.name)
    .join_from(
        desk_agents,
        conversations,
        and_(conversations.c.tenant_id == _a.tenant_id, conversations.c.assignee_id == _a.person_id),
    )
    .join(people, people.c.id == _a.person_id)
    .where(
        (_a.gone == 1) | (_a.state == "offline"),
        (conversations.c.status == "open") | (conversations.c.status == "snoozed"),
        (bindparam("only_tenant") == "") | (_a.tenant_id == bindparam("only_tenant")),
    )
    .order_by(conversations.c.queued_at_ms)
    .limit(bindparam("limit"))
)
_INSERT_TEAM = insert(desk_teams)
_ITS_TEAM = (desk_teams.c.tenant_id == bindparam("its_tenant"), desk_teams.c.id == bindparam("its_id"))
_RENAME_TEAM = update(desk_teams).where(*_ITS_TEAM).values(name=bindparam("its_name")).returning(desk_teams.c.id)
_DELETE_TEAM = delete(desk_teams).where(*_ITS_TEAM).returning(desk_teams.c.id)
_CLEAR_MEMBERS = delete(desk_members).where(
    desk_members.c.tenant_id == bindparam("its_tenant"), desk_members.c.team_id == bindparam("its_id")
)
_INSERT_MEMBER = insert(desk_members)
_LEAVE_TEAM = (
    update(conversations)
    .where(conversations.c.tenant_id == bindparam("its_tenant"), conversations.c.team_id == bindparam("its_id"))
    .values({conversations.c.team_id: ""})
)
_INBOXES = select(desk_inboxes).where(desk_inboxes.c.tenant_id == bindparam("tenant_id")).limit(1_000)
_ITS_INBOX = (desk_inboxes.c.tenant_id == bindparam("its_tenant"), desk_inboxes.c.inbox_id == bindparam("its_id"))
_CLEAR_INBOX = delete(desk_inboxes).where(*_ITS_INBOX)
_INSERT_INBOX = insert(desk_inboxes)


class Missed(NamedTuple):
    """A conversation whose agent is not there."""

    tenant_id: str
    conversation_id: str
    agent_id: str
    name: str


def set_state(tenant_id: str, person_id: str, state: Presence, now_ms: int) -> Operation[None]:
    """As the agent chose; they are here."""
    key = {"its_tenant": tenant_id, "its_person": person_id}
    if not (yield _SET_STATE, {**key, "its_state": state, "its_now": now_ms}):
        yield from _add_agent(tenant_id, person_id, state, now_ms)


def set_abilities(
    tenant_id: str, person_id: str, capacity: int, skills: Sequence[str], languages: Sequence[str]
) -> Operation[None]:
    """How many at a time, and what."""
    values = {
        "its_tenant": tenant_id,
        "its_person": person_id,
        "its_capacity": capacity,
        "its_skills": _text(skills),
        "its_languages": _text(languages),
    }
    if not (yield _SET_ABILITIES, values):
        yield from _add_agent(tenant_id, person_id, "offline", 0)
        yield _SET_ABILITIES, values


def see(agents: Iterable[tuple[str, str]], now_ms: int) -> Operation[list[tuple[str, str]]]:
    """They are here (tenant and person); those who were thought gone are told."""
    back = []
    for tenant_id, person_id in sorted(agents):
        key = {"its_tenant": tenant_id, "its_person": person_id}
        if (yield _WERE_GONE, key):
            back.append((tenant_id, person_id))
        yield _SEE, {**key, "its_now": now_ms}
    return back


def act(tenant_id: str, person_id: str, now_ms: int) -> Operation[None]:
    """Somebody serves, so they are here: one who was offline or never came is `away`, and is given nobody."""
    key = {"its_tenant": tenant_id, "its_person": person_id}
    rows = yield _FIND_AGENT, key
    if not rows:
        yield from _add_agent(tenant_id, person_id, "away", now_ms)
    elif rows[0]["state"] == "offline":
        yield _SET_STATE, {**key, "its_state": "away", "its_now": now_ms}
    else:
        yield _SEE, {**key, "its_now": now_ms}


def mark_gone(before_ms: int, now_ms: int) -> Operation[list[tuple[str, str, int]]]:
    """Nobody has heard of them since; tenant, person and capacity of each."""
    rows = yield _MARK_GONE, {"its_before": before_ms, "its_now": now_ms}
    return [(row["tenant_id"], row["person_id"], row["capacity"]) for row in rows]


def insert_team(team: Team) -> Operation[Team]:
    """A new team; its name must be free."""
    row = {"id": team.id, "tenant_id": team.tenant_id, "name": team.name, "created_at_ms": team.created_at_ms}
    yield _INSERT_TEAM, row
    yield from _set_members(team.tenant_id, team.id, team.members)
    return team


def change_team(tenant_id: str, team_id: str, name: str | None, members: Sequence[str] | None) -> Operation[bool]:
    """Another name, other members; None leaves them. False when there is no such team."""
    key = {"its_tenant": tenant_id, "its_id": team_id}
    if name is not None and not (yield _RENAME_TEAM, {**key, "its_name": name}):
        return False
    if members is not None:
        yield _CLEAR_MEMBERS, key
        yield from _set_members(tenant_id, team_id, members)
    return True


def delete_team(tenant_id: str, team_id: str) -> Operation[bool]:
    """Its conversations are then for everybody. False when there is no such team."""
    key = {"its_tenant": tenant_id, "its_id": team_id}
    if not (yield _DELETE_TEAM, key):
        return False
    yield _CLEAR_MEMBERS, key
    yield _LEAVE_TEAM, key
    return True


def set_inbox(tenant_id: str, inbox: InboxDesk) -> Operation[None]:
    """What an inbox wants of the desk."""
    yield _CLEAR_INBOX, {"its_tenant": tenant_id, "its_id": inbox.inbox_id}
    yield (
        _INSERT_INBOX,
        {
            "inbox_id": inbox.inbox_id,
            "tenant_id": tenant_id,
            "team_id": inbox.team_id,
            "skills": _text(inbox.skills),
            "strategy": inbox.strategy,
        },
    )


class DeskRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_agents(self, tenant_id: str) -> list[Agent]:
        """Everybody who may serve, with what they have to do: three statements, however many they are."""
        key = {"tenant_id": tenant_id}
        loads = {row["assignee_id"]: row["load"] for row in await self._database.read(_LOADS, key)}
        teams: dict[str, list[str]] = {}
        for row in await self._database.read(_MEMBERS, key):
            teams.setdefault(row["person_id"], []).append(row["team_id"])
        rows = await self._database.read(_AGENTS, key)
        return [_agent(row, loads.get(row["person_id"], 0), teams.get(row["person_id"], ())) for row in rows]

    async def list_teams(self, tenant_id: str) -> list[Team]:
        """With their members: two statements."""
        key = {"tenant_id": tenant_id}
        members: dict[str, list[str]] = {}
        for row in await self._database.read(_MEMBERS, key):
            members.setdefault(row["team_id"], []).append(row["person_id"])
        return [
            Team(
                id=row["id"],
                tenant_id=row["tenant_id"],
                name=row["name"],
                members=tuple(sorted(members.get(row["id"], ()))),
                created_at_ms=row["created_at_ms"],
            )
            for row in await self._database.read(_TEAMS, key)
        ]

    async def list_inboxes(self, tenant_id: str) -> list[InboxDesk]:
        """Those of which something was said."""
        rows = await self._database.read(_INBOXES, {"tenant_id": tenant_id})
        return [
            InboxDesk(
                inbox_id=row["inbox_id"],
                team_id=row["team_id"],
                skills=_names.decode(row["skills"]),
                strategy=row["strategy"],
            )
            for row in rows
        ]

    async def list_missed(self, limit: int, only_tenant: str = "") -> list[Missed]:
        """What agents have who are offline or gone, of every tenant or of one."""
        rows = await self._database.read(_MISSED, {"limit": limit, "only_tenant": only_tenant})
        return [Missed(row["tenant_id"], row["id"], row["assignee_id"], row["name"]) for row in rows]


def _add_agent(tenant_id: str, person_id: str, state: Presence, now_ms: int) -> Operation[None]:
    row = {"tenant_id": tenant_id, "person_id": person_id, "state": state}
    yield _INSERT_AGENT, {**row, "seen_at_ms": now_ms, "changed_at_ms": now_ms}


def _set_members(tenant_id: str, team_id: str, members: Sequence[str]) -> Operation[None]:
    for person_id in dict.fromkeys(members):
        yield _INSERT_MEMBER, {"team_id": team_id, "person_id": person_id, "tenant_id": tenant_id}


def _text(names: Sequence[str]) -> str:
    return msgspec.json.encode(names).decode()


def _agent(row: Row, load: int, teams: Sequence[str]) -> Agent:
    if row["state"] is None:
        return Agent(person_id=row["person_id"], name=row["name"], load=load, teams=tuple(sorted(teams)))
    return Agent(
        person_id=row["person_id"],
        name=row["name"],
        state=row["state"],
        gone=bool(row["gone"]),
        capacity=row["capacity"],
        load=load,
        skills=_names.decode(row["skills"]),
        languages=_names.decode(row["languages"]),
        teams=tuple(sorted(teams)),
        seen_at_ms=row["seen_at_ms"],
        assigned_at_ms=row["assigned_at_ms"],
    )
