"""Which companies are served, as every process knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit.errors import Conflict
from miaohui.kit.polling import keep_doing
from miaohui.kit.versioned import FOLLOWED_S, Followed
from miaohui.tenants.errors import TenantSuspended
from miaohui.tenants.policy import next_standing
from miaohui.tenants.types import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.kit.clock import Clock
    from miaohui.kit.versioned import Records
    from miaohui.tenants.types import State

    Listener = Callable[[str, Standing], None]
    """Told of a tenant and how it stands now; must not block."""
    Porter = Callable[[str], None]
    """Told of a tenant that is not served any more; must not block."""


class Standings:
    """A change holds at once in this process, in others within `FOLLOWED_S`: there, too, listeners are told of it."""

    def __init__(self, records: Records[Standing], clock: Clock) -> None:
        self._followed = Followed(records, clock, Standing())
        self._told: dict[str, Standing] = {}
        self._listeners: list[Listener] = []
        self._porters: list[Porter] = []

    def on_change(self, listener: Listener) -> None:
        """Tell this one too."""
        self._listeners.append(listener)

    def on_shut(self, porter: Porter) -> None:
        """Tell this one of those who are not served any more: it shows them out."""
        self._porters.append(porter)

    # Asked at every door

    def serves(self, tenant_id: str) -> bool:
        """One look into a dictionary that is nearly always empty."""
        standing = self._followed.find(tenant_id)
        return standing is None or standing.served

    def find(self, tenant_id: str) -> Standing:
        """As this process knows it."""
        return self._followed.find(tenant_id) or Standing()

    def check(self, tenant_id: str) -> None:
        """Raises `TenantSuspended`."""
        if not self.serves(tenant_id):
            raise TenantSuspended

    # Changed by operators

    async def get(self, tenant_id: str) -> Standing:
        """As it stands in the records."""
        return await self._followed.get(tenant_id)

    async def change(self, tenant_id: str, wanted: State) -> Standing:
        """How it stands from now on. Raises `Conflict`: `tenant_leaving`, or `standing_changed` meanwhile."""
        now = await self._followed.get(tenant_id)
        following = next_standing(now, wanted)
        if following is None:
            return now
        kept = await self._followed.put(tenant_id, following)
        if kept is None:
            raise Conflict("Somebody else changed this tenant meanwhile. Look at it again.", code="standing_changed")
        self._tell()
        return kept

    async def refresh(self) -> None:
        """Read them again when any changed."""
        await self._followed.refresh()
        self._tell()

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=FOLLOWED_S, failing="tenants.standings_unread")

    def _tell(self) -> None:
        known, told = self._followed.everybody(), self._told
        changed = {
            one: known.get(one, Standing()) for one in known.keys() | told.keys() if known.get(one) != told.get(one)
        }
        self._told = dict(known)
        for tenant_id, standing in changed.items():
            for listener in self._listeners:
                listener(tenant_id, standing)
            for show_out in () if standing.served else self._porters:
                show_out(tenant_id)
