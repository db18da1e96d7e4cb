"""Telegram does what every channel must."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from tests.suites.channel import ChannelSuite, say_as_agent, thread_of
from tests.wechat.town import TENANT, Node, Town, open_town

from miaohui.channels.accounts import Accounts, Kind
from miaohui.channels.telegram.door import TelegramDoor
from miaohui.channels.telegram.policy import check_account
from miaohui.channels.telegram.sending import Sending
from miaohui.channels.telegram.types import Account
from miaohui.channels.threads.account_door import AccountDoor
from miaohui.channels.threads.hearing import Hearing
from miaohui.conversations.types import Message
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.sealed import Seal
from miaohui.testing.engine import Act
from miaohui.testing.telegram import FakeTelegram
from miaohui.testing.virtual import VirtualClock

PEOPLE = {"ann": 11, "ben": 22}


class TelegramTrial:
    """People who write to one account."""

    part_bytes = 4096

    def __init__(self, town: Town, telegram: FakeTelegram, doors: list[TelegramDoor]) -> None:
        self.town = town
        self.telegram = telegram
        self.doors = doors
        telegram.nodes = [lambda headers, body, door=door: self.call(door, headers, body) for door in doors]  # type: ignore[misc]

    async def call(self, door: TelegramDoor, headers: dict[str, str], body: bytes) -> int:
        try:
            return (await door.hear(request(self.telegram.account.inbox_id, headers, body))).status_code
        except MiaohuiError as error:
            return error.status

    async def say(self, person: str, text: str, key: str) -> None:
        await self.telegram.say(PEOPLE[person], text, int(key))

    async def say_again(self, person: str, text: str, key: str) -> None:
        self.telegram.nodes = self.telegram.nodes[::-1]
        await self.telegram.say(PEOPLE[person], text, int(key))

    async def forge(self) -> list[int]:
        right = {"x-telegram-bot-api-secret-token": self.telegram.account.mark}
        update = {"update_id": 1, "message": {"chat": {"id": 11, "type": "private"}, "text": "x"}}
        body = msgspec.json.encode(update)
        calls = [
            ({}, body),
            ({**right, "x-telegram-bot-api-secret-token": "other"}, body),
            (right, b""),
            (right, b"[]"),
        ]
        calls += [(right, b"\xff"), (right, b'{"update_id": "one"}'), (right, b"{" * 10_000), (right, b" " * 300_000)]
        return [await self.call(self.doors[0], headers, given) for headers, given in calls]

    def shown(self, person: str) -> list[str]:
        return self.telegram.shown[str(PEOPLE[person])]

    def pictures(self, person: str) -> list[bytes]:
        return self.telegram.pictures[str(PEOPLE[person])]

    def fail(self, how: str) -> None:
        self.telegram.codes.append(how)

    async def thread(self, person: str) -> list[Message]:
        return await thread_of(self.town, self.telegram.account.inbox_id, str(PEOPLE[person]))

    async def as_agent(self, person: str, text: str, *, note: bool = False) -> None:
        await say_as_agent(self.town, self.telegram.account.inbox_id, str(PEOPLE[person]), text, note=note)


class TestTelegram(ChannelSuite):
    @asynccontextmanager
    async def open_trial(self, template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[TelegramTrial]:
        async with open_trial(template, folder, *script) as trial:
            yield trial


@asynccontextmanager
async def open_trial(template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[TelegramTrial]:
    async with open_town(template, folder, *script) as town:
        inbox = await town.nodes[0].inboxes.create(TENANT, "电报", channel="telegram")
        account = Account(inbox_id=inbox.id, tenant_id=TENANT, token="12345:" + "A" * 35, mark="the-mark")
        telegram = FakeTelegram(account)
        doors = [open_door(node, telegram) for node in town.nodes]
        await doors[0].accounts.put(account)
        for node, door in zip(town.nodes, doors, strict=True):
            node.others.append(AccountDoor("telegram", account, door.sending))
        yield TelegramTrial(town, telegram, doors)


def open_door(node: Node, telegram: FakeTelegram) -> TelegramDoor:
    kind = Kind("telegram", Account, check_account)
    accounts = Accounts(node.database, VirtualClock(), Seal(b"0" * 32), node.inboxes, kind)
    sending = Sending(telegram, node.files, node.tickets)

    async def bring(media: Any) -> bytes:
        return await sending.bring(telegram.account, media.source)

    node.store.learn("telegram", bring)
    return TelegramDoor(accounts, Hearing("telegram", node.threads, node.turns, node.store), sending)


def request(inbox_id: str, headers: dict[str, str], body: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v1/channels/telegram/{inbox_id}",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "path_params": {"inbox_id": inbox_id},
    }
    return Request(scope, receive)
