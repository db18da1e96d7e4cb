from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.engines.routing import Stage, broken, described, keys, request
from tests.engines.streams import listen
from tests.support.clock import ManualClock
from tests.support.waiting import until

from miaohui.cli import main
from miaohui.cli.engines import read_routes
from miaohui.engines.board import publish
from miaohui.engines.classify import FailureClass
from miaohui.kit import metrics
from miaohui.settings.service import load
from miaohui.testing.engine import FakeEngine
from miaohui.testing.upstream import Upstream
from miaohui.wiring import open_house


async def test_the_board_tells_how_each_route_and_key_stands() -> None:
    clock = ManualClock()
    engines = {"a/k1": FakeEngine((broken(FailureClass.CREDENTIAL),)), "a/k2": FakeEngine(("好",))}
    routes = [
        described("a", keys=keys("k1", "k2"), rpm=5, tpm=100_000, price_in=10**6, weight=3, tier="primary"),
        described("gone", weight=0),
    ]
    stage = Stage(routes, {**engines, "gone": FakeEngine((broken(FailureClass.ROUTE_GONE),))}, clock=clock)
    for _ in range(2):
        await listen(stage.router, request())
    for line in stage.router.fleet.lines():
        if line.route.name == "gone":
            line.breaker.force_open(clock.monotonic(), 0.5)
    a, gone = await stage.router.standings()
    assert (a.name, a.state, a.attempts, a.failures, a.weight) == ("a", "closed", 3, 1, 3)
    assert (a.input_tokens, a.cost_micro) == (20, 20)
    assert a.first_content_p50_ms is not None
    assert [(key.id, key.state, key.requests_left) for key in a.keys] == [("k1", "dead", 4), ("k2", "active", 3)]
    assert 890 < a.keys[0].rests_s <= 900
    assert (gone.state, gone.keys[0].requests_left) == ("open", None)


async def test_the_gauges_say_what_the_board_says() -> None:
    stage = Stage([described("gauged", rpm=5)], {})
    await listen(stage.router, request())
    publish(await stage.router.standings())
    numbers = read_routes(metrics.exposition().decode())["gauged"]
    assert numbers["headroom:requests"] == 4
    assert numbers["attempts:winner"] == 1
    assert numbers["route_state"] == 0
    assert numbers["tokens:input"] == 10


async def test_routes_are_checked_without_anybody_learning_of_it(upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_text(
        "".join(
            f'[[route]]\nname = "{name}"\nbase_url = "{upstream.url}"\nmodel = "{model}"\n'
            for name, model in (("sound", "sim"), ("refused", "fault:401"))
        )
    )
    settings = load(data=tmp_path / "data", engines_file=file)
    async with open_house(settings, background=False) as house:
        checks = {one.route: one for one in await house.router.check()}
        assert checks["sound"].ok
        assert checks["sound"].first_content_ms > 0
        assert (checks["refused"].ok, checks["refused"].code) == (False, "invalid_api_key")
        assert [standing.attempts for standing in await house.router.standings()] == [0, 0]


async def test_a_house_answers_by_its_file_and_keeps_the_ledger(upstream: Upstream, tmp_path: Path) -> None:
    from miaohui.engines.repository import EnginesRepository

    file = tmp_path / "engines.toml"
    file.write_text(f'[[route]]\nname = "filed"\nbase_url = "{upstream.url}"\nmodel = "sim"\nprice_in = 1_000_000\n')
    settings = load(data=tmp_path / "data", engines_file=file)
    async with open_house(settings, background=False) as house:
        told = await listen(house.router, request())
        assert told.finished is not None
        assert told.finished.route == "filed"
    async with open_house(settings, background=False) as house:
        (row,) = await EnginesRepository(house.database).totals("tnt_1")
        assert (row.route, row.outcome, row.attempts, row.cost_micro) == ("filed", "winner", 1, 11)


async def test_a_changed_file_holds_in_a_running_house_and_a_wrong_one_changes_nothing(
    upstream: Upstream, tmp_path: Path
) -> None:
    def write(name: str) -> None:
        file.write_text(f'[[route]]\nname = "{name}"\nbase_url = "{upstream.url}"\nmodel = "sim"\n')

    def names() -> list[str]:
        return [route.name for route in house.router.fleet.catalog.every_route()]

    file = tmp_path / "engines.toml"
    write("first")
    async with open_house(load(data=tmp_path / "data", engines_file=file), background=False) as house:
        write("second-route")
        await until(lambda: names() == ["second-route"], 10)
        file.write_text("[[route")
        await until(lambda: metrics.REGISTRY.get_sample_value("miaohui_engine_routes_refused") == 1, 10)
        assert names() == ["second-route"]
        assert (await listen(house.router, request())).failure is None
        write("third")
        await until(lambda: names() == ["third"], 10)


def test_the_routes_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_ENGINE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("MIAOHUI_ENGINE_MODEL", "qwen/qwen3")
    monkeypatch.setenv("MIAOHUI_ENGINE_KEY", "sk-not-to-be-seen")
    listed = CliRunner().invoke(main, ["engines", "list", "--json", "--data", str(tmp_path)])
    assert listed.exit_code == 0, listed.output
    assert '"route": "qwen/qwen3"' in listed.output
    assert "sk-not-to-be-seen" not in listed.output
    tested = CliRunner().invoke(main, ["engines", "test", "--data", str(tmp_path)])
    assert tested.exit_code == 1
    assert "unreachable" in tested.output


def test_watching_nobody_has_an_exit_code_of_its_own() -> None:
    assert CliRunner().invoke(main, ["engines", "watch", "--url", "http://127.0.0.1:9", "--once"]).exit_code == 3


def test_routes_are_put_and_removed_from_the_terminal(tmp_path: Path) -> None:
    def call(*words: str) -> Result:
        return CliRunner().invoke(main, ["engines", *words, "--data", str(tmp_path / "data")])

    file = tmp_path / "more.toml"
    own = '[[route]]\nname = "own"\nbase_url = "http://10.0.0.5:8000/v1"\nmodel = "m"\nprovider = "vllm"\n'
    file.write_text(own + own.replace('"own"', '"wrong"').replace("vllm", "nobody"))
    half = call("put", str(file))
    assert (half.exit_code, "own is kept." in half.output, "nobody" in half.output) == (1, True, True)
    assert [one["route"] for one in json.loads(call("list", "--json").output)] == ["own"]
    assert call("remove", "own").exit_code == 0
    assert call("remove", "own").exit_code == 1
