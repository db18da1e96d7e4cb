"""What agents do with conversations and contacts: claim, pass on, put aside, sort, find, block, merge."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import desk_schemas, desk_views, schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.stamps import parse_stamp
from miaohui.kit.errors import MiaohuiError
from miaohui.tools.errors import ToolRefused
from miaohui.tools.types import Order

ORDERS_S = 5.0
"""An agent does not wait longer for the shop."""

Limit = Annotated[int, Query(ge=1, le=50)]
Words = Annotated[str, Query(max_length=100, pattern=desk_schemas.STORABLE)]
SoughtWords = Annotated[str, Query(min_length=1, max_length=100, pattern=desk_schemas.VISIBLE)]


async def claim(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Take it out of the queue. Of two at once one gets it; the other is told who has it (`already_claimed`)."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.desk.handing.claim(conversation, who), who))


async def assign(conversation_id: schemas.Id, form: desk_schemas.AssignTo, doors: Doors, who: Who) -> Response:
    """Give it to an agent who is there."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.desk.handing.give(conversation, form.agent_id, who), who))


async def transfer(conversation_id: schemas.Id, form: desk_schemas.TransferTo, doors: Doors, who: Who) -> Response:
    """Put it back into the queue, for a team or for everybody."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.desk.handing.give_team(conversation, form.team_id, who), who))


async def snooze(conversation_id: schemas.Id, form: desk_schemas.Snooze, doors: Doors, who: Who) -> Response:
    """Put it aside until a moment; it wakes by itself then, or when the visitor speaks."""
    conversation = await doors.conversations.access(who, conversation_id)
    until_ms = parse_stamp(form.until)
    return answer(views.conversation(await doors.desk.handing.snooze(conversation, until_ms, who), who))


async def unsnooze(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Wake it before its time."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.desk.handing.wake(conversation, who), who))


async def set_labels(conversation_id: schemas.Id, form: desk_schemas.SetLabels, doors: Doors, who: Who) -> Response:
    """All its labels; those that are not named are gone. Visitors never see them."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.conversations.mark(conversation, labels=form.labels), who))


async def set_priority(conversation_id: schemas.Id, form: desk_schemas.SetPriority, doors: Doors, who: Who) -> Response:
    """How urgent it is: those who wait are served in that order, as far as nobody waits for ever."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(views.conversation(await doors.conversations.mark(conversation, priority=form.priority), who))


async def look(conversation_id: schemas.Id, form: desk_schemas.Look, doors: Doors, who: Who) -> Response:
    """Tell colleagues that I am looking at it, or no longer. Said again every 20 s; after 45 s of silence I am gone."""
    conversation = await doors.conversations.access(who, conversation_id)
    doors.desk.handing.look(conversation, who, on=form.on)
    return Response(status_code=204)


async def get_seen(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Up to which message the visitor has looked, and the agents; 0 is none."""
    conversation = await doors.conversations.access(who, conversation_id)
    visitor, agents = await doors.conversations.seen(conversation)
    return answer(desk_views.SeenView(visitor=visitor, agents=agents))


async def get_place(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Where a visitor stands in the queue, and about how long it will take."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(desk_views.place(await doors.desk.dispatch.place_of(conversation)))


async def get_summary(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Who it is, what they want, what the assistant tried, what they named: taken from what was said, by rule."""
    conversation = await doors.conversations.access(who, conversation_id)
    family = await doors.contacts.family(who.tenant_id, conversation.contact_id)
    found = await doors.desk.handing.summary_of(conversation)
    return answer(desk_views.summary(found, desk_views.contact(family[0], family)))


async def list_orders(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The last orders of who is on the other side, as the shop's own system tells the assistant of them.

    `known` is false where the shop is not asked, does not answer, or nobody vouched for the visitor.
    """
    conversation = await doors.conversations.access(who, conversation_id)
    tool = doors.grants.known.get("get_order") if doors.grants else None
    if tool is None:
        return answer(desk_views.OrderList([], known=False))
    order = Order(tenant_id=who.tenant_id, conversation_id=conversation.id, turn_id="", key="", arguments={})
    try:
        async with asyncio.timeout(ORDERS_S):
            told = await tool.work(order)
    except (ToolRefused, MiaohuiError, TimeoutError):
        return answer(desk_views.OrderList([], known=False))
    found = told.get("orders", ()) if isinstance(told, dict) else ()
    return answer(desk_views.OrderList([desk_views.order(one) for one in found], known=True))


async def search_conversations(q: SoughtWords, doors: Doors, who: Who, limit: Limit = 20) -> Response:
    """Conversations in which somebody said these words, or with somebody of that name."""
    hits = await doors.search.find(who.tenant_id, q, limit)
    data = [
        desk_views.HitView(
            conversation=views.conversation(hit.conversation, who),
            message_id=hit.message.id if hit.message else "",
            seq=hit.message.seq if hit.message else 0,
            excerpt=hit.excerpt,
        )
        for hit in hits
    ]
    return answer(desk_views.HitList(data))


async def list_labels(doors: Doors, who: Who) -> Response:
    """Labels in use."""
    return answer(desk_views.LabelList(await doors.search.labels(who.tenant_id)))


async def search_contacts(doors: Doors, who: Who, q: Words = "", limit: Limit = 20) -> Response:
    """Contacts by name, by the company's own id, or by an attribute."""
    found = await doors.contacts.search(who.tenant_id, q, limit)
    return answer(desk_views.ContactList([desk_views.contact(one) for one in found]))


async def get_contact(contact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One contact; one that was merged is shown as whom it was found to be."""
    family = await doors.contacts.family(who.tenant_id, contact_id)
    return answer(desk_views.contact(family[0], family))


async def list_vips(doors: Doors, who: Who) -> Response:
    """Ids of contacts who are served sooner, for lists to mark them."""
    return answer(desk_views.Vips(await doors.contacts.list_vips(who.tenant_id)))


async def change_contact(contact_id: schemas.Id, form: desk_schemas.ChangeContact, doors: Doors, who: Who) -> Response:
    """Another name, other attributes. `vip` with any value but `no` is served sooner."""
    changed = await doors.contacts.update_attributes(who.tenant_id, contact_id, form.attributes, name=form.name)
    if form.name:
        await doors.conversations.rename(who.tenant_id, contact_id, changed.name)
    return answer(desk_views.contact(changed))


async def merge_contact(contact_id: schemas.Id, form: desk_schemas.MergeInto, doors: Doors, who: Who) -> Response:
    """They are one person. Agents see their conversations together; what each visitor may read stays as it was."""
    merged = await doors.contacts.merge(who.tenant_id, contact_id, form.into)
    await doors.journal.audit(who, "contact.merged", contact_id, {"into": merged.id})
    family = await doors.contacts.family(who.tenant_id, merged.id)
    return answer(desk_views.contact(family[0], family))


async def part_contact(contact_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Undo a merge."""
    parted = await doors.contacts.part(who.tenant_id, contact_id)
    await doors.journal.audit(who, "contact.parted", contact_id, {})
    return answer(desk_views.contact(parted))


async def block_contact(contact_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Take nothing more of this contact: what they send is refused with `contact_blocked`."""
    return await _block(contact_id, doors, who, blocked=True)


async def unblock_contact(contact_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Take their messages again."""
    return await _block(contact_id, doors, who, blocked=False)


async def _block(contact_id: str, doors: Doors, who: Who, *, blocked: bool) -> Response:
    contact = await doors.contacts.set_blocked(who.tenant_id, contact_id, blocked=blocked)
    await doors.conversations.block(who.tenant_id, [contact_id], blocked=blocked)
    await doors.journal.audit(who, "contact.blocked" if blocked else "contact.unblocked", contact_id, {})
    return answer(desk_views.contact(contact))
