"""The delivery contract as server-sent events, and as long poll: the fallback of all fallbacks.

Both carry the frames of the WebSocket. `id:` of an event, and `cursor` of a poll, is the position to come back with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from miaohui.channels.cursor import Cursor, format_cursor, parse_cursor
from miaohui.channels.web.mailbox import Mailbox
from miaohui.channels.web.query import read_count, read_text

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.newcomers import Newcomers
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal

HEARTBEAT_SECONDS = 15.0
LONGEST_WAIT_SECONDS = 25
_CATCH_UP_SECONDS = 5.0
"""For what was missed; however short a poll is, it tells that."""
_GATHER_SECONDS = 0.03
"""After the first frame of a poll: what comes this soon after it goes into the same answer."""
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Streams:
    """`GET /v1/conversations/{id}/stream` and `…/events`."""

    def __init__(self, services: Services, limits: Bounds, entrance: Entrance, newcomers: Newcomers) -> None:
        self._services = services
        self._bounds = limits
        self._entrance = entrance
        self._newcomers = newcomers
        self._open: set[Mailbox] = set()

    async def stream(self, request: Request) -> Response:
        """Events until the client leaves; `Last-Event-ID` resumes."""
        principal = await self._entrance.principal(request)
        cursor = parse_cursor(request.headers.get("last-event-id", "") or read_text(request, "cursor"))
        ticket = await self._newcomers.check() if principal.kind == "visitor" else 0
        mailbox = self._mailbox(principal)
        conversation_id = request.path_params["conversation_id"]
        try:
            await mailbox.session.check_reads(conversation_id)
        except BaseException:
            self._newcomers.greeted(ticket)
            raise
        events = self._events(mailbox, conversation_id, cursor, ticket)
        return StreamingResponse(events, media_type="text/event-stream", headers=_STREAM_HEADERS)

    async def poll(self, request: Request) -> Response:
        """What came after the position, as soon as there is something, at the latest after `wait` seconds."""
        if "text/event-stream" in request.headers.get("accept", "").lower():
            return await self.stream(request)
        principal = await self._entrance.principal(request)
        cursor = _polled_from(request)
        wait = read_count(request, "wait", default=LONGEST_WAIT_SECONDS, most=LONGEST_WAIT_SECONDS)
        mailbox = self._mailbox(principal)
        conversation_id = request.path_params["conversation_id"]
        await mailbox.session.check_reads(conversation_id)
        frames = await self._gather(mailbox, conversation_id, cursor, wait)
        return _polled(frames, cursor)

    def close(self) -> None:
        """End all streams and polls; clients come back with their position."""
        for mailbox in tuple(self._open):
            mailbox.cut(4001, "drain")

    def show_out(self, tenant_id: str) -> None:
        """A company is told nothing further; see `Standings.on_shut`."""
        for mailbox in tuple(self._open):
            if mailbox.session.principal.tenant_id == tenant_id:
                mailbox.cut(4507, "the company is not served")
                mailbox.session.close()

    def begin_anew(self, _epoch: str) -> None:
        """The history is another one; see `Sockets.begin_anew`."""
        for mailbox in tuple(self._open):
            mailbox.cut(4010, "the history is another one")
            mailbox.session.close()

    def _mailbox(self, principal: Principal) -> Mailbox:
        return Mailbox(self._services, principal, self._bounds)

    async def _events(
        self, mailbox: Mailbox, conversation_id: str, cursor: Cursor, ticket: int
    ) -> AsyncIterator[bytes]:
        self._open.add(mailbox)
        try:
            yield b"retry: 2000\n\n"
            async with mailbox.following(conversation_id, cursor):
                while True:
                    if not await mailbox.wait(HEARTBEAT_SECONDS):
                        yield b": hb\n\n"
                    self._newcomers.greeted(ticket)
                    for frame, event in mailbox.take_all():
                        cursor.advance(frame, event)
                        yield b"id: %b\ndata: %b\n\n" % (format_cursor(cursor).encode(), frame)
                    if mailbox.cut_off:
                        yield b'data: {"t":"goaway","reason":"resume","reconnect_in_ms":[0,2000]}\n\n'
                        return
        finally:
            self._newcomers.greeted(ticket)
            self._open.discard(mailbox)

    async def _gather(self, mailbox: Mailbox, conversation_id: str, cursor: Cursor, wait: float) -> list[bytes]:
        clock = self._services.clock
        due = clock.monotonic() + wait
        frames: list[bytes] = []
        told = False

        def patience() -> float:
            if not frames or cursor.seq < cursor.promised:
                return _CATCH_UP_SECONDS
            return _GATHER_SECONDS if told else max(0.0, due - clock.monotonic())

        self._open.add(mailbox)
        try:
            async with mailbox.following(conversation_id, cursor):
                while not mailbox.cut_off and await mailbox.wait(patience()):
                    for frame, event in mailbox.take_all():
                        cursor.advance(frame, event)
                        frames.append(frame)
                        told = told or event is not None or b'"snapshot"' in frame
                    if len(frames) >= self._bounds.queue_frames:
                        break
                mailbox.session.close()  # before anything else can happen: that is for the next poll to tell
        finally:
            self._open.discard(mailbox)
        return frames


def _polled_from(request: Request) -> Cursor:
    if text := read_text(request, "cursor"):
        return parse_cursor(text)
    return Cursor(epoch=read_text(request, "epoch")[:64], seq=read_count(request, "after", default=0, most=2**53))


def _polled(frames: list[bytes], cursor: Cursor) -> Response:
    rest = msgspec.json.encode({"epoch": cursor.epoch, "seq": cursor.seq, "cursor": format_cursor(cursor)})
    body = b'{"data":[%b],%b' % (b",".join(frames), rest[1:])
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})
