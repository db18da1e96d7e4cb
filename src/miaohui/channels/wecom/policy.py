"""What WeCom's items and codes mean. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from miaohui.channels.threads.types import Brought, Thread, Window, Word
from miaohui.channels.wecom.types import Account, Attached, Item
from miaohui.kit.errors import FieldError, Invalid

if TYPE_CHECKING:
    from miaohui.channels.media.files import File
    from miaohui.channels.wechat.wire import Upload

PART_BYTES = 2048
MOST_CHARS = 4_000
_BIGGEST_VOICE, _BIGGEST_FILM, _BIGGEST_FILE, _LEAST_FILE = 2_097_152, 10_485_760, 20_971_520, 5
_WINDOW_MS = 48 * 3_600_000
SENDS = 5
FILES = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件"}
FROM_VISITOR, FROM_WECOM, FROM_SERVICER = 3, 4, 5
TAKEN = frozenset({1, 2, 4})
"""Changes of a session after which one of WeCom's people has it: from the queue, from a colleague, taken up again."""
CLOSED = 3
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_KEY = re.compile(r"[A-Za-z0-9]{43}\Z")
_PLACE = re.compile(r"mh_([0-9]{1,15})_([0-9]{1,4})_[0-9a-f]{8}\Z")

Verdict = Literal["sent", "token", "again", "session", "wait", "undeliverable", "config"]


def check_account(account: Account) -> None:
    """Raises `Invalid`, naming every field that is not in form."""
    errors = [
        FieldError(f"$.{name}", "1 to 64 of A-Z a-z 0-9 _ -")
        for name in ("corp_id", "open_kfid", "secret")
        if not _ID.match(getattr(account, name))
    ]
    if not (3 <= len(account.token) <= 32 and account.token.isascii() and account.token.isalnum()):
        errors.append(FieldError("$.token", "3 to 32 letters and digits"))
    errors += [
        FieldError(f"$.{name}", "the EncodingAESKey, 43 letters and digits")
        for name, key in (("aes_key", account.aes_key), ("previous_aes_key", account.previous_aes_key or "x" * 43))
        if not _KEY.match(key)
    ]
    if len(account.welcome.encode()) > PART_BYTES:
        errors.append(FieldError("$.welcome", f"at most {PART_BYTES} bytes"))
    if account.servicer and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_@.-]{0,63}", account.servicer):
        errors.append(FieldError("$.servicer", "an id of WeCom's: 1 to 64 of A-Z a-z 0-9 _ - @ ."))
    if errors:
        raise Invalid("The WeCom account is not in form.", errors=errors)


def key_of(item: Item) -> str:
    """The same for every reading of one item."""
    return "kf_" + hashlib.sha256(item.msgid.encode()).hexdigest()[:40]


def word_of(account: Account, item: Item) -> Word | None:
    """What somebody said in WeChat; None for what says nothing to us."""
    attached = {"image": item.image, "voice": item.voice, "video": item.video, "file": item.file}.get(item.msgtype)
    text = _words(item)[:MOST_CHARS]
    if attached is None and not text:
        return None
    return Word(
        tenant_id=account.tenant_id,
        inbox_id=account.inbox_id,
        address=item.external_userid,
        key=key_of(item),
        text=text if attached is None or attached.media_id else f"[{FILES[item.msgtype]}]",
        files=_brought(attached, FILES.get(item.msgtype, "图片")),
    )


def _brought(attached: Attached | None, what: str) -> tuple[Brought, ...]:
    return (Brought(source=attached.media_id, what=what),) if attached is not None and attached.media_id else ()


def fits(file: File) -> Upload | None:
    """As what WeCom takes a file: voices only as AMR up to 2 MB, films up to 10 MB, everything else as a file."""
    size = len(file.body)
    if file.family == "picture":
        return "image"
    if file.type == "audio/amr" and size <= _BIGGEST_VOICE:
        return "voice"
    if file.type == "video/mp4" and size <= _BIGGEST_FILM:
        return "video"
    return "file" if _LEAST_FILE < size <= _BIGGEST_FILE else None


def _words(item: Item) -> str:
    match item.msgtype:
        case "text":
            return item.text.content.strip()
        case "location":
            place = f"{item.location.name} {item.location.address}".strip()
            return f"[位置] {place} ({item.location.latitude}, {item.location.longitude})"
        case "link":
            return f"[链接] {item.link.title} {item.link.url}".strip()
    return ""


def window_of(item: Item, now_ms: int) -> Window:
    """How long, and how often, we may speak after this word."""
    age_ms = max(now_ms - item.send_time * 1000, 0)
    return Window(lasts_ms=max(_WINDOW_MS - age_ms, 0), sends=SENDS)


def sending_id(thread: Thread) -> str:
    """Our id of the part that stands at `thread.told`; WeCom names it when it could not be delivered."""
    mark = hashlib.sha256(thread.conversation_id.encode()).hexdigest()[:8]
    return f"mh_{thread.told.seq}_{thread.told.part}_{mark}"


def place_of(sent_id: str) -> tuple[int, int] | None:
    """Which message and part an id of ours stands for."""
    found = _PLACE.match(sent_id)
    return (int(found[1]), int(found[2])) if found else None


_MEANINGS: Mapping[int, Verdict] = {
    0: "sent",
    40001: "token",
    40014: "token",
    42001: "token",
    -1: "again",
    45009: "again",
    95018: "session",  # somebody else has it, or nobody any more
    95001: "wait",  # enough was said
    95002: "wait",  # it is too long ago
    40096: "undeliverable",
    84061: "undeliverable",
}


def judge(errcode: int) -> Verdict:
    """What a call of WeCom's API came to."""
    return _MEANINGS.get(errcode, "config")
