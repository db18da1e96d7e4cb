"""The Python client against a real server, over a line that is cut in the middle of things."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from miaohui_client import (
    ApiError,
    Message,
    MessagePosted,
    Miaohui,
    Reset,
    Retrying,
    Said,
    TurnEnded,
    Unreachable,
)
from tests.conformance.house import PASSWORD, Process, serving
from tests.media.samples import PDF
from tests.support.servers import free_port
from tests.support.waiting import until

from miaohui.testing.upstream import Upstream, UpstreamOptions

CLIENT = Path(__file__).parents[2] / "clients/python"
QUICK = Retrying(attempts=8, first_s=0.05, longest_s=0.3)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Line:
    """Between client and server; cuts a connection after so many bytes of the answer."""

    target: int
    cuts: list[int] = field(default_factory=list)
    """One for each of the next connections."""
    made: int = 0
    port: int = 0
    _server: asyncio.Server | None = None

    async def start(self) -> Line:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        left = self.cuts.pop(0) if self.cuts else 2**60
        there = await asyncio.open_connection("127.0.0.1", self.target)

        async def back() -> None:
            nonlocal left
            while left > 0 and (data := await there[0].read(min(left, 65_536))):
                left -= len(data)
                writer.write(data)
                await writer.drain()

        async def forth() -> None:
            while data := await reader.read(65_536):
                there[1].write(data)

        tasks = [asyncio.ensure_future(back()), asyncio.ensure_future(forth())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in (writer, there[1]):
            end.transport.abort()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()


@dataclass
class World:
    node: Process
    upstream: Upstream

    @property
    def key(self) -> str:
        return self.node.tenants[0].api_key

    @contextlib.asynccontextmanager
    async def line(self, *cuts: int) -> AsyncIterator[Line]:
        opened = await Line(self.node.port, list(cuts)).start()
        try:
            yield opened
        finally:
            await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    upstream = await Upstream(UpstreamOptions(chunks=10, gap_ms=40, first_ms=50)).start()
    options = {"engine_url": upstream.url, "engine_model": "chunks:10", "engine_coalesce_ms": "10"}
    data = tmp_path_factory.mktemp("client") / "data"
    async with serving(data, **options, answer_cache="false", shared_calls="0") as node:
        yield World(node, upstream)
    await upstream.close()


async def words_of(events: AsyncIterator[object]) -> tuple[str, list[object]]:
    """What somebody reads in the end, and everything that came."""
    text, seen = "", list[object]()
    async for event in events:
        seen.append(event)
        text = "" if isinstance(event, Reset) else text + event.text if isinstance(event, Said) else text
    return text, seen


async def test_an_answer_comes_in_pieces_and_is_the_one_that_is_kept(world: World) -> None:
    async with Miaohui(world.node.base, key=world.key, retrying=QUICK) as miaohui:
        text, seen = await words_of(miaohui.ask("怎么退货?", visitor_id="a"))
        assert sum(isinstance(one, Said) for one in seen) >= 3
        assert isinstance(seen[-1], TurnEnded)
        assert seen[-1].state == "answered"
        reply = await miaohui.answer("怎么退货?", visitor_id="a")
        kept = [one async for one in miaohui.talk(reply.conversation_id).messages()]
        assert next(one.text for one in kept if one.final) == text
        assert kept[0].sender.kind == "visitor"


@pytest.mark.parametrize("cut", [200, 700, 900])
async def test_a_line_cut_in_the_middle_costs_neither_a_word_nor_a_second_question(world: World, cut: int) -> None:
    visitor, before = f"cut-{cut}", world.upstream.requests
    async with world.line(cut, cut) as line, Miaohui(line.base, key=world.key, retrying=QUICK) as miaohui:
        text, seen = await words_of(miaohui.ask("怎么退货?", visitor_id=visitor))
        assert line.made >= 3
        reply = await miaohui.answer("在吗?", visitor_id=visitor)
        kept = [one async for one in miaohui.talk(reply.conversation_id).messages()]
    assert next(one.text for one in kept if one.final) == text
    assert [one.text for one in kept if one.sender.kind == "visitor"] == ["怎么退货?", "在吗?"]
    assert world.upstream.requests == before + 2
    assert isinstance(seen[-1], TurnEnded)


async def test_an_answer_that_was_lost_is_not_done_twice(world: World) -> None:
    async with world.line(0, 50) as line, Miaohui(line.base, key=world.key, retrying=QUICK) as miaohui:
        reply = await miaohui.answer("怎么退货?", visitor_id="lost")
        kept = [one async for one in miaohui.talk(reply.conversation_id).messages()]
        assert [one.sender.kind for one in kept] == ["visitor", "assistant"]
        talk = await miaohui.start(visitor_id="lost-2")
        assert (await talk.get()).status == "pending"


async def test_a_conversation_is_followed_over_lost_lines_without_a_gap(world: World) -> None:
    tenant = world.node.tenants[0]
    async with (
        world.line(3_000, 2_500, 2_500) as line,
        await Miaohui.as_visitor(world.node.base, tenant.site_key, retrying=QUICK) as visitor,
    ):
        talk = await visitor.start()
        watching = Miaohui(line.base, key=visitor._transport._headers["authorization"][7:], retrying=QUICK)
        seen: list[Message] = []

        async def watch() -> None:
            async for event in watching.talk(talk.id).follow():
                if isinstance(event, MessagePosted):
                    seen.append(event.message)
                if len(seen) >= 8:
                    return

        watcher = asyncio.ensure_future(watch())
        await until(lambda: line.made)
        await asyncio.sleep(0.3)
        for at in range(4):
            await talk.say(f"第{at}句")
        async with asyncio.timeout(20):
            await watcher
        await watching.close()
        assert line.made >= 3
    assert [one.seq for one in seen] == list(range(1, 9))


async def test_an_agent_takes_over_answers_and_ends_it(world: World) -> None:
    tenant = world.node.tenants[0]
    async with (
        await Miaohui.log_in(world.node.base, tenant.email, PASSWORD) as agent,
        await Miaohui.as_visitor(world.node.base, tenant.site_key) as visitor,
    ):
        talk = await visitor.start()
        await talk.request_human()
        here = agent.talk(talk.id)
        assert (await here.take_over()).status == "open"
        first = await here.say("您好", key="the-same")
        assert await here.say("您好", key="the-same") == first
        assert (await here.resolve()).status == "resolved"
        assert talk.id in [one.id async for one in agent.conversations(status="resolved")]
        assert [one.text async for one in talk.messages() if one.sender.kind == "agent"] == ["您好"]


async def test_a_file_goes_with_a_message_and_what_is_none_says_why(world: World) -> None:
    async with Miaohui(world.node.base, key=world.key, retrying=QUICK) as miaohui:
        reply = await miaohui.answer("怎么退货?", visitor_id="f")
    async with await Miaohui.log_in(world.node.base, world.node.tenants[0].email, PASSWORD, retrying=QUICK) as agent:
        sent = await agent.upload(PDF, "发票 1.pdf")
        assert (sent.kind, sent.name, sent.bytes) == ("pdf", "发票 1.pdf", len(PDF))
        talk = agent.talk(reply.conversation_id)
        await talk.take_over()
        said = await talk.say(f"请看\n{sent.text}")
        assert said.text == f"请看\n[发票 1.pdf]({sent.url})"
        with pytest.raises(ApiError) as refused:
            await agent.upload(b"MZ\x90", "invoice.pdf")
        assert (refused.value.status, refused.value.code) == (415, "file_runs")


async def test_what_is_refused_says_why_and_is_not_asked_again(world: World) -> None:
    async with world.line() as line, Miaohui(line.base, key="mh_live_wrong", retrying=QUICK) as miaohui:
        with pytest.raises(ApiError) as caught:
            await miaohui.answer("怎么退货?")
        assert (caught.value.status, caught.value.code) == (401, "unauthenticated")
        assert caught.value.request_id
        with pytest.raises(ApiError):
            async for _ in miaohui.talk("conv_nothing").follow():
                pass
        with pytest.raises(ApiError):
            async for _ in miaohui.ask("怎么退货?"):
                pass
        assert line.made <= 3


async def test_a_server_that_is_not_there_is_unreachable_after_some_attempts() -> None:
    retrying = Retrying(attempts=2, first_s=0.01)
    async with Miaohui(f"http://127.0.0.1:{free_port()}", key="x", retrying=retrying) as miaohui:
        with pytest.raises(Unreachable):
            await miaohui.answer("怎么退货?")
        with pytest.raises(Unreachable):
            async for _ in miaohui.talk("conv_1").follow():
                pass


async def test_the_documented_examples_run(world: World, tmp_path: Path) -> None:
    readme = (CLIENT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert found is not None
    program = found[1].replace("https://support.example.com", world.node.base).replace("mh_live_…", world.key)
    (tmp_path / "readme.py").write_text(program, encoding="utf-8")
    commands = [
        [str(tmp_path / "readme.py")],
        [str(CLIENT / "examples/ask.py"), world.node.base, world.key, "怎么退货?"],
    ]
    for command in commands:
        run = await asyncio.create_subprocess_exec(
            sys.executable, *command, env={"PYTHONPATH": str(CLIENT / "src"), "PYTHONIOENCODING": "utf-8"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await run.communicate()
        assert run.returncode == 0, output.decode()
        assert "(answered)" in output.decode()
