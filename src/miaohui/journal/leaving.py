"""What goes from the journal when the words of somebody go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete

from miaohui.journal.tables import journal_turns

if TYPE_CHECKING:
    from miaohui.kit.database import Operation

_FORGET = delete(journal_turns).where(
    journal_turns.c.tenant_id == bindparam("its_tenant"),
    journal_turns.c.conversation_id == bindparam("its_conversation"),
)


def forget_turns(tenant_id: str, conversation_id: str) -> Operation[None]:
    """Its pages quote what was withheld; what each turn cost stands in the ledger."""
    yield _FORGET, {"its_tenant": tenant_id, "its_conversation": conversation_id}
