"""Letters, calls, robots and messages as their receivers take them; planted trouble in a real server reaches them."""

from __future__ import annotations

import asyncio
import base64
import email
import json
from collections.abc import AsyncIterator, Callable
from email.message import Message
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook
from tests.conformance.house import Process, serving
from tests.support.outside import listening
from tests.support.servers import free_port

from miaohui.alerts.types import Letter, Line
from miaohui.alerts.ways import MailWay, RobotWay, SmsWay, WebhookWay
from miaohui.channels.robots.policy import call_of, error_of
from miaohui.channels.robots.types import Robot
from miaohui.kit.errors import Invalid
from miaohui.kit.fetch import Fetcher
from miaohui.testing.upstream import Upstream, UpstreamOptions

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
LINE = Line(code="disk", firing=True, value=1e9, threshold=2e9, nodes=("a",), since_ms=1)
LETTER = Letter(id="alert_1", at_ms=1_800_000_000_000, lines=(LINE,), subject="【秒回】磁盘", text="剩余磁盘")


class Mailbox:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(email.message_from_bytes(content))
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"

    @property
    def texts(self) -> list[str]:
        return [bytes(one.get_payload(decode=True)).decode() for one in self.letters]


@pytest.fixture
def mailbox() -> Any:
    box = Mailbox()
    box.controller.start()
    yield box
    box.controller.stop()


class Place:
    """An address that keeps what is posted to it."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.says: tuple[int, str] = (200, "{}")
        self.url = ""
        app = web.Application()
        app.router.add_post("/", self._take)
        self.app = app

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append((dict(request.headers), await request.read()))
        return web.Response(status=self.says[0], text=self.says[1])

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made = Place()
    async with listening(made.app) as address:
        made.url = f"{address}/"
        yield made


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allow_private=True) as one:
        yield one


async def test_a_letter_arrives_with_every_reader(mailbox: Mailbox) -> None:
    way = MailWay(mailbox.url, "miaohui@example.com", ("ops@example.com", "li@example.com"))
    assert await way.tell(LETTER) == ""
    letter = mailbox.letters[0]
    assert letter["To"] == "ops@example.com, li@example.com"
    assert str(email.header.make_header(email.header.decode_header(letter["Subject"]))) == "【秒回】磁盘"
    assert mailbox.texts == ["剩余磁盘\r\n"]


async def test_a_mail_server_that_is_away_is_a_reason_and_no_error() -> None:
    assert await MailWay("smtp://127.0.0.1:9", "a@example.com", ("b@example.com",)).tell(LETTER) != ""


@pytest.mark.parametrize(
    "half", [("http://x", "a@b.c", ("d@e.f",)), ("smtp://x", "", ("d@e.f",)), ("smtp://x", "a", ())]
)
def test_half_a_way_by_mail_is_refused_at_the_start(half: tuple[str, str, tuple[str, ...]]) -> None:
    with pytest.raises(Invalid):
        MailWay(*half)


async def test_a_call_is_signed_so_that_the_receiver_can_check_it(place: Place, fetcher: Fetcher) -> None:
    way = WebhookWay(fetcher, place.url, SECRET)
    now = Letter(id="alert_2", at_ms=_now_ms(), lines=(LINE,), subject="s", text="t")
    assert await way.tell(now) == ""
    headers, body = place.calls[0]
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["data"]["alerts"][0]["state"] == "firing"
    assert payload["data"]["alerts"][0]["shown"] == "1.0 GB"
    place.says = (500, "")
    assert await way.tell(now) == "http_500"


def _now_ms() -> int:
    from miaohui.kit.clock import SystemClock

    return SystemClock().now_ms()


async def test_a_robot_is_told_in_its_vendors_form(place: Place, fetcher: Fetcher) -> None:
    robot = Robot(id="r", tenant_id="", kind="feishu", name="r", url=place.url, secret="s")
    way = RobotWay(fetcher, lambda text, now_ms: call_of(robot, text, now_ms), error_of)
    place.says = (200, '{"code": 0}')
    assert await way.tell(LETTER) == ""
    assert place.bodies[0]["content"]["text"] == "【秒回】磁盘\n\n剩余磁盘"
    assert place.bodies[0]["sign"]
    place.says = (200, '{"code": 19021, "msg": "sign match fail"}')
    assert await way.tell(LETTER) == "code_19021"


async def test_a_gateway_for_messages_gets_numbers_text_and_key(place: Place, fetcher: Fetcher) -> None:
    way = SmsWay(fetcher, place.url, "gk", ("+8613800138000",))
    assert await way.tell(LETTER) == ""
    assert place.bodies == [{"to": ["+8613800138000"], "text": "【秒回】磁盘\n剩余磁盘", "id": "alert_1"}]
    assert place.calls[0][0]["Authorization"] == "Bearer gk"
    with pytest.raises(Invalid):
        SmsWay(fetcher, place.url, "gk", ())


@pytest.mark.slow
async def test_a_storm_of_429_raises_the_alert_and_its_end_the_recovery_by_mail_and_webhook(
    tmp_path: Path, mailbox: Mailbox, place: Place
) -> None:
    upstream = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1)).start()
    options = {
        "engine_url": upstream.url, "engine_model": "chunks:2", "answer_cache": "false", "shared_calls": "0",
        "alert_for_seconds": "0", "alert_group_seconds": "0", "alert_window_seconds": "3", "alert_locale": "en",
        "alert_smtp_url": mailbox.url, "alert_mail_from": "miaohui@example.com", "alert_mail_to": "ops@example.com",
        "alert_webhook_url": place.url, "alert_webhook_secret": SECRET,
    }  # fmt: skip
    async with serving(tmp_path / "data", **options) as node:
        await talk(node, 30)
        await asyncio.sleep(2.5)
        assert "throttled" not in codes(place)
        upstream.faults.extend(["429"] * 40)
        await talk(node, 40)
        await until(lambda: ("throttled", "firing") in states(place))
        await until(lambda: ("throttled", "recovered") in states(place))
        await until(lambda: any("RECOVERED" in text and "(throttled)" in text for text in mailbox.texts))
    await upstream.close()
    assert any("ALERT  Providers' 429 answers" in text for text in mailbox.texts)
    assert len([one for one in states(place) if one == ("throttled", "firing")]) == 1


def states(place: Place) -> list[tuple[str, str]]:
    return [(alert["code"], alert["state"]) for body in place.bodies for alert in body["data"]["alerts"]]


def codes(place: Place) -> set[str]:
    return {code for code, _ in states(place)}


async def talk(node: Process, visitors: int) -> None:
    """So many at once, each one question."""
    headers = {"authorization": f"Bearer {node.tenants[0].api_key}"}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def ask(number: int) -> None:
            body = {"visitor_id": f"v{number}", "question": f"怎么退货 {number}?"}
            async with http.post(f"{node.base}/v1/chat", json=body) as answer:
                await answer.read()

        await asyncio.gather(*(ask(number) for number in range(visitors)))


async def until(holds: Callable[[], bool], seconds: float = 12) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  (another process's doing)
            await asyncio.sleep(0.05)
