"""Accounts at channels that tell an answer when it is there: Telegram."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from fastapi import Request, Response

from miaohui.channels.rest import outside_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.telegram.types import Account
from miaohui.kit.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.channels.telegram.door import TelegramDoor


async def get_telegram(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The account of an inbox, without its token."""
    return answer(_view(await _telegram(doors).accounts.get(who.tenant_id, inbox_id)))


async def set_telegram(
    inbox_id: schemas.Id, form: schemas.SetTelegram, doors: Doors, who: Who, request: Request
) -> Response:
    """Set up the account of an inbox, or change it, and have Telegram call this server from now on."""
    door = _telegram(doors)
    mark = secrets.token_urlsafe(32)
    account = Account(inbox_id=inbox_id, tenant_id=who.tenant_id, token=form.token, mark=mark)
    await door.accounts.put(account)
    said = await door.sending.register(account, base_of(doors, request) + _callback(account))
    if not said.ok:
        detail = f"Telegram refused ({said.error_code}: {said.description[:100]})."
        raise Conflict(detail, code="telegram_refused")
    await doors.journal.audit(who, "telegram.set", inbox_id, {"number": account.public_id})
    return answer(_view(account))


def base_of(doors: Services, request: Request) -> str:
    """Where this server is reached from outside."""
    return str(doors.settings.public_url).rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _telegram(doors: Services) -> TelegramDoor:
    if doors.telegram is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.telegram


def _view(account: Account) -> outside_views.TelegramView:
    return outside_views.TelegramView(inbox_id=account.inbox_id, number=account.public_id, callback=_callback(account))


def _callback(account: Account) -> str:
    return f"/v1/channels/telegram/{account.inbox_id}"
