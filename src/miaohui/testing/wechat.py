"""WeChat as its callers and its followers meet it: signs, locks, repeats, counts, and answers with its own codes.

The clock is given, so that the same server runs in virtual time and over sockets (`application`).
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import ClientError, web

from miaohui.channels.media.files import File
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wechat.types import Account
from miaohui.channels.wechat.wire import Said
from miaohui.kit.clock import Clock

HANGS_UP_S = 5.0
DELIVERIES = 3
_DAY_MS = 86_400_000
_OVERLAP_MS = 300_000

Node = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""One of our servers: takes the address's query and a body, gives status and body."""


@dataclass(kw_only=True)
class Shown:
    """What a follower reads in WeChat."""

    openid: str
    text: str
    how: str
    """`passive` or `api`."""
    at_ms: int
    picture: bytes = b""
    """What is seen, when it is a picture; `text` is then empty."""


@dataclass(kw_only=True)
class _Allowance:
    until_ms: int = 0
    left: int = 0


@dataclass(kw_only=True)
class _Token:
    text: str
    until_ms: int


@dataclass
class FakeWeChat:
    """The vendor's side of one Official Account."""

    account: Account
    clock: Clock
    nodes: Sequence[Node] = ()
    shown: list[Shown] = field(default_factory=list)
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    """Every answer to a delivery, as it came: message id and body."""
    tokens: list[_Token] = field(default_factory=list)
    token_calls: list[bool] = field(default_factory=list)
    """Each asking for a token: whether it was forced."""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    codes: deque[int | str] = field(default_factory=deque)
    """Given to the next messages instead of the truth; `lost`: done, and the answer lost; `away`: no connection."""
    token_codes: deque[int | str] = field(default_factory=deque)
    menu: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    """Uploaded by us or by followers, by media id."""
    hangs_up_s: float = HANGS_UP_S
    call_s: float = 0.05
    allowances: dict[str, _Allowance] = field(default_factory=lambda: defaultdict(_Allowance))

    # Followers

    async def say(self, openid: str, text: str, message_id: str, **delivery: Any) -> list[bytes]:
        """A follower writes; delivered until it is answered."""
        return await self.deliver(openid, {"MsgType": "text", "Content": text, "MsgId": message_id}, **delivery)

    async def do(self, openid: str, event: str, key: str = "", **delivery: Any) -> list[bytes]:
        """A follower follows, scans, or touches the menu."""
        return await self.deliver(openid, {"MsgType": "event", "Event": event, "EventKey": key}, **delivery)

    async def deliver(
        self, openid: str, fields: dict[str, str], *, lose: int = 0, at_once: bool = False
    ) -> list[bytes]:
        """Up to three times, five seconds apart, to one node after another; `lose` answers are lost on the way.

        `at_once` sends the first to two nodes in the same moment. The answers that were heard.
        """
        created = str(self.clock.now_ms() // 1000)
        event = fields["MsgType"] == "event"
        self._allow(openid, 3 if event else 5, 60_000 if event else 2 * _DAY_MS)
        whole = {"ToUserName": self.account.original_id, "FromUserName": openid, "CreateTime": created, **fields}
        heard: list[bytes] = []
        for attempt in range(DELIVERIES):
            nodes = [self.nodes[attempt % len(self.nodes)]]
            if at_once and attempt == 0:
                nodes = list(self.nodes[:2])
            answers = await asyncio.gather(*(self._once(node, whole, lost=attempt < lose) for node in nodes))
            heard += [one for one in answers if one is not None]
            if heard:
                self._show(openid, heard[0])
                return heard
        return heard

    def _allow(self, openid: str, sends: int, lasts_ms: int) -> None:
        allowance = self.allowances[openid]
        if allowance.until_ms <= self.clock.now_ms() or sends >= allowance.left:
            allowance.left, allowance.until_ms = sends, self.clock.now_ms() + lasts_ms

    async def _once(self, node: Node, fields: dict[str, str], *, lost: bool) -> bytes | None:
        query, body = self.call_for(fields)
        began = self.clock.monotonic()
        try:
            async with asyncio.timeout(self.hangs_up_s):
                status, answer = await node(query, body)
        except (TimeoutError, OSError):
            status, answer = 0, b""
        if status == 200:
            self.answers.append((fields.get("MsgId", ""), self.open(answer)))
        if status != 200 or lost:
            await asyncio.sleep(max(self.hangs_up_s - (self.clock.monotonic() - began), 0))
            return None
        return self.open(answer)

    def call_for(self, fields: dict[str, str]) -> tuple[str, bytes]:
        """Query and body of one delivery, newly signed and locked."""
        account, timestamp, nonce = self.account, str(self.clock.now_ms() // 1000), os.urandom(5).hex()
        body = letters.format_fields(fields)
        query = f"signature={crypto.sign(account.token, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}"
        query += f"&openid={fields['FromUserName']}"
        if account.mode == "plain":
            return query, body
        locked = crypto.lock(body, key=account.aes_key, receiver=account.app_id, salt=os.urandom(16))
        signature = crypto.sign(account.token, timestamp, nonce, locked)
        outside = {"ToUserName": account.original_id, "Encrypt": locked}
        if account.mode == "compatible":
            outside = {**fields, "Encrypt": locked}
        return f"{query}&encrypt_type=aes&msg_signature={signature}", letters.format_fields(outside)

    def open(self, answer: bytes) -> bytes:
        """What a node answered, unlocked and with its signature checked; `success` and nothing are nothing."""
        if answer in {b"success", b""}:
            return b""
        fields = letters.parse_fields(answer)
        if self.account.mode == "plain":
            return answer
        parts = (fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        crypto.check_signature(fields["MsgSignature"], self.account.token, *parts)
        return crypto.unlock(fields["Encrypt"], key=self.account.aes_key, receiver=self.account.app_id)

    def _show(self, openid: str, answer: bytes) -> None:
        if answer:
            fields = letters.parse_fields(answer)
            if fields["ToUserName"] != openid or len(fields["Content"].encode()) > 2048:
                raise AssertionError(fields)
            self._read(openid, fields["Content"], "passive")

    def _read(self, openid: str, text: str, how: str, picture: bytes = b"") -> None:
        shown = Shown(openid=openid, text=text, how=how, at_ms=self.clock.now_ms(), picture=picture)
        self.shown.append(shown)

    # The API

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """`/cgi-bin/stable_token`."""
        self.token_calls.append(force)
        await asyncio.sleep(self.call_s)
        code = self.token_codes.popleft() if self.token_codes else 0
        if isinstance(code, str):
            raise Unanswered("away", code="unreachable")
        if code:
            return Said(errcode=code)
        if (account.app_id, account.app_secret) != (self.account.app_id, self.account.app_secret):
            return Said(errcode=40125, errmsg="invalid appsecret")
        now_ms = self.clock.now_ms()
        if force or not self.tokens or self.tokens[-1].until_ms - now_ms <= _OVERLAP_MS:
            for old in self.tokens:
                old.until_ms = min(old.until_ms, now_ms + _OVERLAP_MS)
            self.tokens.append(_Token(text=os.urandom(16).hex(), until_ms=now_ms + 7_200_000))
        return Said(access_token=self.tokens[-1].text, expires_in=(self.tokens[-1].until_ms - now_ms) // 1000)

    def expire_tokens(self) -> None:
        """All that were given out hold no longer."""
        for token in self.tokens:
            token.until_ms = 0

    async def call(self, path: str, token: str, payload: Any) -> Said:
        """Any other call."""
        await asyncio.sleep(self.call_s)
        self.calls.append((path, payload))
        if not self._holds(token):
            return Said(errcode=42001 if any(one.text == token for one in self.tokens) else 40001)
        if path in {"/cgi-bin/menu/create", "/cgi-bin/menu/delete"}:
            self.menu = payload or None
            return Said()
        return self._send(payload) if path == "/cgi-bin/message/custom/send" else Said()

    def _send(self, payload: Any) -> Said:
        code = self.codes.popleft() if self.codes else 0
        if code == "away":
            raise Unanswered("away", code="unreachable")
        if isinstance(code, int) and code:
            return Said(errcode=code)
        openid = payload["touser"]
        text, picture = self._contents(payload)
        allowance = self.allowances[openid]
        if allowance.until_ms <= self.clock.now_ms():
            return Said(errcode=45015, errmsg="response out of time limit")
        if allowance.left <= 0:
            return Said(errcode=45047, errmsg="out of response count limit")
        if len(text.encode()) > 2048:
            return Said(errcode=45002, errmsg="content size out of limit")
        allowance.left -= 1
        self._read(openid, text, "api", picture)
        if code == "lost":
            raise Unanswered("lost", code="timeout")
        return Said()

    def _contents(self, payload: Any) -> tuple[str, bytes]:
        """Words and picture of a message in whatever form."""
        match payload["msgtype"]:
            case "image" | "voice" as what:
                return "", self.files[payload[what]["media_id"]]
            case "news":
                (article,) = payload["news"]["articles"]
                return f"{article['title']}|{article['description']}|{article['url']}", b""
        return payload["text"]["content"], b""

    async def upload(self, token: str, file: File, what: str) -> Said:
        """`/cgi-bin/media/upload`."""
        await asyncio.sleep(self.call_s)
        self.calls.append(("/cgi-bin/media/upload", file.name))
        if not self._holds(token):
            return Said(errcode=42001)
        if what == "voice" and (file.type not in {"audio/amr", "audio/mpeg"} or len(file.body) > 2_097_152):
            return Said(errcode=40009, errmsg="invalid voice type or size")
        media_id = os.urandom(8).hex()
        self.files[media_id] = file.body
        return Said(media_id=media_id)

    async def download(self, token: str, media_id: str) -> Said | bytes:
        """`/cgi-bin/media/get`."""
        await asyncio.sleep(self.call_s)
        if not self._holds(token):
            return Said(errcode=42001)
        return self.files.get(media_id) or Said(errcode=40007, errmsg="invalid media_id")

    def _holds(self, token: str) -> bool:
        return any(one.text == token and one.until_ms > self.clock.now_ms() for one in self.tokens)

    def application(self) -> web.Application:
        """The API over HTTP."""

        async def token(request: web.Request) -> web.Response:
            asked = await request.json()
            account = msgspec.structs.replace(self.account, app_id=asked["appid"], app_secret=asked["secret"])
            return await _respond(self.fetch_token(account, force=bool(asked["force_refresh"])))

        async def other(request: web.Request) -> web.Response:
            return await _respond(self.call(request.path, request.query["access_token"], await request.json()))

        async def upload(request: web.Request) -> web.Response:
            given = (await request.post())["media"]
            if not isinstance(given, web.FileField):
                return web.Response(status=400)
            file = File(name=given.filename, type=given.content_type, body=given.file.read())
            return await _respond(self.upload(request.query["access_token"], file, request.query["type"]))

        async def download(request: web.Request) -> web.Response:
            said = await self.download(request.query["access_token"], request.query["media_id"])
            if isinstance(said, bytes):
                return web.Response(body=said, content_type="audio/amr")
            return web.Response(body=msgspec.json.encode(said), content_type="application/json")

        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", token)
        app.router.add_post("/cgi-bin/media/upload", upload)
        app.router.add_get("/cgi-bin/media/get", download)
        app.router.add_post("/{path:.*}", other)
        return app


async def _respond(work: Awaitable[Said]) -> web.Response:
    try:
        said = await work
    except Unanswered:
        return web.Response(status=502)
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")


def http_node(session: Any, url: str) -> Node:
    """A node over a real socket."""

    async def call(query: str, body: bytes) -> tuple[int, bytes]:
        try:
            async with session.post(f"{url}?{query}", data=body) as response:
                return response.status, await response.read()
        except ClientError as error:
            raise OSError(str(error)) from None

    return call
