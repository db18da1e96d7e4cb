"""What an update means, and what an answer of Telegram's means. Pure."""

from __future__ import annotations

import re

from miaohui.channels.media.naming import clean
from miaohui.channels.telegram.types import Account, Heard, Update
from miaohui.channels.threads.policy import AGAIN_MS, CONFIG_MS
from miaohui.channels.threads.types import Brought, Sent, Word
from miaohui.kit.errors import FieldError, Invalid

PART_BYTES = 4_096
"""Telegram counts characters, of which no one has less than a byte."""
MOST_CHARS = 4_000
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,100}\Z")
_BIGGEST_PICTURE = 5_242_880
_BIGGEST_FILE = 20_971_520
"""Telegram gives out no larger one."""


def check_account(account: Account) -> None:
    """Raises `Invalid`."""
    if not _TOKEN.match(account.token):
        raise Invalid("The account is not in form.", errors=[FieldError("$.token", "as @BotFather gives it")])


def word_of(account: Account, update: Update) -> Word | None:
    """What somebody said; None for what is no word to us: groups, stickers, news of other kinds."""
    heard = update.message
    if heard is None or heard.room.type != "private":
        return None
    text = (heard.text or heard.caption).strip()[:MOST_CHARS]
    files, missed = _files_of(heard)
    text = "\n".join(filter(None, (text, *missed)))
    if not text and not files:
        return None
    name = f"{heard.sender.first_name} {heard.sender.last_name}".strip() if heard.sender else ""
    return Word(
        tenant_id=account.tenant_id,
        inbox_id=account.inbox_id,
        address=str(heard.room.id),
        key=f"tg_{update.update_id}",
        text=text,
        name=name[:200],
        files=files,
    )


def _files_of(heard: Heard) -> tuple[tuple[Brought, ...], list[str]]:
    """What came with it, and words for what is too large to be had."""
    sizes = [Brought(source=one.file_id) for one in heard.photo if one.file_size <= _BIGGEST_PICTURE]
    found = sizes[-1:]  # the sizes of one picture, the largest last
    missed: list[str] = []
    for what, one in (
        ("文件", heard.document),
        ("语音", heard.voice),
        ("音频", heard.audio),
        ("视频", heard.video or heard.video_note),
    ):
        if one is None:
            continue
        if one.file_size > _BIGGEST_FILE:
            missed.append(f"[{what} {clean(one.file_name)}]".replace(" ]", "]"))
        else:
            found.append(Brought(source=one.file_id, what=what, name=one.file_name))
    return tuple(found), missed


def judge(code: int, retry_after_s: int) -> Sent:
    """What a sending came to, by the `error_code`; 0 is success."""
    detail = f"telegram_{code}"
    match code:
        case 0:
            return Sent(state="sent")
        case 429:
            return Sent(state="waiting", detail=detail, wait_ms=max(retry_after_s, 1) * 1000)
        case 400 | 403:  # no such address, or they have blocked the account
            return Sent(state="undeliverable", detail=detail)
        case 401 | 404:  # the token holds no longer
            return Sent(state="waiting", detail=detail, wait_ms=CONFIG_MS)
    return Sent(state="waiting", detail=detail, wait_ms=AGAIN_MS)
