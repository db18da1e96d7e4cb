"""Robots in a company's groups that say when somebody should look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response

from miaohui.channels.rest import outside_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.robots.types import Robot
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.channels.robots.service import Robots
    from miaohui.channels.services import Services


async def list_robots(doors: Doors, who: Who) -> Response:
    """All robots, without their addresses, which are secrets."""
    return answer(outside_views.RobotList([_view(one) for one in await _robots(doors).list_(who.tenant_id)]))


async def add_robot(form: schemas.AddRobot, doors: Doors, who: Who) -> Response:
    """A robot of a group in WeCom, DingTalk or Feishu, by the address that the group shows; or somebody's e-mail."""
    robot = Robot(
        id=new_id("rob"),
        tenant_id=who.tenant_id,
        kind=form.kind,
        name=form.name,
        codes=tuple(form.codes),
        url=form.url,
        secret=form.secret,
        locale=form.locale,
        created_at_ms=doors.clock.now_ms(),
    )
    await _robots(doors).add(robot)
    await doors.journal.audit(who, "robot.added", robot.id, {"kind": robot.kind, "name": robot.name})
    return answer(_view(robot), 201)


async def remove_robot(robot_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It is told nothing more."""
    await _robots(doors).remove(who.tenant_id, robot_id)
    await doors.journal.audit(who, "robot.removed", robot_id, {})
    return Response(status_code=204)


async def try_robot(robot_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Have it say something now."""
    error = await _robots(doors).try_(who.tenant_id, robot_id)
    return answer(outside_views.RobotTried(told=not error, error=error))


def _robots(doors: Services) -> Robots:
    if doors.robots is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.robots


def _view(robot: Robot) -> outside_views.RobotView:
    return outside_views.RobotView(
        id=robot.id,
        kind=robot.kind,
        name=robot.name,
        codes=list(robot.codes),
        locale=robot.locale,
        signed=bool(robot.secret),
        last_error=robot.last_error,
        created_at=rfc3339(robot.created_at_ms),
    )
