"""Letters that go out, in the reader's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import msgspec

from miaohui.channels.mail.types import File
from miaohui.conversations.types import Message

_TEMPLATES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("reply", "zh-CN"): ("Re: {subject}", "{words}\n\n-- \n{company}\n直接回复本邮件即可继续对话。\n"),
    ("reply", "en"): ("Re: {subject}", "{words}\n\n-- \n{company}\nJust reply to this letter to go on.\n"),
    ("absent", "zh-CN"): (
        "{company}回复了您",
        "您好,\n\n您离开之后, 我们回复了您:\n\n{words}\n\n-- \n{company}\n直接回复本邮件即可继续对话。\n",
    ),
    ("absent", "en"): (
        "{company} has answered you",
        "Hello,\n\nafter you had left we said:\n\n{words}\n\n-- \n{company}\nJust reply to this letter to go on.\n",
    ),
    ("notice", "zh-CN"): ("{subject}", "{words}\n\n-- \n{company}\n"),
    ("notice", "en"): ("{subject}", "{words}\n\n-- \n{company}\n"),
    ("transcript", "zh-CN"): (
        "与{company}的对话记录",
        "您好,\n\n以下是您与{company}的对话记录:\n\n{words}\n\n-- \n{company}\n",
    ),
    ("transcript", "en"): (
        "Your conversation with {company}",
        "Hello,\n\nthis is what was said between you and {company}:\n\n{words}\n\n-- \n{company}\n",
    ),
}
_RE = re.compile(r"^(?:(?:re|aw|回复|答复|转发|fwd?)\s*[:：]\s*)+", re.IGNORECASE)
_WHO: Mapping[tuple[str, str], str] = {
    ("visitor", "zh-CN"): "您",
    ("visitor", "en"): "You",
    ("assistant", "zh-CN"): "智能助手 (AI)",
    ("assistant", "en"): "Assistant (AI)",
    ("agent", "zh-CN"): "客服",
    ("agent", "en"): "Agent",
}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes to whom, and in answer to what."""

    id: str
    sender: str
    sender_name: str
    to: str
    at_ms: int
    references: tuple[str, ...] = ()


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is filled into a template."""

    template: str
    locale: str
    company: str
    words: str
    subject: str = ""


def compose(envelope: Envelope, contents: Contents, files: Sequence[File] = ()) -> EmailMessage:
    """A letter. No header of it holds a line break, whatever was filled in."""
    subject, body = _TEMPLATES[contents.template, contents.locale]
    filled = {"company": contents.company, "words": contents.words, "subject": contents.subject or "…"}
    letter = EmailMessage()
    letter["Message-ID"] = envelope.id
    letter["From"] = _address(envelope.sender, envelope.sender_name)
    letter["To"] = _address(envelope.to)
    letter["Subject"] = one_line(subject.format_map(filled))
    letter["Date"] = format_datetime(datetime.fromtimestamp(envelope.at_ms / 1000, UTC))
    if envelope.references:
        letter["In-Reply-To"] = envelope.references[-1]
        letter["References"] = " ".join(envelope.references[-10:])
    if contents.template != "transcript":
        letter["Auto-Submitted"] = "auto-replied"
    letter.set_content(body.format_map(filled))
    for file in files:
        main, _, sub = file.type.partition("/")
        letter.add_attachment(file.body, maintype=main, subtype=sub, filename=file.name)
    return letter


def transcript(messages: Sequence[Message], locale: str) -> str:
    """What was said, line by line; no notes, no activities."""
    lines = []
    for message in messages:
        if message.kind == "text":
            at = datetime.fromtimestamp(message.created_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
            lines.append(f"[{at}] {_WHO.get((message.sender, locale), message.sender)}: {message.text}")
    return "\n".join(lines)


def spoken(messages: Sequence[Message], locale: str) -> str:
    """Words with who said them."""
    return "\n\n".join(f"{_WHO.get((one.sender, locale), one.sender)}: {one.text}" for one in messages)


def reply_subject(subject: str) -> str:
    """Without the `Re:` that the template puts before it."""
    return _RE.sub("", subject.strip())


def one_line(text: str) -> str:
    """For a header."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:200]


def _address(address: str, name: str = "") -> Address:
    return Address(display_name=one_line(name), addr_spec=address)
