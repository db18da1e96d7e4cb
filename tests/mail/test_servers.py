"""A real SMTP server takes our letters, and a small IMAP server gives us others', through the whole application."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests.doors.building import Building, open_building
from tests.support.servers import free_port
from tests.support.waiting import until

from miaohui.channels.mail.fetching import fetch
from miaohui.channels.mail.sockets import MailFailed
from miaohui.channels.mail.types import Server
from miaohui.testing.mail import FakeMailbox


class Taken:
    """What the server took."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 -- the server's own name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such reader"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- as above
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def smtp() -> Any:
    taken = Taken()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield taken, controller.port
    controller.stop()


@pytest.fixture
async def mailbox() -> AsyncIterator[FakeMailbox]:
    box = await FakeMailbox(letters=[a_letter("old", "old")]).start()
    yield box
    await box.close()


def a_letter(key: str, text: str, sender: str = "ann@example.org") -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["Message-ID"] = sender, "退货", f"<{key}@example.org>"
    letter.set_content(text)
    return letter.as_bytes(policy=policy.SMTP)


def a_server(port: int, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "user": "help", "password": "secret", "safety": "none", **more}


async def test_a_letter_is_fetched_answered_and_told_again(
    migrated: Path, tmp_path: Path, smtp: tuple[Taken, int], mailbox: FakeMailbox
) -> None:
    taken, port = smtp
    async with open_building(migrated, tmp_path, mail_private=True, mail_poll_seconds=1) as building:
        token = building.ours.agent
        path = await set_up(building, {"imap": a_server(mailbox.port), "smtp": a_server(port, user="")})
        assert path
        await until(lambda: mailbox.looks, 30)
        mailbox.letters.append(a_letter("new", "怎么退货?\n\n在 2026年, Help 写道:\n> x"))
        await until(lambda: taken.letters, 30)
        (answer,) = taken.letters
        assert answer["To"] == "ann@example.org"
        assert answer["In-Reply-To"] == "<new@example.org>"
        listed = (await building.ask("GET", "/v1/conversations", token=token)).json()["data"]
        conversation = next(one["id"] for one in listed if one["inbox_id"] in path)
        thread = (await building.ask("GET", f"/v1/conversations/{conversation}/messages", token=token)).json()["data"]
        assert thread[0]["text"] == "怎么退货?"
        note = {"text": "客户很急, 别外传", "note": True}
        noted = await building.ask("POST", f"/v1/conversations/{conversation}/messages", token=token, json=note)
        assert noted.status == 201, noted.body
        sent = await building.ask(
            "POST", f"/v1/conversations/{conversation}/transcript", token=token, json={"to": "boss@example.org"}
        )
        assert sent.status == 204, sent.body
        words = taken.letters[-1].get_content()
        assert taken.letters[-1]["To"] == "boss@example.org"
        assert "怎么退货?" in words
        assert "别外传" not in words, "notes stay inside"
        refused = await building.ask(
            "POST", f"/v1/conversations/{conversation}/transcript", token=token, json={"to": "nobody@example.org"}
        )
        assert (refused.status, refused.json()["code"]) == (502, "no_reader")
        assert mailbox.changes == []
        stored = b"".join(file.read_bytes() for file in building.house.settings.data.glob("miaohui.db*"))
        assert b'"password":"secret"' not in stored


async def test_the_companys_own_people_are_told_by_letter(
    migrated: Path, tmp_path: Path, smtp: tuple[Taken, int], mailbox: FakeMailbox
) -> None:
    taken, port = smtp
    async with open_building(migrated, tmp_path, mail_private=True) as building:
        token = building.ours.agent
        robot = {"kind": "mail", "name": "值班", "url": "mailto:boss@example.org"}
        for wrong in ("boss@example.org", "https://example.org/", "mailto:a@example.org?bcc=b@example.org"):
            refused = await building.ask("POST", "/v1/alerts/robots", token=token, json={**robot, "url": wrong})
            assert refused.status == 422
        made = await building.ask("POST", "/v1/alerts/robots", token=token, json=robot)
        assert b"boss@example.org" not in made.body
        test = f"/v1/alerts/robots/{made.json()['id']}/test"
        assert (await building.ask("POST", test, token=token)).json() == {"told": False, "error": "no_mailbox"}
        await set_up(building, {"imap": a_server(mailbox.port), "smtp": a_server(port, user="")})
        building.house.doors.postman.accounts._all.forget("")
        agent = await building.house.identity.verify(token)
        waiting = await building.house.conversations.request_human(building.ours.conversation, agent)
        await until(lambda: taken.letters, 30)
        (letter,) = taken.letters
        assert letter["To"] == "boss@example.org"
        assert "有访客在等待人工" in letter["Subject"]
        assert waiting.id in letter.get_content()
        assert letter["Auto-Submitted"]


async def set_up(building: Building, servers: dict[str, Any], status: int = 200) -> str:
    token = building.ours.agent
    made = await building.ask("POST", "/v1/inboxes", token=token, json={"name": "邮箱", "channel": "mail"})
    path = f"/v1/inboxes/{made.json()['id']}/mail"
    form = {"address": "help@shop.example", "name": "云杉商城", **servers}
    answer = await building.ask("POST", path, token=token, json=form)
    assert answer.status == status, answer.body
    assert b"secret" not in answer.body
    return path


async def test_the_mailbox_is_read_from_where_it_was_left(mailbox: FakeMailbox) -> None:
    server = Server(**a_server(mailbox.port))

    async def look(position: str) -> Any:
        return await asyncio.to_thread(fetch, server, position, allow_private=True)

    first = await look("")
    assert (first.letters, first.position) == ((), "7:1")
    assert (await look(first.position)).letters == ()
    mailbox.letters += [a_letter(f"n{at}", "x") for at in range(25)]
    second = await look(first.position)
    assert (len(second.letters), second.more) == (20, True)
    third = await look(second.position)
    assert ([one.id for one in third.letters][-1], third.more) == ("<n24@example.org>", False)
    mailbox.validity = 8
    assert (await look(third.position)).letters == ()


@pytest.mark.parametrize(("change", "code"), [({"password": "wrong"}, "refused"), ({"port": 1}, "unreachable")])
async def test_a_mailbox_that_cannot_be_read_says_why(mailbox: FakeMailbox, change: dict[str, Any], code: str) -> None:
    server = Server(**{**a_server(mailbox.port), **change})
    with pytest.raises(MailFailed) as caught:
        await asyncio.to_thread(fetch, server, "7:1", allow_private=True)
    assert caught.value.code == code
    assert "wrong" not in str(caught.value)


async def test_a_server_inside_this_network_is_not_connected_to(mailbox: FakeMailbox) -> None:
    for host in ("127.0.0.1", "localhost", "169.254.169.254"):
        with pytest.raises(MailFailed) as caught:
            await asyncio.to_thread(fetch, Server(**a_server(mailbox.port, host=host)), "", allow_private=False)
        assert caught.value.code == "not_public"
    assert mailbox.logins == 0


async def test_a_server_without_a_certificate_is_not_spoken_to(mailbox: FakeMailbox) -> None:
    server = Server(**a_server(mailbox.port, safety="tls"))
    with pytest.raises(MailFailed):
        await asyncio.to_thread(fetch, server, "", allow_private=True)
    assert mailbox.logins == 0
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
