"""A company's own words: some withheld, some said otherwise, whatever the pieces; and no word of another company's."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.lists import OwnLists
from miaohui.guard.own import Own, check_own, without_twins
from miaohui.guard.own_screen import Replacing, TwoScreens
from miaohui.guard.screen import Screen
from miaohui.guard.service import Guard
from miaohui.guard.types import OwnWords, Replacement
from miaohui.guard.words import Words
from miaohui.kit.errors import Conflict, Invalid
from miaohui.testing.clock import FakeClock

SHARED = Words({"abuse": ["蠢货"]})


def own(blocked: tuple[str, ...] = (), **replaced: str) -> Own:
    return Own(OwnWords(blocked=blocked, replaced=tuple(Replacement(word=w, by=b) for w, b in replaced.items())))


def screened(listed: Own, *pieces: str) -> str:
    screen = Replacing(listed)
    return "".join(screen.feed(piece) for piece in pieces) + screen.close()


@pytest.mark.parametrize(
    ("listed", "text", "left"),
    [
        (own(亲="您"), "亲, 请稍等", "您, 请稍等"),
        (own(亲="您"), "亲亲", "您您"),
        (own(机器人="智能助手"), "我是机 器人。", "我是智能助手。"),
        (own(("竞品甲",)), "竞品甲更便宜", "＊＊更便宜"),
        (own(退="还", 退货="退换"), "退货和退", "退换和还"),
        (own(甲乙="X", 乙丙="Y"), "甲乙丙丁", "X丁"),
        (own(("竞品甲",), 竞品="同行"), "竞品甲和竞品", "＊＊和同行"),
        (own(嗯=""), "嗯, 好", ", 好"),
        (own(cheap="affordable"), "a Cheap, cheaper one", "a affordable, cheaper one"),
        (own(亲="您"), "请稍等", "请稍等"),
    ],
)
def test_a_word_is_said_otherwise_or_not_at_all(listed: Own, text: str, left: str) -> None:
    assert screened(listed, text) == left
    assert screened(listed, *text) == left


@given(st.text("甲乙丙丁ab -", max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_any_cut_of_a_text_is_said_as_the_whole_is(text: str, cuts: list[int]) -> None:
    listed = own(("丙丁", "丁ab"), 甲乙="丁", 乙丙="", 甲="一", ab="b")
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert screened(listed, *pieces) == screened(listed, text)


def test_only_a_blocked_word_counts_as_withheld() -> None:
    said, kept = Replacing(own(亲="您")), Replacing(own(("竞品甲",)))
    said.feed("亲!")
    kept.feed("竞品甲!")
    assert (said.withheld, kept.withheld) == (False, True)


def test_what_is_said_instead_is_screened_as_all_else_is() -> None:
    screen = TwoScreens(Replacing(own(亲="蠢货")), Screen(SHARED))
    assert screen.feed("好的亲, ") + screen.close() == "好的＊＊, "
    assert screen.withheld


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (OwnWords(blocked=("甲",)), "$.blocked[0]"),
        (OwnWords(blocked=("甲" * 65,)), "$.blocked[0]"),
        (OwnWords(blocked=tuple(f"word{n}" for n in range(2_001))), "$.blocked"),
        (OwnWords(replaced=(Replacement(word="--", by="x"),)), "$.replaced[0]"),
        (OwnWords(replaced=(Replacement(word="亲", by="a\nb"),)), "$.replaced[0].by"),
        (OwnWords(replaced=(Replacement(word="亲", by="x" * 65),)), "$.replaced[0].by"),
    ],
)
def test_a_list_out_of_form_is_refused_by_the_name_of_its_entry(words: OwnWords, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_own(words)
    assert field in [one.field for one in refused.value.errors]


def test_a_list_in_form_is_taken() -> None:
    check_own(OwnWords(blocked=("竞品",), replaced=(Replacement(word="亲", by=""), Replacement(word="嗯", by="好"))))


def test_of_words_that_are_the_same_to_the_filter_the_first_is_kept() -> None:
    twins = (Replacement(word="亲", by="您"), Replacement(word=" 亲 ", by="你"), Replacement(word="嗯", by=""))
    kept = without_twins(OwnWords(blocked=("Acme", "别的", "ac me"), replaced=twins, version=3))
    assert kept == OwnWords(blocked=("Acme", "别的"), replaced=(twins[0], twins[2]), version=3)


class Kept:
    """Records of two nodes."""

    def __init__(self) -> None:
        self.lists: dict[str, OwnWords] = {}
        self.reads = 0

    async def stamp(self) -> tuple[int, int, int]:
        return len(self.lists), 0, sum(one.version for one in self.lists.values())

    async def list_(self) -> Mapping[str, OwnWords]:
        self.reads += 1
        return dict(self.lists)

    async def find(self, tenant_id: str) -> OwnWords | None:
        return self.lists.get(tenant_id)

    async def put(self, tenant_id: str, words: OwnWords, now_ms: int) -> bool:
        if tenant_id in self.lists and words.version == 1:
            raise Conflict("It came just now.")
        if self.lists.get(tenant_id, OwnWords()).version != words.version - 1:
            return False
        self.lists[tenant_id] = words
        return True


async def test_a_list_holds_for_its_company_alone_and_on_another_node_after_its_next_look() -> None:
    clock, kept = FakeClock(), Kept()
    here, there = OwnLists(kept, clock), OwnLists(kept, clock)
    guards = [Guard(LimitsMemory(clock), SHARED, own=one) for one in (here, there)]
    stored = await here.put("ten_1", OwnWords(blocked=("竞品甲",)))
    await there.refresh()
    for guard in guards:
        verdict = guard.judge("ten_1", "比竞品甲贵吗")
        assert (verdict.allowed, verdict.category) == (False, "company")
        assert guard.judge("ten_2", "比竞品甲贵吗").allowed
        assert not guard.judge("ten_1", "蠢货").allowed
        assert isinstance(guard.open_screen("ten_2"), Screen)
        assert isinstance(guard.open_screen("ten_1"), TwoScreens)
    await there.put("ten_1", msgspec.structs.replace(stored, blocked=()))
    await here.refresh()
    assert all(guard.judge("ten_1", "比竞品甲贵吗").allowed for guard in guards)


async def test_nothing_is_read_again_while_nothing_was_written_and_each_version_is_compiled_once() -> None:
    clock, kept = FakeClock(), Kept()
    lists = OwnLists(kept, clock)
    await lists.put("ten_1", OwnWords(blocked=("竞品甲",)))
    first, reads = lists.find("ten_1"), kept.reads
    await lists.refresh()
    assert lists.find("ten_1") is first
    assert kept.reads == reads
    await lists.put("ten_1", OwnWords(blocked=("竞品乙",), version=1))
    assert lists.find("ten_1") is not first


async def test_who_changes_what_another_has_changed_is_told_so() -> None:
    clock, kept = FakeClock(), Kept()
    lists = OwnLists(kept, clock)
    await lists.put("ten_1", OwnWords(blocked=("竞品甲",)))
    for version in (0, 7):
        with pytest.raises(Conflict) as refused:
            await lists.put("ten_1", OwnWords(blocked=("竞品乙",), version=version))
        assert refused.value.code == "words_changed"
    assert (await lists.get("ten_1")).blocked == ("竞品甲",)
