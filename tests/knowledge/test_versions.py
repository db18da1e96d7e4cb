"""Drafts are seen by nobody, a publication by everybody at once, and there is a way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation
from miaohui.kit.errors import Conflict, Invalid, NotFound, Unavailable
from miaohui.knowledge import repository
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.publishing import LEASE_MS, Changes, Publisher
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Making
from miaohui.testing.clock import FakeClock

Write = Callable[[str, str], Path]
GIFT = Content(title="礼品卡", text="礼品卡三年有效。", questions=("礼品卡能用多久",))
ME = "agent:ada"


async def _texts(knowledge: Knowledge, question: str) -> list[str]:
    return [passage.chunk.text for passage in (await knowledge.retrieve("ten", question)).passages]


async def test_a_draft_is_not_served_until_it_is_published(each_db: Database) -> None:
    knowledge = Knowledge(each_db, SystemClock())
    draft = await knowledge.editor.save("ten", ME, GIFT)
    assert await _texts(knowledge, "礼品卡") == []
    note = await knowledge.editor.publish("ten")
    assert (note.version, note.articles, note.chunks, note.act, note.served) == (1, 1, 1, "publish", True)
    assert await _texts(knowledge, "礼品卡") == ["礼品卡三年有效。"]
    assert await knowledge.editor.list_drafts("ten") == []
    assert (await knowledge.get_article("ten", draft.article_id)).questions == GIFT.questions


async def test_a_draft_changes_removes_and_is_discarded(knowledge: Knowledge) -> None:
    editor = knowledge.editor
    draft = await editor.save("ten", ME, GIFT)
    await editor.publish("ten")
    changed = msgspec.structs.replace(GIFT, text="礼品卡五年有效。")
    await editor.save("ten", ME, changed, draft.article_id)
    await editor.discard("ten", draft.article_id)
    with pytest.raises(Conflict):
        await editor.publish("ten")
    await editor.save("ten", ME, changed, draft.article_id)
    await editor.publish("ten")
    assert await _texts(knowledge, "礼品卡") == ["礼品卡五年有效。"]
    await editor.remove("ten", ME, draft.article_id)
    assert await _texts(knowledge, "礼品卡") == ["礼品卡五年有效。"]
    await editor.publish("ten")
    assert await _texts(knowledge, "礼品卡") == []


async def test_only_the_drafts_that_are_named_are_published(knowledge: Knowledge) -> None:
    first = await knowledge.editor.save("ten", ME, GIFT)
    await knowledge.editor.save("ten", ME, Content(title="门店", text="门店在南京路。"))
    note = await knowledge.editor.publish("ten", [first.article_id])
    assert note.articles == 1
    assert [draft.content.title for draft in await knowledge.editor.list_drafts("ten")] == ["门店"]


@pytest.mark.parametrize(
    "content",
    [
        msgspec.structs.replace(GIFT, title=" "),
        msgspec.structs.replace(GIFT, text=""),
        msgspec.structs.replace(GIFT, questions=("",)),
        msgspec.structs.replace(GIFT, valid_from_ms=5, valid_until_ms=5),
    ],
)
async def test_an_article_that_says_nothing_is_refused(knowledge: Knowledge, content: Content) -> None:
    with pytest.raises(Invalid):
        await knowledge.editor.save("ten", ME, content)


async def test_another_tenants_articles_and_drafts_are_not_there(knowledge: Knowledge) -> None:
    draft = await knowledge.editor.save("ten", ME, GIFT)
    with pytest.raises(NotFound):
        await knowledge.editor.save("other", ME, GIFT, draft.article_id)
    with pytest.raises(NotFound):
        await knowledge.editor.remove("other", ME, draft.article_id)
    await knowledge.editor.publish("ten")
    with pytest.raises(NotFound):
        await knowledge.editor.diff("other", 1, 1)
    with pytest.raises(NotFound):
        await knowledge.editor.rollback("other", 1)


async def test_a_rollback_serves_again_what_was_served(knowledge: Knowledge) -> None:
    editor = knowledge.editor
    draft = await editor.save("ten", ME, GIFT)
    await editor.publish("ten")
    await editor.save("ten", ME, msgspec.structs.replace(GIFT, text="礼品卡五年有效。"), draft.article_id)
    await editor.save("ten", ME, Content(title="门店", text="门店在南京路。"))
    await editor.publish("ten")
    note = await editor.rollback("ten", 1)
    assert (note.version, note.act, note.articles) == (3, "rollback", 1)
    assert await _texts(knowledge, "礼品卡") == ["礼品卡三年有效。"]
    assert await _texts(knowledge, "门店") == []
    with pytest.raises(Conflict):
        await editor.rollback("ten", 1)
    assert [(one.version, one.served) for one in await editor.versions("ten")] == [(3, True), (2, False), (1, False)]


async def test_a_difference_shows_what_was_added_changed_and_removed(knowledge: Knowledge) -> None:
    editor = knowledge.editor
    draft = await editor.save("ten", ME, GIFT)
    old = await editor.save("ten", ME, Content(title="旧活动", text="已经结束。"))
    await editor.publish("ten")
    await editor.save("ten", ME, msgspec.structs.replace(GIFT, text="礼品卡五年有效。"), draft.article_id)
    await editor.remove("ten", ME, old.article_id)
    await editor.save("ten", ME, Content(title="门店", text="门店在南京路。"))
    await editor.publish("ten")
    found = {one.title: one for one in await editor.diff("ten", 1, 2)}
    assert {title: one.change for title, one in found.items()} == {
        "礼品卡": "changed",
        "旧活动": "removed",
        "门店": "added",
    }
    assert "-礼品卡三年有效。" in found["礼品卡"].lines
    assert "+礼品卡五年有效。" in found["礼品卡"].lines
    assert await editor.diff("ten", 2, 2) == []


async def test_a_file_that_did_not_change_leaves_an_edit_alone(
    knowledge: Knowledge, folder: Path, write: Write
) -> None:
    write("gift.md", "# 礼品卡\n\n礼品卡三年有效。")
    await knowledge.import_folder("ten", folder)
    (article,) = await knowledge.list_articles("ten")
    await knowledge.editor.save("ten", ME, msgspec.structs.replace(GIFT, text="礼品卡五年有效。"), article.id)
    await knowledge.editor.save("ten", ME, Content(title="门店", text="门店在南京路。"))
    await knowledge.editor.publish("ten")
    report = await knowledge.import_folder("ten", folder)
    assert (report.unchanged, report.deleted, report.version) == (1, 0, 2)
    assert await _texts(knowledge, "礼品卡") == ["礼品卡五年有效。"]
    write("gift.md", "# 礼品卡\n\n礼品卡六年有效。")
    await knowledge.import_folder("ten", folder)
    assert "六年" in (await _texts(knowledge, "礼品卡"))[0]


async def test_a_citation_still_opens_what_was_cited(knowledge: Knowledge) -> None:
    draft = await knowledge.editor.save("ten", ME, GIFT)
    await knowledge.editor.publish("ten")
    cited = (await knowledge.retrieve("ten", "礼品卡")).passages[0].chunk
    await knowledge.editor.save("ten", ME, msgspec.structs.replace(GIFT, text="全部改写。"), draft.article_id)
    await knowledge.editor.publish("ten")
    chunk, article = await knowledge.passage("ten", cited.id)
    assert article.text[chunk.start : chunk.end] == "礼品卡三年有效。"


async def test_a_publication_that_breaks_leaves_the_old_version_whole(
    each_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = Knowledge(each_db, SystemClock())
    draft = await knowledge.editor.save("ten", ME, GIFT)
    await knowledge.editor.publish("ten")
    await knowledge.editor.save("ten", ME, msgspec.structs.replace(GIFT, text="礼品卡五年有效。"), draft.article_id)

    def break_(making: Making, articles: int, chunks: int) -> Operation[int]:
        yield from ()
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(repository, "serve", break_)
        with pytest.raises(Unavailable):
            await knowledge.editor.publish("ten")
    again = Knowledge(each_db, SystemClock())
    await again.load()
    for one in (knowledge, again):
        found = await one.retrieve("ten", "礼品卡")
        assert (found.version, found.passages[0].chunk.text) == (1, "礼品卡三年有效。")
    assert (await knowledge.editor.publish("ten")).version == 2
    assert await _texts(knowledge, "礼品卡") == ["礼品卡五年有效。"]


async def test_what_a_dead_publisher_left_is_cleared_away_when_its_lease_is_over(db: Database) -> None:
    clock = FakeClock()
    knowledge = Knowledge(db, clock)
    draft = await knowledge.editor.save("ten", ME, GIFT)
    await knowledge.editor.publish("ten")
    left = Making(
        tenant_id="ten", based_on=1, act="import", owner="dead", at_ms=0, lease_until_ms=clock.now_ms() + LEASE_MS
    )
    await db.write(lambda: repository.begin(left))
    await db.write(lambda: repository.end_revisions(left, [draft.article_id]))
    with pytest.raises(Conflict):
        await Publisher(db, clock).publish("ten", 1, "import", Changes())
    clock.advance(LEASE_MS / 1000 + 1)
    assert await Publisher(db, clock).publish("ten", 1, "import", Changes()) == 2
    assert await repository.count(db, "ten", 2) == (1, 1)
    with pytest.raises(Conflict):
        await db.write(lambda: repository.serve(left, 0, 0))


async def test_an_article_is_found_only_while_it_holds(db: Database) -> None:
    clock = FakeClock()
    knowledge = Knowledge(db, clock)
    start = clock.now_ms() + 60_000
    sale = Content(title="大促", text="大促全场八折。", valid_from_ms=start, valid_until_ms=start + 60_000)
    await knowledge.editor.save("ten", ME, sale)
    await knowledge.editor.publish("ten")
    seen = []
    for _ in range(3):
        await knowledge.look_around()
        seen.append(bool(await _texts(knowledge, "大促打几折")))
        clock.advance(60.5)
    assert seen == [False, True, False]
    (finding,) = await knowledge.health("ten")
    assert (finding.ailment, finding.title) == ("expired", "大促")


async def test_turns_that_search_while_a_version_is_published_see_one_version_each(each_db: Database) -> None:
    knowledge = Knowledge(each_db, SystemClock())
    pages = [Content(title=f"商品 {number}", text=f"商品 {number} 的价格是一元。") for number in range(60)]
    saved = [await knowledge.editor.save("ten", ME, page) for page in pages]
    await knowledge.editor.publish("ten")
    for draft in saved:
        new = msgspec.structs.replace(draft.content, text=draft.content.text.replace("一元", "两元"))
        await knowledge.editor.save("ten", ME, new, draft.article_id)
    publishing = asyncio.ensure_future(knowledge.editor.publish("ten"))
    prices = {1: "一元", 2: "两元"}
    versions = set()
    while not publishing.done():
        found = await knowledge.retrieve("ten", "商品的价格")
        assert {prices[found.version] in passage.chunk.text for passage in found.passages} == {True}
        versions.add(found.version)
        await asyncio.sleep(0)
    await publishing
    assert versions <= {1, 2}
    assert (await knowledge.retrieve("ten", "商品的价格")).version == 2
