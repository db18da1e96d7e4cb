"""What goes from the desk when a conversation goes, or when the words of somebody do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, update

from miaohui.desk.tables import (
    desk_cases,
    desk_mentions,
    desk_places,
    desk_ratings,
    desk_reviews,
    desk_stints,
    desk_translations,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from miaohui.kit.database import Operation


def _of_it(table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (table.c.tenant_id == bindparam("its_tenant"), table.c.conversation_id == bindparam("its_conversation"))


_WORDS = tuple(delete(table).where(*_of_it(table)) for table in (desk_cases, desk_translations, desk_places))
_COMMENTS = (
    update(desk_ratings).where(*_of_it(desk_ratings)).values(comment=""),
    update(desk_reviews).where(*_of_it(desk_reviews)).values(note=""),
)
_REST = tuple(delete(table).where(*_of_it(table)) for table in (desk_mentions, desk_ratings, desk_reviews, desk_stints))


def forget_conversation(tenant_id: str, conversation_id: str) -> Operation[None]:
    """Nothing of it is left."""
    for statement in (*_WORDS, *_REST):
        yield statement, {"its_tenant": tenant_id, "its_conversation": conversation_id}


def forget_words(tenant_id: str, conversation_id: str) -> Operation[None]:
    """What was said in it and of it; who served when, and the scores, are left for the figures."""
    for statement in (*_WORDS, *_COMMENTS):
        yield statement, {"its_tenant": tenant_id, "its_conversation": conversation_id}
