from __future__ import annotations

import asyncio

import jwt
import pytest
from tests.identity.conftest import CHEAP, SECRET
from tests.support.clock import ManualClock

from miaohui.contacts.types import Contact
from miaohui.identity.service import Identity, IdentityOptions
from miaohui.identity.types import Principal
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Forbidden, Invalid, NotFound, Throttled, Unauthenticated

VISITOR = Contact(id="cont_1", tenant_id="ten_1", inbox_id="inb_1", name="小王")


async def sign_up(identity: Identity) -> str:
    person = await identity.create_person("Lin@Shop.example", "林", "correct horse", "ten_1", "admin")
    return person.id


async def test_the_right_password_signs_in_and_the_token_names_the_person(identity: Identity) -> None:
    person_id = await sign_up(identity)
    tokens = await identity.login("lin@shop.EXAMPLE", "correct horse", "1.2.3.4")
    principal = await identity.verify(tokens.access)
    assert (principal.kind, principal.id, principal.tenant_id, principal.role) == ("agent", person_id, "ten_1", "admin")
    assert principal.name == "林"


@pytest.mark.parametrize(
    ("email", "password"),
    [("lin@shop.example", "wrong horse"), ("lin@shop.example", ""), ("nobody@shop.example", "correct horse")],
)
async def test_a_wrong_password_and_an_unknown_person_are_told_the_same(
    identity: Identity, email: str, password: str
) -> None:
    await sign_up(identity)
    with pytest.raises(Unauthenticated) as caught:
        await identity.login(email, password, "1.2.3.4")
    assert caught.value.code == "login_failed"


async def test_after_too_many_tries_even_the_right_password_waits_its_minute(
    identity: Identity, clock: ManualClock
) -> None:
    await sign_up(identity)
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await identity.login("lin@shop.example", "wrong horse", "1.2.3.4")
    with pytest.raises(Throttled) as caught:
        await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    assert caught.value.retry_after_s == pytest.approx(60)
    assert await identity.login("lin@shop.example", "correct horse", "5.6.7.8")
    clock.advance(61)
    assert await identity.login("lin@shop.example", "correct horse", "1.2.3.4")


async def test_a_refresh_token_works_once_and_its_second_use_ends_the_login(identity: Identity) -> None:
    await sign_up(identity)
    first = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    second = await identity.refresh(first.refresh)
    assert second.refresh != first.refresh
    assert await identity.verify(second.access)
    with pytest.raises(Unauthenticated):
        await identity.refresh(first.refresh)
    with pytest.raises(Unauthenticated):
        await identity.refresh(second.refresh)


async def test_of_two_uses_at_once_one_wins(identity: Identity) -> None:
    await sign_up(identity)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    outcomes = await asyncio.gather(
        identity.refresh(tokens.refresh), identity.refresh(tokens.refresh), return_exceptions=True
    )
    assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == 1


async def test_a_refresh_token_grows_old_and_logging_out_ends_it(identity: Identity, clock: ManualClock) -> None:
    await sign_up(identity)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    await identity.logout(tokens.refresh)
    with pytest.raises(Unauthenticated):
        await identity.refresh(tokens.refresh)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    clock.advance(31 * 24 * 3600)
    with pytest.raises(Unauthenticated):
        await identity.refresh(tokens.refresh)
    with pytest.raises(Unauthenticated):
        await identity.refresh("mhr_unknown")


async def test_an_access_token_ends_after_its_quarter_of_an_hour_also_when_it_was_just_seen(
    identity: Identity, clock: ManualClock
) -> None:
    await sign_up(identity)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    clock.advance(15 * 60 - 1)
    assert await identity.verify(tokens.access)
    clock.advance(1)
    with pytest.raises(Unauthenticated) as caught:
        await identity.verify(tokens.access)
    assert caught.value.code == "token_expired"


async def test_a_new_password_ends_every_login(identity: Identity, clock: ManualClock) -> None:
    person_id = await sign_up(identity)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    assert await identity.verify(tokens.access)
    clock.advance(1)
    await identity.set_password("ten_1", person_id, "battery staple")
    with pytest.raises(Unauthenticated):
        await identity.verify(tokens.access)
    with pytest.raises(Unauthenticated):
        await identity.refresh(tokens.refresh)
    assert await identity.login("lin@shop.example", "battery staple", "1.2.3.4")


async def test_who_was_deactivated_is_out_and_stays_out_until_activated(identity: Identity, clock: ManualClock) -> None:
    person_id = await sign_up(identity)
    tokens = await identity.login("lin@shop.example", "correct horse", "1.2.3.4")
    await identity.deactivate("ten_1", person_id)
    clock.advance(1)
    for attempt in (identity.verify(tokens.access), identity.login("lin@shop.example", "correct horse", "1")):
        with pytest.raises(Unauthenticated):
            await attempt
    await identity.activate("ten_1", person_id)
    assert await identity.login("lin@shop.example", "correct horse", "1")


async def test_another_tenant_cannot_touch_a_person(identity: Identity) -> None:
    person_id = await sign_up(identity)
    with pytest.raises(NotFound):
        await identity.set_password("ten_2", person_id, "battery staple")
    with pytest.raises(NotFound):
        await identity.deactivate("ten_2", person_id)
    assert await identity.login("lin@shop.example", "correct horse", "1")
    assert await identity.list_people("ten_2") == []


async def test_an_email_belongs_to_one_person_whatever_its_case(identity: Identity) -> None:
    await sign_up(identity)
    with pytest.raises(Conflict):
        await identity.create_person("LIN@shop.example", "Other", "correct horse", "ten_1", "agent")


@pytest.mark.parametrize(("email", "password"), [("no-at", "long enough"), ("a@b", "short"), ("a@b", "x" * 257)])
async def test_a_person_needs_an_address_and_a_password(identity: Identity, email: str, password: str) -> None:
    with pytest.raises(Invalid):
        await identity.create_person(email, "Name", password, "ten_1", "agent")


async def test_a_visitors_token_makes_its_bearer_that_contact(identity: Identity, clock: ManualClock) -> None:
    token = identity.issue_visitor(VISITOR)
    principal = await identity.verify(token)
    assert principal.key == "visitor:cont_1"
    assert (principal.inbox_id, principal.tenant_id, principal.role) == ("inb_1", "ten_1", None)
    clock.advance(30 * 24 * 3600)
    with pytest.raises(Unauthenticated):
        await identity.verify(token)


async def test_forged_tokens_do_not_hold(identity: Identity, database: Database, clock: ManualClock) -> None:
    token = identity.issue_visitor(VISITOR)
    claims = jwt.decode(token, options={"verify_signature": False})
    other = Identity(database, clock, b"another secret of thirty-two byt", IdentityOptions(hasher=CHEAP))
    forged = [
        "",
        "garbage",
        "mh_live_unknown",
        token[:-2],
        token.rsplit(".", 1)[0] + ".",
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, SECRET, algorithm="HS256"),
        other.issue_visitor(VISITOR),
        "\ud800",
    ]
    for one in forged:
        with pytest.raises(Unauthenticated):
            await identity.verify(one)
    assert await identity.verify(token)


async def test_a_key_opens_what_its_scopes_say_and_is_shown_once(identity: Identity) -> None:
    key, plain = await identity.create_key("ten_1", "shop", ["chat"])
    assert plain.startswith("mh_live_")
    assert plain not in repr(await identity.list_keys("ten_1"))
    principal = await identity.verify(plain)
    assert (principal.kind, principal.id, principal.tenant_id) == ("key", key.id, "ten_1")
    identity.check_scope(principal, "chat")
    with pytest.raises(Forbidden):
        identity.check_scope(principal, "conversations:read")
    assert (await identity.create_key("ten_1", "try", ["chat"], test=True))[1].startswith("mh_test_")


async def test_a_revoked_key_stops_at_once_and_only_its_tenant_can_revoke_it(identity: Identity) -> None:
    key, plain = await identity.create_key("ten_1", "shop", ["chat"])
    assert await identity.verify(plain)
    with pytest.raises(NotFound):
        await identity.revoke_key("ten_2", key.id)
    assert await identity.verify(plain)
    await identity.revoke_key("ten_1", key.id)
    with pytest.raises(Unauthenticated):
        await identity.verify(plain)


async def test_when_a_key_was_used_last_is_known(identity: Identity, clock: ManualClock) -> None:
    _, plain = await identity.create_key("ten_1", "shop", ["chat"])
    assert (await identity.list_keys("ten_1"))[0].last_used_at_ms == 0
    await identity.verify(plain)
    async with asyncio.timeout(2):
        while not (await identity.list_keys("ten_1"))[0].last_used_at_ms:  # noqa: ASYNC110  (written in its own time)
            await asyncio.sleep(0.01)
    assert (await identity.list_keys("ten_1"))[0].last_used_at_ms == clock.now_ms()


async def test_a_key_with_an_unknown_scope_is_not_made(identity: Identity) -> None:
    for scopes in ([], ["everything"]):
        with pytest.raises(Invalid):
            await identity.create_key("ten_1", "shop", scopes)


def test_roles_and_scopes_keep_each_kind_to_its_place() -> None:
    visitor = Principal(tenant_id="t", kind="visitor", id="c")
    agent = Principal(tenant_id="t", kind="agent", id="p", role="agent")
    admin_key = Principal(tenant_id="t", kind="key", id="k", scopes=frozenset({"admin"}))
    Identity.check_scope(agent, "conversations:read")
    Identity.check_scope(admin_key, "chat")
    Identity.check_role(agent, ["agent", "admin"])
    Identity.check_role(admin_key, ["owner"])
    for refused in (visitor, agent):
        with pytest.raises(Forbidden):
            Identity.check_role(refused, ["owner", "admin"])
    with pytest.raises(Forbidden):
        Identity.check_scope(visitor, "chat")
