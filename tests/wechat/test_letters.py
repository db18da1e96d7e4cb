from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.threads.splitting import split
from miaohui.channels.wechat.letters import format_fields, format_reply, parse_fields, read_heard
from miaohui.channels.wechat.policy import is_fresh, judge, key_of, words_of
from miaohui.kit.errors import Unreadable


def test_a_message_is_read() -> None:
    body = (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o_1]]></FromUserName>"
        "<CreateTime>1348831860</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        "<Content><![CDATA[<b>你好</b>]]></Content><MsgId>1234567890123456</MsgId></xml>"
    )
    heard = read_heard(parse_fields(body.encode()))
    assert (heard.to, heard.sender, heard.at_s, heard.text) == ("gh_1", "o_1", 1348831860, "<b>你好</b>")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"MsgType": "voice", "Recognition": "怎么退货"}, "怎么退货"),
        ({"MsgType": "voice"}, "[语音]"),
        ({"MsgType": "image", "PicUrl": "https://x/"}, "[图片]"),
        (
            {"MsgType": "location", "Location_X": "23.1", "Location_Y": "113.3", "Label": "广州"},
            "[位置] 广州 (23.1, 113.3)",
        ),
        ({"MsgType": "link", "Title": "题", "Url": "https://x/"}, "[链接] 题 https://x/"),
        ({"MsgType": "novelty"}, ""),
        ({}, ""),
    ],
)
def test_every_kind_becomes_words(fields: dict[str, str], words: str) -> None:
    assert words_of(read_heard(fields)) == words


def test_what_is_delivered_twice_has_one_key_and_another_has_its_own() -> None:
    event = {"FromUserName": "o_1", "CreateTime": "1", "MsgType": "event", "Event": "subscribe"}
    assert key_of(read_heard(event)) == key_of(read_heard({**event, "ToUserName": "gh_1"}))
    assert key_of(read_heard(event)) != key_of(read_heard({**event, "CreateTime": "2"}))
    assert key_of(read_heard({**event, "MsgId": "9" * 5000})) != key_of(read_heard(event))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"words",
        b"<html></html>",
        b"<xml>",
        b"<xml><a></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml></xml>',
        b'<?xml version="1.0"?><!DOCTYPE xml><xml></xml>',
        b"<xml>&unknown;</xml>",
        b"<xml><a>\x00</a></xml>",
        b"<xml><a>\xff</a></xml>",
        "<xml><a>1</a></xml>".encode("utf-16"),
        b"<xml>" * 10_000,
        b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>",
    ],
)
def test_what_is_no_plain_message_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_fields(body)


def test_of_a_field_that_stands_twice_the_first_counts() -> None:
    assert parse_fields(b"<xml><MsgId>1</MsgId><MsgId>2</MsgId></xml>")["MsgId"] == "1"


@given(st.text())
def test_any_words_are_well_formed(words: str) -> None:
    root = fromstring(format_reply("o_1", "gh_1", 1, words).decode())
    kept = "".join(c for c in words if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
    assert (root.findtext("Content") or "") == kept


def test_fields_come_back_as_they_were() -> None:
    assert parse_fields(format_fields({"Content": "a]]>b<c>&d"})) == {"Content": "a]]>b<c>&d"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(4, 60))
def test_no_part_is_too_long_and_nothing_is_lost(words: str, most: int) -> None:
    parts = split(words, most)
    assert all(0 < len(part.encode()) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(words.split())


def test_parts_end_where_sentences_do() -> None:
    assert split("七天内可以退。运费由买家承担。还有呢?", 44) == ("七天内可以退。", "运费由买家承担。还有呢?")


def test_a_character_of_four_bytes_is_not_cut() -> None:
    assert split("😀" * 3, 10) == ("😀😀", "😀")
    assert split("a" * 6 + "👍🏽", 12) == ("a" * 6, "👍🏽")


@pytest.mark.parametrize(
    ("timestamp", "fresh"),
    [
        ("1000", True),
        ("700", True),
        ("699", False),
        ("1301", False),
        ("", False),
        ("-5", False),
        ("１０００", False),
        ("9" * 400, False),
    ],
)
def test_a_call_is_answered_within_five_minutes(timestamp: str, fresh: bool) -> None:
    assert is_fresh(timestamp, 1_000_000) == fresh


def test_codes_are_judged() -> None:
    found = {code: judge(code) for code in (0, 40001, 42001, -1, 45015, 45047, 40003, 48001)}
    assert list(found.values()) == ["sent", "token", "token", "again", "wait", "wait", "undeliverable", "config"]
