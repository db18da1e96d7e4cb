"""Letters of many programs: what is new in them, whom they answer, and which nobody wrote."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.mail.reading import new_words, parse_letter
from miaohui.channels.mail.writing import Contents, Envelope, compose, one_line, reply_subject

QUOTED = "> 您好\n> 请问订单号?\n"


@pytest.mark.parametrize(
    "tail",
    [
        "On Fri, Nov 20, 2026 at 9:00 AM Help <help@example.com> wrote:\n" + QUOTED,
        "On Fri, Nov 20, 2026 at 9:00 AM Help\n<help@example.com> wrote:\n" + QUOTED,
        "在 2026年11月20日 星期五,Help <help@example.com> 写道:\n" + QUOTED,
        "于2026年11月20日 09:00, Help 写道：\n" + QUOTED,
        "-----Original Message-----\nFrom: Help\n您好",
        '------------------ 原始邮件 ------------------\n发件人: "Help"\n您好',
        "________________________________\nFrom: Help <help@example.com>\n您好",
        "发件人: Help <help@example.com>\n发送时间: 2026\n您好",
        "-- \n李娜\n电话 123",
        "Sent from my iPhone",
        "发自我的iPhone",
        QUOTED,
    ],
)
def test_what_is_quoted_or_signed_is_left_out(tail: str) -> None:
    assert new_words(f"订单号是 4711。\n谢谢\n\n{tail}") == "订单号是 4711。\n谢谢"


@pytest.mark.parametrize(
    "text", ["On Monday I wrote a letter.", "他写道歉信", "From here on: good", "a -- b", "1 > 0 是对的", "-- x"]
)
def test_what_only_resembles_a_quotation_is_kept(text: str) -> None:
    assert new_words(text) == text


def test_a_letter_that_is_only_a_quotation_is_kept_whole() -> None:
    assert new_words(QUOTED) == QUOTED.strip()


def a_letter(**headers: str) -> EmailMessage:
    letter = EmailMessage()
    given = {"From": "李娜 <Na.Li@Example.com>", "Subject": "退货", "Message-ID": "<a@b>", **headers}
    for name, value in given.items():
        letter[name.replace("_", "-")] = value
    letter.set_content("怎么退货?\n\n在 2026年11月20日, Help 写道:\n> x\n")
    return letter


def test_a_letter_is_read() -> None:
    read = parse_letter(a_letter(In_Reply_To="<z@b>", References="<x@b> <y@b>").as_bytes())
    assert (read.sender, read.name, read.subject, read.text) == ("na.li@example.com", "李娜", "退货", "怎么退货?")
    assert (read.id, read.references, read.automatic) == ("<a@b>", ("<x@b>", "<y@b>", "<z@b>"), False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<x.example.com>"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_what_nobody_wrote_is_known_by_its_headers(headers: dict[str, str]) -> None:
    assert parse_letter(a_letter(**headers).as_bytes()).automatic
    assert not parse_letter(a_letter(Auto_Submitted="no").as_bytes()).automatic


def test_a_page_becomes_words_without_its_quotation() -> None:
    letter = a_letter()
    letter.set_content(
        "<style>p{}</style><p>怎么&amp;退货?</p><script>alert(1)</script>"
        '<div class="gmail_quote"><div>alt</div><p>old</p></div><p>谢谢</p>',
        subtype="html",
    )
    assert parse_letter(letter.as_bytes()).text.split() == ["怎么&退货?", "谢谢"]


def test_letters_in_old_encodings_are_read() -> None:
    body = b"From: a@b.cn\r\nContent-Type: text/plain; charset=gb18030\r\n\r\n" + "怎么退货".encode("gb18030")
    assert parse_letter(body).text == "怎么退货"
    wrong = b"From: a@b.cn\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nhello"
    assert parse_letter(wrong).sender == "a@b.cn"


@given(st.binary(max_size=2_000))
def test_any_bytes_are_some_letter(body: bytes) -> None:
    read = parse_letter(body)
    assert len(read.text) <= 4_000
    assert read.id.startswith("<")


def test_no_header_of_a_letter_holds_a_second_line() -> None:
    envelope = Envelope(id="<a@b>", sender="help@example.com", sender_name="帮\r\nBcc: x@y", to="a@b.cn", at_ms=0)
    contents = Contents(
        template="reply", locale="en", company="{0}", words="{x} %s", subject="退\nBcc: evil@example.com"
    )
    letter = compose(envelope, contents)
    assert "evil" not in str(letter.get("Bcc", ""))
    assert letter["Subject"] == "Re: 退 Bcc: evil@example.com"
    assert "{x} %s" in letter.get_content()
    assert one_line("a\r\nb\tc") == "a b c"


@pytest.mark.parametrize("subject", ["退货", "Re: 退货", "RE: re: 回复：退货", "答复: 退货"])
def test_a_subject_gathers_no_marks(subject: str) -> None:
    assert reply_subject(subject) == "退货"
