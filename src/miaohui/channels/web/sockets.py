"""All open WebSockets of this process: how many, who is still there, and how they are sent away."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from miaohui.channels import bounds
from miaohui.channels.frames import BEAT, Fault, GoAway
from miaohui.channels.newcomers import Newcomers
from miaohui.kit import aio, metrics
from miaohui.kit.errors import Forbidden, MiaohuiError, Unauthenticated
from miaohui.tenants.errors import TenantSuspended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miaohui.channels.bounds import Bounds
    from miaohui.channels.services import Services
    from miaohui.channels.session import Session
    from miaohui.channels.web.websocket import Socket

DRAIN, REWRITTEN, NO_PONG, BAD_TOKEN, CONNECTION_LIMIT, FORBIDDEN = 4001, 4010, 4012, 4500, 4504, 4507
_SWEEP_SECONDS = 2.0
_VERIFY_SECONDS = 5.0

OPEN = metrics.gauge("miaohui_sockets", "Open WebSockets.")
CUT = metrics.counter("miaohui_sockets_cut_total", "WebSockets closed by the server, by close code.", ("code",))


class Sockets:
    """One sweeper serves them all, so that an idle socket costs no task and no timer of its own."""

    def __init__(self, services: Services, limits: Bounds) -> None:
        self._services = services
        self._bounds = limits
        self._open: set[Socket] = set()
        self._by_principal: Counter[str] = Counter()
        self._sweeper: asyncio.Task[None] | None = None
        self._verified_at = 0.0
        self.draining = False
        self.newcomers = Newcomers("socket", limits, services.clock)
        """How fast visitors are let in."""
        self.most = limits.connections
        """Connections at once; fewer where the process may open few files."""

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Socket]:
        return iter(tuple(self._open))

    def now(self) -> float:
        """Monotonic seconds."""
        return self._services.clock.monotonic()

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._open) >= self.most

    def enter(self, socket: Socket) -> None:
        """A connection was accepted."""
        self._open.add(socket)
        OPEN.set(len(self._open))
        if self._sweeper is None:
            self._sweeper = aio.spawn(self._sweep(), name="door:sweeper")

    def admit(self, key: str) -> bool:
        """Whether this principal may have one more connection; counts it if so."""
        if self._by_principal[key] >= bounds.CONNECTIONS_PER_PRINCIPAL:
            return False
        self._by_principal[key] += 1
        return True

    def leave(self, socket: Socket) -> None:
        """A connection is gone."""
        self._open.discard(socket)
        OPEN.set(len(self._open))
        if key := socket.key:
            self._by_principal[key] -= 1
            if not self._by_principal[key]:
                del self._by_principal[key]

    def announce_drain(self) -> None:
        """Tell everyone to be ready to come back to another process, each after a time of its own choosing."""
        self.draining = True
        for socket in self:
            if socket.session is not None:
                socket.session.tell(GoAway(reason="drain"))

    def begin_anew(self, _epoch: str) -> None:
        """The history is another one: everybody comes back with their position, and learns what holds now."""
        for socket in self:
            if socket.session is not None:
                socket.session.tell(GoAway(reason="rewritten"))
                socket.cut(REWRITTEN, "the history is another one")

    def show_out(self, tenant_id: str) -> None:
        """A company is not served any more; see `Standings.on_shut`."""
        for socket in self:
            if socket.session is not None and socket.session.principal.tenant_id == tenant_id:
                self._show_out(socket, socket.session)

    def _show_out(self, socket: Socket, session: Session) -> None:
        error = TenantSuspended()
        session.tell(Fault(code=error.code, detail=error.detail))
        socket.cut(FORBIDDEN, "the company is not served")

    async def close(self) -> None:
        """Close all with the code that says come back."""
        for socket in self:
            socket.cut(DRAIN, "drain")
        if self._sweeper is not None:
            await aio.stop(self._sweeper)
            self._sweeper = None

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.sweep()
            await self._verify_again()

    def sweep(self) -> None:
        """Beat where it was quiet; cut who did not answer, and whose token has run out."""
        now = self._services.clock.monotonic()
        now_ms = self._services.clock.now_ms()
        quiet_since = now - self._bounds.heartbeat_seconds
        serves = self._services.tenants.standings.serves
        served: dict[str, bool] = {}
        """By tenant: few, and asked about for thousands of sockets in one go."""
        for socket in self:
            session = socket.session
            if session is None:
                continue
            principal = session.principal
            tenant_id, expires_at_ms = principal.tenant_id, principal.expires_at_ms
            if (in_service := served.get(tenant_id)) is None:
                in_service = served[tenant_id] = serves(tenant_id)
            if not in_service:
                self._show_out(socket, session)
            elif expires_at_ms and expires_at_ms <= now_ms:
                socket.cut(BAD_TOKEN, "token expired")
            elif socket.beat_at:
                if now - socket.beat_at > bounds.PONG_SECONDS:
                    socket.cut(NO_PONG, "no answer to the heartbeat")
            elif socket.sent_at <= quiet_since:
                socket.beat_at = now
                session.deliver(BEAT, None)

    async def _verify_again(self) -> None:
        """Agents and keys may lose their right while connected; a cached check of each is cheap."""
        now = self._services.clock.monotonic()
        if now - self._verified_at < _VERIFY_SECONDS:
            return
        self._verified_at = now
        for socket in self:
            if socket.token:
                try:
                    await self._services.identity.verify(socket.token)
                except (Unauthenticated, Forbidden):
                    socket.cut(FORBIDDEN, "no longer allowed")
                except MiaohuiError:
                    continue
