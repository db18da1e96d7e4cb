"""What contacts said of themselves in earlier conversations: learned afterwards, confirmed or forgotten by people."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.memory import repository
from miaohui.memory.policy import extract
from miaohui.memory.ports import Finder, Lookup, Nearest, Words
from miaohui.memory.types import Fact

RECALLED = 5
MUCH = 60
"""Facts of one contact from which on the server is left to find those worth a closer look."""
MOST_CONTACTS = 200_000
"""Of so many it is known, without a question to the records, whether anything is."""
MOST_AT_HAND = 2_000
"""Contacts whose facts stay ready, of which the least recently met go first."""

_log = get_log(__name__)


class _Known:
    """The facts of one contact, ready to be searched."""

    __slots__ = ("facts", "lookup")

    def __init__(self, facts: Sequence[Fact], finder: Finder) -> None:
        self.facts = facts
        self.lookup: Lookup | None = finder.build([fact.text for fact in facts]) if facts else None

    def fitting(self, question: str) -> tuple[Fact, ...]:
        """The most fitting first."""
        return tuple(self.facts[place] for place in self.lookup(question, RECALLED)) if self.lookup else ()


class LongTerm:
    """One read for each contact that something is known of; for all others nothing is read."""

    def __init__(self, db: Database, words: Words, finder: Finder, server: Nearest | None = None) -> None:
        """With `server` only what is near a question is read of contacts of whom much is known."""
        self._db = db
        self._server = server
        self._words = words
        self._finder = finder
        self._at_hand: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._contacts: set[tuple[str, str]] | None = None
        """Those that something is known of; None when they are not known, or too many."""

    async def refresh(self) -> None:
        """Learn which contacts something is known of; now and then, because other processes learn too."""
        contacts = await repository.list_contacts(self._db, MOST_CONTACTS + 1)
        self._contacts = set(contacts) if len(contacts) <= MOST_CONTACTS else None

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[Fact, ...] | None:
        """What fits the question, when nobody has to be waited for; None when `recall` must be asked."""
        key = (tenant_id, contact_id)
        if self._contacts is not None and key not in self._contacts:
            return ()
        known = self._at_hand.get(key)
        return None if known is None else known.fitting(question)

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> tuple[Fact, ...]:
        """What fits the question, at most `RECALLED`, the most fitting first."""
        found = self.at_hand(tenant_id, contact_id, question)
        if found is not None:
            return found
        near = await self._ask_server(tenant_id, contact_id, question)
        if len(near) < MUCH:
            return (await self._load(tenant_id, contact_id)).fitting(question)
        return (await asyncio.to_thread(_Known, near, self._finder)).fitting(question)

    async def _ask_server(self, tenant_id: str, contact_id: str, question: str) -> Sequence[Fact]:
        if self._server is None:
            return ()
        return await self._server.nearest(tenant_id, contact_id, self._finder.embed(question), MUCH) or ()

    async def learn(self, tenant_id: str, contact_id: str, conversation_id: str) -> int:
        """From a conversation that is over: how many facts were new. Raises `Unavailable`."""
        statements = extract(await self._words.said(tenant_id, conversation_id))
        facts = [
            Fact(
                id=new_id("fact"),
                tenant_id=tenant_id,
                contact_id=contact_id,
                text=one.text,
                conversation_id=conversation_id,
                said_at_ms=one.at_ms,
            )
            for one in statements
        ]
        vectors = await asyncio.to_thread(lambda: [self._finder.embed(fact.text) for fact in facts])
        written = list(zip(facts, vectors, strict=True))
        fresh = await self._db.write(lambda: repository.keep(tenant_id, contact_id, written)) if written else 0
        self._at_hand.pop((tenant_id, contact_id), None)
        if fresh and self._contacts is not None:
            self._contacts.add((tenant_id, contact_id))
        _log.info("memory.learned", conversation_id=conversation_id, facts=fresh)
        return fresh

    async def list_(self, tenant_id: str, contact_id: str) -> list[Fact]:
        """Oldest first."""
        return await repository.list_facts(self._db, tenant_id, contact_id)

    async def confirm(self, tenant_id: str, fact_id: str) -> Fact:
        """An agent has seen that it is so. Raises `NotFound`."""
        await self._get(tenant_id, fact_id)
        await self._db.write(lambda: repository.confirm(tenant_id, fact_id))
        return await self._get(tenant_id, fact_id)

    async def forget(self, tenant_id: str, fact_id: str) -> None:
        """Its words are gone for good, and the conversation teaches nothing again. Raises `NotFound`."""
        fact = await self._get(tenant_id, fact_id)
        await self._db.write(lambda: repository.forget(tenant_id, fact_id))
        self._at_hand.pop((tenant_id, fact.contact_id), None)

    async def forget_all(self, tenant_id: str, contact_id: str) -> None:
        """On request: everything of a contact is gone for good."""
        await self._db.write(lambda: repository.forget_all(tenant_id, contact_id))
        self._at_hand.pop((tenant_id, contact_id), None)

    async def _get(self, tenant_id: str, fact_id: str) -> Fact:
        fact = await repository.find_fact(self._db, tenant_id, fact_id)
        if fact is None:
            raise NotFound("There is no such fact.")
        return fact

    async def _load(self, tenant_id: str, contact_id: str) -> _Known:
        facts = await repository.list_facts(self._db, tenant_id, contact_id)
        known = await asyncio.to_thread(_Known, facts, self._finder) if facts else _Known((), self._finder)
        self._at_hand[tenant_id, contact_id] = known
        self._at_hand.move_to_end((tenant_id, contact_id))
        if len(self._at_hand) > MOST_AT_HAND:
            self._at_hand.popitem(last=False)
        return known
