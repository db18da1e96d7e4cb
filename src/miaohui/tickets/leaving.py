"""What goes from tickets when a conversation goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from miaohui.tickets.tables import tickets

if TYPE_CHECKING:
    from miaohui.kit.database import Operation

_UNLINK = (
    update(tickets)
    .where(
        tickets.c.tenant_id == bindparam("its_tenant"),
        tickets.c.conversation_id == bindparam("its_conversation"),
    )
    .values(conversation_id="", follow_up_at_ms=0)
)


def unlink(tenant_id: str, conversation_id: str) -> Operation[None]:
    """A ticket outlives its conversation: only the way back to it ends, and no follow-up can be sent there."""
    yield _UNLINK, {"its_tenant": tenant_id, "its_conversation": conversation_id}
