"""Thousands of requests, a third of them cancelled somewhere: nobody is given another's answer (C8)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import String, bindparam, cast, select
from tests.support.opening import opened

pytestmark = pytest.mark.faults

NONCE = select(cast(bindparam("nonce", type_=String), String).label("nonce"))
Ask = Callable[[str], Awaitable[str]]


async def storm(ask: Ask, requests: int, at_once: int) -> int:
    """How many were answered; fails when an answer is another's."""
    chance = random.Random(7)
    answered = 0
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        nonlocal answered
        nonce = f"nonce-{number}"
        async with gate:
            task = asyncio.ensure_future(ask(nonce))
            if chance.random() < 0.3:
                await asyncio.sleep(chance.uniform(0, 0.004))
                task.cancel()
            with suppress(asyncio.CancelledError, RedisError):
                assert await task == nonce
                answered += 1

    await asyncio.gather(*(one(number) for number in range(requests)))
    return answered


async def test_reads_of_the_records_answer_who_asked(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url, tmp_path, readers=4) as database:

        async def ask(nonce: str) -> str:
            return str((await database.read(NONCE, {"nonce": nonce}))[0]["nonce"])

        assert await storm(ask, 3_000, 40) >= 2_000
        assert await ask("after") == "after"


@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")  # of a connect that was cancelled
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_redis_answers_who_asked(redis_url: str) -> None:
    redis = Redis.from_url(redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)

    async def ask(nonce: str) -> str:
        said = await redis.echo(nonce)
        return said.decode() if isinstance(said, bytes) else str(said)

    assert await storm(ask, 3_000, 40) >= 2_000
    assert await ask("after") == "after"
    await redis.aclose()
