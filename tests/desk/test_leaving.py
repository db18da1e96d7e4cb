"""When a conversation's time is over, or a contact is erased, nothing is left but what stands here by name."""

from __future__ import annotations

import pytest
from sqlalchemy import Text, insert, select, update
from tests.desk.every_table import fill, holding, linked
from tests.doors.building import Building
from tests.support.clock import ManualClock

from miaohui.channels.tables import channel_threads
from miaohui.conversations.tables import conversations
from miaohui.inboxes.tables import inboxes
from miaohui.journal.keeping import Keeping, Terms
from miaohui.kit.database import Database, Operation, metadata
from miaohui.tenants.tables import tenants
from miaohui.tickets.tables import tickets
from miaohui.webhooks.tables import outbox
from miaohui.wiring.leaving import GOES_WITH_A_CONVERSATION

TENANT = "ten_1"
DAY_MS = 86_400_000

STAYS_AFTER_ITS_TIME = {
    "contacts": "the contact is still one; only the conversation was kept for long enough",
    "contact_facts": "what is remembered is the contact's, without the way back to where it was said",
    "tickets": "a ticket outlives its conversation, without the way back to it",
    "ticket_events": "as tickets",
    "engine_attempts": "what each turn cost, by id alone; folded into days after `engine_ledger_days`",
    "idempotency": "answers to the contact's own requests, for a day",
    "audit": "who did what, for good",
    "audit_chain": "says itself that the conversation was erased",
}
STAYS_WITHOUT_WORDS = {
    "conversations": "that somebody was here, and when",
    "messages": "that something was said; each text is `[erased]`",
    "turns": "that it was answered, and in which version of the knowledge base",
    "contacts": "that somebody was here",
    "tickets": "that there was one; its texts are gone",
    "ticket_events": "that something was done, and by whom",
    "desk_mentions": "which colleague was called, by whom",
    "desk_ratings": "the score, for the figures",
    "desk_reviews": "the score",
    "desk_stints": "who served when",
    "engine_attempts": "what each turn cost",
    "audit": "who exported and erased",
}
NOBODYS = {
    "unanswered_questions": "what was typed, without who typed it; dismissed by hand",
    "channel_heard": "answers that a platform may ask for again, by a hash, for minutes",
    "channel_media": "files that no message names and no visitor sent, for their own time",
    "channel_media_parts": "what is in those files, and in no others",
    "idempotency": "answers to agents' requests, for a day",
    "webhook_attempts": "that a call was made, without what it said",
    "article_drafts": "the company's own words",
    "article_revisions": "as article_drafts",
    "revision_chunks": "as article_drafts",
    "desk_replies": "as article_drafts",
    "desk_notices": "as article_drafts",
    "desk_preferences": "how an agent likes their desk, without a word of a visitor",
    "price_lists": "as article_drafts",
    "connectors": "as article_drafts",
    "ticket_rules": "as article_drafts",
    "guard_words": "as article_drafts",
    "company_limits": "numbers that the company set",
    "tenant_standings": "whether the company is served",
}
"""Tables with words in them that no id ties to anybody."""
WORDY = {"question", "answer", "payload", "body", "text", "texts", "description", "source", "subject", "detail"}


async def open_up(database: Database) -> None:
    def operation() -> Operation[None]:
        yield insert(tenants), {"id": TENANT, "name": "T", "slug": "t", "created_at_ms": 1}
        row = {"id": "x", "tenant_id": TENANT, "channel": "mail", "name": "n", "site_key": "s", "secret": "s"}
        row |= {"allowed_origins": "[]", "assistant": "{}", "locale": "zh-CN"}
        yield insert(inboxes), {**row, "created_at_ms": 1}

    await database.write(operation)


async def test_nothing_of_a_conversation_is_left_when_its_time_is_over(database: Database) -> None:
    clock = ManualClock()
    await open_up(database)
    await fill(database, TENANT, "gone", clock.now_ms() - 40 * DAY_MS)
    await fill(database, TENANT, "kept", clock.now_ms())
    everywhere = {one.name for one in linked()}
    assert await holding(database, "_gone") == await holding(database, "_kept") == everywhere
    keeping = Keeping(database, clock, Terms(conversations_days=30), GOES_WITH_A_CONVERSATION)
    assert await keeping.sweep() == 1
    assert await holding(database, "_gone") == set(STAYS_AFTER_ITS_TIME)
    assert await holding(database, "_kept") == everywhere, "nothing of another conversation goes with it"
    dangling = await holding(database, "conv_gone", "msg_gone", "turn_gone")
    assert dangling == {"engine_attempts", "audit_chain"}, "no other row points at what is not there"


async def test_without_the_rooms_around_something_would_be_left(database: Database) -> None:
    clock = ManualClock()
    await open_up(database)
    await fill(database, TENANT, "gone", clock.now_ms() - 40 * DAY_MS)
    assert await Keeping(database, clock, Terms(conversations_days=30)).sweep() == 1
    assert {"desk_ratings", "desk_translations", "channel_threads"} <= await holding(database, "conv_gone")


async def test_what_is_still_due_outside_is_told_and_a_follow_up_goes_nowhere(database: Database) -> None:
    clock = ManualClock()
    await open_up(database)
    await fill(database, TENANT, "gone", clock.now_ms() - 40 * DAY_MS)

    def change() -> Operation[None]:
        yield update(outbox).values(state="pending"), {}
        yield update(tickets).values(follow_up_at_ms=5), {}

    await database.write(change)
    await Keeping(database, clock, Terms(conversations_days=30), GOES_WITH_A_CONVERSATION).sweep()
    assert "outbox" in await holding(database, "conv_gone")
    ticket = (await database.read(select(tickets.c.conversation_id, tickets.c.follow_up_at_ms)))[0]
    assert (ticket["conversation_id"], ticket["follow_up_at_ms"]) == ("", 0)


@pytest.mark.asyncio(loop_scope="session")
async def test_no_word_of_an_erased_contact_is_left_in_any_table(building: Building) -> None:
    house, tenant = building.house, building.ours.tenant.id
    now_ms = house.clock.now_ms()
    for who in ("gone", "kept"):
        await fill(house.database, tenant, who, now_ms)
    here = await holding(house.database, "words_gone")
    assert len(here) > 15
    answer = await building.ask("POST", "/v1/contacts/cont_gone/erase", token=building.ours.agent, json={})
    assert answer.status == 200, answer.body
    assert answer.json() == {"contacts": 1, "conversations": 1, "messages": 1, "tickets": 1}
    assert await holding(house.database, "words_gone") == set()
    assert await holding(house.database, "words_kept") == here
    assert await holding(house.database, "_gone") == set(STAYS_WITHOUT_WORDS)


@pytest.mark.asyncio(loop_scope="session")
async def test_who_writes_again_after_their_conversation_went_begins_anew(building: Building) -> None:
    house, inbox = building.house, building.ours.inbox
    first = await _thread(building, "openid-returns")
    long_ago = house.clock.now_ms() - 40 * DAY_MS

    def resolve() -> Operation[None]:
        ours = conversations.c.id == first
        yield update(conversations).where(ours).values(status="resolved", updated_at_ms=long_ago), {}

    await house.database.write(resolve)
    keeping = Keeping(house.database, house.clock, Terms(conversations_days=30), GOES_WITH_A_CONVERSATION)
    assert await keeping.sweep() >= 1
    assert await house.conversations.find(inbox.tenant_id, first) is None
    again = await _thread(building, "openid-returns")
    assert await house.conversations.find(inbox.tenant_id, again) is not None
    row = channel_threads.c.address == "openid-returns"
    assert len(await house.database.read(select(channel_threads).where(row))) == 1


async def _thread(building: Building, address: str) -> str:
    """The conversation behind an address of a door, as a message from there finds it."""
    threads, inbox = building.house.doors.threads, building.ours.inbox
    _, conversation = await threads.conversation_of(await threads.meet(inbox.tenant_id, inbox.id, address))
    return conversation.id


def test_tables_with_words_that_are_nobodys_stand_here_by_name() -> None:
    known = {one.name for one in linked()} | set(NOBODYS)
    wordy = {
        table.name
        for table in metadata.sorted_tables
        if any(isinstance(column.type, Text) and column.name in WORDY for column in table.columns)
    }
    assert wordy - known == set(), "say who goes with it in wiring/leaving.py, or here why it stays"
