"""WeCom's customer service as its callers and people in WeChat meet it.

It signs, locks, keeps a log that is read by cursor, knows who has a session, counts, and answers with its own codes. It
is a `fetch` like `kit.fetch.Fetcher`'s, so that the same server runs in virtual time and over sockets (`application`).
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from aiohttp import web

from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wecom.types import BY_API, ENDED, NEW, QUEUED, SERVED, Account
from miaohui.kit.clock import Clock
from miaohui.kit.fetch import Ask, Fetched, Limits, Unreachable

HANGS_UP_S = 5.0
TELLS = 3
_WINDOW_MS = 48 * 3_600_000
_PAGE = 1000
_ALLOWED = {NEW: {BY_API, QUEUED, SERVED}, BY_API: {QUEUED, SERVED}, QUEUED: {SERVED, ENDED}, SERVED: {SERVED, ENDED}}
_TOKEN_MS = 7_200_000

Node = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""One of our servers: takes the address's query and a body, gives status and body."""


_BIGGEST = {"voice": 2_097_152, "video": 10_485_760, "file": 20_971_520}
"""Bytes, of what is no picture."""


@dataclass(kw_only=True)
class Session:
    """One person in WeChat, and who has the session."""

    state: int = ENDED
    servicer: str = ""
    left: int = 0
    until_ms: int = 0


@dataclass
class FakeWeCom:
    """The vendor's side of one company."""

    account: Account
    clock: Clock
    nodes: Sequence[Node] = ()
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What each person reads, in order."""
    pictures: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    given: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    """Voices, films and files, each with its kind."""
    sessions: dict[str, Session] = field(default_factory=lambda: defaultdict(Session))
    log: list[dict[str, Any]] = field(default_factory=list)
    """Everything that `sync_msg` tells; a cursor is a place in it."""
    files: dict[str, bytes] = field(default_factory=dict)
    codes: deque[int | str] = field(default_factory=deque)
    """Given to the next messages instead of the truth; `lost`: done, and the answer lost; `away`: no connection."""
    sync_codes: deque[int] = field(default_factory=deque)
    sent_ids: list[str] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    token: str = ""
    token_until_ms: int = 0
    token_calls: int = 0
    online: set[str] = field(default_factory=set)
    """Who of the company's people takes sessions in WeCom now."""
    welcome_codes: set[str] = field(default_factory=set)
    call_s: float = 0.02
    page: int = _PAGE

    # People

    async def say(self, person: str, text: str, key: str = "", **fields: Any) -> list[int]:
        """Somebody in WeChat writes; told to us until it is answered with 200."""
        session = self.sessions[person]
        if session.state == ENDED:
            session.state = NEW
        session.left, session.until_ms = 5, self.clock.now_ms() + _WINDOW_MS
        self.put(person, 3, key, **({"msgtype": "text", "text": {"content": text}} | fields))
        return await self.tell()

    async def come_in(self, person: str, *, welcome: bool = True) -> list[int]:
        """Somebody opens the session."""
        code = os.urandom(8).hex() if welcome else ""
        self.welcome_codes |= {code} - {""}
        return await self.happen(person, "enter_session", welcome_code=code, scene="1")

    async def happen(self, person: str, kind: str, **facts: Any) -> list[int]:
        """An event."""
        event = {"event_type": kind, "open_kfid": self.account.open_kfid, "external_userid": person, **facts}
        self.log.append(self._item(4, "") | {"msgtype": "event", "event": event})
        return await self.tell()

    async def serve(self, person: str, servicer: str, *words: str) -> None:
        """One of the company's people takes the session in WeCom, and writes."""
        change = 1 if self.sessions[person].state == QUEUED else 2
        self.sessions[person].state, self.sessions[person].servicer = SERVED, servicer
        await self.happen(person, "session_status_change", change_type=change, new_servicer_userid=servicer)
        for one in words:
            self.shown[person].append(one)
            self.put(person, 5, "", msgtype="text", text={"content": one}, servicer_userid=servicer)
        await self.tell()

    async def close(self, person: str) -> None:
        """One of the company's people ends the session in WeCom."""
        self.sessions[person].state = ENDED
        await self.happen(person, "session_status_change", change_type=3)

    def put(self, person: str, origin: int, key: str, **fields: Any) -> None:
        """Another item of the log."""
        facts = {"open_kfid": self.account.open_kfid, "external_userid": person}
        self.log.append(self._item(origin, key) | facts | fields)

    def _item(self, origin: int, key: str) -> dict[str, Any]:
        return {"msgid": key or os.urandom(12).hex(), "send_time": self.clock.now_ms() // 1000, "origin": origin}

    async def tell(self) -> list[int]:
        """Call us until it is answered with 200, three times at most, five seconds apart. The statuses."""
        statuses: list[int] = []
        for attempt in range(TELLS):
            query, body = self.call_for()
            try:
                async with asyncio.timeout(HANGS_UP_S):
                    statuses.append((await self.nodes[attempt % len(self.nodes)](query, body))[0])
            except (TimeoutError, OSError):
                statuses.append(0)
            if statuses[-1] == 200:
                break
            await asyncio.sleep(HANGS_UP_S)
        return statuses

    def call_for(self, **fields: str) -> tuple[str, bytes]:
        """Query and body of one call, newly signed and locked."""
        told = {
            "ToUserName": self.account.corp_id,
            "CreateTime": str(self.clock.now_ms() // 1000),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": "ENC" + os.urandom(8).hex(),
            "OpenKfId": self.account.open_kfid,
            **fields,
        }
        locked = self.lock(letters.format_fields(told))
        query = self.sign(locked)
        return query, letters.format_fields({"ToUserName": self.account.corp_id, "Encrypt": locked, "AgentID": ""})

    def lock(self, text: bytes) -> str:
        """As only WeCom and this company can read it."""
        return crypto.lock(text, key=self.account.aes_key, receiver=self.account.corp_id, salt=os.urandom(16))

    def sign(self, locked: str) -> str:
        """The query that goes with it."""
        timestamp, nonce = str(self.clock.now_ms() // 1000), os.urandom(5).hex()
        signature = crypto.sign(self.account.token, timestamp, nonce, locked)
        return f"msg_signature={signature}&timestamp={timestamp}&nonce={nonce}"

    # The API

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        """Any call."""
        await asyncio.sleep(self.call_s)
        address = urlsplit(ask.url)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/cgi-bin/gettoken":
            return _answer(self._give_token(query))
        if query.get("access_token") != self.token or self.token_until_ms <= self.clock.now_ms():
            return _answer({"errcode": 42001 if query.get("access_token") == self.token else 40014})
        if address.path == "/cgi-bin/media/get":
            return self._give_file(query["media_id"])
        if address.path == "/cgi-bin/media/upload":
            return _answer(self._take_file(query["type"], ask.body))
        payload = msgspec.json.decode(ask.body)
        self.calls.append((address.path, payload))
        work = {
            "/cgi-bin/kf/account/list": self._list,
            "/cgi-bin/kf/sync_msg": self._sync,
            "/cgi-bin/kf/send_msg": self._send,
            "/cgi-bin/kf/send_msg_on_event": self._send_on_event,
            "/cgi-bin/kf/service_state/get": self._state,
            "/cgi-bin/kf/service_state/trans": self._transfer,
        }.get(address.path)
        return _answer(work(payload) if work else {"errcode": 40058, "errmsg": "no such call"})

    def _give_token(self, query: dict[str, str]) -> dict[str, Any]:
        self.token_calls += 1
        if (query.get("corpid"), query.get("corpsecret")) != (self.account.corp_id, self.account.secret):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        now_ms = self.clock.now_ms()
        if self.token_until_ms <= now_ms:
            self.token, self.token_until_ms = os.urandom(16).hex(), now_ms + _TOKEN_MS
        return {"errcode": 0, "access_token": self.token, "expires_in": (self.token_until_ms - now_ms) // 1000}

    def _list(self, payload: dict[str, Any]) -> dict[str, Any]:
        ours = [{"open_kfid": self.account.open_kfid, "name": "客服"}]
        return {"errcode": 0, "account_list": ours[payload["offset"] :]}

    def _sync(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.sync_codes and (code := self.sync_codes.popleft()):
            return {"errcode": code}
        at = int(payload.get("cursor", "c0")[1:])
        size = min(payload.get("limit", _PAGE), self.page)
        reached = min(at + size, len(self.log))
        return {
            "errcode": 0,
            "errmsg": "ok",
            "next_cursor": f"c{reached}",
            "has_more": int(reached < len(self.log)),
            "msg_list": self.log[at:reached],
        }

    def _send(self, payload: dict[str, Any]) -> dict[str, Any]:
        code = self.codes.popleft() if self.codes else 0
        if code == "away":
            raise Unreachable("away", code="unreachable")
        if isinstance(code, int) and code:
            return {"errcode": code}
        person = payload["touser"]
        session = self.sessions[person]
        if session.state not in {NEW, BY_API}:
            return {"errcode": 95018, "errmsg": "send msg session status invalid"}
        if session.left <= 0 or session.until_ms <= self.clock.now_ms():
            return {"errcode": 95001, "errmsg": "send msg count limit"}
        if payload["msgid"] in self.sent_ids or len(payload["msgid"]) > 32:
            return {"errcode": 95010, "errmsg": "invalid msgid"}
        session.left -= 1
        self.sent_ids.append(payload["msgid"])
        if not self._show(person, payload):
            return {"errcode": 40008, "errmsg": "invalid message"}
        if code == "lost":
            raise Unreachable("lost", code="timeout")
        return {"errcode": 0, "errmsg": "ok", "msgid": payload["msgid"]}

    def _show(self, person: str, payload: dict[str, Any]) -> bool:
        if payload["msgtype"] == "image":
            self.pictures[person].append(self.files[payload["image"]["media_id"]])
            return True
        if (what := payload["msgtype"]) in _BIGGEST:
            self.given[person].append((what, self.files[payload[what]["media_id"]]))
            return True
        content = payload["text"]["content"]
        if len(content.encode()) > 2048:
            return False
        self.shown[person].append(content)
        return True

    def _send_on_event(self, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["code"] not in self.welcome_codes:
            return {"errcode": 95013, "errmsg": "invalid code"}
        self.welcome_codes.discard(payload["code"])
        came_in = next(one["event"] for one in self.log if one.get("event", {}).get("welcome_code") == payload["code"])
        self._show(came_in["external_userid"], payload)
        return {"errcode": 0, "msgid": payload["msgid"]}

    def _state(self, payload: dict[str, Any]) -> dict[str, Any]:
        session = self.sessions[payload["external_userid"]]
        return {"errcode": 0, "service_state": session.state, "servicer_userid": session.servicer}

    def _transfer(self, payload: dict[str, Any]) -> dict[str, Any]:
        session, wanted = self.sessions[payload["external_userid"]], payload["service_state"]
        servicer = payload.get("servicer_userid", "")
        if wanted not in _ALLOWED.get(session.state, set()):
            return {"errcode": 95016, "errmsg": "invalid state change"}
        if wanted == SERVED and servicer not in self.online:
            return {"errcode": 95014, "errmsg": "servicer does not take sessions"}
        session.state, session.servicer = wanted, servicer
        return {"errcode": 0, "errmsg": "ok", "msg_code": os.urandom(4).hex()}

    def _take_file(self, what: str, body: bytes) -> dict[str, Any]:
        file = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
        if what == "voice" and not file.startswith(b"#!AMR"):
            return {"errcode": 40009, "errmsg": "invalid voice type"}
        if not 5 < len(file) <= _BIGGEST.get(what, 10_485_760):
            return {"errcode": 45001, "errmsg": "media size out of limit"}
        media_id = os.urandom(8).hex()
        self.files[media_id] = file
        return {"errcode": 0, "type": what, "media_id": media_id, "created_at": "1"}

    def _give_file(self, media_id: str) -> Fetched:
        if media_id not in self.files:
            return _answer({"errcode": 40007, "errmsg": "invalid media_id"})
        return Fetched(status=200, headers={"content-type": "image/png"}, body=self.files[media_id], url="")

    def application(self) -> web.Application:
        """The API over HTTP."""

        async def any_call(request: web.Request) -> web.Response:
            try:
                fetched = await self.fetch(Ask(url=str(request.url), method=request.method, body=await request.read()))
            except Unreachable:
                return web.Response(status=502)
            headers = {"content-type": fetched.headers["content-type"]}
            return web.Response(status=fetched.status, body=fetched.body, headers=headers)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", any_call)
        return app


def _answer(said: dict[str, Any]) -> Fetched:
    headers = {"content-type": "application/json; charset=UTF-8"}
    return Fetched(status=200, headers=headers, body=msgspec.json.encode(said), url="")
