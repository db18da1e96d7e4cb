"""How a door of others' make stands: what came and went through it last, and whether its vendor lets us in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from miaohui.channels import trials
from miaohui.channels.rest import outside_views, schemas
from miaohui.channels.rest.channels import base_of
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.threads.types import Last
from miaohui.kit.errors import Conflict, Unavailable
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.channels.trials import Finding
    from miaohui.inboxes.types import Channel


async def get_door(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Whether the account of an inbox is set up, when it last heard and told anybody, and what went wrong last."""
    inbox = await doors.inboxes.get(who.tenant_id, inbox_id)
    last = await doors.threads.repository.last(inbox_id) if doors.threads is not None else Last()
    view = outside_views.DoorView(
        set_up=await _is_set_up(doors, inbox.channel, inbox_id),
        heard_at=_moment(last.heard_at_ms),
        sent_at=_moment(last.sent_at_ms),
        failed_at=_moment(last.failed_at_ms),
        failure=last.failure,
    )
    return answer(view)


async def try_door(
    inbox_id: schemas.Id, doors: Doors, who: Who, request: Request, _: schemas.Nothing | None = None
) -> Response:
    """Ask the vendor now whether the account works. Nobody outside notices, and nothing is sent to them."""
    inbox = await doors.inboxes.get(who.tenant_id, inbox_id)
    findings = await _try(doors, inbox.channel, (who.tenant_id, inbox_id), base_of(doors, request))
    await doors.journal.audit(who, "channel.tried", inbox_id, {"codes": ", ".join(one.code for one in findings)})
    shown = [outside_views.FindingView(part=one.part, code=one.code, detail=one.detail) for one in findings]
    return answer(outside_views.DoorTried(works=not findings, findings=shown))


async def _is_set_up(doors: Services, channel: Channel, inbox_id: str) -> bool:
    if channel == "wechat":
        return doors.wechat is not None and await doors.wechat.accounts.find(inbox_id) is not None
    if channel == "wecom":
        return doors.wecom is not None and await doors.wecom.accounts.find(inbox_id) is not None
    if channel == "telegram":
        return doors.telegram is not None and await doors.telegram.accounts.find(inbox_id) is not None
    if channel == "mail":
        return doors.postman is not None and await doors.postman.accounts.find(inbox_id) is not None
    return True


async def _try(doors: Services, channel: Channel, where: tuple[str, str], base: str) -> list[Finding]:
    """`where`: tenant and inbox. Raises `NotFound` when nothing is set up, `Conflict` on a door of our own."""
    if channel == "wechat" and doors.wechat is not None:
        wechat = doors.wechat.accounts
        return await trials.try_wechat(wechat, await wechat.get(*where))
    if channel == "wecom" and doors.wecom is not None:
        wecom = doors.wecom
        return await trials.try_wecom(wecom.puller.sending, await wecom.accounts.get(*where))
    if channel == "telegram" and doors.telegram is not None:
        telegram = doors.telegram
        address = f"{base}/v1/channels/telegram/{where[1]}"
        return await trials.try_telegram(telegram.sending, await telegram.accounts.get(*where), address)
    if channel == "mail" and doors.postman is not None:
        return await trials.try_mail(doors.postman, await doors.postman.accounts.get(*where))
    if channel in {"web", "api"}:
        raise Conflict("This inbox has no vendor to ask.", code="no_vendor")
    raise Unavailable("This server has no such door.", code="no_door")


def _moment(at_ms: int) -> str | None:
    return rfc3339(at_ms) if at_ms else None
