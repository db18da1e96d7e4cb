"""Which tools are offered for whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.engines.routing import request

from miaohui.kit.errors import Invalid
from miaohui.testing.clock import FakeClock
from miaohui.tools.calculate import CALCULATE
from miaohui.tools.grants import Grants
from miaohui.tools.human import REQUEST_HUMAN


class Kept:
    """Grants as the records keep them."""

    def __init__(self) -> None:
        self.grants: dict[str, tuple[str, ...]] = {}
        self.writes = 0
        self.reads = 0

    async def stamp(self) -> tuple[int, int]:
        return len(self.grants), self.writes

    async def list_grants(self) -> dict[str, tuple[str, ...]]:
        self.reads += 1
        return dict(self.grants)

    async def put(self, tenant_id: str, names: Any, now_ms: int) -> None:
        self.writes += 1
        self.grants[tenant_id] = tuple(names)


def grants(kept: Kept, *usual: str) -> Grants:
    return Grants((CALCULATE, REQUEST_HUMAN), FakeClock(), kept, usual=usual)  # type: ignore[arg-type]


async def test_a_tenants_own_choice_goes_before_the_usual_one() -> None:
    found = grants(Kept(), "calculate")
    assert await found.grant("tnt_2", ["request_human", "calculate"]) == ("calculate", "request_human")
    assert await found.grant("tnt_3", []) == ()
    one, two = found.box_for(request(tenant_id="tnt_1")), found.box_for(request(tenant_id="tnt_2"))
    assert one is not None
    assert two is not None
    assert (one.names, two.names) == (("calculate",), ("calculate", "request_human"))
    assert found.box_for(request(tenant_id="tnt_3")) is None


async def test_nothing_is_offered_where_nothing_was_chosen_nor_where_no_route_speaks_tools() -> None:
    found = grants(Kept())
    assert found.box_for(request()) is None
    await found.grant("tnt_1", ["calculate"])
    assert found.box_for(request()) is not None
    found.may_call = lambda tenant_id: tenant_id != "tnt_1"
    assert found.box_for(request()) is None


async def test_a_callers_own_prompt_gets_none_of_ours() -> None:
    found = grants(Kept(), "calculate")
    assert found.box_for(msgspec.structs.replace(request(), grounded=False)) is None


async def test_what_another_process_wrote_is_read_once() -> None:
    kept = Kept()
    found = grants(kept, "calculate")
    await found.refresh()
    kept.grants["tnt_1"] = ("request_human", "gone_since")
    kept.writes += 1
    assert found.granted("tnt_1") == ("calculate",)
    await found.refresh()
    await found.refresh()
    assert found.granted("tnt_1") == ("request_human",)
    assert kept.reads == 2


async def test_a_tool_that_is_not_known_is_refused_by_name() -> None:
    kept = Kept()
    with pytest.raises(Invalid, match="fly"):
        grants(kept, "fly")
    with pytest.raises(Invalid, match="fly"):
        await grants(kept).grant("tnt_1", ["calculate", "fly"])
    assert kept.grants == {}
