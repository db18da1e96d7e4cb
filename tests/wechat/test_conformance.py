"""WeChat does what every channel must."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.suites.channel import ChannelSuite, say_as_agent, thread_of
from tests.wechat.town import Town, open_town

from miaohui.channels.wechat import letters
from miaohui.conversations.types import Message
from miaohui.testing.engine import Act


class WeChatTrial:
    """Followers of one account."""

    part_bytes = 2048

    def __init__(self, town: Town) -> None:
        self.town = town

    async def say(self, person: str, text: str, key: str) -> None:
        await self.town.wechat.say(person, text, f"10{key}")

    async def say_again(self, person: str, text: str, key: str) -> None:
        query, body = self.town.wechat.call_for(
            {
                "ToUserName": self.town.wechat.account.original_id,
                "FromUserName": person,
                "CreateTime": "1",
                "MsgType": "text",
                "Content": text,
                "MsgId": f"10{key}",
            }
        )
        await self.town.nodes[1].call(query, body)

    async def forge(self) -> list[int]:
        fields = {"ToUserName": "gh_1", "FromUserName": "ann", "MsgType": "text", "Content": "x", "MsgId": "1"}
        query, body = self.town.wechat.call_for(fields)
        node = self.town.nodes[0]
        calls = [("", body), (query.replace("signature=", "signature=0"), body), (query, body[:-20]), (query, b"")]
        calls.append((query, letters.format_fields(fields)))
        return [(await node.call(*call))[0] for call in calls]

    def shown(self, person: str) -> list[str]:
        return [one.text for one in self.town.wechat.shown if one.openid == person and not one.picture]

    def pictures(self, person: str) -> list[bytes]:
        return [one.picture for one in self.town.wechat.shown if one.openid == person and one.picture]

    def fail(self, how: str) -> None:
        self.town.wechat.codes.append(how)

    async def thread(self, person: str) -> list[Message]:
        return await thread_of(self.town, self.town.wechat.account.inbox_id, person)

    async def as_agent(self, person: str, text: str, *, note: bool = False) -> None:
        await say_as_agent(self.town, self.town.wechat.account.inbox_id, person, text, note=note)


class TestWeChat(ChannelSuite):
    @asynccontextmanager
    async def open_trial(self, template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[WeChatTrial]:
        async with open_town(template, folder, *script) as town:
            yield WeChatTrial(town)
