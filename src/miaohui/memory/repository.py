"""The SQL of facts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, bindparam, delete, func, select, update

from miaohui.kit.database import Database, Operation, Row
from miaohui.memory.policy import MOST_FACTS
from miaohui.memory.tables import FACTS
from miaohui.memory.types import Fact, FactState

_TENANT: BindParameter[str] = bindparam("of_tenant")
_CONTACT: BindParameter[str] = bindparam("of_contact")
_OF_CONTACT = (FACTS.c.tenant_id == _TENANT) & (FACTS.c.contact_id == _CONTACT)
_ONE = (FACTS.c.tenant_id == _TENANT) & (FACTS.c.id == bindparam("of_fact"))
_FIND = select(FACTS).where(_ONE)
_LIST = select(FACTS).where(_OF_CONTACT, FACTS.c.state != "forgotten").order_by(FACTS.c.said_at_ms, FACTS.c.id)
_KNOWN = select(FACTS.c.text, FACTS.c.conversation_id, FACTS.c.state).where(_OF_CONTACT)
_COUNT = select(func.count()).select_from(FACTS).where(_OF_CONTACT)
_CONTACTS = select(FACTS.c.tenant_id, FACTS.c.contact_id).distinct().limit(bindparam("most"))
_INSERT = FACTS.insert()
_OLDEST = (
    select(FACTS.c.id)
    .where(_OF_CONTACT, FACTS.c.state == "proposed")
    .order_by(FACTS.c.said_at_ms, FACTS.c.id)
    .limit(bindparam("most"))
)
_DELETE = delete(FACTS).where(_ONE)
_UNLINK = (
    update(FACTS)
    .where(FACTS.c.tenant_id == bindparam("of_tenant"), FACTS.c.conversation_id == bindparam("of_conversation"))
    .values(conversation_id="")
)
_DELETE_ALL = delete(FACTS).where(_OF_CONTACT)
_SET_STATE = update(FACTS).where(_ONE).values(state=bindparam("new_state"), text=bindparam("new_text"), vector=b"")
_CONFIRM = update(FACTS).where(_ONE).values(state="confirmed")


def keep(tenant_id: str, contact_id: str, facts: Sequence[tuple[Fact, bytes]]) -> Operation[int]:
    """Remember what is new, and forget the oldest unconfirmed above the bound. How many were new.

    A conversation of which something was forgotten teaches nothing again.
    """
    contact = {"of_tenant": tenant_id, "of_contact": contact_id}
    rows = yield _KNOWN, contact
    known = {row["text"] for row in rows}
    closed = {row["conversation_id"] for row in rows if row["state"] == "forgotten"}
    fresh = [one for one in facts if one[0].text not in known and one[0].conversation_id not in closed]
    for fact, vector in fresh:
        yield _INSERT, _values(fact, vector)
    count = yield _COUNT, contact
    surplus = count[0][0] - MOST_FACTS
    if surplus > 0:
        for row in (yield _OLDEST, contact | {"most": surplus}):
            yield _DELETE, {"of_tenant": tenant_id, "of_fact": row["id"]}
    return len(fresh)


def confirm(tenant_id: str, fact_id: str) -> Operation[None]:
    """An agent has seen that it is so."""
    yield _CONFIRM, {"of_tenant": tenant_id, "of_fact": fact_id}


def forget(tenant_id: str, fact_id: str) -> Operation[None]:
    """Its words are gone for good."""
    yield _SET_STATE, {"of_tenant": tenant_id, "of_fact": fact_id, "new_state": "forgotten", "new_text": fact_id}


def forget_all(tenant_id: str, contact_id: str) -> Operation[None]:
    """Everything of a contact is gone for good."""
    yield _DELETE_ALL, {"of_tenant": tenant_id, "of_contact": contact_id}


def unlink(tenant_id: str, conversation_id: str) -> Operation[None]:
    """What was learnt in it stays with the contact; the way back to where it was said ends."""
    yield _UNLINK, {"of_tenant": tenant_id, "of_conversation": conversation_id}


async def list_contacts(db: Database, limit: int) -> list[tuple[str, str]]:
    """Tenant and contact of everybody that something is known of."""
    return [(row["tenant_id"], row["contact_id"]) for row in await db.read(_CONTACTS, {"most": limit})]


async def list_facts(db: Database, tenant_id: str, contact_id: str) -> list[Fact]:
    """Oldest first, without those forgotten."""
    return [fact_of(row) for row in await db.read(_LIST, {"of_tenant": tenant_id, "of_contact": contact_id})]


async def find_fact(db: Database, tenant_id: str, fact_id: str) -> Fact | None:
    """None also for another tenant's, and for one that was forgotten."""
    rows = await db.read(_FIND, {"of_tenant": tenant_id, "of_fact": fact_id})
    return fact_of(rows[0]) if rows and rows[0]["state"] != "forgotten" else None


def _values(fact: Fact, vector: bytes) -> dict[str, str | int | bytes]:
    return {
        "id": fact.id,
        "tenant_id": fact.tenant_id,
        "contact_id": fact.contact_id,
        "text": fact.text,
        "state": fact.state,
        "conversation_id": fact.conversation_id,
        "said_at_ms": fact.said_at_ms,
        "vector": vector,
    }


def fact_of(row: Row) -> Fact:
    """A row as it is told."""
    state: FactState = row["state"]
    return Fact(
        id=row["id"],
        tenant_id=row["tenant_id"],
        contact_id=row["contact_id"],
        text=row["text"],
        state=state,
        conversation_id=row["conversation_id"],
        said_at_ms=row["said_at_ms"],
    )
