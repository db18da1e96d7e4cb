"""What lets operators see through it, and what calls them."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import miaohui
from miaohui.alerts.sampling import NodeSampler
from miaohui.alerts.service import Alerts, Plan
from miaohui.alerts.types import Pace, Thresholds
from miaohui.alerts.ways import MailWay, RobotWay, SmsWay, WebhookWay
from miaohui.channels.robots.policy import call_of, error_of
from miaohui.channels.robots.types import Robot
from miaohui.insight.repository import StrainRepository
from miaohui.insight.steps import Ladder, Load
from miaohui.insight.strain import StrainWatch
from miaohui.journal.audits import Audits
from miaohui.journal.keeping import Keeping, Terms
from miaohui.kit.errors import NotFound
from miaohui.kit.fetch import Fetcher
from miaohui.kit.tracing import TRACES, Exporter, FileExporter, HttpExporter
from miaohui.turns.stages import LEAVE, SMALL
from miaohui.wiring.leaving import GOES_WITH_A_CONVERSATION

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from miaohui.alerts.ports import Way
    from miaohui.engines.spending import Spending
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.metrics import LoopWatch
    from miaohui.settings.types import Settings
    from miaohui.tenants.service import Tenants
    from miaohui.turns.service import Turns


@dataclass(frozen=True, slots=True)
class Watch:
    """What watches over the installation."""

    alerts: Alerts
    audits: Audits
    keeping: Keeping


def begin_traces(settings: Settings, node: str) -> bool:
    """Trace as the settings say; whether anything is traced."""
    exporters: list[Exporter] = []
    if settings.trace_url:
        exporters.append(HttpExporter(settings.trace_url))
    if settings.trace_file is not None:
        exporters.append(FileExporter(settings.trace_file))
    resource = {"service.name": "miaohui", "service.version": miaohui.__version__, "service.instance.id": node}
    TRACES.begin(exporters, share=settings.trace_share, resource=resource)
    return TRACES.on


def build_watch(
    settings: Settings, clock: Clock, database: Database, loop_watch: LoopWatch, stack: AsyncExitStack
) -> Watch:
    """Alerts, the chain of audits, and what erases after its time. Raises `Invalid` for half a way to operators."""
    return Watch(
        alerts=build_alerts(settings, clock, database, loop_watch, stack),
        audits=Audits(database, clock),
        keeping=build_keeping(settings, clock, database),
    )


def build_alerts(
    settings: Settings, clock: Clock, database: Database, loop_watch: LoopWatch, stack: AsyncExitStack
) -> Alerts:
    """Looks at this node, and calls on every way that the settings name. Raises `Invalid` for half a way."""
    sampler = NodeSampler(settings.data, lambda: loop_watch.lag_s, with_bus=bool(settings.redis_url))
    pace = Pace(
        every_s=min(15.0, max(1.0, settings.alert_for_seconds / 4)),
        window_s=settings.alert_window_seconds,
        holds_s=settings.alert_for_seconds,
        group_s=settings.alert_group_seconds,
        again_s=settings.alert_again_hours * 3600,
    )
    plan = Plan(node=_node_name(settings), thresholds=_thresholds(settings), pace=pace, locale=settings.alert_locale)
    return Alerts(database, clock, sampler, build_ways(settings, stack), plan)


class Spenders:
    """Companies near their budget for providers or beyond it, by name: what operators are told of."""

    def __init__(self, spending: Spending, tenants: Tenants) -> None:
        self._spending = spending
        self._tenants = tenants

    async def shares(self) -> dict[str, float]:
        """The part of the budget that is spent. Two of one name count as one; a company that is gone has none."""
        found: dict[str, float] = {}
        for tenant_id, share in self._spending.shares().items():
            with suppress(NotFound):
                name = await self._tenants.name_of(tenant_id)
                found[name] = max(share, found.get(name, 0.0))
        return found


def build_strain(turns: Turns, clock: Clock, database: Database, node: str) -> StrainWatch:
    """Looks at how much is asked of this node, by the marks that turns go by."""
    watch = StrainWatch(StrainRepository(database), clock, node, Ladder((SMALL, LEAVE, 1.0)))
    watch.look = lambda: Load(*turns.load())
    return watch


def build_keeping(settings: Settings, clock: Clock, database: Database) -> Keeping:
    """Erases what was kept for long enough."""
    terms = Terms(conversations_days=settings.keep_conversations_days, journal_days=settings.keep_journal_days)
    return Keeping(database, clock, terms, GOES_WITH_A_CONVERSATION)


def _node_name(settings: Settings) -> str:
    """The same over a restart, so that a node that comes back is no second one."""
    return f"{socket.gethostname()}:{settings.admin_port or settings.port}"[:64]


def _thresholds(settings: Settings) -> Thresholds:
    return Thresholds(
        throttled=settings.alert_throttled_percent / 100,
        timeouts=settings.alert_timeout_percent / 100,
        success=settings.alert_success_percent / 100,
        p95_s=settings.alert_p95_seconds,
        queue=settings.alert_queue,
        cost=settings.alert_cost_a_day,
        disk_bytes=settings.alert_disk_gigabytes * 1e9,
        lag_s=settings.alert_lag_seconds,
    )


def build_ways(settings: Settings, stack: AsyncExitStack) -> list[Way]:
    """Every way to the operators that the settings name. Raises `Invalid` for half a way."""
    fetcher = Fetcher(allow_private=True)  # to addresses that the operator named
    stack.push_async_callback(fetcher.close)
    ways: list[Way] = []
    if smtp := settings.alert_smtp_url.get_secret_value():
        ways.append(MailWay(smtp, settings.alert_mail_from, _names(settings.alert_mail_to)))
    if settings.alert_webhook_url:
        secret = settings.alert_webhook_secret.get_secret_value()
        ways.append(WebhookWay(fetcher, settings.alert_webhook_url, secret))
    if url := settings.alert_robot_url.get_secret_value():
        robot = Robot(
            id="operators",
            tenant_id="",
            kind=settings.alert_robot_kind,
            name="operators",
            url=url,
            secret=settings.alert_robot_secret.get_secret_value(),
        )
        ways.append(RobotWay(fetcher, lambda text, now_ms: call_of(robot, text, now_ms), error_of))
    if settings.alert_sms_url:
        key = settings.alert_sms_key.get_secret_value()
        ways.append(SmsWay(fetcher, settings.alert_sms_url, key, _names(settings.alert_sms_to)))
    return ways


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
