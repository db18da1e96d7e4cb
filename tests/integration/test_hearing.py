"""What a node makes of what it hears, and of what it fails to hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from redis.asyncio import Redis
from tests.realtime.test_watching import CONVERSATION, EPOCH, History, Screen, commit
from tests.support.waiting import until

from miaohui.conversations.types import Position
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id
from miaohui.realtime import service
from miaohui.realtime.events import AnyEvent, Said, StreamDelta, StreamEnded, StreamOpened, StreamReset, TurnEnded
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.fanout_redis import RedisFanout
from miaohui.realtime.service import Realtime

CONV = CONVERSATION.id
OPENED = StreamOpened(CONV, "turn_1", "strm_1", 1)
START = Position(epoch=EPOCH, seq=0)


class Wire(MemoryFanout):
    """Other nodes, as the test plays them: what they told of a stream is in `told`."""

    alone = False

    def __init__(self) -> None:
        self.told: list[AnyEvent] = []
        self.listening: set[str] = set()
        self.meanwhile: Callable[[], object] = int

    def listen(self, conversation_id: str) -> None:
        self.listening.add(conversation_id)

    def forget(self, conversation_id: str) -> None:
        self.listening.discard(conversation_id)

    async def joined(self, conversation_id: str) -> None:
        self.meanwhile()

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        await asyncio.sleep(0)
        return list(self.told)


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def node(history: History, wire: Wire) -> Realtime:
    return Realtime(history, wire, EPOCH)


def delta(i: int, attempt: int = 1) -> StreamDelta:
    return StreamDelta("strm_1", attempt, i, str(i))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_message_committed_while_redis_takes_the_subscription_is_not_missed(
    history: History, wire: Wire, node: Realtime
) -> None:
    commit(history, None)
    wire.meanwhile = lambda: commit(history, None)
    screen = Screen()
    await node.watch(CONVERSATION, screen, position=START)
    assert screen.seqs() == [1, 2]


async def test_the_end_of_a_turn_is_told_after_its_message(history: History, wire: Wire, node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen, position=START)
    node.woken(CONV, commit(history, None).seq)
    node.heard(CONV, TurnEnded(CONV, "turn_1", "answered"))
    await settle()
    assert screen.kinds() == ["resumed", "msg", "turn.end"]


async def test_memory_that_is_behind_is_not_believed(history: History, node: Realtime) -> None:
    first = Screen()
    await node.watch(CONVERSATION, first, position=START)
    commit(history, node)
    commit(history, None)  # elsewhere, and Redis was away
    second = Screen()
    await node.watch(CONVERSATION, second, position=Position(epoch=EPOCH, seq=1))
    assert second.seqs() == [2]


async def test_pieces_that_were_not_heard_are_asked_for(wire: Wire, node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen)
    wire.told = [OPENED, delta(1), delta(2), delta(3)]
    for event in (OPENED, delta(1), delta(3), StreamEnded(CONV, "strm_1", 1, 3, 2, "msg_2", "hash")):
        node.heard(CONV, event)
    await settle()
    assert screen.text() == "123"
    assert screen.kinds()[-1] == "stream.end"


async def test_after_pieces_that_nobody_has_no_more_is_shown(wire: Wire, node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen)
    for event in (OPENED, delta(1), delta(3), delta(4), StreamEnded(CONV, "strm_1", 1, 4, 2, "msg_2", "hash")):
        node.heard(CONV, event)
    await settle()
    assert screen.text() == "1"
    assert "stream.end" not in screen.kinds()


async def test_an_attempt_whose_beginning_was_not_heard_replaces_the_one_before(wire: Wire, node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen)
    for event in (OPENED, delta(1), delta(2)):
        node.heard(CONV, event)
    wire.told = [OPENED, delta(1), delta(2), StreamReset("strm_1", 11, "node_lost"), delta(1, 11), delta(2, 11)]
    node.heard(CONV, delta(2, 11))
    await settle()
    assert screen.text() == "12"
    assert screen.kinds().count("stream.reset") == 1


async def test_a_piece_of_a_void_attempt_is_not_shown(node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen)
    for event in (OPENED, delta(1), StreamReset("strm_1", 11, "node_lost"), delta(1, 11), delta(2), OPENED):
        node.heard(CONV, event)
    assert [frame["attempt"] for frame in screen.frames if frame["t"] == "stream.delta"] == [1, 11]
    assert screen.kinds().count("stream.open") == 1


async def test_a_piece_that_comes_after_the_line_of_a_take_over_is_not_shown(history: History, node: Realtime) -> None:
    screen = Screen()
    await node.watch(CONVERSATION, screen, position=START)
    for event in (OPENED, delta(1)):
        node.heard(CONV, event)
    node.woken(CONV, commit(history, None, "taken_over:Ann", kind="activity").seq)
    node.heard(CONV, delta(2))
    await settle()
    assert screen.kinds() == ["resumed", "stream.open", "stream.delta", "msg"]


async def test_nothing_is_kept_of_a_conversation_that_nobody_here_watches(wire: Wire, node: Realtime) -> None:
    watch = await node.watch(CONVERSATION, Screen())
    node.heard(CONV, OPENED)
    watch.close()
    assert (node.feeds, wire.listening) == (0, set())


async def test_a_conversation_that_a_turn_speaks_in_here_is_heard_of_without_watchers(
    wire: Wire, node: Realtime
) -> None:
    node.publish("ten_1", CONV, OPENED)
    assert wire.listening == {CONV}
    node.publish("ten_1", CONV, TurnEnded(CONV, "turn_1", "answered"))
    assert (node.feeds, wire.listening) == (0, set())


async def test_positioning_outlives_a_database_that_is_away(
    history: History, node: Realtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "POSITIONING_S", 0.001)
    top_seqs, failed = history.top_seqs, 0

    async def away(conversation_ids: Sequence[str]) -> dict[str, int]:
        nonlocal failed
        failed += 1
        if failed < 3:
            raise Unavailable("Away.", code="storage")
        return await top_seqs(conversation_ids)

    screen = Screen()
    commit(history, None)
    await node.watch(CONVERSATION, screen, position=START)
    commit(history, None)
    monkeypatch.setattr(history, "top_seqs", away)
    running = asyncio.create_task(node.run())
    await until(lambda: screen.seqs() == [1, 2])
    assert not running.done()
    running.cancel()


class Ears:
    """Keeps what a fan-out brings."""

    def __init__(self) -> None:
        self.connections = 0
        self.woken_to: list[int] = []

    def woken(self, conversation_id: str, seq: int) -> None:
        self.woken_to.append(seq)
        if seq == 13:
            raise RuntimeError("a fault of the receiver")

    def heard(self, conversation_id: str, event: Said) -> None:
        pass

    def reconnected(self) -> None:
        self.connections += 1


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[tuple[RedisFanout, RedisFanout, Ears]]:
    here, there, ears = RedisFanout(redis_url, "here"), RedisFanout(redis_url, "there"), Ears()
    tasks = [asyncio.create_task(here.run(Ears())), asyncio.create_task(there.run(ears))]
    await until(lambda: ears.connections == 1)
    yield here, there, ears
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_said_after_joining_is_heard(two: tuple[RedisFanout, RedisFanout, Ears]) -> None:
    here, there, ears = two
    for n in range(1, 11):
        conversation = new_id("conv")
        there.listen(conversation)
        await there.joined(conversation)
        here.wake(conversation, n)
    await until(lambda: len(ears.woken_to) == 10)
    assert ears.woken_to == list(range(1, 11))


async def test_a_cut_connection_is_made_anew_and_hears_what_was_begun_meanwhile(
    two: tuple[RedisFanout, RedisFanout, Ears], redis_url: str
) -> None:
    here, there, ears = two
    conversation, later = new_id("conv"), new_id("conv")
    there.listen(conversation)
    await there.joined(conversation)
    async with Redis.from_url(redis_url) as redis:
        for round_ in range(2):
            await redis.client_kill_filter(_type="pubsub")
            there.listen(later)
            await until(lambda round_=round_: ears.connections >= round_ + 2)  # type: ignore[misc]
    here.wake(conversation, 1)
    here.wake(later, 2)
    await until(lambda: ears.woken_to == [1, 2])
    assert ears.woken_to == [1, 2]


async def test_an_announcement_that_makes_no_sense_silences_nobody(
    two: tuple[RedisFanout, RedisFanout, Ears], redis_url: str
) -> None:
    here, there, ears = two
    conversation = new_id("conv")
    there.listen(conversation)
    await there.joined(conversation)
    async with Redis.from_url(redis_url) as redis:
        for nonsense in (b"", b"\xc1", b"\x92\xa5other\xc0", b"\x92\xa5other\x81\xa1t\xa6future"):
            await redis.publish(f"mh:c:{conversation}", nonsense)
    here.wake(conversation, 13)
    here.wake(conversation, 14)
    await until(lambda: ears.woken_to == [13, 14])
    assert ears.connections == 1
