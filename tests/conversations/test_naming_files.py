"""How pictures and files of a message are told where there is no room, or no use, for their addresses."""

from __future__ import annotations

import pytest

from miaohui.conversations.policy import PREVIEW_CHARS, preview, with_names, words_in

ADDRESS = "/v1/media/med_" + "0a" * 16


def test_a_preview_names_files_and_has_room_for_what_follows() -> None:
    text = f"请看\n[发票.pdf]({ADDRESS})\n![屏幕.png]({ADDRESS})\n▸ 订单 1"
    assert preview(text) == "请看 〔发票.pdf〕 〔屏幕.png〕 ▸ 订单 1"
    assert preview(f"x{'长' * 200}") == f"x{'长' * (PREVIEW_CHARS - 1)}"
    assert preview("[x](/v1/media/med_1)") == "[x](/v1/media/med_1)", "no address of ours"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"看 [发票.pdf]({ADDRESS})", "看 [文件 发票.pdf]"),
        (f"![屏幕.png]({ADDRESS})", "[图片 屏幕.png]"),
        (f"![图片]({ADDRESS})\n[语音]({ADDRESS})", "[图片]\n[语音]"),
        (f"[]({ADDRESS})", "[文件]"),
        ("[x](https://x.example.com/)", "[x](https://x.example.com/)"),
    ],
)
def test_a_file_stands_as_a_short_word(text: str, told: str) -> None:
    assert with_names(text) == told


def test_the_words_beside_files_are_what_was_asked() -> None:
    assert words_in(f"怎么退\n[发票.pdf]({ADDRESS})") == "怎么退"
    assert words_in(f"[发票.pdf]({ADDRESS})") == ""
