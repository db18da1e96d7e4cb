"""What anybody writes reaches agents as text, letter by letter, in a form that no browser runs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.doors.building import Answer, Building

pytestmark = pytest.mark.asyncio(loop_scope="session")

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/?q=1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "{{7*7}} ${7*7} #{7*7} {0.__class__} %s",
    "</textarea><script>",
    "<a href='vbscript:x'>",
    "\u202eevil\u202c",
    "<!--#exec cmd=x-->",
    "&lt;b&gt; &#60;i&#62;",
    "＜script＞",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
]


def check_text(answer: Answer) -> Any:
    """JSON, and never anything else, whatever is in it."""
    assert answer.status in {200, 201}, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.json()


def strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(strings(child) for child in children)) if children else set()


@pytest.mark.parametrize("evil", CORPUS)
async def test_every_field_that_an_agent_sees_is_told_letter_by_letter(building: Building, evil: str) -> None:
    visitor, conversation = await building.visitor()
    key, owner, here = building.ours.key, building.ours.agent, f"/v1/conversations/{conversation.id}"

    async def do(method: str, path: str, body: Any = None, token: str = owner) -> Any:
        return check_text(await building.ask(method, path, token=token, json=body))

    said = await do("POST", f"{here}/messages", {"text": evil}, visitor)
    await building.house.turns.follow(conversation.tenant_id, said["turn"])
    await do("POST", f"{here}/messages", {"text": evil, "note": True})
    await do("PATCH", f"/v1/contacts/{conversation.contact_id}", {"name": evil, "attributes": {"page": evil}}, key)
    if evil.isprintable() and len(evil) <= 40:
        assert (await do("POST", f"{here}/labels", {"labels": [evil]}, key))["labels"] == [evil]
    ticket = await do(
        "POST", "/v1/tickets", {"subject": evil, "description": evil, "conversation_id": conversation.id}, key
    )
    await do("POST", f"/v1/tickets/{ticket['id']}/comments", {"text": evil})
    reply = await do("POST", "/v1/desk/replies", {"short_code": f"m{ticket['number']}", "text": evil}, key)
    assert reply["text"] == evil

    messages = await do("GET", f"{here}/messages")
    assert [one["text"] for one in messages["data"] if one["kind"] == "note"] == [evil]
    assert messages["data"][0]["text"] == evil
    shown = await do("GET", f"/v1/tickets/{ticket['id']}")
    assert (shown["subject"], shown["description"]) == (" ".join(evil.split()), evil)
    assert evil in strings(shown["events"])
    contact = await do("GET", f"/v1/contacts/{conversation.contact_id}")
    assert (contact["name"], contact["attributes"]["page"]) == (evil, evil)
    summary = await do("GET", f"{here}/summary")
    assert summary["wants"] == " ".join(evil.split())
    listed = await do("GET", f"/v1/conversations?contact_id={conversation.contact_id}")
    assert listed["data"][0]["preview"]
    found = await do("GET", "/v1/search/conversations?q=alert")
    assert all(isinstance(text, str) for text in strings(found))


async def test_a_team_and_a_rule_keep_their_names_as_they_are(building: Building) -> None:
    owner = building.ours.agent
    for number, evil in enumerate(CORPUS[:4]):
        name = f"{number}{evil}"
        team = check_text(await building.ask("POST", "/v1/desk/teams", token=owner, json={"name": name}))
        assert team["name"] == name
        body = {"name": name, "subject": evil, "label": f"l{number}"}
        rule = check_text(await building.ask("POST", "/v1/ticket-rules", token=owner, json=body))
        assert (rule["name"], rule["subject"]) == (name, " ".join(evil.split()))
