"""The client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import msgspec

from miaohui_client.errors import ApiError, Unreachable
from miaohui_client.events import Event, Reset, Said, TurnEnded
from miaohui_client.models import Conversation, ConversationPage, Reply, Sent
from miaohui_client.talks import Talk
from miaohui_client.transport import AGAIN, Retrying, Transport, new_key


class Miaohui:
    """One server, asked with an API key, an agent's access token, or a visitor's token."""

    def __init__(self, base: str, *, key: str = "", retrying: Retrying | None = None) -> None:
        """`base` is the server's address; `key` whichever credential. Nothing is asked before the first call."""
        self._transport = Transport(base, key, retrying or Retrying())

    @classmethod
    async def log_in(cls, base: str, email: str, password: str, *, retrying: Retrying | None = None) -> Self:
        """As an agent. Raises `ApiError`."""
        opened = Transport(base, "", retrying or Retrying())
        try:
            body = {"email": email, "password": password}
            grant = await opened.ask("POST", "/v1/auth/login", dict[str, Any], body)
        finally:
            await opened.close()
        return cls(base, key=grant["access_token"], retrying=retrying)

    @classmethod
    async def as_visitor(
        cls, base: str, site_key: str, *, identity_token: str = "", retrying: Retrying | None = None
    ) -> Self:
        """As a visitor of a site, or as the one whom `identity_token` proves. Raises `ApiError`."""
        opened = Transport(base, "", retrying or Retrying())
        try:
            body = {"site_key": site_key, "identity_token": identity_token}
            session = await opened.ask("POST", "/v1/widget/session", dict[str, Any], body)
        finally:
            await opened.close()
        return cls(base, key=session["token"], retrying=retrying)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()

    async def answer(self, question: str, *, visitor_id: str = "me", conversation_id: str = "", key: str = "") -> Reply:
        """Ask, and wait for the whole answer. With the same `key` it is the same question. Raises `ApiError`."""
        body = _question(question, visitor_id, conversation_id)
        return await self._transport.ask("POST", "/v1/chat", Reply, body, key)

    async def ask(
        self, question: str, *, visitor_id: str = "me", conversation_id: str = "", key: str = ""
    ) -> AsyncIterator[Event]:
        """Ask, and get the answer piece by piece: `Said`, `Reset` when what was said is void, `TurnEnded` at the end.

        A connection that is lost meanwhile is made again under the same key: the question is asked once, and what was
        missed is told after a `Reset`. Raises `ApiError`, `Unreachable`.
        """
        body, headers = _question(question, visitor_id, conversation_id), {"idempotency-key": key or new_key()}
        shown = ""
        for attempt in range(self._transport.retrying.attempts):
            if attempt:
                await asyncio.sleep(self._transport.pause_s(attempt, None))
            try:
                async with self._transport.stream("POST", "/v1/chat", json=body, headers=headers) as events:
                    async for _, name, text in events:
                        data = msgspec.json.decode(text, type=dict[str, Any])
                        for event in _read(name, data, shown):
                            shown = _after(shown, event)
                            yield event
                        if name == "end":
                            return
            except ApiError as error:
                if error.status not in AGAIN:
                    raise
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass  # asked again under the same key, it is the same question
        raise Unreachable("The answer did not come to its end; it will stand in the conversation.")

    async def start(self, *, visitor_id: str = "", inbox_id: str = "", key: str = "") -> Talk:
        """A new conversation; with an API key, for the visitor of your own id."""
        body = {name: value for name, value in (("visitor_id", visitor_id), ("inbox_id", inbox_id)) if value}
        made = await self._transport.ask("POST", "/v1/conversations", Conversation, body, key)
        return Talk(self._transport, made.id)

    async def upload(self, file: bytes, name: str = "", *, key: str = "") -> Sent:
        """Takes in a picture, document, sound or film; a message names it by its `text`. Raises `ApiError`."""
        path = f"/v1/files?name={quote(name[:200], safe='')}" if name else "/v1/files"
        return await self._transport.ask("POST", path, Sent, file, key)

    def talk(self, conversation_id: str) -> Talk:
        """A conversation that is there."""
        return Talk(self._transport, conversation_id)

    async def conversations(self, *, status: str = "") -> AsyncIterator[Conversation]:
        """All that may be read, the last changed first."""
        path = "/v1/conversations?limit=200" + (f"&status={status}" if status else "")
        cursor = ""
        while True:
            page = await self._transport.ask("GET", path + (f"&cursor={cursor}" if cursor else ""), ConversationPage)
            for one in page.data:
                yield one
            cursor = page.next_cursor
            if not cursor:
                return


def _question(question: str, visitor_id: str, conversation_id: str) -> dict[str, str]:
    body = {"question": question, "visitor_id": visitor_id}
    return {**body, "conversation_id": conversation_id} if conversation_id else body


def _read(name: str, data: dict[str, Any], shown: str) -> list[Event]:
    match name:
        case "delta":
            return [Said("", data.get("text", ""))]
        case "reset":
            return [Reset("")]
        case "end":
            ended = TurnEnded(data.get("turn_id", ""), data.get("outcome", ""), data.get("reason", ""))
            answer = data.get("answer", "")
            # What was missed over a lost connection is told whole.
            again: list[Event] = [] if shown == answer else [Reset(""), Said("", answer)]
            return [*(again if shown else again[1:]), ended]
        case "error":
            raise ApiError(int(data.get("status", 500)), data)
    return []


def _after(shown: str, event: Event) -> str:
    match event:
        case Reset():
            return ""
        case Said():
            return shown + event.text
    return shown
