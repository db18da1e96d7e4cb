"""Alerts on the admin port: for operators, who reach it from inside; it asks nobody who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from miaohui.kit.errors import MiaohuiError, Unreadable, Unsupported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from miaohui.alerts.service import Alerts

_MOST_BYTES = 4_096


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence that is wanted."""

    code: str = ""
    minutes: float = 60.0
    reason: str = ""


class AlertDoor:
    """`/alerts` and what is below it."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/alerts", _told(self.show)),
            Route("/alerts/test", _told(self.test), methods=["POST"]),
            Route("/alerts/silences", _told(self.silence), methods=["POST"]),
            Route("/alerts/silences/{silence_id}", _told(self.end), methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Any:
        """What every node says, and what nobody is told of."""
        standings, silences = await self._alerts.standing()
        return {"alerts": standings, "silences": silences}

    async def test(self, request: Request) -> Any:
        """A letter on every way now."""
        return await self._alerts.try_()

    async def silence(self, request: Request) -> Any:
        """Tell nobody for a while."""
        body = await request.body()
        try:
            wish = msgspec.json.decode(body[: _MOST_BYTES + 1], type=Wish)
        except msgspec.MsgspecError as error:
            raise Unreadable(f"A silence is {{code, minutes, reason}}: {error}") from None
        return await self._alerts.silence(wish.code, wish.minutes, wish.reason)

    async def end(self, request: Request) -> Any:
        """Tell again."""
        await self._alerts.end_silence(request.path_params["silence_id"])
        return {}


def _check_origin(request: Request) -> None:
    """No page that an operator happens to look at can do this: browsers ask before they send this type elsewhere."""
    if request.method != "GET" and request.headers.get("content-type") != "application/json":
        raise Unsupported("Send it as application/json.")


def _told(verb: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            _check_origin(request)
            said, status = await verb(request), 200
        except MiaohuiError as error:
            said, status = {"code": error.code, "detail": error.detail}, error.status
        return Response(msgspec.json.encode(said), status, media_type="application/json")

    return answer
