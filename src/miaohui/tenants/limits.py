"""Which limits each company sets for itself; a change holds at once here, and on other nodes within two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.kit.errors import Conflict
from miaohui.kit.polling import keep_doing
from miaohui.tenants.policy import check_limits
from miaohui.tenants.types import OwnLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.kit.clock import Clock

_POLL_S = 2.0


class Records(Protocol):
    """Where limits are kept; see `limits_records`."""

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever limits were written."""
        ...

    async def list_(self) -> Mapping[str, OwnLimits]:
        """All of them, by tenant."""
        ...

    async def find(self, tenant_id: str) -> OwnLimits | None:
        """One company's."""
        ...

    async def put(self, tenant_id: str, limits: OwnLimits, now_ms: int) -> bool:
        """False when another version stands there. Raises `Conflict`."""
        ...


class CompanyLimits:
    """What the installation sets, and what each company changed of it."""

    def __init__(self, records: Records, clock: Clock, installation: OwnLimits) -> None:
        self.installation = installation
        """Every value is set."""
        self._records = records
        self._clock = clock
        self._own: dict[str, OwnLimits] = {}
        self._seen: tuple[int, int, int] | None = None

    def find(self, tenant_id: str) -> OwnLimits | None:
        """None for a company that changed nothing, which costs one look into a dictionary."""
        return self._own.get(tenant_id)

    async def get(self, tenant_id: str) -> OwnLimits:
        """As it stands in the records."""
        return await self._records.find(tenant_id) or OwnLimits()

    async def put(self, tenant_id: str, limits: OwnLimits) -> OwnLimits:
        """In place of those of `limits.version`.

        Raises `Invalid`, and `Conflict`: `limit_above_installation`, or `limits_changed` when others stand there now.
        """
        check_limits(limits, self.installation)
        newer = msgspec.structs.replace(limits, version=limits.version + 1)
        try:
            stored = await self._records.put(tenant_id, newer, self._clock.now_ms())
        except Conflict:
            stored = False
        if not stored:
            raise Conflict("Somebody else changed the limits meanwhile. Look at them again.", code="limits_changed")
        await self.refresh()
        return newer

    async def refresh(self) -> None:
        """Read them again when any were written."""
        stamp = await self._records.stamp()
        if stamp != self._seen:
            nothing = OwnLimits()
            everybody = await self._records.list_()
            self._own = {tenant: own for tenant, own in everybody.items() if _values(own) != nothing}
            self._seen = stamp

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="tenants.limits_unread")


def _values(own: OwnLimits) -> OwnLimits:
    return msgspec.structs.replace(own, version=0)
