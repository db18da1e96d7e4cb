"""A vendor is asked whether an account works, and what it has against it is put so that a person can mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.doors.building import Building, open_building
from tests.support.outside import listening
from tests.support.servers import free_port
from tests.wecom.counter import FACTS

from miaohui.channels.telegram.types import Account as TelegramAccount
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.trials import try_telegram, try_wechat, try_wecom
from miaohui.channels.wechat.types import Account as WeChatAccount
from miaohui.channels.wechat.wire import Said
from miaohui.channels.wecom import api as wecom_api
from miaohui.channels.wecom.types import Account as WeComAccount
from miaohui.testing.mail import FakeMailbox
from miaohui.testing.telegram import FakeTelegram

TOKEN = "12345:" + "A" * 35
ADDRESS = "https://help.example.com/v1/channels/telegram/inb_1"


class Vendor:
    """Answers one thing to everything."""

    def __init__(self, said: Any) -> None:
        self.said = said

    async def prove(self, account: object) -> Any:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


WECHAT = WeChatAccount(inbox_id="i", tenant_id="t", app_id="wx1", token="abc", app_secret="shh", mode="plain")
WECOM = WeComAccount(inbox_id="i", tenant_id="t", **FACTS)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Said(access_token="x", expires_in=7200), []),
        (Said(errcode=40125, errmsg="invalid appsecret"), [("send", "secret_refused", "40125 invalid appsecret")]),
        (Said(errcode=40164, errmsg="invalid ip 1.2.3.4"), [("send", "ip_not_allowed", "40164 invalid ip 1.2.3.4")]),
        (Said(errcode=49999, errmsg="odd"), [("send", "refused", "49999 odd")]),
        (Unanswered("away", code="timeout"), [("send", "timeout", "")]),
    ],
)
async def test_what_wechat_has_against_a_secret_is_told_by_name(said: Any, found: list[tuple[str, str, str]]) -> None:
    findings = await try_wechat(Vendor(said), WECHAT)  # type: ignore[arg-type]
    assert [(one.part, one.code, one.detail) for one in findings] == found


async def test_an_account_that_only_answers_asks_wechat_for_nothing() -> None:
    quiet = msgspec.structs.replace(WECHAT, app_secret="")
    assert await try_wechat(Vendor(Unanswered("away")), quiet) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (wecom_api.Said(account_list=(wecom_api.Listed(open_kfid=FACTS["open_kfid"]),)), []),
        (wecom_api.Said(account_list=(wecom_api.Listed(open_kfid="wk_other"),)), ["account_unknown"]),
        (wecom_api.Said(account_list=(wecom_api.Listed(open_kfid="wk_other"),) * 100), []),
        (wecom_api.Said(errcode=60020, errmsg="not allow to access from your ip"), ["ip_not_allowed"]),
        (Unanswered("away", code="unreachable"), ["unreachable"]),
    ],
)
async def test_wecom_is_asked_for_the_secret_and_then_for_the_account(said: Any, codes: list[str]) -> None:
    assert [one.code for one in await try_wecom(Vendor(said), WECOM)] == codes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "trouble", "found"),
    [
        ({"url": ADDRESS}, {}, []),
        ({"url": ADDRESS}, {"pending_update_count": 0, "last_error_message": "long ago"}, []),
        (
            {"url": ADDRESS},
            {"pending_update_count": 3, "last_error_message": "SSL error"},
            [("receive", "calls_fail", "SSL error")],
        ),
        ({"url": "https://other.example.com"}, {}, [("receive", "other_address", "https://other.example.com")]),
        ({}, {}, [("receive", "no_address", "")]),
    ],
)
async def test_telegram_is_asked_where_it_calls(
    known: dict[str, Any], trouble: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    account = TelegramAccount(inbox_id="inb_1", tenant_id="t", token=TOKEN, mark="m")
    fake = FakeTelegram(account, webhook=known, trouble=trouble)
    findings = await try_telegram(Asking(fake, account), account, ADDRESS)  # type: ignore[arg-type]
    assert [(one.part, one.code, one.detail) for one in findings] == found
    wrong = msgspec.structs.replace(account, token="99999:" + "B" * 35)
    assert [one.code for one in await try_telegram(Asking(fake, wrong), wrong, ADDRESS)] == ["secret_refused"]  # type: ignore[arg-type]


class Asking:
    """As `Sending` asks."""

    def __init__(self, fake: FakeTelegram, account: TelegramAccount) -> None:
        self.fake, self.account = fake, account

    async def look(self, account: TelegramAccount) -> Any:
        return await self.fake.call(account, "getWebhookInfo", {})


async def test_doors_tell_how_they_stand_and_keep_what_was_not_said_again(migrated: Path, tmp_path: Path) -> None:
    telegram = FakeTelegram(TelegramAccount(inbox_id="", tenant_id="", token=TOKEN, mark=""))
    box = await FakeMailbox(letters=[]).start()
    settings: dict[str, Any] = {
        "public_url": "https://help.example.com",
        "mail_private": True,
        "mail_poll_seconds": 600,
    }
    async with (
        listening(telegram.application()) as address,
        open_building(migrated, tmp_path, telegram_api_url=address, **settings) as building,
    ):
        await check_telegram(building, telegram)
        await check_mail(building, box)
        await check_wecom(building)
        await check_wechat(building)
        await check_other_doors(building)
    await box.close()


async def check_telegram(building: Building, telegram: FakeTelegram) -> None:
    token, path = building.ours.agent, await opened(building, "telegram")
    before = (await building.ask("GET", path + "/door", token=token)).json()
    assert (before["set_up"], before["heard_at"], before["failure"]) == (False, None, "")
    assert (await building.ask("POST", path + "/door/test", token=token)).status == 404
    assert (await building.ask("POST", path + "/telegram", token=token, json={})).status == 404
    assert (await building.ask("POST", path + "/telegram", token=token, json={"token": TOKEN})).status == 200
    assert (await building.ask("POST", path + "/door/test", token=token)).json() == {"works": True, "findings": []}
    telegram.webhook = {}
    tried = (await building.ask("POST", path + "/door/test", token=token)).json()
    assert tried == {"works": False, "findings": [{"part": "receive", "code": "no_address", "detail": ""}]}
    again = await building.ask("POST", path + "/telegram", token=token, json={"token": ""})
    assert (again.status, telegram.webhook["url"]) == (200, "https://help.example.com" + again.json()["callback"])
    assert (await building.ask("GET", path + "/door", token=token)).json()["set_up"] is True
    for method, part in (("GET", "/door"), ("POST", "/door/test")):
        assert (await building.ask(method, path + part, token=building.theirs.agent)).status == 404


async def check_mail(building: Building, box: FakeMailbox) -> None:
    token, path = building.ours.agent, await opened(building, "mail")
    imap = {"host": "127.0.0.1", "port": box.port, "user": "help", "password": "secret", "safety": "none"}
    smtp = {"host": "127.0.0.1", "port": free_port(), "safety": "none"}
    form: dict[str, Any] = {"address": "help@example.com", "imap": imap, "smtp": smtp}
    shown = await building.ask("POST", path + "/mail", token=token, json=form)
    assert shown.status == 200, shown.body
    assert b"secret" not in shown.body
    assert shown.json()["imap"] == {
        "host": "127.0.0.1", "port": box.port, "user": "help", "safety": "none", "has_password": True,
    }  # fmt: skip
    tried = (await building.ask("POST", path + "/door/test", token=token)).json()
    assert tried["findings"] == [{"part": "send", "code": "unreachable", "detail": ""}]
    same = {**form, "name": "客服", "imap": {**imap, "password": ""}}
    kept = (await building.ask("POST", path + "/mail", token=token, json=same)).json()
    assert (kept["name"], kept["imap"]["has_password"]) == ("客服", True)
    elsewhere = {**form, "imap": {**imap, "password": "", "host": "mail.example.com"}}
    told = (await building.ask("POST", path + "/mail", token=token, json=elsewhere)).json()
    assert told["imap"]["has_password"] is False


async def check_wecom(building: Building) -> None:
    token, path = building.ours.agent, await opened(building, "wecom")
    lacking = {**FACTS, "secret": ""}
    assert (await building.ask("POST", path + "/wecom", token=token, json=lacking)).status == 422
    assert (await building.ask("POST", path + "/wecom", token=token, json=FACTS)).status == 200
    secrets = {"token": "", "aes_key": "", "secret": ""}
    kept = await building.ask("POST", path + "/wecom", token=token, json={**FACTS, **secrets, "welcome": "您好"})
    assert (kept.json()["welcome"], kept.json()["secret_hint"]) == ("您好", FACTS["secret"][-4:])
    other = {**FACTS, **secrets, "corp_id": "ww_other"}
    assert (await building.ask("POST", path + "/wecom", token=token, json=other)).status == 422


async def check_wechat(building: Building) -> None:
    token, path = building.ours.agent, await opened(building, "wechat")
    form = {"app_id": "wx1", "token": "abc", "aes_key": "a" * 43, "app_secret": "the-app-secret"}
    assert (await building.ask("POST", path + "/wechat", token=token, json=form)).status == 200
    kept = await building.ask("POST", path + "/wechat", token=token, json={"app_id": "wx1", "welcome": "您好"})
    assert (kept.json()["welcome"], kept.json()["app_secret_hint"]) == ("您好", "cret")
    other = await building.ask("POST", path + "/wechat", token=token, json={"app_id": "wx2"})
    assert (other.status, [one["field"] for one in other.json()["errors"]]) == (
        422,
        ["$.token", "$.aes_key", "$.app_secret"],
    )


async def check_other_doors(building: Building) -> None:
    """A door of our own stands without an account, and has nobody to be asked about it."""
    token, path = building.ours.agent, f"/v1/inboxes/{building.ours.inbox.id}"
    assert (await building.ask("GET", path + "/door", token=token)).json()["set_up"] is True
    tried = await building.ask("POST", path + "/door/test", token=token)
    assert (tried.status, tried.json()["code"]) == (409, "no_vendor")


async def opened(building: Building, channel: str) -> str:
    body = {"name": channel, "channel": channel}
    made = await building.ask("POST", "/v1/inboxes", token=building.ours.agent, json=body)
    return f"/v1/inboxes/{made.json()['id']}"
