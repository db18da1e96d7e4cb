"""How much of anything a company lets its visitors ask of the place, within what the installation bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import Response

from miaohui.channels.rest import office_schemas as forms
from miaohui.channels.rest import office_views as views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import Unavailable
from miaohui.realtime.frames import rfc3339
from miaohui.tenants.policy import most_of
from miaohui.tenants.types import OwnLimits

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.engines.purses import Period
    from miaohui.engines.spending import Spending
    from miaohui.tenants.limits import CompanyLimits


async def get_limits(doors: Doors, who: Who) -> Response:
    """What the company set for itself, what holds for the installation, and how far each may go."""
    return answer(await _view(doors, who.tenant_id, await _kept(doors).get(who.tenant_id)))


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
    spending = _spending(doors)
    await spending.refresh()
    return answer(await _view(doors, who.tenant_id, stored))


async def _view(doors: Services, tenant_id: str, own: OwnLimits) -> views.LimitsView:
    installation = _kept(doors).installation
    day, month = await _spending(doors).periods(tenant_id)
    return views.LimitsView(
        own=own,
        installation=installation,
        most=most_of(installation),
        spending=views.SpendingView(day=_spent(day), month=_spent(month)),
    )


def _spent(period: Period) -> views.SpentView:
    return views.SpentView(
        spent_micro=period.spent_micro, budget_micro=period.budget_micro, ends_at=rfc3339(period.ends_at_ms)
    )


def _spending(doors: Services) -> Spending:
    if doors.spending is None:
        raise Unavailable("This node keeps no account of what companies spend.")
    return doors.spending


def _kept(doors: Services) -> CompanyLimits:
    if doors.tenants.limits is None:
        raise Unavailable("This node keeps no limits of companies.")
    return doors.tenants.limits
