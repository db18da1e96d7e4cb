"""One client at a door, whatever the door: what it follows, what waits to go out, and what its frames do.

WebSocket, server-sent events and long poll are encoders around this one state machine. A session owns no task while
nothing happens: `deliver` puts a frame into a bounded queue and tells the door once; sends are committed one after the
other by a task that ends when there are none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import msgspec

from miaohui.channels import bounds, policy
from miaohui.channels.frames import (
    Ack,
    Cancel,
    Fault,
    Feed,
    Nack,
    Resume,
    Seen,
    Send,
    ServerFrame,
    StreamSeen,
    Typing,
    Unwatch,
    Watch,
    format_frame,
)
from miaohui.channels.outgoing import Outgoing
from miaohui.conversations.types import Message, Position
from miaohui.kit import aio
from miaohui.kit.errors import Forbidden, MiaohuiError, NotFound, Throttled, Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import Typing as TypingEvent
from miaohui.realtime.types import StreamPosition
from miaohui.turns.types import Send as TurnSend

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.channels.bounds import Bounds
    from miaohui.channels.services import Services
    from miaohui.conversations.types import Conversation
    from miaohui.identity.types import Principal
    from miaohui.realtime.events import AnyEvent
    from miaohui.realtime.service import Watch as Watching

SLOW_CONSUMER = 4008
_log = get_log(__name__)


Request: TypeAlias = Seen | Cancel | Typing | Watch | Unwatch | Feed | Resume


class Door(Protocol):
    """The transport around a session."""

    def put(self, frame: bytes) -> bool:
        """Write a frame at once, when nothing waits before it; False when it must wait as well."""
        ...

    def wake(self) -> None:
        """Something waits in `session.outgoing`."""
        ...

    def cut(self, code: int, reason: str) -> None:
        """End the connection; the codes are those of the delivery contract."""
        ...


class Session:
    """See the module. Implements `realtime`'s Watcher."""

    __slots__ = (
        "_asked",
        "_catching_up",
        "_door",
        "_owned",
        "_pending",
        "_room",
        "_services",
        "_then",
        "_watches",
        "closed",
        "outgoing",
        "principal",
    )

    def __init__(self, services: Services, principal: Principal, door: Door, limits: Bounds) -> None:
        self.principal = principal
        self.outgoing = Outgoing(limits)
        self.closed = False
        self._services = services
        self._door = door
        self._watches: dict[str, Watching] = {}
        self._owned: dict[str, Conversation] = {}
        """A visitor's own, once looked up."""
        self._asked: deque[Request] | None = None
        self._pending: deque[Send] | None = None
        self._catching_up = 0
        self._room: asyncio.Future[None] | None = None
        self._then: Callable[[], None] | None = None

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        """Queue a frame for the client; a client that does not keep up is cut and resumes later."""
        if self.closed or (not self.outgoing.waits and self._door.put(frame)):
            return
        if self.outgoing.push(frame, event, times=bounds.CATCH_UP if self._catching_up else 1):
            self._door.wake()
        else:
            self._door.cut(SLOW_CONSUMER, "slow consumer")

    async def room(self) -> None:
        """Return when another page of a catch-up fits, or when the client is gone."""
        while not self.closed and not self.outgoing.roomy:
            if self._room is None:
                self._room = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._room)

    def take(self) -> tuple[bytes, Any]:
        """The next frame to write."""
        taken = self.outgoing.pop()
        if self._room is not None and self.outgoing.roomy:
            self._make_room()
        return taken

    def tell(self, frame: ServerFrame) -> None:
        """Queue a frame of the door's own."""
        self.deliver(format_frame(frame), None)

    async def check_reads(self, conversation_id: str) -> Conversation:
        """The conversation, if it is the principal's to read. Raises `NotFound`, `Forbidden`."""
        policy.check_reads_conversation(self.principal)
        return await self._services.conversations.access(self.principal, conversation_id)

    async def follow(self, resume: Resume | Watch) -> None:
        """Follow a conversation from where the client has read.

        Raises `NotFound`, `Forbidden`, `Throttled`.
        """
        conversation = await self.check_reads(resume.conv)
        await self._watch(conversation, Position(epoch=resume.epoch, seq=resume.seq), resume.streams)

    async def follow_from_now(self, conversation: Conversation) -> None:
        """Follow a conversation that the principal is known to own, without what was before."""
        self._watches[conversation.id] = await self._services.realtime.watch(conversation, self)

    def ask(self, frame: Request) -> None:
        """Do what a frame asks, after what was asked before it; what goes wrong is told in an `error` frame.

        Reading goes on meanwhile: a long catch-up must not keep a heartbeat from being heard.
        """
        if self._asked is None:
            self._asked = deque((frame,))
            aio.launch(self._obey_asked(), name="door:asked")
        elif len(self._asked) >= bounds.PENDING_REQUESTS:
            self.tell(Fault(code="overloaded", detail="Too much was asked at once.", conv=getattr(frame, "conv", "")))
        else:
            self._asked.append(frame)

    def when_idle(self, then: Callable[[], None]) -> None:
        """Call back once everything that was asked for is done."""
        if self._asked is None:
            then()
        else:
            self._then = then

    def submit(self, send: Send) -> None:
        """Commit a message after those sent before it; ack or nack follows in the same order.

        Reading goes on meanwhile, up to `bounds.PENDING_SENDS` messages.
        """
        if self._pending is None:
            self._pending = deque((send,))
            aio.launch(self._commit_pending(), name="door:sends")
        elif len(self._pending) >= bounds.PENDING_SENDS:
            self.tell(Nack(cmid=send.cmid, code="overloaded", retryable=True, retry_after_ms=1000))
        else:
            self._pending.append(send)

    def close(self) -> None:
        """Follow nothing any longer. Sends that were taken are still committed; their acks go nowhere."""
        self.closed = True
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()
        self.outgoing.clear()
        self._make_room()

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    async def _obey_asked(self) -> None:
        try:
            while self._asked and not self.closed:
                await self._try(self._asked[0])
                self._asked.popleft()
        finally:
            self._asked = None
            then, self._then = self._then, None
            if then is not None:
                then()

    async def _try(self, frame: Request) -> None:
        try:
            await self._obey(frame)
        except MiaohuiError as error:
            self.tell(Fault(code=error.code, detail=error.detail, conv=getattr(frame, "conv", "")))
        except Exception as error:  # noqa: BLE001  a fault of ours is told, and what was asked next still happens
            _log.error("door.request_failed", exc_info=error)
            self.tell(
                Fault(code="internal", detail="Something went wrong on our side.", conv=getattr(frame, "conv", ""))
            )

    async def _obey(self, frame: Request) -> None:
        if isinstance(frame, Resume):
            await self.follow(frame)
            return
        await self._obey_frame(frame)

    async def _obey_frame(self, frame: Seen | Cancel | Typing | Watch | Unwatch | Feed) -> None:
        match frame:
            case Watch():
                await self.follow(frame)
            case Unwatch():
                if watch := self._watches.pop(frame.conv, None):
                    watch.close()
            case Seen():
                policy.check_writes_conversation(self.principal)
                conversation = await self._services.conversations.access(self.principal, frame.conv)
                await self._services.conversations.mark_seen(conversation, self.principal, frame.seq)
            case Cancel():
                policy.check_writes_conversation(self.principal)
                await self._services.turns.cancel(self.principal, frame.turn)
            case Typing():
                await self._type(frame)
            case Feed():
                self._feed(on=frame.on)

    async def _type(self, frame: Typing) -> None:
        if frame.conv in self._watches:
            typing = TypingEvent(conv=frame.conv, who=self.principal.kind, on=frame.on)
            self._services.realtime.publish(self.principal.tenant_id, frame.conv, typing)

    def _feed(self, *, on: bool) -> None:
        watch = self._watches.pop("", None)
        if watch is not None:
            watch.close()
        if on:
            if self.principal.kind == "visitor":
                raise Forbidden("The feed is for agents.", code="agents_only")
            policy.check_right(self.principal, "conversations:read")
            self._watches[""] = self._services.realtime.watch_tenant(self.principal.tenant_id, self)

    async def _watch(self, conversation: Conversation, position: Position, streams: tuple[StreamSeen, ...]) -> None:
        if (old := self._watches.pop(conversation.id, None)) is not None:
            old.close()
        elif len(self._watches) >= bounds.WATCHES:
            raise Throttled("One connection follows so many conversations at most. Unwatch one.", code="watch_limit")
        known = tuple(StreamPosition(id=stream.id, attempt=stream.attempt, i=stream.i) for stream in streams)
        self._catching_up += 1
        try:
            watch = await self._services.realtime.watch(conversation, self, position=position, streams=known)
            await self.room()
        finally:
            self._catching_up -= 1
        if self.closed:
            watch.close()
        else:
            self._watches[conversation.id] = watch

    async def _commit_pending(self) -> None:
        try:
            while self._pending:
                self.tell(await self._commit(self._pending[0]))
                self._pending.popleft()
        finally:
            self._pending = None

    async def _commit(self, send: Send) -> Ack | Nack:
        try:
            conversation = await self._conversation_for(send)
            return await self._say(conversation, send)
        except MiaohuiError as error:
            return nack(send.cmid, error)
        except Exception as error:  # noqa: BLE001  a fault of ours must not leave the sender without an answer
            _log.error("door.send_failed", exc_info=error)
            return nack(send.cmid, Unavailable("Something went wrong on our side. Send it again.", code="internal"))

    async def _conversation_for(self, send: Send) -> Conversation:
        """The one that is named, or the new one that this message begins; a visitor then follows it."""
        if send.conv:
            policy.check_writes_conversation(self.principal)
            if send.conv in self._owned:
                return self._owned[send.conv]
            conversation = await self._services.conversations.access(self.principal, send.conv)
            if self.principal.kind == "visitor":
                self._remember(conversation)
            return conversation
        conversation = await begin(self._services, self.principal, send.cmid)
        if conversation.id not in self._watches:
            await self._watch(conversation, Position(epoch=self._services.database.epoch, seq=0), ())
        return conversation

    def _remember(self, conversation: Conversation) -> None:
        """Whose it is never changes; the little that does, the committing transaction reads for itself."""
        if len(self._owned) >= bounds.WATCHES:
            self._owned.clear()
        self._owned[conversation.id] = conversation

    async def _say(self, conversation: Conversation, send: Send) -> Ack:
        spoken = await say(self._services, self.principal, conversation, send)
        return Ack(
            cmid=send.cmid,
            msg=spoken.message.id,
            seq=spoken.message.seq,
            conv=conversation.id,
            turn=spoken.turn_id,
            dup=spoken.dup,
        )


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is durable now."""

    message: Message
    turn_id: str
    dup: bool


async def begin(services: Services, principal: Principal, cmid: str) -> Conversation:
    """The conversation that a visitor's first message begins; a retry of that message finds the same one."""
    if principal.kind != "visitor":
        raise Forbidden("Only a visitor begins a conversation this way. Name one.", code="visitors_only")
    conversation_id = policy.first_conversation_id(principal, cmid)
    with suppress(NotFound):
        return await services.conversations.access(principal, conversation_id)
    contact = await services.contacts.access(principal.tenant_id, principal.id)
    try:
        return await services.conversations.start(contact, conversation_id=conversation_id)
    except MiaohuiError:
        raise
    except Exception:  # noqa: BLE001  each database has its own error for a key that exists: another retry was first
        return await services.conversations.access(principal, conversation_id)


async def say(
    services: Services, principal: Principal, conversation: Conversation, send: Send, *, original: str = ""
) -> Spoken:
    """Store what a visitor or an agent says. Raises what refuses it, before anything is stored.

    `original` is what an agent wrote, where the words are a translation of it.
    """
    if principal.kind == "visitor":
        if send.body.type != "text":
            raise Forbidden("Notes are for agents.", code="agents_only")
        if original:
            raise Forbidden("Only agents' words are translated.", code="agents_only")
        accepted = await services.turns.accept(principal, conversation, TurnSend(cmid=send.cmid, text=send.body.text))
        return Spoken(message=accepted.message, turn_id=accepted.turn.id, dup=accepted.dup)
    policy.check_person(principal)
    handing, text = services.desk.handing, send.body.text
    if send.body.type == "note":
        message, dup = await handing.note(conversation, principal, text, send.cmid)
    else:
        message, dup = await handing.say(conversation, principal, text, send.cmid, original)
    return Spoken(message=message, turn_id="", dup=dup)


def nack(cmid: str, error: MiaohuiError) -> Nack:
    """What tells a sender that nothing was stored."""
    return Nack(
        cmid=cmid,
        code=error.code,
        retryable=error.retryable,
        retry_after_ms=int((error.retry_after_s or (1 if error.retryable else 0)) * 1000),
        detail=error.detail,
    )
