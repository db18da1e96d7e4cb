"""Built web pages from folders: the widget, the console, the sample shop, and our own viewer of the API."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from miaohui.channels.squeeze import Squeezer

if TYPE_CHECKING:
    from starlette.types import Scope

_squeezer = Squeezer()
VIEWER = Path(__file__).parent / "rest" / "viewer"
_NAMED_BY_CONTENT = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+\Z")
_TYPES = {".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8"}

PAGE_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
VIEWER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages(StaticFiles):
    """One folder of built files, with an entity tag for each. `single` serves `index.html` at every unknown path."""

    def __init__(self, folder: Path, csp: str = PAGE_CSP, *, single: bool = False, embeddable: bool = False) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._folder = folder
        self._csp = csp
        self._single = single
        self._embeddable = embeddable

    async def check_config(self) -> None:
        """Nothing: a folder that is not there is answered, and may be there with the next request."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`."""
        if not self._folder.is_dir():
            return _not_built(self._folder)
        response = await self._find(path, scope)
        headers = response.headers
        headers["content-security-policy"] = self._csp
        by_content = path.startswith(("assets/", "chunks/")) and _NAMED_BY_CONTENT.search(path)
        headers["cache-control"] = "public, max-age=31536000, immutable" if by_content else "no-cache"
        if self._embeddable:
            headers["cross-origin-resource-policy"] = "cross-origin"
            headers["access-control-allow-origin"] = "*"
        if (kind := _TYPES.get(Path(path).suffix)) and response.status_code == 200:
            headers["content-type"] = kind
        return await _squeezer.squeeze(response, Request(scope))

    async def _find(self, path: str, scope: Scope) -> Response:
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not self._single or Path(path).suffix:
                raise
            return await super().get_response("index.html", scope)


_COMMAND = {"widget": "make web", "console": "make web", "demo": "make run"}


def _not_built(folder: Path) -> Response:
    """A page that says what to do; somebody who opens the address sees no bare error."""
    command = next((command for name, command in _COMMAND.items() if name in str(folder)), "make web")
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Not built yet</title><style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,'PingFang SC',"
        "'Noto Sans SC','Microsoft YaHei',sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}"
        "code{background:#8883;padding:.1em .4em;border-radius:6px}</style>"
        "<h1>This page has not been built yet</h1><p>In the project's folder, run "
        f"<code>{html.escape(command)}</code>, then reload.</p><p lang=zh>页面还没有构建。请在项目目录运行 "
        f"<code>{html.escape(command)}</code>, 然后刷新。</p>"
    )
    csp = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(page, 503, {"content-security-policy": csp, "cache-control": "no-store"})
