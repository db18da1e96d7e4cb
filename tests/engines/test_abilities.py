"""What the routes of a tenant can do, and how far off estimates of theirs are."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.engines.routing import Stage, catalog, described, request
from tests.engines.streams import listen

from miaohui.engines.abilities import Abilities
from miaohui.engines.types import Finished, Usage
from miaohui.testing.engine import FakeEngine, finished


def stage(*routes: dict[str, Any]) -> tuple[Stage, Abilities]:
    made = Stage(routes, {})
    return made, Abilities(made.router.fleet)


async def test_tools_are_spoken_where_a_route_that_is_asked_first_speaks_them() -> None:
    made, abilities = stage(described("a"), described("b", tier="fallback", capabilities=["tools"]))
    assert not abilities.speak_tools("tnt_1")
    made.router.adopt(catalog(described("a", capabilities=["tools"]), version="2"))
    assert abilities.speak_tools("tnt_1")
    made.router.adopt(catalog(version="3"))
    assert not abilities.speak_tools("tnt_1")


async def test_a_prompt_must_fit_the_smallest_window_of_those_asked_first() -> None:
    made, abilities = stage(
        described("a", window_tokens=8000), described("b", window_tokens=4000), described("c", tier="local")
    )
    assert abilities.prompt_room("tnt_1") == (4000, 1.0)
    made.router.fleet.lines()[0].tally.correction = 1.4
    assert abilities.prompt_room("tnt_1") == (4000, 1.4)
    made.router.adopt(catalog(described("a"), version="2"))
    assert abilities.prompt_room("tnt_1") == (0, 1.0)


def said(tokens: int, *, estimated: bool = False) -> Finished:
    usage = Usage(input_tokens=tokens, output_tokens=1, estimated=estimated)
    return msgspec.structs.replace(finished(), usage=usage)


async def test_estimates_learn_from_what_providers_report_and_from_nothing_else() -> None:
    asked = request()
    made = Stage([described("a")], {"a": FakeEngine(*[("好", said(16))] * 17)})
    line = made.router.fleet.lines()[0]
    for _ in range(17):
        await listen(made.router, asked)
    # Looked at three times out of seventeen: 8 tokens were estimated, 16 reported.
    assert 1.2 < line.tally.correction < 1.35
    other = Stage([described("a")], {"a": FakeEngine(*[("好", said(16, estimated=True))] * 3)})
    for _ in range(3):
        await listen(other.router, asked)
    assert other.router.fleet.lines()[0].tally.correction == 1.0
