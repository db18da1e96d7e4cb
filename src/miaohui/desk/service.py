"""The people of the desk: who is there, what they can do, which teams they form, which inboxes they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.desk import repository
from miaohui.desk.errors import NameTaken
from miaohui.desk.policy import checked_abilities
from miaohui.desk.types import InboxDesk, Team
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id
from miaohui.realtime.events import PresenceUpdated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from miaohui.desk.ports import Inboxes, People, Told
    from miaohui.desk.types import Agent, Presence
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

MOST_CAPACITY = 100
MOST_TEAMS = 100
NOTED_MS = 4_000
"""A connected agent is noted no more often than this; less than any silence after which they are gone."""


class Desk:
    """Agents, teams and inboxes. `on_change` is told of tenants whose queue may move now."""

    def __init__(self, database: Database, clock: Clock, told: Told, people: People, inboxes: Inboxes) -> None:
        self._database = database
        self._clock = clock
        self._told = told
        self.people = people
        self.inboxes = inboxes
        self.repository = repository.DeskRepository(database)
        self._noted_ms: dict[tuple[str, str], int] = {}
        """When it was noted that a connected agent is there."""
        self.on_change: Callable[[str], None] = lambda _: None

    # Presence

    async def list_agents(self, tenant_id: str) -> list[Agent]:
        """Everybody who may serve."""
        return await self.repository.list_agents(tenant_id)

    async def get_agent(self, tenant_id: str, person_id: str) -> Agent:
        """Raises `NotFound`."""
        found = next((one for one in await self.list_agents(tenant_id) if one.person_id == person_id), None)
        if found is None:
            raise NotFound("There is no such agent.")
        return found

    async def set_presence(self, tenant_id: str, person_id: str, state: Presence) -> Agent:
        """`online` is given conversations, `away` keeps theirs, `offline` gives them back to the queue."""
        now_ms = self._clock.now_ms()
        await self._again(lambda: repository.set_state(tenant_id, person_id, state, now_ms))
        return await self._tell(tenant_id, person_id)

    async def set_abilities(
        self, tenant_id: str, person_id: str, capacity: int, skills: Iterable[str], languages: Iterable[str]
    ) -> Agent:
        """How many conversations at a time, and of which kind. Raises `Invalid`, `NotFound`."""
        await self.people.get_person(tenant_id, person_id)
        if not 0 <= capacity <= MOST_CAPACITY:
            raise Invalid("The capacity is not in form.", errors=[FieldError("$.capacity", f"0 to {MOST_CAPACITY}")])
        tidy, spoken = checked_abilities(skills, "skills"), checked_abilities(languages, "languages")
        await self._again(lambda: repository.set_abilities(tenant_id, person_id, capacity, tidy, spoken))
        return await self._tell(tenant_id, person_id)

    async def _tell(self, tenant_id: str, person_id: str) -> Agent:
        agent = await self.get_agent(tenant_id, person_id)
        self._told.tell_tenant(tenant_id, PresenceUpdated(person_id, agent.presence, agent.capacity))
        self.on_change(tenant_id)
        return agent

    async def note_connected(self) -> None:
        """Every agent who is connected to this node is there."""
        watching, now_ms = self._told.agents_watching(), self._clock.now_ms()
        due = {one for one in watching if now_ms - self._noted_ms.get(one, 0) >= NOTED_MS}
        self._noted_ms = {one: now_ms if one in due else self._noted_ms[one] for one in watching}
        if due:
            back = await self._database.write(lambda: repository.see(due, now_ms))
            for tenant_id, person_id in back:
                await self._tell(tenant_id, person_id)

    async def note_gone(self, grace_ms: int) -> None:
        """Who was not heard of for so long is gone; their conversations wait to be taken back."""
        now_ms = self._clock.now_ms()
        for tenant_id, person_id, capacity in await self._database.write(
            lambda: repository.mark_gone(now_ms - grace_ms, now_ms)
        ):
            self._told.tell_tenant(tenant_id, PresenceUpdated(person_id, "offline", capacity))

    # Teams

    async def list_teams(self, tenant_id: str) -> list[Team]:
        """Oldest first."""
        return await self.repository.list_teams(tenant_id)

    async def create_team(self, tenant_id: str, name: str, members: Sequence[str]) -> Team:
        """Raises `Invalid`, `NameTaken`, `NotFound` on a member who is not here."""
        if len(await self.list_teams(tenant_id)) >= MOST_TEAMS:
            raise Conflict(f"A company has at most {MOST_TEAMS} teams.", code="team_limit")
        await self._check_members(tenant_id, members)
        team = Team(
            id=new_id("team"),
            tenant_id=tenant_id,
            name=_checked_name(name),
            members=tuple(dict.fromkeys(members)),
            created_at_ms=self._clock.now_ms(),
        )
        try:
            return await self._database.write(lambda: repository.insert_team(team))
        except Conflict:
            raise NameTaken("There is a team of that name already.") from None

    async def change_team(self, tenant_id: str, team_id: str, name: str | None, members: Sequence[str] | None) -> Team:
        """Another name, other members; None leaves them. Raises as `create_team`."""
        if name is not None:
            name = _checked_name(name)
        if members is not None:
            await self._check_members(tenant_id, members)
        try:
            found = await self._database.write(lambda: repository.change_team(tenant_id, team_id, name, members))
        except Conflict:
            raise NameTaken("There is a team of that name already.") from None
        if not found:
            raise NotFound("There is no such team.")
        self.on_change(tenant_id)
        return await self.get_team(tenant_id, team_id)

    async def get_team(self, tenant_id: str, team_id: str) -> Team:
        """Raises `NotFound`."""
        found = next((team for team in await self.list_teams(tenant_id) if team.id == team_id), None)
        if found is None:
            raise NotFound("There is no such team.")
        return found

    async def delete_team(self, tenant_id: str, team_id: str) -> None:
        """Its conversations are then for everybody. Raises `NotFound`."""
        if not await self._database.write(lambda: repository.delete_team(tenant_id, team_id)):
            raise NotFound("There is no such team.")
        self.on_change(tenant_id)

    async def _check_members(self, tenant_id: str, members: Iterable[str]) -> None:
        here = {person.id for person in await self.people.list_people(tenant_id)}
        if set(members) - here:
            raise NotFound("Somebody of that team is not here.")

    # Inboxes

    async def inbox_desk(self, tenant_id: str, inbox_id: str) -> InboxDesk:
        """Who serves it. Raises `NotFound`."""
        await self.inboxes.get(tenant_id, inbox_id)
        known = await self.repository.list_inboxes(tenant_id)
        return next((one for one in known if one.inbox_id == inbox_id), InboxDesk(inbox_id=inbox_id))

    async def set_inbox_desk(self, tenant_id: str, wanted: InboxDesk) -> InboxDesk:
        """Raises `Invalid`, `NotFound`."""
        await self.inboxes.get(tenant_id, wanted.inbox_id)
        if wanted.team_id:
            await self.get_team(tenant_id, wanted.team_id)
        skills = checked_abilities(wanted.skills, "skills")
        tidy = InboxDesk(inbox_id=wanted.inbox_id, team_id=wanted.team_id, skills=skills, strategy=wanted.strategy)
        await self._again(lambda: repository.set_inbox(tenant_id, tidy))
        self.on_change(tenant_id)
        return tidy

    async def _again(self, operation: Callable[[], Operation[None]]) -> None:
        """Two who add the same row at once: the second finds it."""
        try:
            await self._database.write(operation)
        except Conflict:
            await self._database.write(operation)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise Invalid("A team needs a name.", errors=[FieldError("$.name", "1 to 100 printable characters")])
    return name
