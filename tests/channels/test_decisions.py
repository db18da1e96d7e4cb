"""What the doors decide: rights, origins, ids, limits told, bodies read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels import policy
from miaohui.channels.rates import headers_of
from miaohui.channels.reading import parse_json
from miaohui.guard.types import Limit
from miaohui.identity.types import Principal
from miaohui.inboxes.types import Assistant, Inbox
from miaohui.kit.errors import Forbidden, Unreadable

VISITOR = Principal(tenant_id="t", kind="visitor", id="v", inbox_id="i")
AGENT = Principal(tenant_id="t", kind="agent", id="a", role="agent")
OWNER = Principal(tenant_id="t", kind="agent", id="o", role="owner")


def key(*scopes: str) -> Principal:
    return Principal(tenant_id="t", kind="key", id="k", scopes=frozenset(scopes))


def test_agents_serve_and_only_owners_and_admins_administer() -> None:
    policy.check_right(AGENT, "conversations:write")
    policy.check_right(OWNER, "admin")
    for principal in (AGENT, VISITOR, key("conversations:write")):
        with pytest.raises(Forbidden):
            policy.check_right(principal, "admin")


def test_a_key_has_its_scopes_and_an_admin_key_all() -> None:
    policy.check_right(key("chat"), "chat")
    policy.check_right(key("admin"), "knowledge:read")
    with pytest.raises(Forbidden) as refusal:
        policy.check_right(key("chat"), "conversations:read")
    assert refusal.value.code == "missing_scope"


def inbox(*origins: str) -> Inbox:
    return Inbox(
        id="i", tenant_id="t", name="n", channel="web", site_key="s", allowed_origins=origins, assistant=Assistant()
    )


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example", True),
        ("", True),
        ("null", False),
        ("http://shop.example", False),
        ("https://shop.example:444", False),
        ("https://shop.example.evil.example", False),
        ("https://evil.example/https://shop.example", False),
    ],
)
def test_an_origin_is_on_the_list_or_is_not(origin: str, allowed: bool) -> None:
    assert policy.origin_allowed(origin, inbox("https://shop.example")) is allowed
    assert policy.origin_allowed(origin, inbox())


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://x:8000", True),
        ("HTTP://X:8000", True),
        ("http://x", False),
        ("http://x:8000.evil", False),
        ("null", False),
    ],
)
def test_a_host_is_ours_or_is_not(origin: str, same: bool) -> None:
    assert policy.same_host(origin, "x:8000") is same


@given(st.text(max_size=64), st.text(max_size=64))
def test_a_first_message_names_its_conversation_by_itself(one: str, other: str) -> None:
    first = policy.first_conversation_id(VISITOR, one)
    assert re.fullmatch(r"conv_[0-9A-HJKMNP-TV-Z]{26}", first)
    assert (policy.first_conversation_id(VISITOR, other) == first) is (one == other)
    stranger = Principal(tenant_id="other", kind="visitor", id="v", inbox_id="i")
    assert policy.first_conversation_id(stranger, one) != first


def limit(name: str, remaining: int, most: int, retry_after_s: float = 0.0) -> Limit:
    return Limit(
        name=name, limit=most, remaining=remaining, window_s=60, retry_after_s=retry_after_s, allowed=not retry_after_s
    )


def test_the_limit_that_leaves_fewest_messages_is_told() -> None:
    headers = headers_of([limit("visitor", 9, 30), limit("tenant", 3000, 60_000)])
    assert headers["ratelimit-policy"] == '"visitor";q=30;w=60'
    assert headers["x-ratelimit-remaining"] == "9"
    headers = headers_of([limit("visitor", 9, 30), limit("tenant", 0, 60_000, 1.2)])
    assert headers["ratelimit"] == '"tenant";r=0;t=2'
    assert headers_of([]) == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{} {}", b'{"a":1,"a":2}', b"NaN", b"[1e999]", b"\xff", b"\xef\xbb\xbf{}", b"[" * 70 + b"]" * 70],
)
def test_a_body_that_is_not_one_plain_value_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_json(body)


def test_brackets_inside_strings_are_no_depth_and_whole_numbers_are_integers() -> None:
    assert parse_json(b'{"a": "' + b"[" * 500 + b'"}') == {"a": "[" * 500}
    assert parse_json(b"[7.0, 7.5]") == [7, 7.5]
    assert type(parse_json(b"7.0")) is int


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=20))
def test_what_json_says_is_what_is_read(value: object) -> None:
    import json

    assert parse_json(json.dumps(value).encode()) == value
