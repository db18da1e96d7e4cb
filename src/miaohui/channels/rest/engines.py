"""Routes to engines, how they stand and what they cost; and the tools that the assistant may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import Query, Response

from miaohui.channels.rest import engine_schemas as schemas
from miaohui.channels.rest import engine_views as views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import Unavailable

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.engines.service import EngineRoutes, RouteEntry
    from miaohui.engines.standing import RouteStanding
    from miaohui.tools.grants import Grants

_DAY_MS = 86_400_000


async def list_routes(doors: Doors, who: Who) -> Response:
    """Every route that serves this company, and those it switched off. Keys are never told, only their last four."""
    return answer(views.EngineRouteList([_view(one) for one in await _routes(doors).list_for(who.tenant_id)]))


async def put_route(name: schemas.RouteName, form: schemas.PutRoute, doors: Doors, who: Who) -> Response:
    """A route of one's own as a whole, or what is changed of a shared one. Holds at once; what is under way goes on.

    To change a key: put the new one beside the old one, which is `draining`; then put the new one alone. A key without
    a `secret` keeps the one it has.
    """
    described = {**form.model_dump(exclude_unset=True), "name": name}
    routes = _routes(doors)
    await routes.put(who.tenant_id, described)
    keys = ", ".join(f"{key['id']} {key.get('state', 'active')}" for key in described.get("keys", ()))
    fields = ", ".join(sorted(described.keys() - {"name", "keys"}))
    await doors.journal.audit(who, "engine_route.put", name, {"fields": fields, "keys": keys})
    return answer(_view(await routes.get(who.tenant_id, name)))


async def delete_route(name: schemas.RouteName, doors: Doors, who: Who) -> Response:
    """The route of one's own is gone; a shared one serves as it does for others."""
    await _routes(doors).remove(who.tenant_id, name)
    await doors.journal.audit(who, "engine_route.removed", name, {})
    return Response(status_code=204)


async def get_board(doors: Doors, who: Who) -> Response:
    """How the routes stand on the node that answers: breakers, keys, room, first words."""
    return answer(views.EngineBoard([_standing(one) for one in await _routes(doors).standings(who.tenant_id)]))


async def list_days(doors: Doors, who: Who, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """What was asked of each route and what it cost, day by day (UTC), the latest first."""
    if doors.accounts is None:
        raise Unavailable("This node keeps no accounts of engines.")
    found = await doors.accounts.days(who.tenant_id, doors.clock.now_ms() - days * _DAY_MS)
    return answer(views.EngineDays([views.EngineDay(**msgspec.structs.asdict(one)) for one in found]))


async def list_tools(doors: Doors, who: Who) -> Response:
    """Every tool there is, and which of them the assistant may use."""
    return answer(_tool_list(_grants(doors), who.tenant_id))


async def put_tools(form: schemas.PutTools, doors: Doors, who: Who) -> Response:
    """The assistant may use these tools and no others, where its route can call them."""
    grants = _grants(doors)
    names = await grants.grant(who.tenant_id, form.tools)
    await doors.journal.audit(who, "tools.granted", who.tenant_id, {"tools": list(names)})
    return answer(_tool_list(grants, who.tenant_id))


def _routes(doors: Services) -> EngineRoutes:
    if doors.routes is None:
        raise Unavailable("This node has no routes of its own.")
    return doors.routes


def _grants(doors: Services) -> Grants:
    if doors.grants is None:
        raise Unavailable("This node has no tools.")
    return doors.grants


def _view(entry: RouteEntry) -> views.EngineRouteView:
    route, origin, enabled = entry
    keys = [
        views.EngineKeyView(
            id=key.id,
            account=key.account if origin == "own" else "",
            state=key.state,
            # Of a short secret four characters would be too much of it.
            hint=key.secret[-4:] if origin == "own" and len(key.secret) >= 12 else "",
        )
        for key in route.keys
    ]
    return views.EngineRouteView(
        name=route.name,
        origin=origin,
        enabled=enabled,
        provider=route.provider,
        base_url=route.base_url,
        model=route.model,
        tier=route.tier,
        weight=route.weight,
        price_in=route.price_in,
        price_cached=route.price_cached,
        price_out=route.price_out,
        price_version=route.price_version,
        rpm=route.rpm,
        tpm=route.tpm,
        slots=route.slots,
        window_tokens=route.window_tokens,
        capabilities=list(route.capabilities),
        temperature=route.temperature,
        api_version=route.api_version,
        connect_ms=route.connect_ms,
        first_content_ms=route.first_content_ms,
        idle_ms=route.idle_ms,
        total_ms=route.total_ms,
        key_version=route.key_version,
        keys=keys,
    )


def _standing(one: RouteStanding) -> views.EngineStanding:
    keys = [
        views.EngineKeyStanding(
            id=key.id,
            state=key.state,
            reason=key.reason,
            rests_s=round(key.rests_s, 1),
            in_flight=key.in_flight,
            requests_left=key.requests_left,
            tokens_left=key.tokens_left,
        )
        for key in one.keys
    ]
    facts = {name: getattr(one, name) for name in views.EngineStanding.__struct_fields__ if name != "keys"}
    return views.EngineStanding(keys=keys, **facts)


def _tool_list(grants: Grants, tenant_id: str) -> views.ToolList:
    granted = grants.granted(tenant_id)
    return views.ToolList(
        [
            views.ToolView(
                name=tool.name,
                description=tool.description,
                risk=tool.risk,
                parameters=dict(tool.parameters),
                granted=tool.name in granted,
                own=grants.known.get(tool.name) is not tool,
            )
            for tool in grants.all_for(tenant_id).values()
        ]
    )
