"""Meeting visitors, recognising contacts."""

from __future__ import annotations

from collections.abc import Mapping

from miaohui.contacts import repository
from miaohui.contacts.ports import Door
from miaohui.contacts.types import Contact
from miaohui.contacts.visits import Visits
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id

_ATTRIBUTES = 32
MOST_VIPS = 5_000


class Contacts:
    """Everyone who has ever come to a door."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.visits = Visits(database, clock)
        """Which pages they are on."""
        self._database = database
        self._clock = clock

    async def create_visitor(self, inbox: Door) -> Contact:
        """Somebody new, of whom nothing is known."""
        contact = self._new(inbox.tenant_id, inbox.id)
        return await self._database.write(lambda: repository.insert(contact))

    async def find_or_create(
        self, tenant_id: str, inbox_id: str, external_id: str, name: str = "", *, verified: bool = True
    ) -> Contact:
        """The contact with the tenant's own id `external_id`; only a verified source changes a name.

        Raises `Invalid` when the id is empty or longer than 128 characters.
        """
        if not 0 < len(external_id) <= 128:
            raise Invalid(
                "The id of a visitor is not in form.", errors=[FieldError("external_id", "1 to 128 characters")]
            )
        claimed = self._new(tenant_id, inbox_id, external_id=external_id, name=name[:200], verified=verified)
        known = await repository.find_by_external_id(self._database, tenant_id, inbox_id, external_id)
        if known is not None and not repository.needs_update(known, claimed):
            return known
        try:
            return await self._store(claimed)
        except Conflict:  # another process met the same contact in the same moment
            return await self._store(claimed)

    async def _store(self, contact: Contact) -> Contact:
        key = f"{contact.inbox_id}:{contact.external_id}"
        return await self._database.write(lambda: repository.insert_or_find(contact), key=key)

    def _new(
        self, tenant_id: str, inbox_id: str, *, external_id: str = "", name: str = "", verified: bool = False
    ) -> Contact:
        now_ms = self._clock.now_ms()
        return Contact(
            id=new_id("cont"),
            tenant_id=tenant_id,
            inbox_id=inbox_id,
            external_id=external_id,
            name=name,
            verified=verified,
            created_at_ms=now_ms,
            last_seen_at_ms=now_ms,
        )

    async def access(self, tenant_id: str, contact_id: str) -> Contact:
        """Raises `NotFound`, also for another tenant's."""
        contact = await repository.find(self._database, tenant_id, contact_id)
        if contact is None:
            raise NotFound("There is no such contact.")
        return contact

    async def update_attributes(
        self, tenant_id: str, contact_id: str, changes: Mapping[str, str], *, name: str = ""
    ) -> Contact:
        """Merge attributes (an empty value removes one). Raises `NotFound`, `Invalid` when there are too many."""
        if len(changes) > _ATTRIBUTES or any(len(k) > 64 or len(v) > 256 for k, v in changes.items()):
            raise Invalid(
                "The attributes are not in form.",
                errors=[FieldError("attributes", f"up to {_ATTRIBUTES}, names to 64 and values to 256 characters")],
            )
        contact = await self._database.write(
            lambda: repository.update_attributes(tenant_id, contact_id, changes, name[:200])
        )
        if contact is None:
            raise NotFound("There is no such contact.")
        return contact

    async def touch(self, contact: Contact) -> None:
        """Remember that the contact was here just now."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.touch(contact.tenant_id, contact.id, now_ms))

    # What agents do with them

    async def search(self, tenant_id: str, words: str, limit: int = 20) -> list[Contact]:
        """By name, the tenant's own id, or an attribute; the last seen first; all when there are no words."""
        escaped = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return await repository.search(self._database, tenant_id, f"%{escaped}%", limit)

    async def list_vips(self, tenant_id: str) -> list[str]:
        """Ids of those served sooner: of very many those who were here last."""
        return await repository.list_vips(self._database, tenant_id, MOST_VIPS)

    async def family(self, tenant_id: str, contact_id: str) -> list[Contact]:
        """The contact that this one was found to be (itself, mostly) first, then all that were merged into that one.

        Raises `NotFound`.
        """
        known = await self.access(tenant_id, contact_id)
        head = known.merged_into or known.id
        found = await repository.list_family(self._database, tenant_id, head)
        return sorted(found, key=lambda contact: contact.id != head)

    async def merge(self, tenant_id: str, contact_id: str, into_id: str) -> Contact:
        """They are the same person: agents see their conversations together. The visitors' own rights stay apart.

        Raises `NotFound`, and `Invalid` on merging somebody with themselves.
        """
        known, target = await self.access(tenant_id, contact_id), await self.access(tenant_id, into_id)
        if target.merged_into:
            target = await self.access(tenant_id, target.merged_into)
        if known.id in {target.id, into_id}:
            raise Invalid("These are one contact already.", errors=[FieldError("$.into", "another contact")])
        return await self._database.write(lambda: repository.merge(known, target))

    async def part(self, tenant_id: str, contact_id: str) -> Contact:
        """Undo a merge. Raises `NotFound`."""
        return self._known(await self._database.write(lambda: repository.part(tenant_id, contact_id)))

    async def set_blocked(self, tenant_id: str, contact_id: str, *, blocked: bool) -> Contact:
        """Nothing more is taken of a blocked contact; see `Conversations.block`. Raises `NotFound`."""
        at_ms = self._clock.now_ms() if blocked else 0
        return self._known(await self._database.write(lambda: repository.set_blocked(tenant_id, contact_id, at_ms)))

    async def erase(self, tenant_id: str, contact_id: str) -> Contact:
        """Name, the tenant's own id and attributes are gone for good; what the contact said is not here. `NotFound`."""
        return self._known(await self._database.write(lambda: repository.erase(tenant_id, contact_id)))

    @staticmethod
    def _known(contact: Contact | None) -> Contact:
        if contact is None:
            raise NotFound("There is no such contact.")
        return contact
