"""The routes of doors of others' make, in one list."""

from __future__ import annotations

from miaohui.channels.rest import channels, outside_views
from miaohui.channels.rest.line import ADMIN, Line

_TELEGRAM = "/v1/inboxes/{inbox_id}/telegram"

OUTSIDE_ROUTES: tuple[Line, ...] = (
    Line("GET", _TELEGRAM, ADMIN, channels.get_telegram, outside_views.TelegramView, "administration"),
    Line("POST", _TELEGRAM, ADMIN, channels.set_telegram, outside_views.TelegramView, "administration", errors=(502,)),
)
