"""What a contact once said comes to mind later, and is gone when somebody asks for that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.support.opening import opened

from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.memory import repository
from miaohui.memory.long_term import LongTerm
from miaohui.memory.policy import MOST_CHARACTERS, extract
from miaohui.memory.types import Said
from miaohui.wiring.remembering import FactFinder

TALK = (
    "你好",
    "我家里有一只叫团子的猫，对花粉过敏。买过你们的净化器。",
    "怎么换滤芯？",
    "我的密码是 hunter2，银行卡 6222 0200 1122 3344 556",
    "谢谢",
)


class Record:
    """What was said, by conversation."""

    def __init__(self, **talks: Sequence[str]) -> None:
        self.talks = talks

    async def said(self, tenant_id: str, conversation_id: str) -> list[Said]:
        return [Said(text, number) for number, text in enumerate(self.talks.get(conversation_id, ()))]


@pytest.fixture
async def db(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(sqlite_url, tmp_path) as database:
        yield database


@pytest.fixture
def long_term(db: Database) -> LongTerm:
    return LongTerm(db, Record(conv=TALK, later=("我搬到杭州了，住六楼没有电梯。",)), FactFinder())


def test_statements_are_kept_and_questions_courtesies_and_secrets_are_not() -> None:
    kept = [one.text for one in extract(Said(text, 0) for text in TALK)]
    assert kept == ["我家里有一只叫团子的猫，对花粉过敏。买过你们的净化器。"]
    assert [len(one.text) for one in extract([Said("很长的话" * 300, 0)])] == [MOST_CHARACTERS]


async def test_what_was_said_is_recalled_in_a_later_conversation(long_term: LongTerm) -> None:
    assert await long_term.recall("ten", "cont", "我的猫叫什么") == ()
    assert await long_term.learn("ten", "cont", "conv") == 1
    assert await long_term.learn("ten", "cont", "later") == 1
    assert "团子" in (await long_term.recall("ten", "cont", "我的猫叫什么"))[0].text
    fact = (await long_term.recall("ten", "cont", "送货上几楼有没有电梯"))[0]
    assert (fact.conversation_id, fact.state) == ("later", "proposed")
    assert await long_term.recall("ten", "somebody", "我的猫叫什么") == ()
    assert await long_term.recall("other", "cont", "我的猫叫什么") == ()


async def test_the_same_conversation_teaches_nothing_twice(long_term: LongTerm) -> None:
    await long_term.learn("ten", "cont", "conv")
    assert await long_term.learn("ten", "cont", "conv") == 0
    assert len(await long_term.list_("ten", "cont")) == 1


async def test_a_person_confirms_or_forgets_and_forgotten_words_stay_gone(long_term: LongTerm) -> None:
    await long_term.learn("ten", "cont", "conv")
    (fact,) = await long_term.list_("ten", "cont")
    assert (await long_term.confirm("ten", fact.id)).state == "confirmed"
    with pytest.raises(NotFound):
        await long_term.confirm("other", fact.id)
    with pytest.raises(NotFound):
        await long_term.forget("other", fact.id)
    await long_term.forget("ten", fact.id)
    assert await long_term.list_("ten", "cont") == []
    assert await long_term.recall("ten", "cont", "我的猫叫什么") == ()
    assert await long_term.learn("ten", "cont", "conv") == 0
    with pytest.raises(NotFound):
        await long_term.forget("ten", fact.id)


async def test_everything_of_a_contact_goes_on_request(long_term: LongTerm) -> None:
    await long_term.learn("ten", "cont", "conv")
    await long_term.learn("ten", "other", "later")
    await long_term.forget_all("ten", "cont")
    assert await long_term.list_("ten", "cont") == []
    assert len(await long_term.list_("ten", "other")) == 1


async def test_no_more_is_kept_than_the_bound_and_confirmed_facts_last(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_FACTS", 3)
    record = Record(a=[f"我有第 {number} 台机器。" for number in range(3)], b=["我又买了一台新的机器。"])
    long_term = LongTerm(db, record, FactFinder())
    await long_term.learn("ten", "cont", "a")
    oldest = (await long_term.list_("ten", "cont"))[0]
    await long_term.confirm("ten", oldest.id)
    await long_term.learn("ten", "cont", "b")
    kept = [fact.text for fact in await long_term.list_("ten", "cont")]
    assert len(kept) == 3
    assert oldest.text in kept


async def test_of_strangers_nothing_is_read_and_what_others_learned_is_seen_later(
    db: Database, long_term: LongTerm
) -> None:
    await long_term.refresh()
    assert long_term.at_hand("ten", "cont", "我的猫") == ()
    elsewhere = LongTerm(db, Record(conv=TALK), FactFinder())
    await elsewhere.learn("ten", "cont", "conv")
    assert long_term.at_hand("ten", "cont", "我的猫") == ()
    await long_term.refresh()
    assert long_term.at_hand("ten", "cont", "我的猫") is None
    assert len(await long_term.recall("ten", "cont", "我的猫")) == 1
    at_hand = long_term.at_hand("ten", "cont", "我的猫")
    assert at_hand is not None
    assert "团子" in at_hand[0].text
