"""Which page a visitor is on: told by the widget, shown to agents."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from miaohui.channels.rest import office_views as views
from miaohui.channels.rest import schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.contacts.pages import browser_of, language_of
from miaohui.contacts.types import Page
from miaohui.kit.errors import Forbidden, Throttled


class TellPage(schemas.Form):
    """Where a visitor is now."""

    url: Annotated[str, Field(max_length=4_000)]
    """Fragment, credentials and what looks like a secret are dropped; nothing is kept of what is not http(s)."""
    title: Annotated[str, Field(max_length=1_000)] = ""
    referrer: Annotated[str, Field(max_length=4_000)] = ""


async def tell_page(form: TellPage, doors: Doors, who: Who, request: Request) -> Response:
    """A visitor is on this page now; 403 `pages_off` where the inbox does not want to know."""
    inbox = await doors.inboxes.get(who.tenant_id, who.inbox_id)
    if not inbox.pages:
        raise Forbidden("Nobody wants to know it here.", code="pages_off")
    for limit in await doors.guard.admit_page(who):
        if not limit.allowed:
            detail = f"More than {limit.limit} pages in {limit.window_s} s. Wait a moment."
            raise Throttled(detail, retry_after_s=limit.retry_after_s)
    page = Page(
        url=form.url,
        title=form.title,
        referrer=form.referrer,
        browser=browser_of(request.headers.get("user-agent", "")),
        language=language_of(request.headers.get("accept-language", "")),
    )
    await doors.contacts.visits.note(who.tenant_id, who.id, page)
    return Response(status_code=204)


async def get_visit(contact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Where a contact was last, for 30 days; empty where that is not known."""
    await doors.contacts.access(who.tenant_id, contact_id)
    return answer(views.visit(await doors.contacts.visits.find(who.tenant_id, contact_id)))
