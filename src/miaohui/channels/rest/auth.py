"""Log in, renew, log out, and say who I am."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from miaohui.channels.rest import schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import Unauthenticated

if TYPE_CHECKING:
    from miaohui.identity.types import Tokens

COOKIE = "miaohui_refresh"
_COOKIE_PATH = "/v1/auth"
_COOKIE_SECONDS = 30 * 24 * 3600


async def log_in(form: schemas.Login, doors: Doors, request: Request) -> Response:
    """A person's access token for some minutes, and a refresh token to renew it with."""
    client = request.client.host if request.client else ""
    tokens = await doors.identity.login(form.email, form.password, client)
    return await _granted(doors, request, tokens, in_body=form.return_refresh_token)


async def renew(form: schemas.Refresh, doors: Doors, request: Request) -> Response:
    """A new access token for the refresh token, which is replaced; an old one used again ends the login."""
    token = form.refresh_token or request.cookies.get(COOKIE, "")
    if not token:
        raise Unauthenticated("There is no refresh token. Log in again.")
    tokens = await doors.identity.refresh(token)
    return await _granted(doors, request, tokens, in_body=bool(form.refresh_token))


async def log_out(form: schemas.Refresh, doors: Doors, request: Request) -> Response:
    """The refresh token holds no longer. Does no harm when there is none."""
    if token := form.refresh_token or request.cookies.get(COOKIE, ""):
        await doors.identity.logout(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path=_COOKIE_PATH, httponly=True, samesite="strict")
    return response


async def me(doors: Doors, who: Who) -> Response:
    """The principal behind the credential."""
    tenant = await doors.tenants.get(who.tenant_id)
    return answer(
        views.Me(
            kind=who.kind,
            id=who.id,
            name=who.name,
            tenant=views.TenantView(tenant.id, tenant.name),
            role=who.role,
            scopes=sorted(who.scopes),
            inbox_id=who.inbox_id,
        )
    )


async def _granted(doors: Doors, request: Request, tokens: Tokens, *, in_body: bool) -> Response:
    person = tokens.person
    tenant = await doors.tenants.get(person.tenant_id)
    response = answer(
        views.Grant(
            access_token=tokens.access,
            expires_in=tokens.expires_in_s,
            person=views.Person(person.id, person.name, person.email),
            tenant=views.TenantView(tenant.id, tenant.name),
            role=person.role,
            refresh_token=tokens.refresh if in_body else "",
        )
    )
    response.set_cookie(
        COOKIE,
        tokens.refresh,
        max_age=_COOKIE_SECONDS,
        path=_COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response
