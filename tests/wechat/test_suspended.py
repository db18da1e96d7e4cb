"""A company that is suspended, at the doors of others' make: each is answered as its protocol wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import func, select
from tests.telegram.test_conformance import TelegramTrial, open_trial
from tests.wechat.test_delivery import Play, play
from tests.wechat.town import AGENT, TENANT, Town

from miaohui.channels.wechat.door import CLOSED
from miaohui.conversations.tables import conversations
from miaohui.testing.virtual import run_virtually

__all__ = ["play"]


async def talks(town: Town) -> int:
    return int((await town.nodes[0].database.read(select(func.count()).select_from(conversations)))[0][0])


def test_wechat_is_told_a_sentence_and_nothing_is_stored(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.stand("suspended")
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await town.wechat.do("o_1", "subscribe")
        await asyncio.sleep(30)
        assert town.shown == [("passive", CLOSED)]
        assert (town.engine.requests, await talks(town)) == ([], 0)
        await town.stand("active")
        await town.wechat.say("o_1", "怎么退货?", "1002")
        assert town.shown[1:] == [("passive", "可以。")]

    play(story, ["可以。"], welcome="欢迎!")


def test_what_an_agent_said_just_before_is_told_once_the_company_is_served_again(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        shown, here = list(town.shown), town.nodes[0].conversations
        taken = await here.take_over(await town.conversation(), AGENT)
        await town.stand("suspended")
        await here.say(taken, AGENT, "稍等", "say1")
        await asyncio.sleep(60)
        assert town.shown == shown
        await town.stand("active")
        await asyncio.sleep(30)
        assert town.shown == [*shown, ("api", "稍等")]

    play(story, ["可以。"])


def lived(template: Path, folder: Path, story: Callable[[TelegramTrial], Awaitable[None]]) -> None:
    async def work() -> None:
        async with open_trial(template, folder, ["可以。"]) as trial:
            await story(trial)

    run_virtually(work())


def test_telegram_is_told_that_all_is_well_so_that_no_backlog_bursts_in_later(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async def story(trial: TelegramTrial) -> None:
        await trial.town.stand("suspended")
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(3600)
        assert (trial.shown("ann"), trial.town.engine.requests, await talks(trial.town)) == ([], [], 0)
        await trial.town.stand("active")
        await asyncio.sleep(3600)
        assert trial.town.engine.requests == []
        await trial.say("ann", "怎么退货?", "2")
        await asyncio.sleep(30)
        assert trial.shown("ann") == ["可以。"]

    lived(sqlite_template, tmp_path, story)


def test_accounts_of_who_is_not_served_are_neither_looked_into_nor_spoken_through(play: Play) -> None:
    """Mailboxes and WeCom are read by the same list: what waits there is read afterwards."""

    async def story(town: Town) -> None:
        accounts = town.nodes[0].accounts
        account = town.wechat.account
        assert await accounts.list_() == [account]
        await town.stand("suspended")
        assert (await accounts.list_(), accounts.is_open(account)) == ([], False)
        assert await accounts.get(TENANT, account.inbox_id) == account, "its own people still see it"
        await town.stand("active")
        assert await accounts.list_() == [account]

    play(story)
