"""Who loses the right while connected is shown out, and nobody else is (G11)."""

from __future__ import annotations

import asyncio

import pytest
from tests.doors.building import PASSWORD, Building

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_agent_who_is_deactivated_in_mid_session_is_shown_out_and_a_colleague_is_not(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.channels.web.sockets._SWEEP_SECONDS", 0.05)
    monkeypatch.setattr("miaohui.channels.web.sockets._VERIFY_SECONDS", 0.05)
    identity, ours = building.house.identity, building.ours
    person = await identity.create_person("leaver@example.com", "小赵", PASSWORD, ours.tenant.id, "agent")
    tokens = await identity.login("leaver@example.com", PASSWORD, "127.0.0.1")
    doors = building.again()
    async with doors.socket() as leaving, doors.socket() as staying:
        await leaving.greet(tokens.access)
        await staying.greet(ours.agent)
        await identity.deactivate(ours.tenant.id, person.id)
        assert await leaving.closed() == 4507
        await asyncio.sleep(0.15)
        assert staying.code is None
    await doors.app.state.sockets.close()
