"""Every watcher hears everything once, in order, from any position."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from tests.support.waiting import until

from miaohui.conversations.types import Conversation, Message, Position
from miaohui.identity.types import Principal
from miaohui.realtime.events import (
    AnyEvent,
    ConversationChanged,
    StreamDelta,
    StreamEnded,
    StreamOpened,
    StreamReset,
    TurnEnded,
)
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.service import Realtime, Watch
from miaohui.realtime.types import StreamPosition

EPOCH = "e1"
CONVERSATION = Conversation(id="conv_1", tenant_id="ten_1", inbox_id="inb_1", contact_id="cont_1")
VISITOR = Principal(tenant_id="ten_1", kind="visitor", id="cont_1")
AGENT = Principal(tenant_id="ten_1", kind="agent", id="pers_1", role="agent")


class History:
    """Committed messages; `pause` holds a read open so that a test can act in between."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.pause: asyncio.Event | None = None
        self.reads = 0

    async def messages_after(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        self.reads += 1
        rows = [m for m in self.messages if m.seq > seq][:limit]
        if self.pause:
            await self.pause.wait()
        return rows

    async def messages_before(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        return [m for m in self.messages if m.seq < seq][-limit:]

    async def top_seqs(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        return {CONVERSATION.id: len(self.messages)}


class Screen:
    """A watcher that keeps what it was shown."""

    def __init__(self, principal: Principal = VISITOR) -> None:
        self.principal = principal
        self.frames: list[dict[str, object]] = []

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        assert isinstance(frame, bytes)
        self.frames.append(msgspec.json.decode(frame))

    async def room(self) -> None:
        await asyncio.sleep(0)

    def kinds(self) -> list[object]:
        return [frame["t"] for frame in self.frames]

    def seqs(self) -> list[object]:
        return [frame["seq"] for frame in self.frames if frame["t"] == "msg"]

    def text(self) -> str:
        text = ""
        for frame in self.frames:
            if frame["t"] == "stream.reset":
                text = ""
            if frame["t"] == "stream.delta":
                text += str(frame["text"])
        return text


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def realtime(history: History) -> Realtime:
    return Realtime(history, MemoryFanout(), EPOCH)


def commit(history: History, realtime: Realtime | None, text: str = "你好", **changes: object) -> Message:
    seq = len(history.messages) + 1
    values: dict[str, object] = {
        "id": f"msg_{seq}",
        "conversation_id": CONVERSATION.id,
        "seq": seq,
        "sender": "visitor",
        "sender_id": "cont_1",
        "text": text,
    }
    message = Message(**(values | changes))  # type: ignore[arg-type]
    history.messages.append(message)
    if realtime:
        realtime.message_posted("ten_1", message)
    return message


async def test_who_comes_back_gets_what_was_missed_and_then_what_is_new(history: History, realtime: Realtime) -> None:
    for _ in range(5):
        commit(history, None)
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=2))
    commit(history, realtime)
    assert screen.kinds()[0] == "resumed"
    assert (screen.frames[0]["recovered"], screen.frames[0]["from"], screen.frames[0]["to"]) == (True, 3, 5)
    assert screen.seqs() == [3, 4, 5, 6]


async def test_a_message_committed_during_the_catch_up_is_shown_once(history: History, realtime: Realtime) -> None:
    commit(history, None)
    history.pause = asyncio.Event()
    screen = Screen()
    watching = asyncio.ensure_future(realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0)))
    await until(lambda: history.reads)
    commit(history, realtime)
    commit(history, realtime)
    history.pause.set()
    await watching
    assert screen.seqs() == [1, 2, 3]


@pytest.mark.parametrize(
    "position",
    [
        Position(epoch="another", seq=1),
        Position(epoch=EPOCH, seq=99),
        Position(epoch=EPOCH, seq=-1),
        Position(epoch=EPOCH, seq=2**63),
        Position(),
    ],
    ids=["old epoch", "ahead", "negative", "huge", "nothing"],
)
async def test_a_position_that_cannot_be_continued_gets_a_snapshot(
    history: History, realtime: Realtime, position: Position
) -> None:
    for _ in range(3):
        commit(history, None)
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=position)
    commit(history, realtime)
    assert screen.frames[0].get("recovered", False) is False
    snapshot = screen.frames[0]["snapshot"]
    assert isinstance(snapshot, dict)
    assert [m["seq"] for m in snapshot["messages"]] == [1, 2, 3]
    assert screen.seqs() == [4]


async def test_five_thousand_missed_messages_come_in_pages_and_in_order(history: History, realtime: Realtime) -> None:
    for _ in range(5_000):
        commit(history, None)
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    assert screen.seqs() == list(range(1, 5_001))
    assert history.reads == 17


async def test_a_snapshot_fits_into_one_frame_however_long_the_messages(history: History, realtime: Realtime) -> None:
    for _ in range(60):
        commit(history, None, "长" * 5_000)
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position())
    assert len(msgspec.json.encode(screen.frames[0])) <= 65_536
    snapshot = screen.frames[0]["snapshot"]
    assert isinstance(snapshot, dict)
    assert snapshot["seq"] == 60
    assert snapshot["more"] is True


async def test_a_reconnect_storm_reads_from_memory(history: History, realtime: Realtime) -> None:
    keeper = Screen()
    await realtime.watch(CONVERSATION, keeper, position=Position(epoch=EPOCH, seq=0))
    for _ in range(10):
        commit(history, realtime)
    before = history.reads
    screens = [Screen() for _ in range(50)]
    for screen in screens:
        await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=4))
    assert history.reads == before
    assert all(screen.seqs() == [5, 6, 7, 8, 9, 10] for screen in screens)


async def test_a_hole_in_what_was_heard_is_filled_from_the_history(history: History, realtime: Realtime) -> None:
    commit(history, realtime)
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=1))
    commit(history, None)
    commit(history, realtime)
    for _ in range(10):
        await asyncio.sleep(0)
    assert screen.seqs() == [2, 3]


async def test_a_wake_up_from_another_node_brings_its_messages(history: History, realtime: Realtime) -> None:
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    commit(history, None)
    realtime.woken(CONVERSATION.id, 1)
    for _ in range(10):
        await asyncio.sleep(0)
    assert screen.seqs() == [1]


async def test_only_the_sender_sees_the_client_id_and_only_agents_see_a_note(
    history: History, realtime: Realtime
) -> None:
    visitor, agent = Screen(), Screen(AGENT)
    for screen in (visitor, agent):
        await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    commit(history, realtime, principal=VISITOR.key, cmid="c1")
    commit(history, realtime, "老客户, 客气点", sender="agent", kind="note")
    shown = [[frame["msg"] for frame in screen.frames if frame["t"] == "msg"] for screen in (visitor, agent)]
    assert [message.get("cmid") for message in shown[0]] == ["c1", None]  # type: ignore[attr-defined]
    assert [message.get("cmid") for message in shown[1]] == [None, None]  # type: ignore[attr-defined]
    assert [message["text"] for message in shown[0]] == ["你好", ""]  # type: ignore[index]
    assert [message["text"] for message in shown[1]] == ["你好", "老客户, 客气点"]  # type: ignore[index]
    assert visitor.seqs() == [1, 2]


def tell(realtime: Realtime, *events: AnyEvent) -> None:
    for event in events:
        realtime.publish("ten_1", CONVERSATION.id, event)


def opened(attempt: int = 1) -> StreamOpened:
    return StreamOpened(CONVERSATION.id, "turn_1", "strm_1", attempt)


def delta(i: int, text: str, attempt: int = 1) -> StreamDelta:
    return StreamDelta("strm_1", attempt, i, text)


async def test_who_comes_back_in_mid_stream_gets_only_the_pieces_missed(realtime: Realtime) -> None:
    tell(realtime, opened(), delta(1, "您"), delta(2, "好"), delta(3, ","))
    screen = Screen()
    known = [StreamPosition(id="strm_1", attempt=1, i=2)]
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0), streams=known)
    tell(realtime, delta(4, "请"))
    assert [(f["i"], f["text"]) for f in screen.frames if f["t"] == "stream.delta"] == [(3, ","), (4, "请")]


async def test_who_comes_late_gets_the_stream_from_its_start(realtime: Realtime) -> None:
    tell(realtime, opened(), delta(1, "您"), delta(2, "好"))
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    tell(realtime, delta(3, "!"))
    assert screen.kinds()[1] == "stream.open"
    assert screen.text() == "您好!"


async def test_text_of_two_attempts_never_meets(realtime: Realtime) -> None:
    tell(realtime, opened(), delta(1, "旧的"))
    stays, returns = Screen(), Screen()
    await realtime.watch(CONVERSATION, stays)
    tell(realtime, StreamReset("strm_1", 11, "node_lost"), delta(1, "新", 11), delta(2, "的", 11))
    known = [StreamPosition(id="strm_1", attempt=1, i=1)]
    await realtime.watch(CONVERSATION, returns, position=Position(epoch=EPOCH, seq=0), streams=known)
    assert stays.text() == "新的"
    assert returns.text() == "新的"
    assert "stream.reset" in returns.kinds()


async def test_a_stream_that_ended_meanwhile_is_ended_for_who_comes_back(realtime: Realtime) -> None:
    keeper, screen = Screen(), Screen()
    await realtime.watch(CONVERSATION, keeper)
    ended = StreamEnded(CONVERSATION.id, "strm_1", 1, 2, 2, "msg_2", "ab")
    tell(realtime, opened(), delta(1, "您"), delta(2, "好"), ended)
    known = [StreamPosition(id="strm_1", attempt=1, i=1)]
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0), streams=known)
    assert screen.kinds()[1:] == ["stream.delta", "stream.end"]


async def test_a_stream_that_ended_is_not_replayed_to_who_never_saw_it(realtime: Realtime) -> None:
    keeper, screen = Screen(), Screen()
    await realtime.watch(CONVERSATION, keeper)
    tell(realtime, opened(), delta(1, "您"), TurnEnded(CONVERSATION.id, "turn_1", "superseded"))
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    assert screen.kinds() == ["resumed"]


async def test_after_a_human_took_over_a_late_piece_is_not_shown(realtime: Realtime) -> None:
    screen = Screen()
    await realtime.watch(CONVERSATION, screen)
    tell(realtime, opened(), delta(1, "您"))
    taken = msgspec.structs.replace(CONVERSATION, status="open", ownership_epoch=2)
    realtime.heard(CONVERSATION.id, ConversationChanged(taken))
    realtime.heard(CONVERSATION.id, delta(2, "好"))
    assert screen.text() == "您"


async def test_a_closed_watch_hears_nothing_and_an_idle_feed_is_forgotten(history: History, realtime: Realtime) -> None:
    screen = Screen()
    watch = await realtime.watch(CONVERSATION, screen)
    watch.close()
    watch.close()
    commit(history, realtime)
    assert screen.frames == []
    assert realtime.feeds == 0


class Overwhelmed(Screen):
    """Leaves when it is told of more than one thing, as a socket does whose client does not read."""

    watch: Watch | None = None

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        super().deliver(frame, event)
        if self.watch is not None and len(self.frames) > 1:
            self.watch.close()


async def test_who_is_cut_while_a_message_is_told_takes_it_from_nobody_else(
    history: History, realtime: Realtime
) -> None:
    before, slow, after = Screen(), Overwhelmed(), Screen()
    await realtime.watch(CONVERSATION, before)
    slow.watch = await realtime.watch(CONVERSATION, slow)
    await realtime.watch(CONVERSATION, after)
    for _ in range(4):
        commit(history, realtime)
    for n in range(1, 3):
        realtime.publish("ten_1", CONVERSATION.id, TurnEnded(CONVERSATION.id, f"turn_{n}", "answered"))
    assert slow.seqs() == [1, 2]
    for screen in (before, after):
        assert screen.seqs() == [1, 2, 3, 4]
        assert screen.kinds().count("turn.end") == 2


async def test_a_tenants_list_hears_of_every_conversation_and_of_no_other_tenants(realtime: Realtime) -> None:
    mine, other = Screen(AGENT), Screen(AGENT)
    realtime.watch_tenant("ten_1", mine)
    realtime.watch_tenant("ten_2", other)
    realtime.list_changed(CONVERSATION)
    realtime.conversation_changed(CONVERSATION)
    assert mine.kinds() == ["conv", "conv"]
    assert other.frames == []


async def test_what_a_newcomer_reads_first_is_told_to_those_who_were_there(
    history: History, realtime: Realtime
) -> None:
    """The newcomer finds the first message in the records between its commit and its announcement."""
    early, late = Screen(), Screen(AGENT)
    await realtime.watch(CONVERSATION, early, position=Position(epoch=EPOCH, seq=0))
    message = commit(history, None)
    await realtime.watch(CONVERSATION, late, position=Position(epoch=EPOCH, seq=0))
    realtime.message_posted("ten_1", message)
    commit(history, realtime)
    await until(lambda: len(early.seqs()) > 1 and len(late.seqs()) > 1)
    assert early.seqs() == late.seqs() == [1, 2]


async def test_a_message_that_nobody_announced_leaves_no_hole_before_the_next(
    history: History, realtime: Realtime
) -> None:
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, position=Position(epoch=EPOCH, seq=0))
    commit(history, None)
    commit(history, None)
    realtime.woken(CONVERSATION.id, 2)
    await until(lambda: len(screen.seqs()) > 1)
    commit(history, None)
    commit(history, realtime)
    await until(lambda: len(screen.seqs()) > 3)
    assert screen.seqs() == [1, 2, 3, 4]


async def test_a_stream_that_this_node_learns_of_too_late_goes_on_where_the_client_left(realtime: Realtime) -> None:
    screen = Screen()
    seen = StreamPosition(id="s1", attempt=1, i=2)
    await realtime.watch(CONVERSATION, screen, streams=[seen])
    realtime.heard(CONVERSATION.id, StreamOpened(CONVERSATION.id, "turn_1", "s1", 1))
    for i, text in enumerate(("一", "二", "三"), 1):
        realtime.heard(CONVERSATION.id, StreamDelta("s1", 1, i, text))
    assert (screen.kinds(), screen.text()) == (["stream.delta"], "三")


async def test_a_stream_that_another_process_began_anew_voids_what_the_client_has(realtime: Realtime) -> None:
    screen = Screen()
    await realtime.watch(CONVERSATION, screen, streams=[StreamPosition(id="s1", attempt=1, i=2)])
    realtime.heard(CONVERSATION.id, StreamOpened(CONVERSATION.id, "turn_1", "s1", 11))
    realtime.heard(CONVERSATION.id, StreamDelta("s1", 11, 1, "新"))
    assert (screen.kinds(), screen.text()) == (["stream.reset", "stream.delta"], "新")
