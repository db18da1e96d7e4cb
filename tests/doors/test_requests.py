"""What REST promises beside its routes: keys that count once, limits that are told, pages that go on, probes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio
from tests.doors.building import Answer, Building, open_building
from tests.doors.test_routes import check_problem

from miaohui.channels import repository
from miaohui.channels.services import Degraded
from miaohui.identity.types import Principal, Scope
from miaohui.kit.clock import SystemClock
from miaohui.testing.clock import FakeClock

pytestmark = pytest.mark.asyncio(loop_scope="session")


# One effect per key


async def begin(building: Building, key: str, body: dict[str, Any], token: str = "") -> Answer:
    return await building.ask(
        "POST", "/v1/conversations", token=token or building.ours.key, json=body, headers={"idempotency-key": key}
    )


async def test_the_same_request_again_gives_the_same_answer(building: Building) -> None:
    first = await begin(building, "once", {"visitor_id": "a"})
    again = await begin(building, "once", {"visitor_id": "a"})
    assert (again.status, again.body) == (201, first.body)
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")


async def test_another_request_under_the_same_key_is_refused(building: Building) -> None:
    await begin(building, "other", {"visitor_id": "a"})
    refused = await begin(building, "other", {"visitor_id": "b"})
    check_problem(refused, 422)
    assert refused.json()["code"] == "idempotency_key_reused"


async def test_a_key_belongs_to_who_uses_it(building: Building) -> None:
    ours = await begin(building, "mine", {"visitor_id": "a"})
    theirs = await begin(building, "mine", {"visitor_id": "b"}, building.theirs.key)
    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]


async def test_ten_at_once_have_one_effect(building: Building) -> None:
    answers = await asyncio.gather(*(begin(building, "crowd", {"visitor_id": "crowd"}) for _ in range(10)))
    made = {answer.json()["id"] for answer in answers if answer.status == 201}
    assert len(made) == 1
    rest = [answer for answer in answers if answer.status != 201]
    assert {answer.json()["code"] for answer in rest} <= {"idempotency_in_progress"}
    assert (await begin(building, "crowd", {"visitor_id": "crowd"})).json()["id"] in made


async def test_while_the_first_is_served_the_second_is_told_to_wait(building: Building) -> None:
    ticket = repository.Ticket(
        tenant_id=building.ours.tenant.id,
        principal=(await building.house.identity.verify(building.ours.key)).key,
        key="slow",
        request_hash="0" * 64,
    )
    ledger = repository.IdempotencyRepository(building.house.database)
    now_ms = SystemClock().now_ms()
    assert await ledger.reserve(ticket, now_ms) is None
    earlier = await ledger.reserve(ticket, now_ms + 1_000)
    assert earlier is not None
    assert earlier.status == 0
    assert await ledger.reserve(ticket, now_ms + repository.ABANDONED_MS + 1) is None


async def test_a_key_is_free_again_when_the_request_was_refused(building: Building) -> None:
    check_problem(await begin(building, "refused", {"inbox_id": "nowhere"}), 404)
    assert (await begin(building, "refused", {"visitor_id": "a"})).status == 201


async def test_a_key_is_forgotten_after_a_day_and_not_before(building: Building) -> None:
    clock = FakeClock(SystemClock().now_ms())
    doors = building.again(clock=clock)
    first = await begin(doors, "day", {"visitor_id": "a"})
    clock.advance(24 * 3600 - 1)
    assert (await begin(doors, "day", {"visitor_id": "a"})).body == first.body
    clock.advance(2)
    later = await begin(doors, "day", {"visitor_id": "a"})
    assert (later.status, later.json()["id"] != first.json()["id"]) == (201, True)


async def test_an_answer_with_a_secret_is_told_once_and_never_kept(building: Building) -> None:
    ask = {"name": "told once", "scopes": ["chat"]}
    headers = {"idempotency-key": "secret"}
    first = await building.ask("POST", "/v1/keys", token=building.ours.agent, json=ask, headers=headers)
    assert first.status == 201
    again = await building.ask("POST", "/v1/keys", token=building.ours.agent, json=ask, headers=headers)
    check_problem(again, 409)
    assert again.json()["code"] == "told_once"
    listed = await building.ask("GET", "/v1/keys", token=building.ours.agent)
    assert first.json()["key"] not in listed.body.decode()


async def test_a_key_may_have_every_scope_there_is_and_no_other(building: Building) -> None:
    ask = {"name": "all of them", "scopes": list(get_args(Scope))}
    made = await building.ask("POST", "/v1/keys", token=building.ours.agent, json=ask)
    assert (made.status, set(made.json()["scopes"])) == (201, set(get_args(Scope)))
    ask["scopes"] = ["everything"]
    check_problem(await building.ask("POST", "/v1/keys", token=building.ours.agent, json=ask), 422)


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "ключ"])
async def test_a_key_that_is_none_is_refused(building: Building, key: str) -> None:
    sent = key.encode().decode("latin-1")
    for path, body in (("/v1/conversations", {}), ("/v1/chat", {"visitor_id": "a", "question": "?"})):
        answer = await building.ask("POST", path, token=building.ours.key, json=body, headers={"idempotency-key": sent})
        check_problem(answer, 422)


# Limits


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strict(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    """Two messages at once, then one a minute."""
    folder = tmp_path_factory.mktemp("strict")
    async with open_building(migrated, folder, visitor_messages_per_minute=1, visitor_burst=2) as opened:
        yield opened


async def say(building: Building, token: str, conversation: str, cmid: str) -> Answer:
    path = f"/v1/conversations/{conversation}/messages"
    return await building.ask("POST", path, token=token, json={"text": cmid}, headers={"idempotency-key": cmid})


async def ask(building: Building, visitor: str, cmid: str) -> Answer:
    body = {"visitor_id": visitor, "question": "如何退货?"}
    return await building.ask("POST", "/v1/chat", token=building.ours.key, json=body, headers={"idempotency-key": cmid})


def check_standing(answer: Answer, remaining: int) -> None:
    assert re.fullmatch(r'"visitor";q=\d+;w=\d+', answer.headers["ratelimit-policy"])
    assert re.fullmatch(rf'"visitor";r={remaining};t=\d+', answer.headers["ratelimit"])
    assert answer.headers["x-ratelimit-remaining"] == str(remaining)


async def test_over_the_limit_a_send_is_told_when_to_come_back_and_nothing_is_stored(strict: Building) -> None:
    token, conversation = await strict.visitor()
    for n, remaining in ((1, 1), (2, 0)):
        answer = await say(strict, token, conversation.id, f"m{n}")
        assert answer.status == 201
        check_standing(answer, remaining)
    refused = await say(strict, token, conversation.id, "m3")
    check_problem(refused, 429)
    check_standing(refused, 0)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert int(refused.headers["x-ratelimit-reset"]) >= int(refused.headers["retry-after"]) - 1
    stored = await strict.house.conversations.messages(conversation)
    assert [message.text for message in stored if message.sender == "visitor"] == ["m1", "m2"]


async def test_a_retry_of_an_accepted_send_is_not_refused_by_the_limit(strict: Building) -> None:
    token, conversation = await strict.visitor()
    first = await say(strict, token, conversation.id, "r1")
    await say(strict, token, conversation.id, "r2")
    assert (await say(strict, token, conversation.id, "r3")).status == 429
    again = await say(strict, token, conversation.id, "r1")
    assert again.status == 201
    assert (again.json()["id"], again.json()["seq"], again.json()["dup"]) == (
        first.json()["id"],
        first.json()["seq"],
        True,
    )


async def test_the_question_door_keeps_the_same_limits_for_each_visitor(strict: Building) -> None:
    first = await ask(strict, "limited", "q1")
    assert first.status == 200
    check_standing(first, 1)
    await ask(strict, "limited", "q2")
    refused = await ask(strict, "limited", "q3")
    check_problem(refused, 429)
    check_standing(refused, 0)
    assert int(refused.headers["retry-after"]) >= 1
    again = await ask(strict, "limited", "q1")
    assert (again.status, again.json()) == (200, first.json())
    assert (await ask(strict, "another", "q1")).status == 200


async def test_over_the_limit_no_stream_begins(strict: Building) -> None:
    for n in range(2):
        await ask(strict, "streamer", f"s{n}")
    body = {"visitor_id": "streamer", "question": "?"}
    refused = await strict.ask(
        "POST", "/v1/chat", token=strict.ours.key, json=body, headers={"accept": "text/event-stream"}
    )
    check_problem(refused, 429)
    check_standing(refused, 0)


async def test_log_ins_are_limited_by_account_and_client(building: Building) -> None:
    body = {"email": "nobody@example.com", "password": "wrong"}
    answers = [await building.ask("POST", "/v1/auth/login", json=body) for _ in range(12)]
    assert {answer.status for answer in answers} == {401, 429}
    check_problem(answers[-1], 429)
    assert int(answers[-1].headers["retry-after"]) >= 1


# Pages


async def thread(building: Building, count: int) -> tuple[str, str]:
    token, conversation = await building.visitor()
    agent = Principal(tenant_id=conversation.tenant_id, kind="agent", id=building.ours.person.id, role="owner")
    for n in range(count):
        current = await building.house.conversations.access(agent, conversation.id)
        await building.house.conversations.say(current, agent, f"{n}", f"t{n}")
    return token, f"/v1/conversations/{conversation.id}/messages"


async def walk(building: Building, token: str, path: str) -> list[list[int]]:
    """Every page's positions, by the `Link` of the one before."""
    pages = []
    while path:
        answer = await building.ask("GET", path, token=token)
        assert answer.status == 200, answer.body
        page = answer.json()
        pages.append([message["seq"] for message in page["data"]])
        link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        assert bool(link) == bool(page["next_cursor"])
        path = link[1] if link else ""
    return pages


async def test_messages_are_read_to_the_end_from_either_side(building: Building) -> None:
    token, path = await thread(building, 8)
    top = (await building.ask("GET", path, token=token)).json()["data"][-1]["seq"]
    up = await walk(building, token, f"{path}?after=0&limit=4")
    assert [seq for page in up for seq in page] == list(range(1, top + 1))
    down = await walk(building, token, f"{path}?limit=4")
    assert down[0] == list(range(top - 3, top + 1))
    assert [seq for page in reversed(down) for seq in page] == list(range(1, top + 1))


async def test_messages_between_two_positions_are_read_and_no_others(building: Building) -> None:
    token, path = await thread(building, 8)
    assert await walk(building, token, f"{path}?after=2&before=7&limit=2") == [[3, 4], [5, 6]]
    assert await walk(building, token, f"{path}?before=4&limit=2") == [[2, 3], [1]]


@pytest.mark.parametrize("cursor", ["x", "!!", "WzEsImEiXQ", "WzEsInNpZGV3YXlzIl0"])
async def test_a_cursor_of_another_list_is_refused(building: Building, cursor: str) -> None:
    token, path = await thread(building, 1)
    check_problem(await building.ask("GET", f"{path}?cursor={cursor}", token=token), 422)
    check_problem(await building.ask("GET", f"/v1/conversations?cursor={cursor}!", token=token), 422)


# Probes


async def test_a_node_is_ready_when_its_database_has_todays_tables(building: Building) -> None:
    answer = await building.ask("GET", "/readyz")
    assert answer.status == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


async def test_a_degraded_part_is_shown_and_a_failing_one_takes_the_node_out(building: Building) -> None:
    async def degraded() -> None:
        raise Degraded

    async def fine() -> None:
        return None

    async def broken() -> None:
        raise OSError

    answer = await building.again(checks={"database": fine, "bus": degraded}).ask("GET", "/readyz")
    assert (answer.status, answer.json()["checks"]) == (200, {"database": "ok", "bus": "degraded"})
    answer = await building.again(checks={"database": broken, "bus": fine}).ask("GET", "/readyz")
    assert (answer.status, answer.json()["status"]) == (503, "failing")
    assert answer.json()["checks"] == {"database": "failing", "bus": "ok"}


async def test_a_check_that_hangs_fails_in_time(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.rest.probes.CHECK_SECONDS", 0.05)
    answer = await building.again(checks={"database": asyncio.Event().wait}).ask("GET", "/readyz")  # type: ignore[dict-item]
    assert (answer.status, answer.json()["checks"]) == (503, {"database": "failing"})


async def test_a_draining_node_is_alive_and_not_ready(building: Building) -> None:
    doors = building.again()
    doors.app.state.sockets.announce_drain()
    assert (await doors.ask("GET", "/readyz")).json()["status"] == "draining"
    assert (await doors.ask("GET", "/healthz")).status == 200


async def test_metrics_leave_the_public_port_when_there_is_an_admin_port(building: Building) -> None:
    assert (await building.ask("GET", "/metrics")).status == 200
    check_problem(await building.again(admin_port=9).ask("GET", "/metrics"), 404)


# Webhooks


async def test_a_webhook_is_made_switched_and_its_secret_told_once(building: Building) -> None:
    owner = building.ours.agent
    made = await building.ask("POST", "/v1/webhooks", token=owner, json={"url": "https://example.com/hook"})
    assert made.status == 201
    hook = made.json()
    assert hook["secret"].startswith("whsec_")
    listed = await building.ask("GET", "/v1/webhooks", token=owner)
    assert hook["secret"] not in listed.body.decode()
    assert [(one["id"], one["enabled"]) for one in listed.json()["data"]] == [(hook["id"], True)]
    for act, enabled in (("disable", False), ("enable", True)):
        assert (await building.ask("POST", f"/v1/webhooks/{hook['id']}/{act}", token=owner)).status == 204
        now = (await building.ask("GET", "/v1/webhooks", token=owner)).json()["data"]
        assert [one["enabled"] for one in now] == [enabled]
    acts = (await building.ask("GET", "/v1/audit", token=owner)).json()["data"]
    assert {"webhook.created", "webhook.disabled", "webhook.enabled"} <= {one["act"] for one in acts}
    assert (await building.ask("GET", "/v1/webhooks", token=building.theirs.agent)).json()["data"] == []
    check_problem(await building.ask("POST", f"/v1/webhooks/{hook['id']}/disable", token=building.theirs.agent), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://127.0.0.1/hook"},
        {"url": "http://169.254.169.254/latest"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:pass@example.com/"},
        {"url": "https://example.com/\r\nx: y"},
        {"url": "https://example.com/", "events": ["no.such"]},
        {"url": "https://example.com/", "secret": "mine"},
        {"url": 7},
    ],
)
async def test_a_webhook_that_points_where_we_do_not_call_is_refused(building: Building, body: dict[str, Any]) -> None:
    check_problem(await building.ask("POST", "/v1/webhooks", token=building.theirs.agent, json=body), 422)
    assert (await building.ask("GET", "/v1/webhooks", token=building.theirs.agent)).json()["data"] == []


async def test_a_company_has_so_many_webhooks(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.rest.webhooks.MOST", 0)
    answer = await building.ask(
        "POST", "/v1/webhooks", token=building.theirs.agent, json={"url": "https://example.com/"}
    )
    check_problem(answer, 409)
    assert answer.json()["code"] == "endpoint_limit"


# Who may


async def test_who_lacks_the_right_is_forbidden(building: Building) -> None:
    house, tenant = building.house, building.ours.tenant.id
    await house.identity.create_person("agent@example.com", "agent", "correct horse battery", tenant, "agent")
    agent = (await house.identity.login("agent@example.com", "correct horse battery", "127.0.0.1")).access
    _, reader = await house.identity.create_key(tenant, "reader", ["conversations:read"])
    admins = [("GET", "/v1/keys"), ("GET", "/v1/audit"), ("GET", "/v1/webhooks"), ("POST", "/v1/webhooks")]
    for token in (agent, reader, building.ours.visitor):
        for method, path in admins:
            body = {"url": "https://example.com/"} if method == "POST" else None
            check_problem(await building.ask(method, path, token=token, json=body), 403)
    check_problem(await building.ask("POST", "/v1/conversations", token=reader, json={}), 403)
    body = {"visitor_id": "a", "question": "?"}
    check_problem(await building.ask("POST", "/v1/chat", token=reader, json=body), 403)
    assert (await building.ask("GET", "/v1/conversations", token=reader)).status == 200


async def test_a_question_of_nothing_is_refused_by_the_name_of_its_own_field(building: Building) -> None:
    for question in (" \n", "", "　"):
        body = {"visitor_id": "nothing", "question": question}
        refused = await building.ask("POST", "/v1/chat", token=building.ours.key, json=body)
        assert refused.status == 422
        assert [one["field"] for one in refused.json()["errors"]] == ["$.question"]
    body = {"visitor_id": "nothing", "question": "怎么退货"}
    assert (await building.ask("POST", "/v1/chat", token=building.ours.key, json=body)).status == 200
