"""Telegram as its callers and its people meet it: marks its calls, tells again, and answers with its codes."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from miaohui.channels.media.files import File
from miaohui.channels.telegram.api import Parameters, Said
from miaohui.channels.telegram.types import Account
from miaohui.channels.threads.errors import Unanswered

MOST_CHARS = 4_096
MOST_BYTES = 52_428_800
"""Of a file that is sent there."""
TELLS = 3
_AGAIN_S = 5.0

Node = Callable[[dict[str, str], bytes], Awaitable[int]]
"""One of our servers: takes headers and a body, gives a status."""


@dataclass
class FakeTelegram:
    """The vendor's side of one account."""

    account: Account
    nodes: Sequence[Node] = ()
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What each person reads, in order; a picture as its bytes' length."""
    pictures: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    given: dict[str, list[tuple[str, File]]] = field(default_factory=lambda: defaultdict(list))
    """What each person got beside pictures: by which method, and the file."""
    files: dict[str, bytes] = field(default_factory=dict)
    typing: list[tuple[str, int]] = field(default_factory=list)
    """To whom it was shown that an answer is being written, and how many messages they had read by then."""
    codes: deque[int | str] = field(default_factory=deque)
    """Given to the next messages instead of the truth; `lost`: done, and the answer lost; `away`: no connection."""
    typing_fails: bool = False
    webhook: dict[str, Any] = field(default_factory=dict)
    trouble: dict[str, Any] = field(default_factory=dict)
    """What is told of calls that failed."""
    statuses: list[int] = field(default_factory=list)

    async def say(self, person: int, text: str, update_id: int, **more: Any) -> list[int]:
        """Somebody writes; told until it is answered with 200. The statuses that came back."""
        room = {"id": person, "type": "private"}
        message = {"message_id": update_id, "chat": room, "from": {"id": person, "first_name": "Ann"}, "text": text}
        return await self.tell({"update_id": update_id, "message": {**message, **more}})

    async def tell(self, update: dict[str, Any]) -> list[int]:
        """Any update."""
        statuses: list[int] = []
        for attempt in range(TELLS):
            node = self.nodes[attempt % len(self.nodes)]
            headers = {"x-telegram-bot-api-secret-token": self.account.mark}
            try:
                statuses.append(await node(headers, msgspec.json.encode(update)))
            except OSError:
                statuses.append(0)
            if statuses[-1] == 200:
                break
            await asyncio.sleep(_AGAIN_S)
        self.statuses += statuses
        return statuses

    async def call(self, account: Account, method: str, payload: dict[str, Any], file: File | None = None) -> Said:
        """Any method."""
        await asyncio.sleep(0.01)
        if account.token != self.account.token:
            return Said(error_code=401, description="Unauthorized")
        if method == "setWebhook":
            self.webhook = payload
            return Said(ok=True, result=True)
        if method == "getWebhookInfo":
            return Said(ok=True, result={"url": self.webhook.get("url", ""), **self.trouble})
        if method == "getFile":
            known = payload["file_id"] in self.files
            path = {"file_path": payload["file_id"]}
            return Said(ok=True, result=path) if known else Said(error_code=400, description="invalid file_id")
        if method == "sendChatAction":
            return self._show_typing(payload)
        return self._send(method, payload, file)

    def _show_typing(self, payload: dict[str, Any]) -> Said:
        if payload["action"] != "typing":
            return Said(error_code=400, description="wrong parameter action in request")
        if self.typing_fails:
            raise Unanswered("away", code="unreachable")
        person = str(payload["chat_id"])
        self.typing.append((person, len(self.shown[person])))
        return Said(ok=True, result=True)

    def _send(self, method: str, payload: dict[str, Any], file: File | None) -> Said:
        code = self.codes.popleft() if self.codes else 0
        if code == "away":
            raise Unanswered("away", code="unreachable")
        if isinstance(code, int) and code:
            return Said(error_code=code, parameters=Parameters(2 if code == 429 else 0))
        text = str(payload.get("text", payload.get("caption", "")))
        if len(text) > MOST_CHARS or not (text or file):
            return Said(error_code=400, description="message is too long")
        person = str(payload["chat_id"])
        if file is None:
            self.shown[person].append(text)
        elif method == "sendPhoto":
            self.pictures[person].append(file.body)
        else:
            self.given[person].append((method, file))
        if code == "lost":
            raise Unanswered("lost", code="timeout")
        return Said(ok=True, result={"message_id": 1})

    async def download(self, account: Account, file_path: str) -> bytes:
        """A file's bytes."""
        return self.files[file_path]

    def application(self) -> web.Application:
        """The API over HTTP."""

        async def method(request: web.Request) -> web.Response:
            account = msgspec.structs.replace(self.account, token=request.match_info["token"])
            name = request.match_info["method"]
            if request.content_type == "application/json":
                said = await self.call(account, name, await request.json())
            else:
                form = dict(await request.post())
                given = form.pop(name.removeprefix("send").lower(), None)
                if not isinstance(given, web.FileField):
                    return web.Response(status=400)
                file = File(name=given.filename, type=given.content_type, body=given.file.read())
                said = await self.call(account, name, form, file)
            status = 200 if said.ok else said.error_code
            return web.Response(status=status, body=msgspec.json.encode(said), content_type="application/json")

        async def download(request: web.Request) -> web.Response:
            return web.Response(body=self.files.get(request.match_info["path"], b""))

        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post("/bot{token}/{method}", method)
        app.router.add_get("/file/bot{token}/{path}", download)
        return app
