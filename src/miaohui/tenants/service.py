"""Opening and finding tenants."""

from __future__ import annotations

import re

from miaohui.kit.cache import Cache
from miaohui.kit.clock import Clock, SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id
from miaohui.tenants import repository
from miaohui.tenants.limits import CompanyLimits
from miaohui.tenants.standings import Standings
from miaohui.tenants.types import Tenant

_CACHED = 10_000
_CACHED_S = 10.0
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Tenants:
    """The companies here."""

    def __init__(self, database: Database, clock: Clock | None = None, limits: CompanyLimits | None = None) -> None:
        """`limits`: what each company sets for itself; without it none does."""
        self.limits = limits
        self._database = database
        self._clock = clock or SystemClock()
        self.standings = Standings(repository.StandingsRepository(database), self._clock)
        """Who is served."""
        self._names: Cache[str, str] = Cache(self._clock, size=_CACHED, seconds=_CACHED_S)

    async def create(self, name: str, slug: str) -> Tenant:
        """Open a tenant. Raises `Invalid` on a bad name, `Conflict` when the slug is taken."""
        name = _checked(name)
        if not _SLUG.fullmatch(slug):
            raise Invalid(
                "The slug is not in the right form.",
                errors=[FieldError("$.slug", "1 to 64 lower-case letters, digits or hyphens")],
            )
        tenant = Tenant(id=new_id("ten"), name=name, slug=slug, created_at_ms=self._clock.now_ms())
        try:
            return await self._database.write(lambda: repository.insert(tenant))
        except Conflict:
            raise Conflict(f"A tenant with the slug {slug} exists already.") from None

    async def rename(self, tenant_id: str, name: str) -> Tenant:
        """Another name; the slug stays. Raises `Invalid`, `NotFound`."""
        wanted = _checked(name)
        if not await self._database.write(lambda: repository.rename(tenant_id, wanted)):
            raise NotFound("There is no such tenant.")
        self._names.forget(tenant_id)
        return await self.get(tenant_id)

    async def name_of(self, tenant_id: str) -> str:
        """What the company is called, as it was within the last ten seconds. Raises `NotFound`."""
        name = self._names.get(tenant_id)
        if name is None:
            name = (await self.get(tenant_id)).name
            self._names.put(tenant_id, name)
        return name

    async def get(self, tenant_id: str) -> Tenant:
        """Raises `NotFound`."""
        tenant = await repository.find(self._database, tenant_id)
        if tenant is None:
            raise NotFound("There is no such tenant.")
        return tenant

    async def find_by_slug(self, slug: str) -> Tenant | None:
        """By short name."""
        return await repository.find_by_slug(self._database, slug)

    async def list_(self) -> list[Tenant]:
        """The first thousand, oldest first."""
        return await repository.list_(self._database)


def _checked(name: str) -> str:
    if not name.strip() or len(name) > 200:
        raise Invalid("A tenant needs a name.", errors=[FieldError("$.name", "1 to 200 characters")])
    return name.strip()
