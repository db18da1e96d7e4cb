"""What is not WeChat's, or not in its form, at the door: 400 or 403, never our fault, and cheap."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.wechat.town import KEY, Town, open_town

from miaohui.channels.wechat import crypto, letters
from miaohui.testing.virtual import run_virtually

MOST_S = 0.05
FIELDS = {
    "ToUserName": "gh_1",
    "FromUserName": "o_1",
    "CreateTime": "1",
    "MsgType": "text",
    "Content": "x",
    "MsgId": "1",
}


def signed(town: Town, *, token: str = "atoken", age_s: int = 0) -> str:
    timestamp = str(town.wechat.clock.now_ms() // 1000 - age_s)
    return f"signature={crypto.sign(token, timestamp, 'n')}&timestamp={timestamp}&nonce=n"


def locked(
    town: Town, body: bytes, *, receiver: str = "wx1234567890", with_signature: bool = True
) -> tuple[str, bytes]:
    timestamp = str(town.wechat.clock.now_ms() // 1000)
    text = crypto.lock(body, key=KEY, receiver=receiver, salt=bytes(16))
    signature = crypto.sign("atoken", timestamp, "n", text) if with_signature else crypto.sign("atoken", timestamp, "n")
    return f"{signed(town)}&encrypt_type=aes&msg_signature={signature}", letters.format_fields({"Encrypt": text})


def calls(town: Town) -> dict[str, tuple[str, bytes, int]]:
    """Query, body and the right answer, by what is wrong."""
    plain = letters.format_fields(FIELDS)
    bombs = {
        "laughs": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>',
        "external": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Content>x</Content></xml>',
        "deep": b"<xml>" + b"<a>" * 9_000,
        "utf-16": "<xml><Content>x</Content></xml>".encode("utf-16"),
        "nothing": b"",
        "words": b"\x00\xff",
    }
    return {
        "no signature": ("", plain, 403),
        "another token": (signed(town, token="other"), plain, 403),
        "an old call": (signed(town, age_s=301), plain, 403),
        "a call of the future": (signed(town, age_s=-301), plain, 403),
        "a parameter twice": (signed(town) + "&nonce=n", plain, 400),
        "plain words to an encrypted account": (signed(town), plain, 403),
        "the outer signature for the inner": (*locked(town, plain, with_signature=False), 403),
        "another account inside": (*locked(town, plain, receiver="wxother"), 403),
        "another company's account": (*locked(town, letters.format_fields({**FIELDS, "ToUserName": "gh_2"})), 403),
        "no lock at all": (signed(town) + "&encrypt_type=aes&msg_signature=x", plain, 403),
        "too long": (signed(town), b"0" * 70_000, 413),
        **{
            f"{name} outside": (signed(town) + "&encrypt_type=aes&msg_signature=x", body, 400)
            for name, body in bombs.items()
        },
        **{f"{name} inside": (*locked(town, body), 400) for name, body in bombs.items()},
        "no sender": (*locked(town, letters.format_fields({"ToUserName": "gh_1"})), 200),
        "an unknown kind": (*locked(town, letters.format_fields({**FIELDS, "MsgType": "novelty"})), 200),
    }


def test_every_malformed_call_is_refused_cheaply(sqlite_template: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with open_town(sqlite_template, tmp_path) as town:
            node = town.nodes[0]
            await node.call(signed(town), b"")  # the account is read once
            for name, (query, body, expected) in calls(town).items():
                began = time.thread_time()
                status, answer = await node.call(query, body)
                assert (name, status) == (name, expected)
                assert time.thread_time() - began <= MOST_S, name
                assert answer in {b"", b"success"}
            assert town.engine.requests == []

    run_virtually(story())


@pytest.mark.parametrize("right", [True, False])
def test_the_address_is_verified_for_who_knows_the_token(right: bool, sqlite_template: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with open_town(sqlite_template, tmp_path) as town:
            query = signed(town, token="atoken" if right else "other") + "&echostr=1234"
            assert await town.nodes[0].call(query, b"", "GET") == ((200, b"1234") if right else (403, b""))

    run_virtually(story())


def test_the_key_before_is_read_and_answered_with(sqlite_template: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with open_town(sqlite_template, tmp_path, ["可以。"], aes_key="B" * 43, previous_aes_key=KEY) as town:
            query, body = locked(town, letters.format_fields(FIELDS))
            status, answer = await town.nodes[0].call(query, body)
            opened = crypto.unlock(letters.parse_fields(answer)["Encrypt"], key=KEY, receiver="wx1234567890")
            assert (status, letters.parse_fields(opened)["Content"]) == (200, "可以。")

    run_virtually(story())
