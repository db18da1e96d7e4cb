"""Conversations and their messages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Header, Query, Request, Response

from miaohui.channels.frames import Body, Send
from miaohui.channels.rates import headers_of
from miaohui.channels.rest import desk_schemas, schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer, check_key, keeps_its_own_key
from miaohui.channels.rest.span import parse_span, read_span
from miaohui.channels.session import say
from miaohui.conversations.types import Conversation, Filter
from miaohui.identity.types import Principal
from miaohui.inboxes.types import Inbox
from miaohui.kit.errors import NotFound, Throttled
from miaohui.kit.ids import new_id

Limit = Annotated[int, Query(ge=1, le=200)]
PageCursor = Annotated[str, Query(max_length=200)]
SendKey = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{1,64}$")]


async def list_conversations(
    doors: Doors, who: Who, part: Annotated[desk_schemas.ConversationsPart, Query()]
) -> Response:
    """The tenant's conversations, or a visitor's own, the last changed first."""
    family = await doors.contacts.family(who.tenant_id, part.contact_id) if _inside(who, part) else ()
    wanted = Filter(
        status=part.status,
        assignee_id=who.id if part.assignee_id == "me" else part.assignee_id,
        inbox_id=part.inbox_id,
        team_id=part.team_id,
        priority=part.priority,
        label=part.label,
        vip=part.vip,
        contact_ids=tuple(contact.id for contact in family),
    )
    page = await doors.conversations.list_(who, wanted, cursor=part.cursor, limit=part.limit)
    view = views.ConversationPage([views.conversation(one, who) for one in page.data], page.next_cursor)
    query = {name: value for name, value in part.model_dump(exclude={"cursor"}).items() if value}
    return answer(view, headers=_next("/v1/conversations", query, page.next_cursor))


async def start_conversation(form: schemas.NewConversation, doors: Doors, who: Who) -> Response:
    """A new conversation that the assistant owns: a visitor's own, or one for the visitor whom a key speaks for.

    Without `visitor_id` it is for somebody new.
    """
    if who.kind == "visitor":
        contact = await doors.contacts.access(who.tenant_id, who.id)
    else:
        inbox = await _inbox_for(doors, who, form)
        known = doors.contacts.find_or_create(who.tenant_id, inbox.id, form.visitor_id) if form.visitor_id else None
        contact = await (known or doors.contacts.create_visitor(inbox))
    started = await doors.conversations.start(contact, conversation_id=new_id("conv"))
    return answer(views.conversation(started, who), 201, {"location": f"/v1/conversations/{started.id}"})


async def get_conversation(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One conversation."""
    return answer(views.conversation(await _readable(doors, who, conversation_id), who))


async def list_messages(
    conversation_id: schemas.Id, doors: Doors, who: Who, part: Annotated[schemas.MessagesPart, Query()]
) -> Response:
    """Messages ascending by `seq`: from `after` on, up to `before`; without `after` the last ones, before `before`.

    The next page goes on in the same direction.
    """
    conversation = await _readable(doors, who, conversation_id)
    span = parse_span(part.after, part.before, part.cursor)
    page = await read_span(doors.conversations, conversation, span, part.limit)
    view = views.MessagePage([views.message(one, who) for one in page.data], doors.database.epoch, page.next_cursor)
    query: dict[str, object] = {"after": part.after, "before": part.before or None, "limit": part.limit}
    return answer(view, headers=_next(f"/v1/conversations/{conversation_id}/messages", query, page.next_cursor))


@keeps_its_own_key
async def send_message(  # noqa: PLR0913, PLR0917  the parts of one request
    conversation_id: schemas.Id,
    form: schemas.NewMessage,
    doors: Doors,
    who: Who,
    request: Request,
    idempotency_key: SendKey = None,
) -> Response:
    """Say something. `Idempotency-Key` is the client message id: with the same one it is stored once, for good."""
    conversation = await doors.conversations.access(who, conversation_id)
    cmid = check_key(idempotency_key) if idempotency_key is not None else new_id("cm")
    body = Body(text=form.text, type="note" if form.note else "text")
    try:
        send = Send(cmid=cmid, body=body, conv=conversation.id)
        spoken = await say(doors, who, conversation, send, original=form.original)
    except Throttled:
        request.scope["state"]["rates"] = await _rates(doors, who)
        raise
    view = views.sent(spoken.message, who, epoch=doors.database.epoch, dup=spoken.dup)
    return answer(view, 201, await _rates(doors, who))


async def request_human(
    conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None
) -> Response:
    """Ask for a human; the assistant is silent from here on."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.conversations.request_human(conversation, who), who))


async def take_over(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """The agent answers from here on."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.desk.handing.take_over(conversation, who), who))


async def hand_back(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """The assistant answers again."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.conversations.hand_back(conversation, who), who))


async def resolve(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Done; the visitor's next word opens it again."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.conversations.resolve(conversation, who), who))


async def mark_seen(conversation_id: schemas.Id, form: schemas.SeenUpTo, doors: Doors, who: Who) -> Response:
    """The visitor, or the agents, have read up to `seq`."""
    conversation = await doors.conversations.access(who, conversation_id)
    await doors.conversations.mark_seen(conversation, who, form.seq)
    return Response(status_code=204)


async def rate_message(message_id: schemas.Id, form: schemas.NewRating, doors: Doors, who: Who) -> Response:
    """What an answer was worth."""
    return answer(views.message(await doors.conversations.rate(who, message_id, form.rating), who))


async def cancel_turn(turn_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Stop an answer that is being written."""
    await doors.turns.cancel(who, turn_id)
    return Response(status_code=204)


def _inside(who: Principal, part: desk_schemas.ConversationsPart) -> bool:
    return bool(part.contact_id) and who.kind != "visitor"


async def _readable(doors: Doors, who: Principal, conversation_id: str) -> Conversation:
    return await doors.conversations.access(who, conversation_id)


async def _inbox_for(doors: Doors, who: Principal, form: schemas.NewConversation) -> Inbox:
    if form.inbox_id:
        return await doors.inboxes.get(who.tenant_id, form.inbox_id)
    inboxes = await doors.inboxes.list_(who.tenant_id)
    if not inboxes:
        raise NotFound("This company has no inbox yet. Create one first.", code="no_inbox")
    return next((inbox for inbox in inboxes if inbox.channel == "api"), inboxes[0])


async def _rates(doors: Doors, who: Principal) -> dict[str, str]:
    return headers_of(await doors.turns.limits_for(who)) if who.kind == "visitor" else {}


def _next(path: str, query: dict[str, object], cursor: str) -> dict[str, str]:
    if not cursor:
        return {}
    pairs = {name: value for name, value in query.items() if value is not None} | {"cursor": cursor}
    return {"link": f'<{path}?{urlencode(pairs)}>; rel="next"'}
