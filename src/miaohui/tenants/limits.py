"""Which limits each company sets for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit.errors import Conflict
from miaohui.kit.versioned import Followed
from miaohui.tenants.policy import check_limits
from miaohui.tenants.types import OwnLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.kit.clock import Clock
    from miaohui.kit.versioned import Records


class CompanyLimits:
    """What the installation sets, and what each company changed of it; a change holds as soon as `Followed` says."""

    def __init__(self, records: Records[OwnLimits], clock: Clock, installation: OwnLimits) -> None:
        self.installation = installation
        """Every value is set."""
        self._own = Followed(records, clock, OwnLimits())

    def find(self, tenant_id: str) -> OwnLimits | None:
        """None for a company that changed nothing, which costs one look into a dictionary."""
        return self._own.find(tenant_id)

    def everybody(self) -> Mapping[str, OwnLimits]:
        """Of each company that changed something."""
        return self._own.everybody()

    async def get(self, tenant_id: str) -> OwnLimits:
        """As it stands in the records."""
        return await self._own.get(tenant_id)

    async def put(self, tenant_id: str, limits: OwnLimits) -> OwnLimits:
        """In place of those of `limits.version`.

        Raises `Invalid`, and `Conflict`: `limit_above_installation`, or `limits_changed` when others stand there now.
        """
        check_limits(limits, self.installation)
        kept = await self._own.put(tenant_id, limits)
        if kept is None:
            raise Conflict("Somebody else changed the limits meanwhile. Look at them again.", code="limits_changed")
        return kept

    async def refresh(self) -> None:
        """Read them again when any were written."""
        await self._own.refresh()

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await self._own.run(failing="tenants.limits_unread")
