"""A company that is deleted is in no table any more, however often that was broken off; others notice nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, String, Table, func, insert, select
from tests.desk.every_table import filled, holding

from miaohui.conversations.tables import conversations, messages
from miaohui.identity.tables import memberships, people
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation, metadata
from miaohui.kit.errors import Unavailable
from miaohui.tenants import portions
from miaohui.tenants.erasing import LAST, STAYS, Erasing, walks
from miaohui.tenants.portions import Portions, owner_of
from miaohui.tenants.repository import StandingsRepository
from miaohui.tenants.service import Tenants
from miaohui.tenants.standings import Standings

GONE, KEPT = "tenants_gone", "tenants_kept"
INSTALLATION = {
    "alert_silences": "what operators do not want to hear of",
    "alert_standings": "what each node says of itself",
    "alert_told": "what operators were told of",
    "channel_tickets": "numbers of links that were used, without anybody's name, until they run out",
    "engine_catalog": "how often routes were changed at all",
    "meta": "the incarnation of these records",
    "node_strains": "what is asked of each node",
    "people": "go with their last place; who works for another company too stays",
    "tenant_standings": "that an id is gone, so that tokens from before never hold again",
    "tenants": "goes last, in one transaction with its end",
}
"""Tables that are not found by a company's or an inbox's id, and what is left in those that keep something."""
POINTERS = {"person_id": "people_{}", "revision_id": "article_revisions_{}", "inbox_id": "inboxes_{}"}


class Stopped(Exception):
    """The process is killed here."""


def rows_of(tenant_id: str, who: str) -> list[tuple[Table, dict[str, Any]]]:
    """One row in every table that is a company's, and the person who works there."""
    ours = [one for one in metadata.sorted_tables if owner_of(one) is not None or one.name == "people"]
    rows = []
    for table, row in filled(ours, tenant_id, who, 1):
        pointing = {name: text.format(who) for name, text in POINTERS.items() if name in table.c}
        codes = {name: f"x_{who}" for name, value in row.items() if value == "x" and _is_long(table.c[name])}
        rows.append((table, row | codes | pointing))
    return [one for one in rows if one[0].name != "tenant_standings"]


def _is_long(column: Column[Any]) -> bool:
    """Codes of which there may be but one; a short one is one of a few words."""
    return isinstance(column.type, String) and (column.type.length or 64) >= 32


async def settle(database: Database) -> Standings:
    """Two companies with a row in every table."""

    def operation() -> Operation[None]:
        for tenant_id, who in ((GONE, "gone"), (KEPT, "kept")):
            row = {"id": tenant_id, "name": who, "slug": who, "created_at_ms": 1}
            yield insert(metadata.tables["tenants"]), row
            for table, values in rows_of(tenant_id, who):
                yield insert(table), values

    await database.write(operation)
    return Standings(StandingsRepository(database), SystemClock())


def erasing(database: Database, standings: Standings) -> Erasing:
    return Erasing(database, SystemClock(), standings, notice_s=0)


async def test_no_table_names_a_company_that_was_deleted_and_every_other_row_stays(database: Database) -> None:
    standings = await settle(database)
    everywhere = await holding(database, "_kept")
    assert await holding(database, "_gone") == everywhere
    assert len(everywhere) > 50
    rows = await erasing(database, standings).erase(GONE)
    assert rows >= len(everywhere) - len(STAYS)
    assert await holding(database, "_gone") == {"tenant_standings"}
    assert await holding(database, "_kept") == everywhere
    assert (standings.serves(GONE), standings.serves(KEPT)) == (False, True)
    assert (await standings.get(GONE)).state == "gone"
    assert [one.id for one in await Tenants(database).list_()] == [KEPT]


async def test_a_deletion_that_was_broken_off_anywhere_is_ended_by_asking_again(database: Database) -> None:
    standings = await settle(database)
    left = await holding(database, "_gone")
    tables = len(left)

    def stop_after(most: int) -> Callable[[str, int], None]:
        def progress(_name: str, rows: int) -> None:
            if rows >= most:
                raise Stopped

        return progress

    for most in (1, 10, 5):
        with pytest.raises(Stopped):
            await erasing(database, standings).erase(GONE, stop_after(most))
        now = await holding(database, "_gone")
        assert {"tenants", "tenant_standings"} < now < left | {"tenant_standings"}, "it is still found by its slug"
        left = now
        assert (await standings.get(GONE)).state == "leaving"
    assert len(left) < tables
    await erasing(database, Standings(StandingsRepository(database), SystemClock())).erase(GONE)
    assert await holding(database, "_gone") == {"tenant_standings"}


async def test_a_large_company_goes_in_small_portions(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also through a table that no index leads through, in windows, and not one row of others with it."""
    monkeypatch.setattr(portions, "PORTION", 7)
    monkeypatch.setattr(portions, "WINDOW", 10)
    database, standings = sqlite_database, await settle(sqlite_database)
    row = next(values for table, values in rows_of(GONE, "gone") if table is messages)

    def talk() -> Operation[None]:
        for number in range(100):
            tenant_id = (GONE, KEPT)[number % 2]
            more = {"id": f"msg_{number:03}", "tenant_id": tenant_id, "seq": 100 + number}
            yield insert(messages), row | more | {"conversation_id": f"conv_{tenant_id}"}

    await database.write(talk)
    erased: Counter[str] = Counter()
    erase = Portions.erase

    def watched(self: Portions, keys: list[object]) -> Operation[None]:
        assert 0 < len(keys) <= 7
        erased[self.name] += len(keys)
        return erase(self, keys)

    monkeypatch.setattr(Portions, "erase", watched)
    told: list[int] = []
    await erasing(database, standings).erase(GONE, lambda _name, rows: told.append(rows))
    assert erased["messages"] == 51
    assert told == sorted(told)
    counting = select(func.count()).select_from(messages)
    assert (await database.read(counting))[0][0] == 51


async def test_who_works_for_another_company_too_stays_a_person_there(database: Database) -> None:
    standings = await settle(database)

    def hire() -> Operation[None]:
        yield insert(memberships), {"tenant_id": KEPT, "person_id": "people_gone", "role": "agent", "created_at_ms": 1}

    await database.write(hire)
    await erasing(database, standings).erase(GONE)
    assert {row["id"] for row in await database.read(select(people.c.id))} == {"people_gone", "people_kept"}
    places = await database.read(select(memberships.c.tenant_id))
    assert [row["tenant_id"] for row in places] == [KEPT, KEPT]


async def test_what_is_kept_elsewhere_is_let_go_of_and_what_never_ends_is_told(sqlite_database: Database) -> None:
    standings = await settle(sqlite_database)
    forgotten: list[str] = []
    writing = True

    async def elsewhere(tenant_id: str) -> int:
        assert tenant_id == GONE
        return int(writing)

    async def forget_talks(conversation_ids: object) -> None:
        assert isinstance(conversation_ids, list)
        forgotten.extend(conversation_ids)

    one = erasing(sqlite_database, standings)
    one.elsewhere, one.forget_talks = (elsewhere,), forget_talks
    with pytest.raises(Unavailable):
        await one.erase(GONE)
    assert forgotten == ["conv_gone"]
    assert (await standings.get(GONE)).state == "leaving"
    writing = False
    await one.erase(GONE)
    assert (await standings.get(GONE)).state == "gone"


async def test_how_much_will_go_is_told_beforehand(sqlite_database: Database) -> None:
    standings = await settle(sqlite_database)
    weight = await erasing(sqlite_database, standings).weigh(GONE)
    spoken = select(conversations.c.last_seq).where(conversations.c.tenant_id == GONE)
    assert weight["messages"] == (await sqlite_database.read(spoken))[0][0]
    assert (weight["people"], weight["conversations"], weight["files"]) == (1, 1, 1)


def test_every_table_is_a_companys_or_stands_here_by_name() -> None:
    assert rows_of(GONE, "gone"), "imports every table"
    walked = {walk.name for walk in walks()} | set(LAST) | set(STAYS)
    assert {one.name for one in metadata.sorted_tables} - walked == set(INSTALLATION) - set(STAYS)
