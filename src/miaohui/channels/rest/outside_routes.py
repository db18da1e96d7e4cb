"""The routes of doors of others' make, in one list."""

from __future__ import annotations

from miaohui.channels.rest import channels, outside_views, robots, standing
from miaohui.channels.rest.line import ADMIN, PERSON, Line

_WECOM = "/v1/inboxes/{inbox_id}/wecom"
_TELEGRAM = "/v1/inboxes/{inbox_id}/telegram"
_MAIL = "/v1/inboxes/{inbox_id}/mail"
_DOOR = "/v1/inboxes/{inbox_id}/door"
_TRANSCRIPT = "/v1/conversations/{conversation_id}/transcript"
_ROBOTS = "/v1/alerts/robots"
_ROBOT = "/v1/alerts/robots/{robot_id}"

OUTSIDE_ROUTES: tuple[Line, ...] = (
    Line("GET", _WECOM, ADMIN, channels.get_wecom, outside_views.WeComView, "administration"),
    Line("POST", _WECOM, ADMIN, channels.set_wecom, outside_views.WeComView, "administration"),
    Line("GET", _TELEGRAM, ADMIN, channels.get_telegram, outside_views.TelegramView, "administration"),
    Line("POST", _TELEGRAM, ADMIN, channels.set_telegram, outside_views.TelegramView, "administration", errors=(502,)),
    Line("GET", _MAIL, ADMIN, channels.get_mail, outside_views.MailView, "administration"),
    Line("POST", _MAIL, ADMIN, channels.set_mail, outside_views.MailView, "administration"),
    Line("GET", _DOOR, ADMIN, standing.get_door, outside_views.DoorView, "administration"),
    Line("POST", f"{_DOOR}/test", ADMIN, standing.try_door, outside_views.DoorTried, "administration"),
    Line("POST", _TRANSCRIPT, PERSON, channels.send_transcript, None, "conversations", 204, errors=(502,)),
    Line("GET", _ROBOTS, ADMIN, robots.list_robots, outside_views.RobotList, "administration"),
    Line("POST", _ROBOTS, ADMIN, robots.add_robot, outside_views.RobotView, "administration", 201),
    Line("DELETE", _ROBOT, ADMIN, robots.remove_robot, None, "administration", 204),
    Line("POST", f"{_ROBOT}/test", ADMIN, robots.try_robot, outside_views.RobotTried, "administration"),
)
