"""WeCom in front of two nodes of ours, in virtual time; only the vendor and the engine are played."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.requests import Request
from tests.suites.channel import say_as_agent, thread_of
from tests.wechat.town import KEY, TENANT, Node, Town, open_town

from miaohui.channels.accounts import Accounts, Kind
from miaohui.channels.threads.account_door import AccountDoor
from miaohui.channels.threads.hearing import Hearing
from miaohui.channels.wechat import letters
from miaohui.channels.wechat.tokens import AccessTokens
from miaohui.channels.wecom.api import HttpApi
from miaohui.channels.wecom.door import WeComDoor
from miaohui.channels.wecom.policy import check_account
from miaohui.channels.wecom.sending import Sending
from miaohui.channels.wecom.service import Listener
from miaohui.channels.wecom.tasks import Puller
from miaohui.channels.wecom.transfers import Transfers
from miaohui.channels.wecom.types import Account
from miaohui.conversations.types import Conversation, Message
from miaohui.kit.aio import spawn, stop
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.sealed import Seal
from miaohui.testing.engine import Act
from miaohui.testing.virtual import VirtualClock
from miaohui.testing.wecom import FakeWeCom

FACTS: dict[str, Any] = {
    "corp_id": "ww12345678910",
    "open_kfid": "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q",
    "token": "atoken",
    "aes_key": KEY,
    "secret": "the-kf-secret",
}


class WeComTrial:
    """People in WeChat who write to one customer-service account."""

    part_bytes = 2048

    def __init__(self, town: Town, wecom: FakeWeCom, doors: list[WeComDoor]) -> None:
        self.town = town
        self.wecom = wecom
        self.doors = doors
        wecom.nodes = [lambda query, body, door=door: self.call(door, query, body) for door in doors]  # type: ignore[misc]

    async def call(self, door: WeComDoor, query: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
        request = request_of(self.wecom.account.inbox_id, query, body, method)
        try:
            answer = await (door.hear(request) if method == "POST" else door.verify(request))
        except MiaohuiError as error:
            return error.status, b""
        return answer.status_code, bytes(answer.body)

    async def say(self, person: str, text: str, key: str) -> None:
        await self.wecom.say(person, text, f"msg-{person}-{key}")

    async def say_again(self, person: str, text: str, key: str) -> None:
        """The log holds it twice, and another node is called."""
        self.wecom.nodes = list(reversed(self.wecom.nodes))
        await self.wecom.say(person, text, f"msg-{person}-{key}")

    async def forge(self) -> list[int]:
        query, body = self.wecom.call_for()
        door = self.doors[0]
        calls = [
            ("", body),
            (query.replace("msg_signature=", "msg_signature=0"), body),
            (query, body[:-20]),
            (query, b""),
        ]
        locked = self.wecom.lock(b"<xml>")
        calls.append((self.wecom.sign(locked), letters.format_fields({"Encrypt": locked})))
        calls.append((query, letters.format_fields({"ToUserName": "x", "Event": "kf_msg_or_event"})))
        calls.append((query + "&nonce=1", body))
        return [(await self.call(door, *one))[0] for one in calls]

    def shown(self, person: str) -> list[str]:
        return self.wecom.shown[person]

    def pictures(self, person: str) -> list[bytes]:
        return self.wecom.pictures[person]

    def fail(self, how: str) -> None:
        self.wecom.codes.append(how)

    async def thread(self, person: str) -> list[Message]:
        return await thread_of(self.town, self.wecom.account.inbox_id, person)

    async def as_agent(self, person: str, text: str, *, note: bool = False) -> None:
        await say_as_agent(self.town, self.wecom.account.inbox_id, person, text, note=note)

    async def conversation(self, person: str) -> Conversation:
        threads = self.town.nodes[0].threads
        thread = await threads.repository.find(self.wecom.account.inbox_id, person)
        assert thread is not None
        _, conversation = await threads.conversation_of(thread)
        return conversation

    async def sendings(self, person: str) -> list[tuple[str, str]]:
        conversation = await self.conversation(person)
        rows = await self.town.nodes[0].threads.repository.list_sendings(TENANT, conversation.id)
        return [(row["state"], row["detail"]) for row in reversed(rows)]


Story = Callable[[WeComTrial], Awaitable[None]]


@asynccontextmanager
async def open_counter(template: Path, folder: Path, *script: list[Act], **account: Any) -> AsyncIterator[WeComTrial]:
    async with open_town(template, folder, *script) as town:
        inbox = await town.nodes[0].inboxes.create(TENANT, "微信客服", channel="wecom")
        kept = Account(inbox_id=inbox.id, tenant_id=TENANT, **(FACTS | account))
        wecom = FakeWeCom(kept, VirtualClock())
        doors = [open_door(node, wecom) for node in town.nodes]
        await doors[0].accounts.put(kept)
        tasks = [spawn(door.puller.run(), name="wecom") for door in doors]
        for door in doors:
            await door.puller.transfers.refresh()
        yield WeComTrial(town, wecom, doors)
        await stop(*tasks)


def open_door(node: Node, wecom: FakeWeCom) -> WeComDoor:
    clock, seal = VirtualClock(), Seal(b"0" * 32)
    kind = Kind("wecom", Account, check_account)
    accounts = Accounts(node.database, clock, seal, node.inboxes, kind)
    http = HttpApi(wecom)
    tokens: AccessTokens[Account] = AccessTokens(node.database, clock, seal, http, early_ms=0)
    sending = Sending(http, tokens, node.files, node.tickets)
    hearing = Hearing("wecom", node.threads, node.turns, node.store)
    listener = Listener(node.threads, hearing, node.conversations, sending, clock)
    transfers = Transfers(accounts, node.threads, sending, listener)
    node.realtime.on_change(transfers.conversation_changed)
    node.others.append(AccountDoor("wecom", wecom.account, sending))

    async def bring(media: Any) -> bytes:
        return await sending.bring(wecom.account, media.source)

    node.store.learn("wecom", bring)
    return WeComDoor(accounts, Puller(node.database, clock, sending, listener, transfers), clock)


def request_of(inbox_id: str, query: str, body: bytes, method: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": f"/v1/channels/wecom/{inbox_id}",
        "query_string": query.encode(),
        "headers": [],
        "path_params": {"inbox_id": inbox_id},
    }
    return Request(scope, receive)
