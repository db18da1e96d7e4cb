"""What an update means, and what an answer of Telegram's means. Pure."""

from __future__ import annotations

import re

from miaohui.channels.telegram.types import Account, Update
from miaohui.channels.threads.policy import AGAIN_MS, CONFIG_MS
from miaohui.channels.threads.types import Sent, Word
from miaohui.kit.errors import FieldError, Invalid

PART_BYTES = 4_096
"""Telegram counts characters, of which no one has less than a byte."""
MOST_CHARS = 4_000
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,100}\Z")
_BIGGEST_PICTURE = 5_242_880


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
    sizes = [one.file_id for one in heard.photo if one.file_size <= _BIGGEST_PICTURE]
    if not text and not sizes:
        return None
    name = f"{heard.sender.first_name} {heard.sender.last_name}".strip() if heard.sender else ""
    return Word(
        tenant_id=account.tenant_id,
        inbox_id=account.inbox_id,
        address=str(heard.room.id),
        key=f"tg_{update.update_id}",
        text=text,
        name=name[:200],
        files=tuple(sizes[-1:]),  # the sizes of one picture, the largest last
    )


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
