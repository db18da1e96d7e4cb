"""Robots of a tenant, and telling them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.channels.robots import repository
from miaohui.channels.robots.policy import MAILTO, call_of, check_reader, error_of, words
from miaohui.channels.robots.types import Alert, Robot
from miaohui.kit import metrics
from miaohui.kit.addresses import check_url
from miaohui.kit.aio import launch
from miaohui.kit.cache import Cache
from miaohui.kit.errors import Conflict, MiaohuiError, NotFound
from miaohui.kit.fetch import Ask
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.conversations.types import Conversation
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.fetch import Fetcher
    from miaohui.kit.sealed import Seal

MOST = 10
"""Robots of one tenant."""
A_MINUTE = 18
"""Calls of one robot; each vendor allows twenty."""
_CACHED_S = 10.0

ALERTS = metrics.counter("miaohui_alerts_total", "Alerts told to groups.", ("kind", "outcome"))
_log = get_log(__name__)


class Letters(Protocol):
    """What sends a notice by e-mail."""

    async def notify(self, tenant_id: str, to: str, words: str, locale: str) -> str:
        """Why it was not sent; empty when it was."""
        ...


class Robots:
    """All tenants' robots."""

    def __init__(self, database: Database, clock: Clock, seal: Seal, fetcher: Fetcher, *, allow_private: bool) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._fetcher = fetcher
        self._allow_private = allow_private
        self._cached: Cache[str, list[Robot]] = Cache(clock, size=10_000, seconds=_CACHED_S)
        self._letters: Letters | None = None
        self.serves: Callable[[str], bool] = lambda _tenant_id: True
        """Of who is not served nobody is told anything."""
        self._said: Cache[tuple[str, int], int] = Cache(clock, size=1_000, seconds=60)

    def write_by(self, letters: Letters) -> None:
        """From now on `mail` is possible."""
        self._letters = letters

    # A company's own

    async def list_(self, tenant_id: str) -> list[Robot]:
        """All of a tenant."""
        robots = self._cached.get(tenant_id)
        if robots is None:
            robots = [self._open(one) for one in await repository.list_(self._database, tenant_id)]
            self._cached.put(tenant_id, robots)
        return robots

    async def add(self, robot: Robot) -> None:
        """Raises `Invalid` (address), `Conflict` when there are too many."""
        if robot.kind == "mail":
            check_reader(robot.url)
        else:
            check_url(robot.url, allow_private=self._allow_private)
        if len(await repository.list_(self._database, robot.tenant_id)) >= MOST:
            raise Conflict(f"A company has at most {MOST} robots.", code="robot_limit")
        sealed = repository.SealedRobot(
            id=robot.id,
            tenant_id=robot.tenant_id,
            kind=robot.kind,
            name=robot.name,
            sealed=self._seal.seal(msgspec.json.encode(robot), f"robot:{robot.id}"),
            codes=",".join(robot.codes),
            created_at_ms=robot.created_at_ms,
        )
        await self._database.write(lambda: repository.put(sealed))
        self._cached.forget(robot.tenant_id)

    async def remove(self, tenant_id: str, robot_id: str) -> None:
        """Raises `NotFound`."""
        if not await self._database.write(lambda: repository.remove(tenant_id, robot_id)):
            raise NotFound("There is no such robot.")
        self._cached.forget(tenant_id)

    async def try_(self, tenant_id: str, robot_id: str) -> str:
        """Say something now; why it was not heard, or empty. Raises `NotFound`."""
        robot = next((one for one in await self.list_(tenant_id) if one.id == robot_id), None)
        if robot is None:
            raise NotFound("There is no such robot.")
        return await self._tell(robot, Alert(code="test", subject=new_id("alert")))

    # Alerts

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change; rings when a person is waited for and none has taken it."""
        if conversation.status == "open" and conversation.waiting_since_ms and not conversation.assignee_id:
            facts = {
                "name": conversation.contact_name or conversation.contact_id,
                "reason": conversation.handoff_reason or "-",
                "conversation": conversation.id,
            }
            subject = f"{conversation.id}:{conversation.waiting_since_ms}"
            alert = Alert(code="handoff_waiting", subject=subject, facts=facts)
            launch(self._ring(conversation.tenant_id, alert), name="alert")

    async def ring(self, tenant_id: str, code: str, facts: Mapping[str, str]) -> None:
        """Tell whoever wants this kind of alert; the same facts are told once a day. Best effort."""
        subject = ",".join(f"{name}={value}" for name, value in sorted(facts.items()))
        await self._ring(tenant_id, Alert(code=code, subject=subject, facts=dict(facts)))

    async def _ring(self, tenant_id: str, alert: Alert) -> None:
        for robot in await self.list_(tenant_id) if self.serves(tenant_id) else ():
            if (not robot.codes or alert.code in robot.codes) and await self._is_ours(robot, alert):
                await self._tell(robot, alert)

    async def _is_ours(self, robot: Robot, alert: Alert) -> bool:
        """Every node hears of a change; one of them tells."""
        key = "al_" + hashlib.sha256(f"{alert.code}\0{alert.subject}".encode()).hexdigest()[:40]
        now_ms = self._clock.now_ms()
        with suppress(Conflict):
            return await self._database.write(lambda: repository.claim(robot.id, key, now_ms))
        return False

    async def _tell(self, robot: Robot, alert: Alert) -> str:
        now_ms = self._clock.now_ms()
        minute = (robot.id, now_ms // 60_000)
        said = self._said.get(minute) or 0
        if said >= A_MINUTE:
            ALERTS.labels(robot.kind, "too_many").inc()
            return "too_many"
        self._said.put(minute, said + 1)
        error = await self._call(robot, words(alert, robot.locale), now_ms)
        ALERTS.labels(robot.kind, "failed" if error else "told").inc()
        if error:
            _log.warning("alert.not_told", robot=robot.id, reason=error)
        if error != robot.last_error:
            await self._database.write(lambda: repository.note(robot.tenant_id, robot.id, error))
            self._cached.forget(robot.tenant_id)
        return error

    async def _call(self, robot: Robot, text: str, now_ms: int) -> str:
        if robot.kind == "mail":
            to = robot.url.removeprefix(MAILTO)
            return await self._letters.notify(robot.tenant_id, to, text, robot.locale) if self._letters else "no_door"
        url, body = call_of(robot, text, now_ms)
        ask = Ask(url=url, method="POST", headers={"content-type": "application/json"}, body=body)
        try:
            fetched = await self._fetcher.fetch(ask)
        except MiaohuiError as error:
            return error.code
        return error_of(fetched.status, fetched.body)

    def _open(self, found: repository.SealedRobot) -> Robot:
        plain = self._seal.open(found.sealed, f"robot:{found.id}")
        return msgspec.structs.replace(msgspec.json.decode(plain, type=Robot), last_error=found.last_error)
