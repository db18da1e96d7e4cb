"""`/v1/ws`: the delivery contract over a WebSocket. Plain ASGI, because 12,000 of them stand open at once.

Close codes: 40xx say come back (4001 drain, 4008 slow consumer, 4010 another history, 4012 no answer to a heartbeat,
4013 too many frames, or too many newcomers: the `goaway` before it says when), 45xx say do not (4500 bad token, 4501
bad frame, 4502 no hello, 4504 too many connections, 4507 forbidden).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from miaohui.channels import bounds, policy
from miaohui.channels.frames import (
    PROTOCOL,
    AnyClientFrame,
    Fault,
    GoAway,
    Heartbeat,
    Hello,
    Limits,
    Send,
    Welcome,
    format_frame,
    parse_frame,
)
from miaohui.channels.newcomers import Wait
from miaohui.channels.problem import refuse_socket, respond
from miaohui.channels.session import Session
from miaohui.channels.web.sockets import BAD_TOKEN, CONNECTION_LIMIT, CUT, DRAIN, FORBIDDEN, Sockets
from miaohui.kit import aio, crash
from miaohui.kit.errors import Forbidden, MiaohuiError, Unauthenticated, Unavailable, Unreadable
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope
    from starlette.types import Send as AsgiSend

    from miaohui.channels.bounds import Bounds
    from miaohui.channels.protocols import MiaohuiWebSocket
    from miaohui.channels.services import Services
    from miaohui.channels.session import Request
    from miaohui.identity.types import Principal

Reader: TypeAlias = "Callable[[Socket, str], bool]"
AnyRequest: TypeAlias = "Send | Heartbeat | Request"

SERVER_ERROR, RATE, BAD_FRAME, NO_HELLO = 4004, 4013, 4501, 4502
_CLOSE_SECONDS = 8.0
_DRAINING = Unavailable("This server is being stopped. Try again.", code="draining", retry_after_s=1.0)
_ACK = b'{"t":"ack"'
RECEIVED = crash.point("send.received", "a send was read from the socket, nothing was checked")
ACKED = crash.point("send.acked", "the ack was given to the socket")


class Socket:
    """One WebSocket. Small: thousands of these are idle."""

    __slots__ = ("_closer", "_flushing", "_sockets", "_wire", "_write", "allowance", "beat_at", "checked_at", "key",
                 "reader", "sent_at", "session", "token")  # fmt: skip

    def __init__(self, sockets: Sockets, write: AsgiSend, wire: MiaohuiWebSocket | None, now: float) -> None:
        self.session: Session | None = None
        self.key = ""
        """Tenant and principal, once counted."""
        self.token = ""
        """Kept where the right may be withdrawn meanwhile: agents and keys."""
        self.sent_at = now
        self.beat_at = 0.0
        """When a heartbeat was sent that has no answer yet; else 0."""
        self.checked_at = now
        self.allowance = bounds.FRAME_BURST
        self._sockets = sockets
        self._write = write
        self._wire = wire
        """The transport itself, when uvicorn serves; else frames go out by ASGI alone."""
        if wire is not None:
            wire.on_beat, wire.on_text = self.beaten, self.take
        self.reader: Reader | None = None
        """What to do with a text while the reading task has nothing to do; it then need not be woken."""
        self._flushing = False
        self._closer: asyncio.Task[None] | None = None

    def settle(self, scope: Scope) -> None:
        """Let go of what only the beginning needed; an idle socket keeps its scope."""
        scope["headers"] = []
        if self._wire is not None:
            self._wire.settle()

    def put(self, frame: bytes) -> bool:
        """Write a frame at once, where the transport takes it; only when nothing waits before it."""
        if self._wire is None or self._flushing or self._closer is not None or not self._wire.write_text(frame):
            return False
        self._note_sent(frame)
        return True

    def wake(self) -> None:
        """Write what waits: at once where the transport takes it, else by a task that waits for the client."""
        session = self.session
        if self._flushing or self._closer is not None:
            return
        if self._wire is not None and session is not None:
            self._write_now(session, self._wire)
        if session is None or session.outgoing:
            self._flushing = True
            aio.launch(self._flush(), name="door:flush")

    def cut(self, code: int, reason: str) -> None:
        """Close with a code. What waits is dropped: the client resumes."""
        if self._closer is not None:
            return
        CUT.labels(code).inc()
        if self.session is not None:
            self.session.close()
        self._closer = aio.spawn(self._close(code, reason), name="door:close")

    async def end(self) -> None:
        """Wait until the close frame is out; a socket that nobody cut was closed by its client."""
        self.cut(1000, "")
        if self._closer is not None:
            await self._closer

    def heard(self, now: float) -> bool:
        """A frame came in. False when there are too many."""
        self.beat_at = 0.0
        self.allowance = min(bounds.FRAME_BURST, self.allowance + (now - self.checked_at) * bounds.FRAMES_PER_SECOND)
        self.checked_at = now
        self.allowance -= 1
        return self.allowance >= 0

    def beaten(self) -> None:
        """The client answered a heartbeat; too many answers are too many frames."""
        if not self.heard(self._sockets.now()):
            self.cut(RATE, "too many frames")

    def take(self, text: str) -> bool:
        """A text came in. False: it is one for the reading task."""
        return self.reader is not None and self._closer is None and self.reader(self, text)

    def _write_now(self, session: Session, wire: MiaohuiWebSocket) -> None:
        outgoing = session.outgoing
        while outgoing and wire.write_text(outgoing.first):
            frame, _ = session.take()
            self._note_sent(frame)

    def _note_sent(self, frame: bytes) -> None:
        self.sent_at = self._sockets.now()
        if frame.startswith(_ACK):
            ACKED()

    async def say(self, text: bytes) -> None:
        """Write a frame past the queue, before there is a session."""
        await self._write({"type": "websocket.send", "text": text.decode()})

    async def _flush(self) -> None:
        session = self.session
        try:
            while session is not None and session.outgoing:
                frame, _ = session.take()
                await self._write({"type": "websocket.send", "text": frame.decode()})
                self._note_sent(frame)
        except (OSError, RuntimeError):
            if session is not None:
                session.close()  # the peer is gone; the reader notices and cleans up
        finally:
            self._flushing = False

    async def _close(self, code: int, reason: str) -> None:
        """Let the close frame out; who does not even read that is disconnected."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._write({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            if self._wire is not None:
                self._wire.drop()
        except (OSError, RuntimeError):
            return


class WebSocketDoor:
    """The ASGI application at `/v1/ws`."""

    def __init__(self, services: Services, limits: Bounds, sockets: Sockets) -> None:
        self._services = services
        self._bounds = limits
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        """Serve one socket to its end."""
        if (await receive())["type"] != "websocket.connect":
            return
        if self._sockets.draining and await refuse_socket(scope, send, respond(_DRAINING, scope)):
            return  # a proxy asks the next node at once; a socket once accepted would have to come back by itself
        await send({"type": "websocket.accept", "subprotocol": _subprotocol(scope), "headers": []})
        wire = scope.get("extensions", {}).get("miaohui.socket")
        socket = Socket(self._sockets, send, wire, self._services.clock.monotonic())
        try:
            if self._sockets.draining:
                socket.cut(DRAIN, "drain")
            elif self._sockets.full:
                socket.cut(CONNECTION_LIMIT, "too many connections")
            else:
                self._sockets.enter(socket)
                await self._serve(socket, scope, receive)
        finally:
            self._sockets.leave(socket)
            await socket.end()

    async def _serve(self, socket: Socket, scope: Scope, receive: Receive) -> None:
        if await self._hear_hello(socket, scope, receive):
            await self._read(socket, receive)

    async def _hear_hello(self, socket: Socket, scope: Scope, receive: Receive) -> bool:
        """Whether the first frame is one that lets its sender in; nothing of it is held when this returns."""
        try:
            async with asyncio.timeout(self._bounds.hello_seconds):
                text = await self._receive(socket, receive)
        except TimeoutError:
            socket.cut(NO_HELLO, "no hello in time")
            return False
        if text is None:
            return False
        frame = self._parse(socket, text)
        if frame is None:
            return False
        if not isinstance(frame, Hello):
            socket.cut(NO_HELLO, "the first frame is hello")
            return False
        origin, host = _header(scope, b"origin"), _header(scope, b"host")
        socket.settle(scope)
        return await self._greet(socket, frame, origin, host)

    async def _greet(self, socket: Socket, hello: Hello, origin: str, host: str) -> bool:
        newcomers = self._sockets.newcomers
        ticket: int | Wait = 0
        try:
            principal = await self._services.identity.verify(hello.token)
            if principal.kind == "visitor" and isinstance(ticket := await newcomers.let_in(), Wait):
                await socket.say(format_frame(GoAway(reason="crowded", reconnect_in_ms=ticket.milliseconds)))
                socket.cut(RATE, "many are coming, come back a little later")
                return False
            if not await self._may_come_from(principal, origin, host):
                socket.cut(FORBIDDEN, "this origin is not allowed")
                return False
            await self._seat(socket, principal, hello)
        except Unauthenticated:
            socket.cut(BAD_TOKEN, "the token does not hold")
            return False
        except MiaohuiError as error:
            await socket.say(format_frame(Fault(code=error.code, detail=error.detail)))
            socket.cut(FORBIDDEN if isinstance(error, Forbidden) else SERVER_ERROR, error.code)
            return False
        finally:
            if isinstance(ticket, int) and ticket:
                newcomers.greeted_after(ticket, socket.session)
        return socket.session is not None

    async def _seat(self, socket: Socket, principal: Principal, hello: Hello) -> None:
        if not self._sockets.admit(key := f"{principal.tenant_id} {principal.key}"):
            socket.cut(CONNECTION_LIMIT, "too many connections of one principal")
            return
        socket.key = key
        socket.session = Session(self._services, principal, socket, self._bounds)
        socket.token = "" if principal.kind == "visitor" else hello.token
        await self._welcome(socket.session, hello)

    async def _may_come_from(self, principal: Principal, origin: str, host: str) -> bool:
        if principal.kind == "visitor":
            inbox = await self._services.inboxes.get(principal.tenant_id, principal.inbox_id)
            return policy.origin_allowed(origin, inbox) or policy.same_host(origin, host)
        return policy.same_host(origin, host)

    async def _welcome(self, session: Session, hello: Hello) -> None:
        principal = session.principal
        latest = ""
        if principal.kind == "visitor" and not hello.resume:
            found = await self._services.conversations.latest_for(principal.tenant_id, principal.id)
            latest = found.id if found else ""
        session.tell(
            Welcome(
                sid=new_id("sess"),
                hb=int(self._bounds.heartbeat_seconds),
                limits=Limits(msg=self._bounds.message_chars, rate=f"{self._bounds.visitor_messages_per_minute}/min"),
                now=self._services.clock.now_ms(),
                conv=latest,
            )
        )
        for resume in hello.resume:
            session.ask(resume)

    async def _read(self, socket: Socket, receive: Receive) -> None:
        while True:
            socket.reader = self._read_at_once
            text = await self._receive(socket, receive)
            socket.reader = None
            if text is None:
                return
            if not socket.heard(self._services.clock.monotonic()):
                socket.cut(RATE, "too many frames")
                return
            frame = self._parse(socket, text)
            if frame is None:
                return
            await self._follow_frame(socket, frame)

    def _read_at_once(self, socket: Socket, text: str) -> bool:
        """Nearly every frame; one that cannot be read, or must be waited for, is left to the reading task."""
        if len(text) > self._bounds.frame_bytes or socket.session is None:
            return False
        try:
            frame = parse_frame(text)
        except Unreadable:
            return False
        if isinstance(frame, Hello) or not socket.heard(self._services.clock.monotonic()):
            return False
        self._follow(socket.session, frame)
        return True

    async def _follow_frame(self, socket: Socket, frame: AnyClientFrame) -> None:
        session = socket.session
        if session is None:
            return
        if isinstance(frame, Hello):
            await self._renew(socket, session, frame)
        else:
            self._follow(session, frame)

    def _follow(self, session: Session, frame: AnyRequest) -> None:
        match frame:
            case Send():
                RECEIVED()
                session.submit(frame)
            case Heartbeat():
                pass
            case _:
                session.ask(frame)

    async def _renew(self, socket: Socket, session: Session, hello: Hello) -> None:
        """A fresh token of the same principal; anybody else's is not let in by this way."""
        try:
            principal = await self._services.identity.verify(hello.token)
        except MiaohuiError:
            socket.cut(BAD_TOKEN, "the token does not hold")
            return
        if (principal.tenant_id, principal.key) != (session.principal.tenant_id, session.principal.key):
            socket.cut(BAD_TOKEN, "the token is another principal's")
            return
        session.principal = principal
        socket.token = socket.token and hello.token
        await self._welcome(session, hello)

    async def _receive(self, socket: Socket, receive: Receive) -> str | None:
        """The text of the next message; None when the socket is closed, or closing because of this message."""
        message = await receive()
        if message["type"] != "websocket.receive":
            return None
        text: str | None = message.get("text")
        if text is None or len(text) > self._bounds.frame_bytes:
            socket.cut(BAD_FRAME, "frames are text, and not larger than the limit")
            return None
        return text

    def _parse(self, socket: Socket, text: str) -> AnyClientFrame | None:
        try:
            return parse_frame(text)
        except Unreadable as error:
            reason = error.errors[0].detail if error.errors else error.detail
            socket.cut(BAD_FRAME, reason.encode()[:120].decode(errors="ignore"))
            return None


def _subprotocol(scope: Scope) -> str | None:
    return PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
