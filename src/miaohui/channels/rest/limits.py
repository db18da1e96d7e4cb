"""How much of anything a company lets its visitors ask of the place, within what the installation bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import Response

from miaohui.channels.rest import office_schemas as forms
from miaohui.channels.rest import office_views as views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import Unavailable
from miaohui.tenants.policy import most_of
from miaohui.tenants.types import OwnLimits

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.tenants.limits import CompanyLimits


async def get_limits(doors: Doors, who: Who) -> Response:
    """What the company set for itself, what holds for the installation, and how far each may go."""
    kept = _kept(doors)
    return answer(_view(kept, await kept.get(who.tenant_id)))


async def put_limits(form: forms.PutLimits, doors: Doors, who: Who) -> Response:
    """Set these instead. Holds for the next message, on other nodes within two seconds.

    409 `limit_above_installation` for what the whole installation does not bear, `limits_changed` when somebody else
    changed them since `version`.
    """
    kept = _kept(doors)
    before = msgspec.structs.asdict(await kept.get(who.tenant_id))
    stored = await kept.put(who.tenant_id, OwnLimits(**form.model_dump()))
    after = msgspec.structs.asdict(stored)
    changed = {
        name: "installation" if value is None else value
        for name, value in after.items()
        if name != "version" and value != before[name]
    }
    await doors.journal.audit(who, "limits.put", who.tenant_id, changed)
    return answer(_view(kept, stored))


def _view(kept: CompanyLimits, own: OwnLimits) -> views.LimitsView:
    return views.LimitsView(own=own, installation=kept.installation, most=most_of(kept.installation))


def _kept(doors: Services) -> CompanyLimits:
    if doors.tenants.limits is None:
        raise Unavailable("This node keeps no limits of companies.")
    return doors.tenants.limits
