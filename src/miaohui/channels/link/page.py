"""`/c/{site_key}`: a page of ours that is nothing but the conversation, and its address as a QR code."""

from __future__ import annotations

import html
import io
import json
import secrets
from typing import TYPE_CHECKING

import segno
from starlette.responses import HTMLResponse, Response

from miaohui.kit.errors import NotFound, Unauthenticated

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.link.tickets import Tickets
    from miaohui.inboxes.service import Inboxes
    from miaohui.inboxes.types import Inbox

_PAGE = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, 'PingFang SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif;
  margin: 0; min-height: 100vh; display: grid; place-items: center; text-align: center; padding: 1rem }}
</style>
<main><h1>{title}</h1><p>{hint}</p><noscript><p>{noscript}</p></noscript></main>
<script nonce="{nonce}">
window.Miaohui = function () {{ (Miaohui.q = Miaohui.q || []).push(arguments) }}
{calls}
history.replaceState(null, "", location.pathname)
</script>
<script async src="/widget.js" nonce="{nonce}" data-site="{site}" data-locale="{locale}"></script>
</html>
"""
_WORDS = {
    "zh-CN": ("正在打开对话…", "请打开浏览器的 JavaScript 后再试。", "这个链接已经过期, 您现在是新的访客。"),
    "en": ("Opening the conversation…", "Please allow JavaScript and come back.", "This link has expired."),
}

_CLOSED = """<!doctype html>
<html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>{words}</title>
<p>{words}</p></html>
"""
_CLOSED_WORDS = {
    "zh-CN": "本服务已暂停，请稍后再来。",
    "en": "This service is suspended at present. Please come back later.",
}


class LinkPage:
    """Both addresses; neither asks for a credential."""

    def __init__(self, inboxes: Inboxes, tickets: Tickets, public_url: str) -> None:
        self._inboxes = inboxes
        self._tickets = tickets
        self._base = public_url.rstrip("/")

    async def show(self, request: Request) -> Response:
        """The conversation; with `?ticket=` that of who was sent here. Raises `NotFound`.

        While the company is not served, a sentence that says so.
        """
        inbox = await self._inbox(request)
        if not self._inboxes.is_open(inbox.tenant_id):
            return HTMLResponse(_CLOSED.format(lang=inbox.locale, words=_CLOSED_WORDS[inbox.locale]), status_code=403)
        hint, noscript, expired = _WORDS[inbox.locale]
        calls = ['Miaohui("open")']
        if ticket := request.query_params.get("ticket", "")[:2000]:
            try:
                identity = {"token": await self._tickets.redeem(inbox, ticket)}
                calls.insert(0, f'Miaohui("identify", {{}}, {json.dumps(identity)})')
            except Unauthenticated:
                hint = expired
        nonce = secrets.token_urlsafe(16)
        page = _PAGE.format(
            lang=inbox.locale,
            locale=inbox.locale,
            title=html.escape(inbox.name),
            hint=hint,
            noscript=noscript,
            nonce=nonce,
            calls="\n".join(calls),
            site=html.escape(inbox.site_key),
        )
        return HTMLResponse(page, headers=_headers(nonce))

    async def code(self, request: Request) -> Response:
        """The page's address as an SVG. Raises `NotFound`."""
        inbox = await self._inbox(request)
        base = self._base or f"{request.url.scheme}://{request.url.netloc}"
        drawn = io.BytesIO()
        segno.make(f"{base}/c/{inbox.site_key}", error="m").save(drawn, kind="svg", scale=8, border=4, light="#fff")
        headers = {"cache-control": "private, max-age=300", "content-security-policy": "default-src 'none'; sandbox"}
        return Response(drawn.getvalue(), headers=headers, media_type="image/svg+xml")

    async def _inbox(self, request: Request) -> Inbox:
        inbox = await self._inboxes.find_by_site_key(str(request.path_params["site_key"])[:64])
        if inbox is None:
            raise NotFound("There is no such page.")
        return inbox


def _headers(nonce: str) -> dict[str, str]:
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob: https:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    # The ticket is in the address: nobody further on is told of it.
    return {"content-security-policy": policy, "referrer-policy": "no-referrer", "cache-control": "no-store"}
