"""One-time codes: to where the company's records say, good once, for a while, and not to be guessed."""

from __future__ import annotations

import pytest

from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.testing.clock import FakeClock
from miaohui.tools.connectors.types import Found
from miaohui.tools.errors import ToolRefused
from miaohui.tools.types import Order
from miaohui.tools.verifying.policy import CODE_MS, HOUR_MS, MOST_FOR_OWNER, MOST_SENT, MOST_TRIES, VERIFIED_MS, hint
from miaohui.tools.verifying.service import Verifying, build_verifying


class Accounts:
    """One account, found by its address or an order's number."""

    def can_identify(self, tenant_id: str) -> bool:
        return tenant_id == "ten"

    async def find_identity(self, tenant_id: str, account: str) -> Found | None:
        return Found("mei", "mei@mail.example") if account in {"mei@mail.example", "MH-1"} else None


class Codes:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.broken = False

    def reaches(self, found: Found) -> str:
        return found.email

    async def send(self, tenant_id: str, to: str, code: str) -> None:
        if self.broken:
            raise Unavailable("The gateway is away.")
        self.sent.append((to, code))


class Place:
    """A conversation."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock()
        self.codes = Codes()
        self.verifying = Verifying(database, self.clock, Accounts(), self.codes, b"secret")

    async def send(self, account: str = "mei@mail.example", conversation: str = "conv") -> str:
        await self.verifying.send("ten", conversation, account)
        return self.codes.sent[-1][1] if self.codes.sent else ""

    async def confirm(self, code: str, conversation: str = "conv") -> bool:
        return await self.verifying.confirm("ten", conversation, code)

    async def owner(self, conversation: str = "conv", tenant: str = "ten") -> str:
        return await self.verifying.find_owner(tenant, conversation)


@pytest.fixture
def place(sqlite_database: Database) -> Place:
    return Place(sqlite_database)


async def test_the_right_code_verifies_this_conversation_for_a_while(place: Place) -> None:
    code = await place.send()
    assert place.codes.sent == [("mei@mail.example", code)]
    assert (len(code), await place.owner()) == (6, "")
    assert await place.confirm(f"验证码是 {code[:3]} {code[3:]}")
    assert await place.owner() == "mei"
    assert await place.owner("other") == ""
    assert await place.owner(tenant="else") == ""
    place.clock.advance(VERIFIED_MS / 1000 + 1)
    assert await place.owner() == ""


async def test_a_code_is_good_once_and_not_elsewhere(place: Place) -> None:
    code = await place.send()
    assert not await place.confirm(code, "other")
    assert await place.confirm(code)
    assert not await place.confirm(code)


async def test_an_old_code_is_no_code(place: Place) -> None:
    code = await place.send()
    place.clock.advance(CODE_MS / 1000 + 1)
    assert not await place.confirm(code)


async def test_a_code_cannot_be_guessed(place: Place) -> None:
    code = await place.send()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(MOST_TRIES):
        assert not await place.confirm(wrong)
    assert not await place.confirm(code)
    assert await place.owner() == ""


async def test_an_account_that_is_not_there_is_answered_like_one_that_is(place: Place) -> None:
    send, _ = build_verifying(place.verifying)

    def order(account: str) -> Order:
        return Order(tenant_id="ten", conversation_id="conv", turn_id="t", key="t:1", arguments={"account": account})

    there, nowhere = await send.work(order("MH-1")), await send.work(order("MH-404"))
    assert there == nowhere
    assert "mei" not in str(there)
    assert len(place.codes.sent) == 1


async def test_codes_are_bounded_by_conversation_and_by_person(place: Place) -> None:
    for _ in range(MOST_SENT + 2):
        await place.send()
    assert len(place.codes.sent) == MOST_SENT
    for number in range(MOST_FOR_OWNER + 2):
        await place.send(conversation=f"conv_{number}")
    assert len(place.codes.sent) == MOST_FOR_OWNER
    place.clock.advance(HOUR_MS / 1000 + 1)
    await place.send()
    assert len(place.codes.sent) == MOST_FOR_OWNER + 1


async def test_a_new_code_ends_what_was_verified_before(place: Place) -> None:
    await place.confirm(await place.send())
    await place.send()
    assert await place.owner() == ""


async def test_where_no_code_can_be_sent_that_is_said(place: Place, sqlite_database: Database) -> None:
    with pytest.raises(ToolRefused, match="Nobody can be verified"):
        await place.verifying.send("else", "conv", "mei@mail.example")
    silent = Verifying(sqlite_database, place.clock, Accounts(), None, b"secret")
    with pytest.raises(ToolRefused):
        await silent.send("ten", "conv", "mei@mail.example")
    place.codes.broken = True
    await place.verifying.send("ten", "conv", "mei@mail.example")
    _, confirm = build_verifying(place.verifying)
    arguments = {"code": "123456"}
    with pytest.raises(ToolRefused, match="wrong, too old"):
        await confirm.work(
            Order(tenant_id="ten", conversation_id="conv_9", turn_id="t", key="t:1", arguments=arguments)
        )


def test_an_address_is_hinted_at() -> None:
    assert (hint("mei@mail.example"), hint("13800000188")) == ("m***@mail.example", "***0188")
