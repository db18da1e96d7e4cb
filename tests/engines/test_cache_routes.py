from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.engines.streams import ask, listen

from miaohui.engines.cache import CachedEngine, CacheParts
from miaohui.engines.cache_memory import CacheMemory
from miaohui.engines.cache_routes import FirstChoice
from miaohui.engines.coalesce import Flights
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Catalog, Route, build_catalog
from miaohui.kit.clock import SystemClock
from miaohui.testing.engine import Act, FakeEngine


class House:
    """Routes by name, each with its script, behind a cache."""

    def __init__(self, **scripts: Sequence[Act]) -> None:
        clock = SystemClock()
        self.engines: dict[str, FakeEngine] = {}
        self._scripts = scripts
        self.router = Router(RouterParts(clock=clock, limits=LimitsMemory(clock), connect=self._connect))
        first = FirstChoice(self.router.fleet)
        self.first = first
        self.cached = CachedEngine(
            self.router,
            CacheParts(
                clock=clock,
                stores=(CacheMemory(clock),),
                flights=Flights(),
                answer_class=first.answer_class,
                may_keep=lambda request, route, _text: first.includes(request.tenant_id, route),
            ),
        )

    def _connect(self, route: Route, key: object) -> FakeEngine:
        engine = self.engines[route.name] = FakeEngine(self._scripts.get(route.name, ["好"]), name=route.name)
        return engine

    def adopt(self, *routes: dict[str, object]) -> None:
        self.router.adopt(catalog(*routes))

    @property
    def asked(self) -> int:
        return sum(len(engine.requests) for engine in self.engines.values())


def catalog(*routes: dict[str, object]) -> Catalog:
    return build_catalog("1", [[{"base_url": "http://127.0.0.1:9/v1", **route} for route in routes]])


def test_the_models_asked_first_are_the_class() -> None:
    house = House()
    house.adopt(
        {"name": "a", "model": "qwen"},
        {"name": "b", "model": "glm"},
        {"name": "c", "model": "small", "tier": "fallback"},
    )
    assert house.first.answer_class("tnt_1") == "glm+qwen"
    assert [house.first.includes("tnt_1", name) for name in ("a", "b", "c", "extractive")] == [True, True, False, False]


def test_a_house_with_nothing_but_a_local_engine_keeps_its_answers() -> None:
    house = House()
    house.adopt({"name": "own", "model": "small", "tier": "local"})
    assert house.first.answer_class("tnt_1") == "small"
    assert house.first.includes("tnt_1", "own")


def test_without_routes_there_is_nobody_whose_answer_is_kept() -> None:
    house = House()
    assert house.first.answer_class("tnt_1") == ""
    assert not house.first.includes("tnt_1", "extractive")


@pytest.mark.parametrize(("window", "answered_by", "asked"), [(0, "a", 1), (1, "b", 2)])
async def test_only_an_answer_of_the_first_tier_is_kept(window: int, answered_by: str, asked: int) -> None:
    house = House()
    house.adopt(
        {"name": "a", "model": "m", "window_tokens": window},
        {"name": "b", "model": "m", "tier": "fallback"},
    )
    for _ in range(2):
        told = await listen(house.cached)
        assert told.finished is not None
        assert told.finished.route.endswith(answered_by)
    assert house.asked == asked
    await house.cached.close()


async def test_another_model_is_not_answered_for_by_the_one_before() -> None:
    house = House()
    house.adopt({"name": "a", "model": "qwen"})
    await listen(house.cached)
    house.adopt({"name": "a", "model": "glm"})
    told = await listen(house.cached)
    assert told.finished is not None
    assert told.finished.route == "a"
    assert (await listen(house.cached, ask())).finished != told.finished
    await house.cached.close()
