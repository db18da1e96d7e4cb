"""What the widget begins with: the visitor's token, who answers here, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response

from miaohui.channels import policy
from miaohui.channels.newcomers import Newcomers
from miaohui.channels.rest import schemas, views
from miaohui.channels.rest.edge import Doors, answer
from miaohui.contacts.types import Contact
from miaohui.identity.types import Principal
from miaohui.inboxes.types import Inbox
from miaohui.kit.errors import Forbidden, NotFound, Unauthenticated
from miaohui.realtime.frames import rfc3339, snapshot

TOKEN_DAYS = 30
MOST_ATTRIBUTES = 64
"""Of one contact, whatever number of tokens brings more."""


async def open_session(form: schemas.OpenWidget, doors: Doors, request: Request) -> Response:
    """The visitor of `visitor_token` again, the contact whom `identity_token` proves, or a new visitor.

    A token that no longer holds gives a new visitor; an identity that is not proved is refused.
    """
    newcomers: Newcomers = request.app.state.sessions
    ticket = await newcomers.check()
    try:
        return await _open(form, doors, request)
    finally:
        newcomers.greeted(ticket)


async def _open(form: schemas.OpenWidget, doors: Doors, request: Request) -> Response:
    inbox = await doors.inboxes.find_by_site_key(form.site_key)
    if inbox is None:
        raise NotFound("There is no site of this key. Look at the embed code.", code="unknown_site")
    _check_origin(request, inbox)
    doors.inboxes.check_open(inbox.tenant_id)
    contact = await _contact(doors, inbox, form)
    visitor = Principal(tenant_id=inbox.tenant_id, kind="visitor", id=contact.id, name=contact.name, inbox_id=inbox.id)
    holding = await doors.desk.notices.holding_at(inbox.tenant_id, inbox.id)
    expires_at_ms = doors.clock.now_ms() + TOKEN_DAYS * 24 * 3600 * 1000
    return answer(
        views.WidgetSession(
            token=doors.identity.issue_visitor(contact),
            expires_at=rfc3339(expires_at_ms),
            contact=views.ContactView(contact.id, contact.name),
            inbox=_inbox_view(doors, inbox, form.locale),
            conversation=await _snapshot(doors, visitor),
            notices=[one.text_for(form.locale or inbox.locale) for one in holding],
        )
    )


def _check_origin(request: Request, inbox: Inbox) -> None:
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    if not policy.origin_allowed(origin, inbox) and not policy.same_host(origin, host):
        request.scope["state"]["cors"] = None
        raise Forbidden(f"Pages of {origin[:200]} may not use this inbox.", code="origin_not_allowed")


async def _contact(doors: Doors, inbox: Inbox, form: schemas.OpenWidget) -> Contact:
    if form.identity_token:
        identity = await doors.inboxes.verify_identity(inbox.id, form.identity_token)
        contact = await doors.contacts.find_or_create(
            inbox.tenant_id, inbox.id, identity["external_id"], identity["name"], verified=True
        )
        news = _news(contact.attributes, identity["attributes"])
        return await doors.contacts.update_attributes(inbox.tenant_id, contact.id, news) if news else contact
    if form.visitor_token and (known := await _known(doors, inbox, form.visitor_token)) is not None:
        return known
    return await doors.contacts.create_visitor(inbox)


def _news(known: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """What a signed token says that is not known yet, as far as there is room for it."""
    fresh = [name for name in told if name not in known][: max(MOST_ATTRIBUTES - len(known), 0)]
    changed = [name for name in told if known.get(name, told[name]) != told[name]]
    return {name: told[name] for name in (*changed, *fresh)}


async def _known(doors: Doors, inbox: Inbox, token: str) -> Contact | None:
    try:
        principal = await doors.identity.verify(token)
        if principal.kind != "visitor" or principal.inbox_id != inbox.id:
            return None
        return await doors.contacts.access(principal.tenant_id, principal.id)
    except (Unauthenticated, NotFound):
        return None


def _inbox_view(doors: Doors, inbox: Inbox, locale: str) -> views.InboxView:
    assistant = inbox.assistant
    takes = inbox.files and doors.media is not None
    language = "zh-CN" if (locale or inbox.locale).lower().startswith("zh") else "en"
    return views.InboxView(
        name=inbox.name,
        locale=inbox.locale,
        pictures=inbox.pictures,
        files=takes,
        file_types=doors.media.store.terms.extensions() if takes and doors.media is not None else [],
        pages=inbox.pages,
        assistant=views.AssistantView(
            name=assistant.name,
            pace=assistant.pace,
            greeting=assistant.greeting.get(language) or assistant.greeting.get(inbox.locale, ""),
            quick_questions=list(
                assistant.quick_questions.get(language) or assistant.quick_questions.get(inbox.locale, ())
            ),
        ),
    )


async def _snapshot(doors: Doors, visitor: Principal) -> views.ConversationSnapshot | None:
    latest = await doors.conversations.latest_for(visitor.tenant_id, visitor.id)
    if latest is None:
        return None
    recent = await doors.conversations.messages(latest, limit=50)
    shot = snapshot(latest, recent, visitor)
    return views.ConversationSnapshot(
        id=latest.id,
        epoch=doors.database.epoch,
        status=latest.status,
        last_seq=shot.seq,
        messages=list(shot.messages),
    )
