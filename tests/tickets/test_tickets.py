"""Tickets through the doors and on both databases."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.desk.place import TENANT, People, Place, Screen
from tests.doors.building import Answer, Building
from tests.doors.test_routes import check_problem
from tests.support.clock import ManualClock

from miaohui.identity.types import Principal
from miaohui.inboxes.hours import Hours, Span
from miaohui.kit.comma import BOM
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, NotFound
from miaohui.realtime.service import Realtime
from miaohui.tickets.errors import TicketChanged
from miaohui.tickets.ports import Neighbours
from miaohui.tickets.service import Tickets
from miaohui.tickets.types import Amendment, Filter, Opening, Rule

session_loop = pytest.mark.asyncio(loop_scope="session")
HOUR_MS = 3_600_000
A_MINUTE_A_DAY = {"timezone": "UTC", "week": [[{"start": 0, "end": 1}]] * 7}


class Office:
    """The room for tickets beside a desk."""

    def __init__(self, database: Database, people: People | None = None, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.place = Place(database, self.clock, people)
        around = Neighbours(self.place.conversations, self.place.realtime, self.place.people, self.place.inboxes)
        self.tickets = Tickets(database, self.clock, around)

    @property
    def realtime(self) -> Realtime:
        return self.place.realtime

    async def agent(self, name: str = "李雷") -> Principal:
        return await self.place.hire(name)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    here = Office(database)
    yield here
    await here.place.dispatch.settle()


async def test_tickets_are_numbered_without_a_gap_by_any_number_of_nodes(office: Office, database: Database) -> None:
    first = office
    agent = await first.agent()
    nodes = [first, *(Office(database, first.place.people, first.clock) for _ in range(3))]
    opened = await asyncio.gather(*(nodes[n % 4].tickets.open(agent, Opening(subject=f"第 {n} 件")) for n in range(12)))
    assert sorted(ticket.number for ticket in opened) == list(range(1, 13))


async def test_the_due_time_counts_the_hours_of_the_conversations_inbox(office: Office) -> None:
    agent, conversation = await office.agent(), await office.place.queued()
    assert office.place.inbox is not None
    now = datetime.fromtimestamp(office.clock.now_ms() / 1000, UTC)
    spans: list[tuple[Span, ...]] = [()] * 7
    spans[now.weekday()] = (Span(0, 1440),)
    hours = Hours(timezone="UTC", week=tuple(spans))
    await office.place.inboxes.set_hours(TENANT, office.place.inbox.id, hours)
    await office.tickets.set_targets(TENANT, {"urgent": 60, "high": 60, "medium": 2 * 24 * 60, "low": 60})
    ticket = await office.tickets.open(agent, Opening(subject="退款", conversation_id=conversation.id))
    assert ticket.due_at_ms - ticket.created_at_ms > 7 * 24 * HOUR_MS
    alone = await office.tickets.open(agent, Opening(subject="退款"))
    assert alone.due_at_ms - alone.created_at_ms == 2 * 24 * HOUR_MS
    assert (ticket.category, ticket.contact_id) == ("refund", conversation.contact_id)


async def test_waiting_stops_the_clock_and_going_on_winds_it_up_again(office: Office) -> None:
    agent = await office.agent()
    ticket = await office.tickets.open(agent, Opening(subject="s", priority="urgent"))
    office.clock.advance(3600)
    waiting = await office.tickets.change(agent, ticket.id, Amendment(status="waiting"))
    assert (waiting.due_at_ms, waiting.left_ms) == (0, 3 * HOUR_MS)
    office.clock.advance(100 * 3600)
    again = await office.tickets.change(agent, ticket.id, Amendment(status="in_progress"))
    assert again.due_at_ms == office.clock.now_ms() + 3 * HOUR_MS
    done = await office.tickets.change(agent, ticket.id, Amendment(status="done"))
    assert done.closed_at_ms == office.clock.now_ms()
    reopened = await office.tickets.change(agent, ticket.id, Amendment(status="open"))
    assert reopened.closed_at_ms == 0


async def test_of_those_who_change_a_ticket_at_once_nobodys_change_is_lost_unnoticed(office: Office) -> None:
    agent = await office.agent()
    ticket = await office.tickets.open(agent, Opening(subject="s"))
    results = await asyncio.gather(
        *(office.tickets.change(agent, ticket.id, Amendment(category=str(n))) for n in range(8)),
        return_exceptions=True,
    )
    made = [result for result in results if not isinstance(result, BaseException)]
    refused = [result for result in results if isinstance(result, TicketChanged)]
    assert len(made) + len(refused) == 8
    kinds = [event.kind for event in await office.tickets.events(ticket)]
    assert kinds.count("changed") == len(made) >= 1


async def test_every_change_is_kept_and_told_to_agents(office: Office) -> None:
    agent = await office.agent()
    screen = Screen(agent)
    office.realtime.watch_tenant(TENANT, screen)
    ticket = await office.tickets.open(agent, Opening(subject="s"))
    await office.tickets.comment(agent, ticket.id, "打过电话了")
    await office.tickets.change(agent, ticket.id, Amendment(status="done", assignee_id=agent.id))
    kinds = [(event.kind, event.actor_name) for event in await office.tickets.events(ticket)]
    assert kinds == [("opened", "李雷"), ("comment", "李雷"), ("changed", "李雷")]
    told = screen.of("ticket.updated")
    assert [(one["number"], one["status"]) for one in told] == [(1, "open"), (1, "open"), (1, "done")]


async def test_a_follow_up_is_sent_once_when_it_is_due_and_not_before(office: Office, database: Database) -> None:
    agent, conversation = await office.agent(), await office.place.queued()
    other = Office(database, office.place.people, office.clock)
    ticket = await office.tickets.open(agent, Opening(subject="回访", conversation_id=conversation.id))
    await office.tickets.plan_follow_up(agent, ticket.id, office.clock.now_ms() + HOUR_MS, "问题解决了吗?")
    await office.tickets.send_follow_ups()
    assert "问题解决了吗?" not in [m.text for m in await office.place.thread(conversation)]
    office.clock.advance(3601)
    for _ in range(3):
        await asyncio.gather(*(node.tickets.send_follow_ups() for node in (office, other, office)))
    said = [m for m in await office.place.thread(conversation) if m.text == "问题解决了吗?"]
    assert [(m.sender, m.sender_name) for m in said] == [("agent", "李雷")]
    kinds = [event.kind for event in await office.tickets.events(ticket)]
    assert kinds[:3] == ["opened", "follow_up_planned", "follow_up_sent"]
    assert (await office.tickets.get(TENANT, ticket.id)).follow_up_at_ms == 0


async def test_a_dropped_follow_up_is_not_sent(office: Office) -> None:
    agent, conversation = await office.agent(), await office.place.queued()
    ticket = await office.tickets.open(agent, Opening(subject="回访", conversation_id=conversation.id))
    await office.tickets.plan_follow_up(agent, ticket.id, office.clock.now_ms() + HOUR_MS, "好了吗")
    await office.tickets.drop_follow_up(agent, ticket.id)
    office.clock.advance(7200)
    await office.tickets.send_follow_ups()
    assert "好了吗" not in [m.text for m in await office.place.thread(conversation)]


async def test_who_belongs_to_no_conversation_cannot_be_asked(office: Office) -> None:
    agent = await office.agent()
    ticket = await office.tickets.open(agent, Opening(subject="s"))
    with pytest.raises(Conflict):
        await office.tickets.plan_follow_up(agent, ticket.id, office.clock.now_ms() + HOUR_MS, "好了吗")


async def test_a_rule_opens_one_ticket_for_a_conversation(office: Office) -> None:
    rule = Rule(id="", tenant_id=TENANT, name="投诉", label="投诉", subject="投诉跟进", priority="high")
    made = await office.tickets.create_rule(rule)
    conversation = await office.place.queued()
    await office.tickets.apply_rules(conversation)
    assert (await office.tickets.list_(TENANT, Filter())).data == []
    labelled = await office.place.conversations.mark(conversation, labels=["投诉"])
    await asyncio.gather(*(office.tickets.apply_rules(labelled) for _ in range(4)))
    opened = (await office.tickets.list_(TENANT, Filter())).data
    assert [(one.subject, one.opened_by, one.conversation_id) for one in opened] == [
        ("投诉跟进", f"rule:{made.id}", conversation.id)
    ]


async def test_the_assistant_opens_a_ticket_of_its_conversation(office: Office) -> None:
    conversation = await office.place.queued()
    ticket = await office.tickets.open_for_assistant(conversation, Opening(subject="发票重开"))
    assert (ticket.opened_by, ticket.category, ticket.inbox_id) == ("assistant", "payment", conversation.inbox_id)


async def test_another_companys_ticket_is_not_there(office: Office) -> None:
    agent = await office.agent()
    ticket = await office.tickets.open(agent, Opening(subject="s"))
    with pytest.raises(NotFound):
        await office.tickets.get("ten_2", ticket.id)
    assert (await office.tickets.list_("ten_2", Filter())).data == []


async def test_tickets_are_listed_by_what_is_asked_for_page_by_page(office: Office) -> None:
    agent = await office.agent()
    for n in range(5):
        office.clock.advance(1)
        await office.tickets.open(agent, Opening(subject=str(n), priority="urgent" if n % 2 else "low"))
    first = await office.tickets.list_(TENANT, Filter(), limit=3)
    rest = await office.tickets.list_(TENANT, Filter(), cursor=first.next_cursor, limit=3)
    assert [one.subject for one in first.data + rest.data] == ["4", "3", "2", "1", "0"]
    urgent = await office.tickets.list_(TENANT, Filter(priority="urgent"))
    assert [one.subject for one in urgent.data] == ["3", "1"]
    office.clock.advance(5 * 3600)
    late = await office.tickets.list_(TENANT, Filter(overdue_at_ms=office.clock.now_ms()))
    assert [one.subject for one in late.data] == ["3", "1"]


async def ask(building: Building, method: str, path: str, json: Any = None, token: str = "") -> Answer:
    return await building.ask(method, path, token=token or building.ours.agent, json=json)


@session_loop
async def test_a_ticket_is_opened_changed_and_shown_over_rest(building: Building) -> None:
    form = {"subject": "重开发票", "conversation_id": building.ours.conversation.id}
    opened = await ask(building, "POST", "/v1/tickets", form)
    assert opened.status == 201
    assert (opened.json()["category"], opened.json()["overdue"]) == ("payment", False)
    path = f"/v1/tickets/{opened.json()['id']}"
    changed = await ask(building, "PATCH", path, {"status": "waiting", "assignee_id": building.ours.person.id})
    assert (changed.json()["status"], changed.json()["due_at"]) == ("waiting", None)
    mine = await ask(building, "GET", "/v1/tickets?assignee_id=me")
    assert opened.json()["id"] in [one["id"] for one in mine.json()["data"]]
    said = await ask(building, "POST", f"{path}/comments", {"text": "已联系财务"})
    assert said.status == 201
    shown = await ask(building, "GET", path)
    assert [event["kind"] for event in shown.json()["events"]] == ["opened", "changed", "comment"]
    check_problem(await ask(building, "GET", path, token=building.theirs.agent), 404)
    check_problem(await ask(building, "GET", path, token=building.ours.visitor), 403)


@session_loop
@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"subject": ""}, 422),
        ({"subject": " "}, 422),
        ({"subject": "x", "priority": "huge"}, 422),
        ({"subject": "x", "number": 7}, 422),
        ({"subject": "x", "assignee_id": "per_nobody"}, 404),
        ({"subject": "x", "conversation_id": "conv_nobody"}, 404),
        ({"subject": "x", "team_id": "team_nobody"}, 404),
    ],
)
async def test_a_ticket_that_cannot_be_is_refused(building: Building, form: dict[str, Any], status: int) -> None:
    check_problem(await ask(building, "POST", "/v1/tickets", form), status)


@session_loop
async def test_the_export_is_a_file_in_which_nothing_is_a_formula(building: Building) -> None:
    await ask(building, "POST", "/v1/tickets", {"subject": '=HYPERLINK("http://evil.example","x")'})
    file = await ask(building, "GET", "/v1/tickets.csv")
    assert file.status == 200
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["x-content-type-options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(file.body.decode().removeprefix(BOM))))
    assert '\'=HYPERLINK("http://evil.example","x")' in [row[1] for row in rows]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@session_loop
async def test_rules_and_targets_are_for_administrators(building: Building) -> None:
    rule = {"name": "情绪", "handoff_reason": "sentiment", "subject": "安抚"}
    made = await ask(building, "POST", "/v1/ticket-rules", rule)
    assert made.status == 201
    check_problem(await ask(building, "POST", "/v1/ticket-rules", {"name": "x", "subject": "y"}), 422)
    listed = await ask(building, "GET", "/v1/ticket-rules")
    assert [one["name"] for one in listed.json()["data"]] == ["情绪"]
    assert (await ask(building, "DELETE", f"/v1/ticket-rules/{made.json()['id']}")).status == 204
    targets = {"urgent": 30, "high": 60, "medium": 120, "low": 240}
    assert (await ask(building, "POST", "/v1/ticket-targets", targets)).json() == targets
    assert (await ask(building, "GET", "/v1/ticket-targets", token=building.theirs.agent)).json()["urgent"] == 240


@session_loop
async def test_a_rule_is_changed_as_a_whole_and_one_that_asks_for_nothing_is_not(building: Building) -> None:
    rule = {"name": "投诉", "label": "投诉", "subject": "有人投诉", "priority": "high"}
    made = (await ask(building, "POST", "/v1/ticket-rules", rule)).json()
    path = f"/v1/ticket-rules/{made['id']}"
    changed = {**rule, "label": "", "handoff_reason": "sentiment", "priority": "urgent"}
    told = await ask(building, "PUT", path, changed)
    assert told.status == 200, told.body
    assert {name: told.json()[name] for name in changed} == changed
    assert told.json()["id"] == made["id"]
    check_problem(await ask(building, "PUT", path, {"name": "x", "subject": "y"}), 422)
    check_problem(await ask(building, "PUT", path, changed, token=building.theirs.agent), 404)
    check_problem(await ask(building, "PUT", "/v1/ticket-rules/rule_none", changed), 404)
    listed = (await ask(building, "GET", "/v1/ticket-rules")).json()["data"]
    assert told.json() in listed
    await ask(building, "DELETE", path)


@session_loop
async def test_due_times_are_shown_before_targets_are_set_and_nothing_is_kept(building: Building) -> None:
    before = (await ask(building, "GET", "/v1/ticket-targets")).json()
    targets = {"urgent": 60, "high": 120, "medium": 180, "low": 240}
    shown = (await ask(building, "POST", "/v1/ticket-targets/preview", targets)).json()
    due = {priority: datetime.fromisoformat(at) for priority, at in shown.items()}
    assert [(due[one] - due["urgent"]).total_seconds() for one in targets] == [0, 3600, 7200, 10_800]
    closed = {**targets, "inbox_id": building.ours.inbox.id}
    await ask(building, "POST", f"/v1/inboxes/{building.ours.inbox.id}/hours", A_MINUTE_A_DAY)
    later = (await ask(building, "POST", "/v1/ticket-targets/preview", closed)).json()
    await ask(building, "DELETE", f"/v1/inboxes/{building.ours.inbox.id}/hours")
    assert (datetime.fromisoformat(later["urgent"]) - due["urgent"]).days >= 58
    assert (await ask(building, "GET", "/v1/ticket-targets")).json() == before
    elsewhere = {**targets, "inbox_id": building.theirs.inbox.id}
    check_problem(await ask(building, "POST", "/v1/ticket-targets/preview", elsewhere), 404)
    check_problem(await ask(building, "POST", "/v1/ticket-targets/preview", {**targets, "low": 0}), 422)
