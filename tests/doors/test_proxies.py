"""What a proxy in front says of a request: believed when it is one of ours."""

from __future__ import annotations

import pytest
from tests.doors.building import PASSWORD, Building

session_loop = pytest.mark.asyncio(loop_scope="session")


@session_loop
@pytest.mark.parametrize(("proto", "secure"), [("https", True), ("http", False), ("", False)])
async def test_a_cookie_is_secure_when_the_proxy_was_called_over_https(
    building: Building, proto: str, secure: bool
) -> None:
    headers = {"x-forwarded-proto": proto} if proto else {}
    form = {"email": building.ours.person.email, "password": PASSWORD}
    answer = await building.ask("POST", "/v1/auth/login", json=form, headers=headers)
    assert answer.status == 200
    assert ("secure" in answer.headers["set-cookie"].lower()) is secure
