"""Pure decisions about threads and their texts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from miaohui.conversations.ownership import Ownership
from miaohui.conversations.types import Conversation
from miaohui.kit.errors import FieldError, Invalid

PREVIEW_CHARS = 80
MOST_LABELS = 20
LABEL_CHARS = 40
_CMID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_FILE = re.compile(r"(!?)\[([^\]\n]{0,200})\]\(/v1/media/med_[0-9a-f]{32}\)")
"""As doors write it into a message: `![what it shows](/v1/media/…)`."""
_NAMELESS = frozenset({"图片", "语音", "音频", "视频", "文件"})
"""What doors write where a file has no name."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def preview(text: str) -> str:
    """The start of a text, on one line; pictures and files by their names, which an address would leave no room for."""
    if "](/v1/media/" in text:
        text = _FILE.sub(r"〔\2〕", text)
    return " ".join(text[: PREVIEW_CHARS * 2].split())[:PREVIEW_CHARS]


def words_in(text: str) -> str:
    """A text without the pictures, voices and files that came with it, which only people can look into."""
    return _FILE.sub("", text).strip() if "](/v1/media/" in text else text


def with_names(text: str, locale: str = "zh-CN") -> str:
    """A text in which each picture or file stands as a short word, `[文件 x.pdf]`: its address would say nothing."""
    if "](/v1/media/" not in text:
        return text
    picture, file = ("图片", "文件") if locale.startswith("zh") else ("picture", "file")

    def word(found: re.Match[str]) -> str:
        name = found[2].strip()
        return f"[{name}]" if name in _NAMELESS else f"[{picture if found[1] else file} {name}]".replace(" ]", "]")

    return _FILE.sub(word, text)


def check_text(text: str, limit_bytes: int) -> str:
    """The text without what no database stores (NUL, lone surrogates). Raises `Invalid` when empty or too long."""
    if not text.isascii() or "\x00" in text:
        text = _UNSTORABLE.sub("", text)
    if not text or text.isspace():
        detail = "The message is empty. Write some words."
        raise Invalid(detail, errors=(FieldError("$.text", "must hold at least one visible character"),))
    if len(text) * 4 > limit_bytes and len(text.encode()) > limit_bytes:
        detail = f"The message is longer than {limit_bytes} bytes. Send it in parts."
        raise Invalid(detail, code="message_too_long", errors=(FieldError("$.text", f"at most {limit_bytes} bytes"),))
    return text


def check_cmid(cmid: str) -> str:
    """A client message id: 1 to 64 of `A-Z a-z 0-9 _ -`. Raises `Invalid`."""
    if not _CMID.match(cmid):
        detail = "The client message id must be 1 to 64 letters, digits, `_` or `-`."
        raise Invalid(detail, errors=(FieldError("$.cmid", "1 to 64 of A-Z a-z 0-9 _ -"),))
    return cmid


def body_hash(text: str) -> str:
    """What a repeated send must repeat."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def ownership_of(conversation: Conversation) -> Ownership:
    """The part of it that decides who may speak."""
    return Ownership(
        status=conversation.status,
        epoch=conversation.ownership_epoch,
        assignee_id=conversation.assignee_id,
    )


def checked_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """In order and each once. Raises `Invalid`."""
    tidy = tuple(dict.fromkeys(label.strip() for label in labels))
    if len(tidy) > MOST_LABELS or not all(0 < len(label) <= LABEL_CHARS and label.isprintable() for label in tidy):
        detail = "The labels are not in form."
        wanted = f"up to {MOST_LABELS}, each 1 to {LABEL_CHARS} printable characters"
        raise Invalid(detail, errors=(FieldError("$.labels", wanted),))
    return tidy
