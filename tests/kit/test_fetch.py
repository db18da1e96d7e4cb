from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from tests.support.outside import listening

from miaohui.kit.errors import Invalid
from miaohui.kit.fetch import Ask, Fetcher, Limits, Unreachable


class Names:
    """A name server by script: each look-up of a name gives the next answer, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class Place:
    """A server on loopback that counts who comes."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        match request.path:
            case "/to":
                return web.Response(status=302, headers={"Location": request.query["where"]})
            case "/zip":
                return web.Response(body=gzip.compress(b"0" * 1_000_000), headers={"Content-Encoding": "gzip"})
            case "/long":
                return web.Response(body=b"0" * 5_000)
            case "/drip":
                return await self._drip(request)
        return web.Response(text="words")

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b".")
            await asyncio.sleep(0.05)
        return response


@pytest.fixture
async def place() -> AsyncIterator[tuple[Place, str]]:
    made = Place()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    async with listening(app) as address:
        yield made, address


async def test_an_answer_comes_back_whole(place: tuple[Place, str]) -> None:
    async with Fetcher(allow_private=True) as fetcher:
        fetched = await fetcher.fetch(Ask(url=place[1] + "/x", method="POST", body=b"words"))
    assert (fetched.status, fetched.body) == (200, b"words")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "100.64.0.1"])
async def test_a_name_that_leads_inside_is_not_called(place: tuple[Place, str], address: str) -> None:
    port = place[1].rpartition(":")[2]
    async with Fetcher(resolver=Names(address)) as fetcher:
        with pytest.raises(Unreachable) as caught:
            await fetcher.fetch(Ask(url=f"http://inside.example.com:{port}/"))
    assert caught.value.code == "not_public"
    assert place[0].seen == []


async def test_a_name_that_changes_its_answer_never_leads_inside(
    place: tuple[Place, str],
) -> None:
    port = place[1].rpartition(":")[2]
    names = Names("192.0.2.1", "127.0.0.1")  # reserved for documentation: nobody is there, and it is not public either
    async with Fetcher(resolver=names, limits=Limits(total_s=1)) as fetcher:
        for _ in range(2):
            with pytest.raises(Unreachable):
                await fetcher.fetch(Ask(url=f"http://rebind.example.com:{port}/"))
    assert names.asked == ["rebind.example.com"] * 2
    assert place[0].seen == []


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:1/", "file:///etc/passwd", "gopher://example.com/", "http://[::1]/"]
)
async def test_a_redirect_is_checked_like_the_first_address(place: tuple[Place, str], where: str) -> None:
    async with Fetcher(resolver=Names("127.0.0.1")) as fetcher:
        outside = fetcher._open()  # connects here as though it were outside: what is left is the look at the address
        outside._allow_private = outside._session._connector._resolver._allow_private = True  # type: ignore[union-attr]
        port = place[1].rpartition(":")[2]
        with pytest.raises(Invalid):
            await fetcher.fetch(Ask(url=f"http://out.example.com:{port}/to?where={where}"), Limits(redirects=3))
    assert place[0].seen == ["/to"]


async def test_a_redirect_is_an_answer_unless_it_may_be_followed(place: tuple[Place, str]) -> None:
    ask = Ask(url=place[1] + "/to?where=/words", headers={"authorization": "secret"})
    async with Fetcher(allow_private=True) as fetcher:
        assert (await fetcher.fetch(ask)).status == 302
        followed = await fetcher.fetch(ask, Limits(redirects=1))
    assert (followed.body, followed.url) == (b"words", place[1] + "/words")
    assert ["authorization" in one for one in place[0].headers] == [True, True, False]


async def test_redirects_come_to_an_end(place: tuple[Place, str]) -> None:
    ask = Ask(url=place[1] + "/to?where=/to?where=/to")
    async with Fetcher(allow_private=True, limits=Limits(redirects=1)) as fetcher:
        with pytest.raises(Unreachable, match="for ever"):
            await fetcher.fetch(ask)


@pytest.mark.parametrize(("path", "code"), [("/zip", "encoded"), ("/long", "too_large"), ("/drip", "timeout")])
async def test_an_answer_without_bounds_is_not_taken(place: tuple[Place, str], path: str, code: str) -> None:
    async with Fetcher(allow_private=True, limits=Limits(total_s=0.3, answer_bytes=4_000)) as fetcher:
        with pytest.raises(Unreachable) as caught:
            await fetcher.fetch(Ask(url=place[1] + path))
    assert caught.value.code == code


async def test_nobody_at_home_is_told_so(unused_port: int) -> None:
    async with Fetcher(allow_private=True) as fetcher:
        with pytest.raises(Unreachable) as caught:
            await fetcher.fetch(Ask(url=f"http://127.0.0.1:{unused_port}/"))
    assert caught.value.code == "unreachable"


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
