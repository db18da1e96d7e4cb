"""What is kept of a contact: to be given out, and to be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response

from miaohui.channels.repository import IdempotencyRepository
from miaohui.channels.rest import desk_views, knowledge_views, outside_views, schemas, ticket_views, views
from miaohui.channels.rest import office_views as told
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.conversations.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.channels.media.types import Media
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal

MOST_AT_ONCE = 200
MOST_CONVERSATIONS = 200
MOST_MESSAGES = 1_000
"""Of one conversation: the last ones."""


async def export_contact(contact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Everything that is kept of a contact and of those found to be the same: what they may ask you for."""
    family = await doors.contacts.family(who.tenant_id, contact_id)
    ids = [one.id for one in family]
    threads, complete = await _threads(doors, who, ids)
    facts = [fact for one in ids for fact in await doors.long_term.list_(who.tenant_id, one)]
    visits = [await doors.contacts.visits.find(who.tenant_id, one) for one in ids]
    tickets = await doors.tickets.list_of_contacts(who.tenant_id, ids)
    now_ms = doors.clock.now_ms()
    await doors.journal.audit(who, "contact.exported", contact_id, {})
    view = told.ContactExport(
        contact=desk_views.contact(family[0], family),
        visits=[told.visit(one) for one in visits if one is not None],
        facts=[knowledge_views.fact(one) for one in facts],
        conversations=threads,
        tickets=[ticket_views.ticket(one, now_ms) for one in tickets],
        files=[outside_views.file(one) for one_id in ids for one in await _files(doors, who, one_id)],
        complete=complete,
    )
    return answer(view, headers={"content-disposition": f'attachment; filename="{contact_id}.json"'})


async def _files(doors: Services, who: Principal, contact_id: str) -> Sequence[Media]:
    return [] if doors.media is None else await doors.media.store.list_sent_by(who.tenant_id, contact_id)


async def erase_contact(contact_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Every word of a contact, and of those found to be the same, is gone for good; that they were here is left."""
    ids = [one.id for one in await doors.contacts.family(who.tenant_id, contact_id)]
    for one in ids:
        await doors.long_term.forget_all(who.tenant_id, one)
    await _drop_files(doors, who, ids)
    tickets = await doors.tickets.erase(who.tenant_id, ids)
    conversations, messages = await doors.conversations.erase(who.tenant_id, ids)
    for one in ids:
        if doors.media is not None:
            await doors.media.store.drop_sent_by(who.tenant_id, one)
        await IdempotencyRepository(doors.database).forget_visitor(who.tenant_id, one)
        await doors.contacts.erase(who.tenant_id, one)
    await doors.journal.audit(who, "contact.erased", contact_id, {"conversations": conversations})
    return answer(told.Erased(contacts=len(ids), conversations=conversations, messages=messages, tickets=tickets))


async def _drop_files(doors: Services, who: Principal, ids: Sequence[str]) -> None:
    """While the words are there that name them."""
    cursor = ""
    while doors.media is not None:
        page = await doors.conversations.list_(who, Filter(contact_ids=tuple(ids)), cursor=cursor)
        for one in page.data:
            seq = 0
            while said := await doors.conversations.messages_after(one, seq, MOST_AT_ONCE):
                await doors.media.store.drop_named(who.tenant_id, [message.text for message in said])
                seq = said[-1].seq
        cursor = page.next_cursor
        if not cursor:
            return


async def _threads(doors: Services, who: Principal, ids: Sequence[str]) -> tuple[list[told.Thread], bool]:
    wanted = Filter(contact_ids=tuple(ids))
    page = await doors.conversations.list_(who, wanted, limit=MOST_CONVERSATIONS)
    threads, complete = [], not page.next_cursor
    for one in page.data:
        said = await doors.conversations.messages(one, limit=MOST_MESSAGES)
        complete = complete and len(said) < MOST_MESSAGES
        messages = [views.message(message, who) for message in said]
        threads.append(told.Thread(conversation=views.conversation(one, who), messages=messages))
    return threads, complete
