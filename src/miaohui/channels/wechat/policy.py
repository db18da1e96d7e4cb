"""What an incoming message means, when an address is opened, and what an error of WeChat's means. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

import msgspec

from miaohui.channels.media.types import mention
from miaohui.channels.threads.types import Window
from miaohui.channels.wechat.types import Heard

if TYPE_CHECKING:
    from miaohui.channels.media.files import File
    from miaohui.channels.wechat.wire import Upload

PART_BYTES = 2048
MOST_CHARS = 4_000
"""Of one message that is heard; WeChat lets nobody write so much."""
OLDEST_S = 300
"""A call that was signed longer ago is not answered."""
_HOUR_MS = 3_600_000
AFTER_WORDS = Window(lasts_ms=48 * _HOUR_MS, sends=5)
AFTER_EVENT = Window(lasts_ms=60_000, sends=3)
_VOICES = frozenset({"audio/amr", "audio/mpeg"})
_BIGGEST_VOICE = 2_097_152
_FETCHING = 4
"""A word this short, from who is owed an answer, only asks for it."""

NAMES = {"image": "图片", "voice": "语音", "video": "视频", "shortvideo": "视频"}


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call of WeChat's is kept waiting."""

    answer_s: float = 4.5
    """WeChat hangs up after five seconds."""

    @property
    def busy_ms(self) -> int:
        """Longer than WeChat listens: a node that dies while it answers leaves the thread to the courier after this."""
        return round(self.answer_s * 1000) + 1_500


Verdict = Literal["sent", "token", "again", "undeliverable", "wait", "config"]


def key_of(heard: Heard) -> str:
    """What stays the same over all deliveries of one thing."""
    text = heard.message_id or "\0".join((heard.sender, str(heard.at_s), heard.event, heard.event_key))
    return "wx_" + hashlib.sha256(text.encode()).hexdigest()[:40]


def file_of(heard: Heard) -> str:
    """Where WeChat has the file that was sent; empty when none was."""
    if heard.kind == "image" and heard.media_url:
        return f"url:{heard.media_url}"
    return f"id:{heard.media_id}" if heard.kind in NAMES and heard.media_id else ""


def words_of(heard: Heard, media_id: str = "") -> str:
    """A message as words of the conversation, with the file's address; empty when it says nothing."""
    name = NAMES.get(heard.kind, "")
    shown = mention(name, media_id, picture=heard.kind == "image") if media_id else f"[{name}]"
    words = {
        "text": heard.text,
        "voice": f"{heard.text}\n{shown}".strip() if media_id else heard.text or shown,
        "image": shown,
        "video": shown,
        "shortvideo": shown,
        "location": f"[位置] {heard.place}",
        "link": f"[链接] {heard.title} {heard.url}",
    }
    return words.get(heard.kind, "").strip()[:MOST_CHARS]


def fits(file: File) -> Upload | None:
    """As what WeChat takes a file in a conversation: pictures, and sound of its two kinds up to 2 MB.

    Documents it does not take at all, and of a film it wants a picture that we do not have.
    """
    if file.family == "picture":
        return "image"
    return "voice" if file.type in _VOICES and len(file.body) <= _BIGGEST_VOICE else None


def question_of(heard: Heard) -> str:
    """What a click on a menu asks; empty for every other event."""
    return heard.event_key.removeprefix("ask:") if heard.event == "click" and heard.event_key.startswith("ask:") else ""


def window_of(heard: Heard) -> Window | None:
    """How far what was heard lets us speak later on; None when not at all."""
    if heard.kind != "event":
        return AFTER_WORDS
    return AFTER_EVENT if heard.event in {"subscribe", "scan", "click", "view"} else None


def only_fetches(heard: Heard) -> bool:
    """Whether these words merely ask for the answer that waits."""
    return heard.kind == "text" and len(heard.text.strip()) <= _FETCHING


def is_fresh(timestamp: str, now_ms: int) -> bool:
    """Whether a call was signed within five minutes of now."""
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return plain and abs(int(timestamp) - now_ms // 1000) <= OLDEST_S


def judge(errcode: int) -> Verdict:
    """What a call of WeChat's API came to.

    https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
    """
    match errcode:
        case 0:
            return "sent"
        case 40001 | 40014 | 42001:
            return "token"
        case -1 | 45011:
            return "again"
        case 45015 | 45047:
            return "wait"
        case 40003 | 43004:
            return "undeliverable"
    return "config"
