"""Files in the records: in parts, each content once for a company, gone when nothing names it any more."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select
from tests.media.samples import PDF, PNG, TXT
from tests.support.clock import ManualClock

from miaohui.channels.media.kinds import KINDS
from miaohui.channels.media.service import KEPT_DAYS, PART_BYTES, MediaStore
from miaohui.channels.media.terms import Terms
from miaohui.channels.media.types import Media, Sender, mention
from miaohui.channels.tables import channel_media, channel_media_parts
from miaohui.kit.database import Database
from miaohui.kit.errors import TooLarge, Unavailable
from miaohui.kit.records import open_database
from miaohui.migrations import config_for

LONG = b"%PDF-1.7\n" + bytes(range(256)) * 5_000 + b"\n%%EOF"
OURS, THEIRS = Sender(tenant_id="t_1", name="a.pdf"), Sender(tenant_id="t_2", name="a.pdf")
TERMS = Terms(most_kb={"pdf": 20_480, "txt": 100}, visitor_bytes=2_000_000)


def store_on(database: Database, clock: ManualClock) -> MediaStore:
    return MediaStore(database, clock, b"0" * 32, TERMS)


async def put(store: MediaStore, sender: Sender, body: bytes) -> Media:
    return await store.put(sender, await store.judge(body), body)


async def parts(database: Database) -> list[tuple[str, int]]:
    rows = await database.read(select(channel_media_parts.c.tenant_id, channel_media_parts.c.at_bytes))
    return sorted((row["tenant_id"], row["at_bytes"]) for row in rows)


async def test_a_long_file_comes_back_whole_and_in_ranges(database: Database) -> None:
    store = store_on(database, ManualClock())
    media = await put(store, OURS, LONG)
    assert [at for _, at in await parts(database)] == [0, PART_BYTES, 2 * PART_BYTES]
    found = await store.find(media.id)
    assert found is not None
    assert (found.body, found.state, found.type, found.name) == (LONG, "kept", "application/pdf", "a.pdf")
    for start, stop in ((0, 1), (PART_BYTES - 1, PART_BYTES + 1), (PART_BYTES, PART_BYTES), (7, len(LONG))):
        assert b"".join([one async for one in store.read(found, start, stop)]) == LONG[start:stop]


async def test_the_same_file_of_one_company_is_kept_once_and_stays_while_one_message_has_it(database: Database) -> None:
    store = store_on(database, ManualClock())
    first, again, foreign = [await put(store, sender, PDF) for sender in (OURS, OURS, THEIRS)]
    assert len({first.id, again.id, foreign.id}) == 3
    assert await parts(database) == [("t_1", 0), ("t_2", 0)]
    await store.drop_named("t_1", [f"看\n{mention('a.pdf', first.id)}", mention("x", foreign.id)])
    assert await store.look(first.id) is None
    kept = await store.find(again.id)
    assert kept is not None
    assert kept.body == PDF
    await store.drop_named("t_1", [mention("a.pdf", again.id)])
    assert await parts(database) == [("t_2", 0)]
    assert await store.look(foreign.id) is not None


async def test_a_visitor_has_so_much_altogether_and_others_have_their_own(database: Database) -> None:
    store = store_on(database, ManualClock())
    ann, ben = [Sender(tenant_id="t_1", inbox_id="i", contact_id=one) for one in ("ann", "ben")]
    await put(store, ann, LONG)
    with pytest.raises(TooLarge) as full:
        await put(store, ann, LONG)
    assert full.value.code == "files_full"
    await put(store, ben, LONG)
    await put(store, OURS, LONG)
    await store.drop_sent_by("t_1", "ann")
    await put(store, ann, LONG)
    assert await database.read(select(channel_media.c.id).where(channel_media.c.sender_id == "ben"))


async def test_what_is_old_goes_with_its_bytes_and_what_is_young_stays(database: Database) -> None:
    clock = ManualClock()
    store = store_on(database, clock)
    old = await put(store, OURS, PDF)
    clock.advance(KEPT_DAYS * 86_400)
    young = await put(store, OURS, TXT)
    clock.advance(1)
    await store.look_again()
    assert await store.look(old.id) is None
    assert await store.find(young.id) is not None
    assert len(await parts(database)) == 1


async def test_a_vendor_s_file_is_asked_for_again_and_a_refused_one_is_not(database: Database) -> None:
    clock = ManualClock()
    store = store_on(database, clock)
    answers: list[bytes] = []

    async def bring(_: Media) -> bytes:
        if not answers:
            raise Unavailable("not yet", code="away")
        return answers.pop()

    store.learn("x", bring)
    sender = Sender(tenant_id="t_1", inbox_id="i", name="..\\run.exe")
    wanted = await store.expect("x", sender, "source", "k1")
    assert wanted == await store.expect("x", sender, "source", "k1")
    clock.advance(120)
    await store.look_again()
    assert (await store.find(wanted)).state == "pending"  # type: ignore[union-attr]
    answers.append(PDF)
    await store.look_again()
    kept = await store.find(wanted)
    assert kept is not None
    assert (kept.state, kept.name, kept.type, kept.body) == ("kept", "run.exe.pdf", "application/pdf", PDF)
    bad = await store.expect("x", sender, "source", "k2")
    answers.append(b"MZ\x90\x00")
    clock.advance(120)
    await store.look_again()
    assert (await store.find(bad)).state == "lost"  # type: ignore[union-attr]


async def test_a_letter_s_file_is_kept_under_its_key_alone(database: Database) -> None:
    store = store_on(database, ManualClock())
    sender = Sender(tenant_id="t_1", inbox_id="i", name="a.pdf")
    first, again = [await store.keep(sender, "letter:0", PDF) for _ in range(2)]
    assert first is not None
    assert again is not None
    assert first.id == again.id
    assert await store.keep(sender, "letter:1", b"MZ") is None
    assert KINDS["pdf"].type == first.type


async def test_what_was_kept_in_one_piece_is_served_after_the_change_and_before_it_again(tmp_path: Path) -> None:
    file = tmp_path / "before.db"
    url, media_id = f"sqlite:///{file}", "med_" + "0a" * 16
    await asyncio.to_thread(command.upgrade, config_for(url), "0024")
    row = ("t_1", "i", "", "", "kept", "image/png", PNG, 1)
    with sqlite3.connect(file) as connection:
        columns = "tenant_id, inbox_id, channel, source, state, type, body, created_at_ms"
        connection.execute(f"INSERT INTO channel_media (id, {columns}) VALUES (?,?,?,?,?,?,?,?,?)", (media_id, *row))
    await asyncio.to_thread(command.upgrade, config_for(url), "0025")
    database = await open_database(url, clock=ManualClock(), data_dir=tmp_path)
    kept = await store_on(database, ManualClock()).find(media_id)
    await database.close()
    assert kept is not None
    assert (kept.body, kept.size_bytes, kept.state) == (PNG, len(PNG), "kept")
    await asyncio.to_thread(command.downgrade, config_for(url), "0024")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT body, state FROM channel_media").fetchall() == [(PNG, "kept")]
