from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
import pytest
from structlog.testing import capture_logs

from miaohui.kit.errors import Unavailable
from miaohui.kit.polling import MOST_S, keep_doing
from miaohui.testing.virtual import run_virtually


def looks_of(*looks: BaseException | float, seconds: float) -> tuple[list[float], list[str]]:
    """When each look began, every 2 seconds, and what was logged."""
    began: list[float] = []

    async def look() -> None:
        began.append(asyncio.get_running_loop().time())
        how = looks[len(began) - 1] if len(began) <= len(looks) else 0.0
        if isinstance(how, BaseException):
            raise how
        await asyncio.sleep(how)

    async def live() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await keep_doing(look, every_s=2.0, failing="things.unread")

    with capture_logs() as logged:
        run_virtually(live())
    return began, [line["event"] for line in logged]


def test_it_looks_again_and_again_until_it_is_cancelled() -> None:
    assert looks_of(seconds=7) == ([2.0, 4.0, 6.0], [])


def test_looks_that_fail_are_logged_and_made_again() -> None:
    failures = (Unavailable("away"), OSError("gone"))
    assert looks_of(*failures, seconds=7) == ([2.0, 4.0, 6.0], ["things.unread", "things.unread"])


def test_what_a_newer_version_wrote_is_looked_at_again_and_does_not_end_it() -> None:
    assert looks_of(msgspec.ValidationError("unknown field `mood`"), seconds=5) == ([2.0, 4.0], ["things.unread"])


def test_a_look_that_hangs_is_given_up() -> None:
    assert looks_of(1e9, seconds=MOST_S + 5) == ([2.0, MOST_S + 4], ["things.unread"])


def test_a_fault_of_the_programs_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        looks_of(ZeroDivisionError(), seconds=7)
