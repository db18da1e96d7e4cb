"""Inboxes behind doors of others' make, and the accounts there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import Response

from miaohui.channels.rest import outside_views, schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.wechat.accounts import check_account
from miaohui.channels.wechat.types import Account, MenuItem
from miaohui.kit.errors import Conflict, Unavailable
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.channels.wechat.accounts import Accounts
    from miaohui.channels.wecom import types as wecom


async def create_inbox(form: schemas.CreateInbox, doors: Doors, who: Who) -> Response:
    """A new inbox of some channel. Its account there is set up next."""
    inbox = await doors.inboxes.create(who.tenant_id, form.name, channel=form.channel, locale=form.locale)
    await doors.journal.audit(who, "inbox.created", inbox.id, {"name": form.name, "channel": form.channel})
    view = views.InboxSummary(
        id=inbox.id,
        name=inbox.name,
        channel=inbox.channel,
        site_key=inbox.site_key,
        allowed_origins=list(inbox.allowed_origins),
        locale=inbox.locale,
        assistant_name=inbox.assistant.name,
        pictures=inbox.pictures,
        files=inbox.files,
        pages=inbox.pages,
    )
    return answer(view, 201)


async def get_wechat(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The Official Account of an inbox, without its secrets."""
    return answer(_view(await _accounts(doors).get(who.tenant_id, inbox_id)))


async def set_wechat(inbox_id: schemas.Id, form: schemas.SetWeChat, doors: Doors, who: Who) -> Response:
    """Set up the Official Account of an inbox, or change it; an EncodingAESKey that was there is read for a while."""
    accounts = _accounts(doors)
    before = await accounts.find(inbox_id)
    before = before if before is not None and before.tenant_id == who.tenant_id else None
    kept = before if before is not None and before.app_id == form.app_id else None
    aes_key = form.aes_key or (kept.aes_key if kept else "")
    account = Account(
        inbox_id=inbox_id,
        tenant_id=who.tenant_id,
        app_id=form.app_id,
        original_id=form.original_id,
        mode=form.mode,
        token=form.token or (kept.token if kept else ""),
        aes_key=aes_key,
        previous_aes_key=former_key(before, aes_key),
        app_secret=form.app_secret or (kept.app_secret if kept else ""),
        can_send=form.can_send,
        welcome=form.welcome,
        menu=before.menu if before is not None else (),
    )
    await accounts.put(account)
    await doors.journal.audit(who, "wechat.set", inbox_id, {"app_id": form.app_id, "mode": form.mode})
    return answer(_view(account))


async def get_wechat_menu(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The menu of an Official Account, as it was set here."""
    return answer(_menu_view(await _accounts(doors).get(who.tenant_id, inbox_id)))


async def set_wechat_menu(inbox_id: schemas.Id, form: schemas.SetWeChatMenu, doors: Doors, who: Who) -> Response:
    """Give an Official Account its menu, at WeChat too. Followers see it within a day, or when they follow anew."""
    accounts = _accounts(doors)
    account = await accounts.get(who.tenant_id, inbox_id)
    account = msgspec.structs.replace(account, menu=tuple(_button(one) for one in form.buttons))
    check_account(account)
    said = await accounts.push_menu(account)
    if said.errcode:
        detail = f"WeChat refused the menu ({said.errcode}: {said.errmsg[:100]})."
        raise Conflict(detail, code=f"wechat_{said.errcode}" if said.errcode > 0 else "wechat_busy")
    await accounts.put(account)
    await doors.journal.audit(who, "wechat.menu_set", inbox_id, {"buttons": [one.name for one in form.buttons]})
    return answer(_menu_view(account))


async def list_sendings(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """How what was said in a conversation reached who is outside: the last two hundred parts, the last first."""
    conversation = await doors.conversations.access(who, conversation_id)
    if doors.threads is None:
        return answer(outside_views.SendingList([]))
    rows = await doors.threads.repository.list_sendings(who.tenant_id, conversation.id)
    data = [
        outside_views.SendingView(
            seq=row["seq"], part=row["part"], state=row["state"], detail=row["detail"], at=rfc3339(row["at_ms"])
        )
        for row in rows
    ]
    return answer(outside_views.SendingList(data))


def former_key(before: Account | wecom.Account | None, aes_key: str) -> str:
    """The EncodingAESKey that is still read while the vendor changes over; one that did not change says nothing new."""
    if before is None:
        return ""
    return before.aes_key if before.aes_key != aes_key else before.previous_aes_key


def _button(form: schemas.MenuButton | schemas.MenuItem) -> MenuItem:
    below = tuple(_button(one) for one in form.items) if isinstance(form, schemas.MenuButton) else ()
    return MenuItem(name=form.name, question=form.question, url=form.url, items=below)


def _menu_view(account: Account) -> outside_views.WeChatMenuView:
    return outside_views.WeChatMenuView(
        [
            outside_views.MenuButtonView(
                name=button.name,
                question=button.question,
                url=button.url,
                items=[
                    outside_views.MenuItemView(name=one.name, question=one.question, url=one.url)
                    for one in button.items
                ],
            )
            for button in account.menu
        ]
    )


def _accounts(doors: Services) -> Accounts:
    if doors.wechat is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.wechat.accounts


def _view(account: Account) -> outside_views.WeChatView:
    return outside_views.WeChatView(
        inbox_id=account.inbox_id,
        app_id=account.app_id,
        original_id=account.original_id,
        mode=account.mode,
        can_send=account.can_send,
        welcome=account.welcome,
        callback=f"/v1/channels/wechat/{account.inbox_id}",
        app_secret_hint=account.app_secret[-4:],
    )
