"""Is it alive, is it ready, how is it doing?"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels.rest.views import Probe
from miaohui.channels.services import Degraded
from miaohui.kit import metrics
from miaohui.kit.errors import NotFound
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.services import Check, Services
    from miaohui.channels.web.sockets import Sockets

CHECK_SECONDS = 2.0
_log = get_log(__name__)


class Probes:
    """`/healthz`, `/readyz`, `/metrics`."""

    def __init__(self, services: Services, sockets: Sockets) -> None:
        self._services = services
        self._sockets = sockets

    async def health(self, request: Request) -> Response:
        """The process answers."""
        return _answer(Probe("ok", {}))

    async def readiness(self, request: Request) -> Response:
        """Requests may be sent here: the database and its tables are right, and no drain is under way.

        What is only degraded is shown, and fails nothing.
        """
        names = list(self._services.checks)
        results = await asyncio.gather(*(_run(name, self._services.checks[name]) for name in names))
        checks = dict(zip(names, results, strict=True))
        if self._sockets.draining:
            return _answer(Probe("draining", checks), 503)
        ready = "failing" not in results
        return _answer(Probe("ok" if ready else "failing", checks), 200 if ready else 503)

    async def numbers(self, request: Request) -> Response:
        """Prometheus' text format; for this machine only, unless there is an admin port, which then has it alone."""
        if getattr(self._services.settings, "admin_port", 0) or not _from_here(request):
            raise NotFound("There is nothing here.")
        return metrics_response()


def metrics_response() -> Response:
    """All metrics of the process."""
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _run(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Degraded:
        return "degraded"
    except Exception as error:  # noqa: BLE001  whatever breaks in a check is what the check is for
        _log.warning("readiness.failed", check=name, error=str(error))
        return "failing"
    return "ok"


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _answer(probe: Probe, status: int = 200) -> Response:
    return Response(msgspec.json.encode(probe), status, {"cache-control": "no-store"}, media_type="application/json")
