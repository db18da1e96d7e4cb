"""Text files as gzip: made when first asked for, then kept, up to a bound."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

KEPT_BYTES = 16 * 1024 * 1024
"""Of all folders together, squeezed; what comes later goes out as it is."""
_LEAST, _MOST = 1_024, 4 * 1024 * 1024
_TEXT = frozenset({".js", ".mjs", ".css", ".html", ".svg", ".json", ".map", ".txt", ".md", ".webmanifest"})
_HELD_BACK = frozenset({"content-length", "accept-ranges", "etag"})


class Squeezer:
    """Remembers files by path, size and time of change."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._taken = 0
        self._known: dict[str, tuple[str, bytes]] = {}

    async def squeeze(self, response: Response, request: Request) -> Response:
        """The same file, smaller, for a client that reads gzip; or `response` as it is.

        Both forms share one entity tag, weak for the squeezed one, so that `If-None-Match` finds either.
        """
        if response.status_code == 304:
            response.headers.add_vary_header("accept-encoding")
        if not isinstance(response, FileResponse) or Path(response.path).suffix not in _TEXT:
            return response
        response.headers.add_vary_header("accept-encoding")
        size = response.stat_result.st_size if response.stat_result else 0
        if not _LEAST <= size <= _MOST or "range" in request.headers or not _reads_gzip(request):
            return response
        body = await self._body(str(response.path), response.headers["etag"])
        return _squeezed(response, body) if body else response

    async def _body(self, path: str, tag: str) -> bytes:
        """Empty when there is no more room."""
        known = self._known.get(path)
        if known is not None and known[0] == tag:
            return known[1]
        if self._taken >= self._kept_bytes:
            return b""
        body = await asyncio.to_thread(_compress, path)
        self._taken += len(body) - (len(self._known[path][1]) if path in self._known else 0)
        self._known[path] = (tag, body)
        return body


def _compress(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


def _reads_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _squeezed(response: FileResponse, body: bytes) -> Response:
    smaller = Response(body, response.status_code)
    for name, value in response.headers.items():
        if name not in _HELD_BACK:
            smaller.headers[name] = value
    smaller.headers["content-encoding"] = "gzip"
    smaller.headers["etag"] = "W/" + response.headers["etag"].removeprefix("W/")
    return smaller
