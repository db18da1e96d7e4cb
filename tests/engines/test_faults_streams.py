"""Faults of a stream, F01 to F22, F31 to F36, F39, F41 to F43: seen by a turn that goes through the router."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from tests.engines.routing import Entries, over_sockets, request
from tests.engines.streams import Told, listen

from miaohui.engines.router import Router
from miaohui.engines.types import Restarted, Text
from miaohui.testing.upstream import Upstream, UpstreamOptions

SPARE = "您好，关于您的问题：商品签收后七天内可以申"


class Pair:
    """A route that plays a fault, and a sound one that is asked only when it fails."""

    def __init__(self, first: Upstream, spare: Upstream) -> None:
        self.first = first
        self.spare = spare
        self.router: Router
        self.entries: Entries

    async def play(self, fault: str, **fields: object) -> Told:
        self.router, self.entries = over_sockets(
            [
                ("first", self.first, {"model": f"fault:{fault}", "weight": 1, **fields}),
                ("spare", self.spare, {"weight": 0, "provider": "deepseek"}),
            ]
        )
        try:
            return await listen(self.router, request())
        finally:
            await self.router.close()

    @property
    def failure(self) -> tuple[str, str]:
        return self.entries.rows[0].failure, self.entries.rows[0].code


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    first = await Upstream().start()
    spare = await Upstream(UpstreamOptions(chunks=5, gap_ms=1, first_ms=2)).start()
    yield Pair(first, spare)
    await first.close()
    await spare.close()


def check_first(told: Told, pair: Pair, text: str = "您好") -> None:
    assert (told.failure, told.text) == (None, text)
    assert pair.entries.outcomes() == [("first", "winner")]


def check_unseen(told: Told, pair: Pair, failure: str, code: str = "") -> None:
    """The spare answered, and nobody saw that the first had failed."""
    assert told.failure is None
    assert told.text.startswith("您好，关于")
    assert not any(isinstance(piece, Restarted) for piece in told.pieces)
    assert pair.entries.outcomes() == [("first", "failed"), ("spare", "winner")]
    assert pair.failure[0] == failure
    assert code in {"", pair.failure[1]}


def check_restarted(told: Told, pair: Pair, failure: str, code: str) -> None:
    """Words had come; they were voided, and the spare answered whole."""
    assert told.failure is None
    assert told.text.startswith("您好，关于")
    assert [piece.reason for piece in told.pieces if isinstance(piece, Restarted)] == [code]
    assert pair.failure == (failure, code)


async def test_f01_a_character_split_over_two_reads_stays_whole(pair: Pair) -> None:
    check_first(await pair.play("split-utf8"), pair, "您好😀世界")


@pytest.mark.parametrize("fault", ["crlf", "one-byte", "line-ends"])
async def test_f02_any_line_ends_and_any_split_give_the_same_words(pair: Pair, fault: str) -> None:
    check_first(await pair.play(fault), pair, "您好世界")


async def test_f03_data_without_a_space_over_several_lines_is_read(pair: Pair) -> None:
    check_first(await pair.play("bare-data"), pair)


async def test_f04_comments_for_ever_are_no_content(pair: Pair) -> None:
    check_unseen(await pair.play("comments"), pair, "timeout", "first_content_timeout")


async def test_f05_an_error_body_in_place_of_a_stream_is_classified(pair: Pair) -> None:
    check_unseen(await pair.play("json-error"), pair, "transient", "server_error")


async def test_f06_a_log_in_page_in_place_of_a_stream_is_a_broken_route(pair: Pair) -> None:
    check_unseen(await pair.play("html"), pair, "transient")


@pytest.mark.parametrize("fault", ["first-error", "named-error"])
async def test_f07_an_error_as_the_first_event_is_not_seen(pair: Pair, fault: str) -> None:
    check_unseen(await pair.play(fault), pair, "transient")


async def test_f08_an_error_after_words_is_not_a_finished_answer(pair: Pair) -> None:
    check_restarted(await pair.play("error-after"), pair, "transient", "server_error")


@pytest.mark.parametrize("fault", ["no-done", "eof-whole"])
async def test_f09_a_finish_reason_without_done_is_a_whole_answer(pair: Pair, fault: str) -> None:
    check_first(await pair.play(fault), pair)


@pytest.mark.parametrize("fault", ["eof", "no-finish"])
async def test_f10_a_clean_end_without_a_finish_reason_is_a_cut_answer(pair: Pair, fault: str) -> None:
    check_restarted(await pair.play(fault), pair, "transient", "truncated")


async def test_f11_an_unclean_end_is_a_cut_answer(pair: Pair) -> None:
    check_restarted(await pair.play("cut"), pair, "transient", "cut_off")
    check_unseen(await pair.play("cut-in-chunk"), pair, "transient", "cut_off")


async def test_f12_done_without_a_finish_reason_is_a_cut_answer_unless_the_provider_does_so(pair: Pair) -> None:
    check_restarted(await pair.play("done-only"), pair, "transient", "truncated")
    check_first(await pair.play("done-only", provider="lmstudio"), pair)


@pytest.mark.parametrize("fault", ["azure", "usage-last"])
async def test_f13_chunks_without_choices_first_or_last_are_no_trouble(pair: Pair, fault: str) -> None:
    check_first(await pair.play(fault), pair)
    assert pair.entries.rows[0].source == ("reported" if fault == "usage-last" else "estimated")


async def test_f14_chunks_without_delta_or_content_are_passed_over(pair: Pair) -> None:
    check_first(await pair.play("azure"), pair)


@pytest.mark.parametrize(
    ("fault", "usage"), [("usage-everywhere", (9, 2)), ("usage-in-choice", (3, 4)), ("usage-last", (11, 5))]
)
async def test_f15_usage_is_found_wherever_it_stands_and_the_last_counts(
    pair: Pair, fault: str, usage: tuple[int, int]
) -> None:
    await pair.play(fault)
    (row,) = pair.entries.rows
    assert (row.input_tokens, row.output_tokens, row.source) == (*usage, "reported")


async def test_f16_without_usage_it_is_estimated_and_says_so(pair: Pair) -> None:
    await pair.play("no-usage")
    (row,) = pair.entries.rows
    assert row.source == "estimated"
    assert row.input_tokens > 0 < row.output_tokens


async def test_f19_finish_reasons_mean_what_they_say(pair: Pair) -> None:
    withheld = await pair.play("sensitive")
    assert withheld.failure is not None
    assert withheld.failure.failure_class.value == "content"
    assert pair.spare.requests == 0
    check_restarted(await pair.play("out-of-capacity"), pair, "transient", "insufficient_system_resource")
    check_restarted(await pair.play("zhipu:network"), pair, "transient", "network_error")
    cut = await pair.play("length")
    assert cut.finished is not None
    assert (cut.text, cut.finished.reason) == ("半句", "length")


async def test_f20_a_reset_before_or_after_the_head_is_not_seen_and_one_in_the_answer_restarts_it(pair: Pair) -> None:
    check_unseen(await pair.play("reset-at-once"), pair, "transient", "cut_off")
    check_unseen(await pair.play("reset-after-head"), pair, "transient", "cut_off")
    check_restarted(await pair.play("reset"), pair, "transient", "cut_off")


@pytest.mark.parametrize("fault", ["silent", "head-only", "slow-loris", "role-only"])
async def test_f21_silence_in_any_form_ends_at_the_deadline_of_the_first_word(pair: Pair, fault: str) -> None:
    began = asyncio.get_running_loop().time()
    check_unseen(await pair.play(fault), pair, "timeout", "first_content_timeout")
    assert asyncio.get_running_loop().time() - began < 2.0


async def test_f22_a_stall_in_the_answer_ends_at_the_idle_deadline(pair: Pair) -> None:
    check_restarted(await pair.play("stall"), pair, "timeout", "idle_timeout")


@pytest.mark.parametrize(("fault", "text"), [("gzip", "您好世界"), ("one-byte", "您好世界"), ("huge-line", "您好")])
async def test_f31_compressed_tiny_and_huge_chunks_are_read(pair: Pair, fault: str, text: str) -> None:
    check_first(await pair.play(fault, first_content_ms=3000), pair, text)


async def test_f31_a_line_past_all_bounds_is_an_error_and_not_memory(pair: Pair) -> None:
    check_unseen(await pair.play("too-huge-line", first_content_ms=5000), pair, "transient", "event_too_long")


async def test_f32_a_malformed_chunk_is_a_cut_answer_and_not_skipped(pair: Pair) -> None:
    check_restarted(await pair.play("malformed"), pair, "transient", "malformed_chunk")


async def test_f33_a_model_gone_round_in_circles_is_stopped_and_marked(pair: Pair) -> None:
    told = await pair.play("loop")
    assert told.finished is not None
    assert told.finished.reason == "length"
    assert told.text.count("一样的话") <= 100


async def test_f34_thought_without_an_answer_is_a_failure(pair: Pair) -> None:
    check_unseen(await pair.play("reasoning-only"), pair, "transient", "empty_answer")


@pytest.mark.parametrize("fault", ["two-choices", "interleaved"])
async def test_f35_of_several_choices_the_first_is_ours(pair: Pair, fault: str) -> None:
    check_first(await pair.play(fault), pair)


async def test_f36_a_model_that_calls_itself_otherwise_is_in_the_ledger_as_the_route_says(pair: Pair) -> None:
    check_first(await pair.play("other-model"), pair)
    assert pair.entries.rows[0].model == "fault:other-model"


async def test_f39_a_connection_that_was_closed_while_idle_is_replaced_once_and_unseen(pair: Pair) -> None:
    router, entries = over_sockets([("first", pair.first, {"model": "fault:then-close"})])
    for _ in range(3):
        told = await listen(router, request())
        assert (told.failure, told.text) == (None, "您好")
        await asyncio.sleep(0.03)
    assert {row.outcome for row in entries.rows} == {"winner"}
    assert pair.first.requests == 3
    await router.close()


async def test_f41_leaving_in_the_middle_closes_the_upstream_at_once_and_is_written_once(pair: Pair) -> None:
    slow = await Upstream(UpstreamOptions(chunks=1000, gap_ms=20, first_ms=1)).start()
    router, entries = over_sockets([("first", slow, {})])
    async with aclosing(router.stream(request())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                break
    await asyncio.sleep(0.05)
    assert slow.stats()["aborted"] == 1
    assert entries.outcomes() == [("first", "abandoned")]
    assert router.fleet.lines()[0].in_flight == 0
    await slow.close()


async def test_f42_a_slow_reader_costs_no_memory(pair: Pair) -> None:
    router, _ = over_sockets([("first", pair.first, {"model": "fault:endless", "idle_ms": 5000, "total_ms": 5000})])
    tracemalloc.start()
    async with aclosing(router.stream(request())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                await asyncio.sleep(0.5)
                break
        held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 8_000_000
    await router.close()


async def test_f43_what_comes_after_done_is_not_part_of_the_answer(pair: Pair) -> None:
    check_first(await pair.play("after-done"), pair)
