"""Accounts at channels that tell an answer when it is there: Telegram and mailboxes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec
from fastapi import Request, Response

from miaohui.channels.mail import types as mail
from miaohui.channels.rest import outside_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.outside import former_key
from miaohui.channels.telegram.types import Account
from miaohui.channels.wecom import types as wecom
from miaohui.kit.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from miaohui.channels.mail.tasks import Postman
    from miaohui.channels.services import Services
    from miaohui.channels.telegram.door import TelegramDoor
    from miaohui.channels.wecom.door import WeComDoor

MOST_MESSAGES = 200
"""Of a transcript: the last ones."""


async def get_wecom(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The customer-service account of an inbox, without its secrets."""
    return answer(_wecom_view(await _wecom(doors).accounts.get(who.tenant_id, inbox_id)))


async def set_wecom(inbox_id: schemas.Id, form: schemas.SetWeCom, doors: Doors, who: Who) -> Response:
    """Set up the customer-service account of an inbox, or change it; a former EncodingAESKey is read for a while."""
    door = _wecom(doors)
    before = await door.accounts.find(inbox_id)
    before = before if before is not None and before.tenant_id == who.tenant_id else None
    described = form.model_dump()
    if before is not None and before.corp_id == form.corp_id:
        described |= {name: described[name] or getattr(before, name) for name in ("token", "aes_key", "secret")}
    account = wecom.Account(
        inbox_id=inbox_id,
        tenant_id=who.tenant_id,
        previous_aes_key=former_key(before, described["aes_key"]),
        since_ms=before.since_ms if before is not None else doors.clock.now_ms(),
        **described,
    )
    await door.accounts.put(account)
    await door.puller.transfers.refresh()
    await doors.journal.audit(who, "wecom.set", inbox_id, {"open_kfid": account.open_kfid, "handoff": account.handoff})
    return answer(_wecom_view(account))


async def get_telegram(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The account of an inbox, without its token."""
    return answer(_view(await _telegram(doors).accounts.get(who.tenant_id, inbox_id)))


async def set_telegram(
    inbox_id: schemas.Id, form: schemas.SetTelegram, doors: Doors, who: Who, request: Request
) -> Response:
    """Set up the account of an inbox, or change it, and have Telegram call this server from now on.

    It is kept once Telegram has agreed; until then everything stays as it was.
    """
    door = _telegram(doors)
    before = await door.accounts.find(inbox_id)
    before = before if before is not None and before.tenant_id == who.tenant_id else None
    token = form.token or (await door.accounts.get(who.tenant_id, inbox_id)).token
    # The same account keeps its mark: when nobody knows whether Telegram took a new one, its calls are genuine still.
    mark = before.mark if before is not None and before.token == token else secrets.token_urlsafe(32)
    account = Account(inbox_id=inbox_id, tenant_id=who.tenant_id, token=token, mark=mark)
    await door.accounts.check(account)
    said = await door.sending.register(account, base_of(doors, request) + _callback(account))
    if not said.ok:
        detail = f"Telegram refused ({said.error_code}: {said.description[:100]})."
        raise Conflict(detail, code="telegram_refused")
    await door.accounts.put(account)
    await doors.journal.audit(who, "telegram.set", inbox_id, {"number": account.public_id})
    return answer(_view(account))


async def get_mail(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The mailbox of an inbox, without its passwords."""
    return answer(_mail_view(await _postman(doors).accounts.get(who.tenant_id, inbox_id)))


async def set_mail(inbox_id: schemas.Id, form: schemas.SetMail, doors: Doors, who: Who) -> Response:
    """Set up the mailbox of an inbox, or change it. Only letters that come from now on are answered."""
    before = await _postman(doors).accounts.find(inbox_id)
    before = before if before is not None and before.tenant_id == who.tenant_id else None
    account = mail.Account(
        inbox_id=inbox_id,
        tenant_id=who.tenant_id,
        address=form.address,
        name=form.name,
        locale=form.locale,
        imap=_server(form.imap, before.imap if before else None),
        smtp=_server(form.smtp, before.smtp if before else None),
    )
    await _postman(doors).accounts.put(account)
    await doors.journal.audit(who, "mail.set", inbox_id, {"address": account.address})
    return answer(_mail_view(account))


async def send_transcript(
    conversation_id: schemas.Id, form: schemas.SendTranscript, doors: Doors, who: Who
) -> Response:
    """Send what was said in a conversation, without notes, by e-mail from the company's mailbox."""
    conversation = await doors.conversations.access(who, conversation_id)
    postman = _postman(doors)
    mailboxes = [one for one in await postman.accounts.list_() if one.tenant_id == who.tenant_id]
    if not mailboxes:
        raise Conflict("This company has no mailbox to send from.", code="no_mailbox")
    account = next((one for one in mailboxes if one.inbox_id == conversation.inbox_id), mailboxes[0])
    messages = await doors.conversations.messages(conversation, limit=MOST_MESSAGES)
    await postman.mail.send_transcript(account, form.to, messages)
    await doors.journal.audit(who, "transcript.sent", conversation.id, {"to": form.to})
    return Response(status_code=204)


def base_of(doors: Services, request: Request) -> str:
    """Where this server is reached from outside."""
    return str(doors.settings.public_url).rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _telegram(doors: Services) -> TelegramDoor:
    if doors.telegram is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.telegram


def _wecom(doors: Services) -> WeComDoor:
    if doors.wecom is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.wecom


def _postman(doors: Services) -> Postman:
    if doors.postman is None:
        raise Unavailable("This server has no such door.", code="no_door")
    return doors.postman


def _wecom_view(account: wecom.Account) -> outside_views.WeComView:
    return outside_views.WeComView(
        inbox_id=account.inbox_id,
        corp_id=account.corp_id,
        open_kfid=account.open_kfid,
        welcome=account.welcome,
        handoff=account.handoff,
        servicer=account.servicer,
        callback=f"/v1/channels/wecom/{account.inbox_id}",
        secret_hint=account.secret[-4:],
    )


def _server(form: schemas.MailServer, before: mail.Server | None) -> mail.Server:
    """A password that was not said again is told to no other server, and to none in the open that had it sealed."""
    described = mail.Server(**form.model_dump())
    if before is None or form.password:
        return described
    same = msgspec.structs.replace(described, password=before.password) == before
    return before if same else described


def _server_view(server: mail.Server) -> outside_views.MailServerView:
    return outside_views.MailServerView(
        host=server.host,
        port=server.port,
        user=server.user,
        safety=server.safety,
        has_password=bool(server.password),
    )


def _mail_view(account: mail.Account) -> outside_views.MailView:
    return outside_views.MailView(
        inbox_id=account.inbox_id,
        address=account.address,
        name=account.name,
        locale=account.locale,
        imap_host=account.imap.host,
        smtp_host=account.smtp.host,
        imap=_server_view(account.imap),
        smtp=_server_view(account.smtp),
    )


def _view(account: Account) -> outside_views.TelegramView:
    return outside_views.TelegramView(inbox_id=account.inbox_id, number=account.public_id, callback=_callback(account))


def _callback(account: Account) -> str:
    return f"/v1/channels/telegram/{account.inbox_id}"
