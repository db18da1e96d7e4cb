"""A stretch of a conversation's messages, page by page, from either end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.paging import Cursor, Page, format_cursor, parse_cursor

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation, Message

_UP, _DOWN = "up", "down"


class Span(msgspec.Struct, frozen=True):
    """Strictly between two positions; `before` 0 is no bound. Read upwards from `after`, or else down from the end."""

    after: int
    before: int
    upwards: bool


def parse_span(after: int | None, before: int, cursor: str) -> Span:
    """What is asked for; a cursor goes on where its page ended. Raises `Invalid`."""
    place = parse_cursor(cursor)
    if place is None:
        return Span(after or 0, before, upwards=after is not None)
    if place.id not in {_UP, _DOWN} or not 0 <= place.at <= 2**53:
        detail = "The cursor is not one that this list gave out; begin without one."
        raise Invalid(detail, errors=[FieldError("cursor", "a `next_cursor` of this list, or nothing")])
    return Span(place.at, before, upwards=True) if place.id == _UP else Span(0, place.at, upwards=False)


async def read_span(conversations: Conversations, conversation: Conversation, span: Span, limit: int) -> Page[Message]:
    """One page, ascending by `seq` whichever way it is read."""
    if span.upwards:
        found = await conversations.messages_after(conversation, span.after, limit + 1)
        return _page_up([one for one in found if not span.before or one.seq < span.before], limit)
    return _page_down(await conversations.messages(conversation, before=span.before, limit=limit + 1), limit)


def _page_up(found: list[Message], limit: int) -> Page[Message]:
    if len(found) <= limit:
        return Page(data=found)
    return Page(data=found[:limit], next_cursor=format_cursor(Cursor(found[limit - 1].seq, _UP)))


def _page_down(found: list[Message], limit: int) -> Page[Message]:
    if len(found) <= limit:
        return Page(data=found)
    return Page(data=found[-limit:], next_cursor=format_cursor(Cursor(found[-limit].seq, _DOWN)))
