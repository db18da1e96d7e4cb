"""Companies' own words in the records, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.guard.lists import OwnLists
from miaohui.guard.repository import OwnWordsRepository
from miaohui.guard.types import OwnWords, Replacement
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict
from miaohui.testing.clock import FakeClock

WORDS = OwnWords(blocked=("竞品甲", "Acme"), replaced=(Replacement(word="亲", by=""),))


async def test_a_list_comes_back_as_it_was_put_and_another_company_has_none(database: Database) -> None:
    lists = OwnLists(OwnWordsRepository(database), FakeClock())
    stored = await lists.put("ten_1", WORDS)
    assert stored.version == 1
    assert await lists.get("ten_1") == stored
    assert await lists.get("ten_2") == OwnWords()
    assert (lists.find("ten_1") is None, lists.find("ten_2") is None) == (False, True)


async def test_of_two_nodes_that_change_a_list_at_once_one_is_told_of_the_other(database: Database) -> None:
    nodes = [OwnLists(OwnWordsRepository(database), FakeClock()) for _ in range(2)]
    for version in (0, 1):
        news = [OwnWords(blocked=(f"竞品{name}",), version=version) for name in ("甲", "乙")]
        ends = await asyncio.gather(
            *(node.put("ten_1", words) for node, words in zip(nodes, news, strict=True)), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "OwnWords"]
        kept = next(end for end in ends if isinstance(end, OwnWords))
        assert await nodes[0].get("ten_1") == kept
        assert kept.version == version + 1


async def test_a_node_sees_at_its_next_look_what_another_wrote(database: Database) -> None:
    here, there = (OwnLists(OwnWordsRepository(database), FakeClock()) for _ in range(2))
    await there.refresh()
    first = await here.put("ten_1", WORDS)
    await there.refresh()
    seen = there.find("ten_1")
    assert seen is not None
    assert seen.version == 1
    await here.put("ten_1", OwnWords(version=first.version))
    await there.refresh()
    assert there.find("ten_1") is None
    with pytest.raises(Conflict):
        await there.put("ten_1", first)
