"""Readers with mailboxes of their own, in front of two nodes, in virtual time; only the servers are played."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.suites.channel import say_as_agent, thread_of
from tests.wechat.town import TENANT, Node, Town, open_town

from miaohui.channels.accounts import Accounts, Kind
from miaohui.channels.mail.fetching import Batch
from miaohui.channels.mail.reading import parse_letter
from miaohui.channels.mail.service import Mail, check_account
from miaohui.channels.mail.sockets import MailFailed
from miaohui.channels.mail.tasks import Postman
from miaohui.channels.mail.types import Account, Server
from miaohui.channels.threads.account_door import AccountDoor
from miaohui.channels.threads.hearing import Hearing
from miaohui.conversations.types import Message
from miaohui.kit.aio import spawn, stop
from miaohui.kit.sealed import Seal
from miaohui.testing.engine import Act
from miaohui.testing.virtual import VirtualClock

SERVER = Server(host="mail.example.com", port=993, user="help", password="secret")
FOOTER = "\n\n-- \n"


class Office:
    """The company's mailbox, and what readers got."""

    def __init__(self) -> None:
        self.arrived: list[bytes] = []
        self.sent: dict[str, list[EmailMessage]] = defaultdict(list)
        self.codes: deque[str] = deque()

    async def fetch(self, account: Account, position: str) -> Batch:
        last = int(position or 0)
        letters = tuple(parse_letter(one) for one in self.arrived[last : last + 2])
        reached = last + len(letters)
        return Batch(letters=letters, position=str(reached), more=reached < len(self.arrived))

    async def carry(self, server: Server, letter: EmailMessage) -> None:
        code = self.codes.popleft() if self.codes else ""
        if code in {"away", "no_reader"}:
            raise MailFailed(code, code=code.replace("away", "unreachable"))
        self.sent[letter["To"].addresses[0].addr_spec].append(letter)
        if code == "lost":
            raise MailFailed("lost", code="lost")

    async def prove(self, server: Server) -> None:
        if self.codes:
            raise MailFailed("away", code=self.codes.popleft())


class MailTrial:
    """Readers who write to one mailbox; each keeps to one subject unless told otherwise."""

    part_bytes = 8_000

    def __init__(self, town: Town, office: Office, account: Account) -> None:
        self.town = town
        self.office = office
        self.account = account
        self.postmen: list[Postman] = []

    def letter(self, person: str, text: str, key: str, **headers: str) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = f"{person.title()} <{person}@example.org>"
        letter["To"] = self.account.address
        letter["Message-ID"] = f"<{person}.{key}@example.org>"
        answered = self.office.sent[f"{person}@example.org"]
        if answered and "References" not in headers:
            letter["In-Reply-To"] = answered[-1]["Message-ID"]
        for name, value in {"Subject": "退货", **headers}.items():
            letter[name] = value
        letter.set_content(text)
        return letter

    async def say(self, person: str, text: str, key: str) -> None:
        before = self.office.sent[f"{person}@example.org"]
        reference = {} if before else {"References": f"<{person}.0@example.org> <{person}.1@example.org>"}
        self.office.arrived.append(self.letter(person, text, key, **reference).as_bytes())

    async def say_again(self, person: str, text: str, key: str) -> None:
        self.office.arrived.append(self.letter(person, text, key).as_bytes())

    def shown(self, person: str) -> list[str]:
        return [body_of(one).partition(FOOTER)[0] for one in self.office.sent[f"{person}@example.org"]]

    def pictures(self, person: str) -> list[bytes]:
        letters = self.office.sent[f"{person}@example.org"]
        return [part.get_content() for one in letters for part in one.iter_attachments()]

    def fail(self, how: str) -> None:
        self.office.codes.append(how)

    async def address(self, person: str) -> str:
        from miaohui.channels.mail import repository

        letters = tuple(f"<{person}.{key}@example.org>" for key in range(10))
        found = await repository.find_addresses(self.town.nodes[0].database, self.account.inbox_id, letters)
        return next(iter(found.values()))

    async def thread(self, person: str) -> list[Message]:
        return await thread_of(self.town, self.account.inbox_id, await self.address(person))

    async def as_agent(self, person: str, text: str, *, note: bool = False) -> None:
        await say_as_agent(self.town, self.account.inbox_id, await self.address(person), text, note=note)


def body_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@asynccontextmanager
async def open_office(template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[MailTrial]:
    async with open_town(template, folder, *script) as town:
        inbox = await town.nodes[0].inboxes.create(TENANT, "邮箱", channel="mail")
        account = Account(
            inbox_id=inbox.id, tenant_id=TENANT, address="help@shop.example", name="云杉商城", imap=SERVER, smtp=SERVER
        )
        office = Office()
        postmen = [open_postman(node, office) for node in town.nodes]
        await postmen[0].accounts.put(account)
        for node, postman in zip(town.nodes, postmen, strict=True):
            node.others.append(AccountDoor("mail", account, postman.mail))
        tasks = [spawn(one.run(0.5), name="postman") for one in postmen]
        try:
            trial = MailTrial(town, office, account)
            trial.postmen = postmen
            yield trial
        finally:
            await stop(*tasks)


def open_postman(node: Node, office: Office) -> Postman:
    clock = VirtualClock()
    kind = Kind("mail", Account, check_account)
    accounts = Accounts(node.database, clock, Seal(b"0" * 32), node.inboxes, kind)
    hearing = Hearing("mail", node.threads, node.turns, node.store)
    return Postman(
        node.database, clock, accounts, Mail(node.database, clock, hearing, node.files, office), office.fetch
    )
