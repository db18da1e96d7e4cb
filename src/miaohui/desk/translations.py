"""SQL of translations, and of who wants none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from miaohui.conversations.tables import messages
from miaohui.desk.tables import desk_translating, desk_translations
from miaohui.desk.types import Translation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.kit.database import Database, Operation, Row

MOST_KEPT = 500
"""Translations of one conversation that are read at once: the last ones."""

_t = desk_translations.c
_m = messages.c
_INSERT = insert(desk_translations)
_KNOWN = select(_t.message_id).where(
    _t.tenant_id == bindparam("its_tenant"),
    _t.message_id == bindparam("its_message"),
    _t.language == bindparam("its_language"),
)
_AS_IT_STANDS = select(_m.text).where(_m.tenant_id == bindparam("its_tenant"), _m.id == bindparam("its_message"))
_HERE = (_t.tenant_id == bindparam("tenant_id"), _t.conversation_id == bindparam("conversation_id"))
_LIST = (
    select(desk_translations)
    .where(*_HERE, _t.language == bindparam("language"))
    .order_by(_t.at_ms.desc(), _t.message_id.desc())
    .limit(MOST_KEPT)
)
_SOME = select(desk_translations).where(
    *_HERE, _t.language == bindparam("language"), _t.message_id.in_(bindparam("ids", expanding=True))
)
_TEXTS = select(_m.id, _m.text, _m.kind, _m.sender).where(
    _m.tenant_id == bindparam("tenant_id"),
    _m.conversation_id == bindparam("conversation_id"),
    _m.id.in_(bindparam("ids", expanding=True)),
)
_ENABLED = select(desk_translating.c.enabled).where(desk_translating.c.tenant_id == bindparam("tenant_id"))
_ITS_CHOICE = desk_translating.c.tenant_id == bindparam("its_tenant")
_CHOOSE = (
    update(desk_translating)
    .where(_ITS_CHOICE)
    .values(enabled=bindparam("its_choice"), changed_at_ms=bindparam("its_now"))
    .returning(desk_translating.c.tenant_id)
)
_CHOOSE_FIRST = insert(desk_translating)
FORGET = delete(desk_translations).where(
    _t.tenant_id == bindparam("its_tenant"), _t.conversation_id == bindparam("its_conversation")
)


def keep(translation: Translation, of: str) -> Operation[bool]:
    """False when it is there already, or the message is no longer what was translated: somebody erased it."""
    key = {"its_tenant": translation.tenant_id, "its_message": translation.message_id}
    stands = yield _AS_IT_STANDS, key
    if not stands or stands[0]["text"] != of or (yield _KNOWN, {**key, "its_language": translation.language}):
        return False
    yield _INSERT, msgspec.structs.asdict(translation)
    return True


def choose(tenant_id: str, now_ms: int, *, enabled: bool) -> Operation[None]:
    """Whether this company's agents translate."""
    if not (yield _CHOOSE, {"its_tenant": tenant_id, "its_choice": int(enabled), "its_now": now_ms}):
        yield _CHOOSE_FIRST, {"tenant_id": tenant_id, "enabled": int(enabled), "changed_at_ms": now_ms}


class TranslationsRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_enabled(self, tenant_id: str) -> bool:
        """Unless somebody said otherwise."""
        rows = await self._database.read(_ENABLED, {"tenant_id": tenant_id})
        return not rows or bool(rows[0]["enabled"])

    async def list_of(self, tenant_id: str, conversation_id: str, language: str) -> list[Translation]:
        """What was translated into this language, the last first."""
        key = {"tenant_id": tenant_id, "conversation_id": conversation_id, "language": language}
        return [_translation(row) for row in await self._database.read(_LIST, key)]

    async def find_some(
        self, tenant_id: str, conversation_id: str, language: str, message_ids: Sequence[str]
    ) -> list[Translation]:
        """Those of these messages that are there."""
        key = {"tenant_id": tenant_id, "conversation_id": conversation_id}
        rows = await self._database.read(_SOME, {**key, "language": language, "ids": list(message_ids)})
        return [_translation(row) for row in rows]

    async def texts_of(self, tenant_id: str, conversation_id: str, message_ids: Sequence[str]) -> dict[str, str]:
        """What these messages of the conversation say; without those that are no words of anybody."""
        key = {"tenant_id": tenant_id, "conversation_id": conversation_id, "ids": list(message_ids)}
        rows = await self._database.read(_TEXTS, key)
        return {row["id"]: row["text"] for row in rows if row["kind"] != "activity"}


def _translation(row: Row) -> Translation:
    return Translation(**dict(row))
