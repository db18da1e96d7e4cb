"""Letters from their bytes: who wrote, what is new in it, what it answers. Pure."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

from miaohui.channels.mail.types import File, Letter

MOST_CHARS = 4_000
MOST_FILES = 5
MOST_FILE_BYTES = 10_485_760
_OF_PROGRAMS = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/ms-tnef"}
)
_MOST_REFERENCES = 20
_ID = re.compile(r"<[^<>\s]{1,250}>")

_ENDS = (
    re.compile(r"^\s*(?:On|Am|Le|El)\b.{5,200}\b(?:wrote|schrieb|a écrit|escribió)\s*:\s*$", re.IGNORECASE),
    re.compile(r"^\s*(?:在|于)?.{0,160}(?:写道|寫道|写到)\s*[:：]\s*$"),
    re.compile(
        r"^\s*-{2,}\s*(?:Original Message|Forwarded message|原始邮件|原始郵件|转发邮件|回复的原邮件)\s*-{2,}",
        re.IGNORECASE,
    ),
    re.compile(r"^\s*_{10,}\s*$"),
    re.compile(r"^\s*(?:发件人|寄件者|From)\s*[:：].{0,200}[@＠]"),
    re.compile(r"^-- ?$"),
    re.compile(r"^\s*(?:发自我的|从我的|Sent from my|Get Outlook for|来自我的).{0,60}$", re.IGNORECASE),
)
"""Where the new words end: a quotation or a signature follows."""


def parse_letter(body: bytes) -> Letter:
    """A letter, whatever its form; what cannot be read is empty."""
    message = message_from_bytes(body, policy=policy.default)
    name, sender = parseaddr(_header(message, "From"))
    return Letter(
        id=_id(message, body),
        sender=sender.lower()[:200],
        name=name[:200],
        subject=" ".join(_header(message, "Subject").split())[:200],
        text=new_words(_text(message))[:MOST_CHARS],
        references=_references(message),
        automatic=_is_automatic(message),
        files=tuple(_files(message)),
    )


def new_words(text: str) -> str:
    """A letter's words without what it quotes and without its signature; all of it, when nothing else is in it."""
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    for at, line in enumerate(lines):
        # The line that opens a quotation is sometimes broken in two.
        joined = f"{line} {lines[at + 1]}" if at + 1 < len(lines) else line
        if any(end.match(line) or (line.strip() and end is not _ENDS[5] and end.match(joined)) for end in _ENDS):
            break
        kept.append(line)
    fresh = "\n".join(line for line in kept if not line.lstrip().startswith((">", "＞"))).strip()
    fresh = re.sub(r"\n{3,}", "\n\n", fresh)
    return fresh or text.strip()


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):  # headers of any kind come in
        return ""


def _id(message: EmailMessage, body: bytes) -> str:
    found = _ID.search(_header(message, "Message-ID"))
    return found[0] if found else f"<{hashlib.sha256(body).hexdigest()}@nowhere.invalid>"


def _references(message: EmailMessage) -> tuple[str, ...]:
    found = _ID.findall(_header(message, "References")) + _ID.findall(_header(message, "In-Reply-To"))
    return tuple(dict.fromkeys(found[-_MOST_REFERENCES:]))


def _is_automatic(message: EmailMessage) -> bool:
    submitted = _header(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if _header(message, "Precedence").lower() in {"bulk", "list", "junk", "auto_reply"}:
        return True
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path").strip() == "<>":
        return True
    return any(_header(message, name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"))


def _text(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        content = part.get_content() if part is not None else ""
    except (LookupError, ValueError, AttributeError, KeyError, TypeError):
        return ""
    if not isinstance(content, str):
        return ""
    return _plain(content) if part is not None and part.get_content_subtype() == "html" else content


def _files(message: EmailMessage) -> list[File]:
    found: list[File] = []
    for part in message.walk():
        if not _is_enclosed(part) or len(found) >= MOST_FILES:
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and 0 < len(body) <= MOST_FILE_BYTES:
            found.append(File(name=_name(part), type=part.get_content_type(), body=body))
    return found


def _is_enclosed(part: EmailMessage) -> bool:
    """Whether somebody put it into the letter, and not their mail program."""
    kind = part.get_content_type()
    if part.is_multipart() or kind in _OF_PROGRAMS:
        return False
    return kind.startswith("image/") or part.get_content_disposition() == "attachment" or bool(_name(part))


def _name(part: EmailMessage) -> str:
    try:
        return (part.get_filename() or "")[:200]
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):  # headers of any kind come in
        return ""


def _plain(html: str) -> str:
    reader = _Reader()
    reader.feed(html[:1_000_000])
    reader.close()
    return re.sub(r"[ \t]+\n", "\n", "".join(reader.words))


class _Reader(HTMLParser):
    """Words of a page, without what it quotes."""

    _SILENT = frozenset({"style", "script", "head", "title", "blockquote"})
    _LINES = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT or "gmail_quote" in (dict(attrs).get("class") or ""):
            self._silent.append(tag)
        elif self._silent and tag == self._silent[-1]:
            self._silent.append(tag)  # of the same name inside: its end is not the end
        elif tag in self._LINES:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
