from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator

import pytest
from tests.support.clock import ManualClock
from tests.support.logs import logs_set_up

from miaohui.kit import aio, metrics, telemetry
from miaohui.kit.cache import Cache
from miaohui.kit.writer import Pace


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call 13812345678 now", "13812345678"),
        ("call +86 138-1234-5678 now", "1234-56"),
        ("mail lin@shop.example", "lin@shop"),
        ("key mh_live_AbC123", "AbC123"),
        ("key sk-proj-abcdef123456", "abcdef"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJzdWIi"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("postgresql://me:hunter2@db/x", "hunter2"),
    ],
)
def test_what_must_not_be_logged_is_masked(text: str, hidden: str) -> None:
    assert hidden not in telemetry.mask(text)


@pytest.mark.parametrize("text", ["order 20260101123456789", "conv_01J8ZQ4M", "took 13.5 ms", "退货 7 天"])
def test_what_is_harmless_stays(text: str) -> None:
    assert telemetry.mask(text) == text


@pytest.fixture
def json_logs() -> Iterator[None]:
    with logs_set_up(json=True):
        yield


@pytest.mark.usefixtures("json_logs")
def test_a_log_line_is_masked_inside_its_values_too(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.get_log("test").info("seen", password="hunter2", person={"email": "lin@shop.example", "token": "t0p"})
    telemetry.get_log("test").debug("unseen")
    line = capsys.readouterr().err
    assert "seen" in line
    assert "unseen" not in line
    for hidden in ("hunter2", "lin@shop", "t0p"):
        assert hidden not in line


async def test_a_background_failure_is_counted_by_kind() -> None:
    async def fail() -> None:
        raise ValueError("no")

    before = aio.FAILED.labels("probe")._value.get()
    with pytest.raises(ValueError, match="no"):
        await aio.spawn(fail(), name="probe:17")
    assert aio.FAILED.labels("probe")._value.get() == before + 1
    assert b'task="probe"' in metrics.exposition()


async def test_a_deadline_cancels_the_work() -> None:
    with pytest.raises(TimeoutError):
        await aio.within(0.01, asyncio.sleep(5))
    assert await aio.within(5, asyncio.sleep(0, "done")) == "done"


def test_a_cache_forgets_the_stale_and_the_long_unused() -> None:
    clock = ManualClock()
    cache: Cache[str, int] = Cache(clock, size=2, seconds=10)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert cache.get("b") is None
    assert cache.get("a") == 1
    clock.advance(10)
    assert cache.get("a") is None


def test_a_lone_write_does_not_wait_and_a_busy_writer_does() -> None:
    pace = Pace(0.005)
    assert pace.wait_s(100.0) == 0
    pace.note(1, 100.0)
    assert pace.wait_s(101.0) == 0
    for step in range(1, 50):
        pace.note(8, 101 + step * 0.005)
    assert pace.wait_s(101.26) == 0.005
    assert pace.wait_s(105.0) == 0


@pytest.mark.usefixtures("json_logs")
def test_a_closed_log_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    telemetry.get_log("test").error("unheard")
    opened = io.StringIO()
    monkeypatch.setattr("sys.stderr", opened)
    telemetry.get_log("test").error("heard")
    assert "unheard" not in opened.getvalue()
    assert "heard" in opened.getvalue()
