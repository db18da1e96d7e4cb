"""Letters become words of conversations, and words become letters that answer them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

from miaohui.channels.mail import repository
from miaohui.channels.mail.sockets import MailFailed
from miaohui.channels.mail.types import Account, File, Letter
from miaohui.channels.mail.writing import Contents, Envelope, compose, reply_subject, spoken, transcript
from miaohui.channels.media.kinds import PICTURES
from miaohui.channels.media.naming import clean
from miaohui.channels.media.types import Sender, mention
from miaohui.channels.threads.parts import plain
from miaohui.channels.threads.types import Sent, Thread, Word
from miaohui.conversations.policy import with_names
from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.turns.types import Send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.channels.mail.carrying import Carry
    from miaohui.channels.media.files import Files
    from miaohui.channels.threads.hearing import Hearing
    from miaohui.conversations.types import Message
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

_PICTURE = re.compile(r"!\[([^\]\n]{0,200})\]\(([^\s()]{1,2048})\)")
_ENCLOSED = re.compile(rf"{_PICTURE.pattern}|\[([^\]\n]{{0,200}})\]\((/v1/media/med_[0-9a-f]{{32}})\)")
"""Pictures of anybody's, and files of ours."""
_ADDRESS = re.compile(r"[^@\s<>\",;:()\\]{1,64}@[A-Za-z0-9.-]{1,180}\Z")
_OF_CONVERSATION = "#="
"""Between an e-mail address and a conversation of another door."""
_AGAIN_MS = 20_000
_CONFIG_MS = 600_000
_KNOWN_UNSENT = frozenset({"unreachable", "timeout", "busy"})

_log = get_log(__name__)


def check_account(account: Account) -> None:
    """Raises `Invalid`."""
    errors = [] if is_address(account.address) else [FieldError("$.address", "an e-mail address")]
    for name, server in (("imap", account.imap), ("smtp", account.smtp)):
        if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", server.host) or not 0 < server.port < 65_536:
            errors.append(FieldError(f"$.{name}", "a host's name and a port"))
    if errors:
        raise Invalid("The mailbox is not in form.", errors=errors)


def is_address(text: str) -> bool:
    """Whether a letter can be sent there."""
    return bool(_ADDRESS.match(text)) and text.isascii()


class Mail:
    """All mailboxes' letters."""

    def __init__(self, database: Database, clock: Clock, hearing: Hearing, files: Files, carrier: Carry) -> None:
        self._database = database
        self._clock = clock
        self._hearing = hearing
        self._files = files
        self._carrier = carrier

    async def hear(self, account: Account, letter: Letter) -> None:
        """Durable when this returns. Raises `Throttled`, `Unavailable`."""
        if letter.automatic or not is_address(letter.sender) or letter.sender == account.public_id:
            _log.info("mail.not_answered", inbox=account.inbox_id, automatic=letter.automatic)
            return
        enclosed = [await self._keep(account, f"{letter.id}:{at}", file) for at, file in enumerate(letter.files)]
        text = "\n".join(filter(None, (letter.text, *enclosed)))
        if not text:
            return
        address = await self._thread_address(account, letter)
        await self._note(account, letter.id, address, letter.subject)
        key = "ml_" + hashlib.sha256(letter.id.encode()).hexdigest()[:40]
        if conversation_id := conversation_of(address):
            await self._hearing.hear_in(account.tenant_id, conversation_id, Send(cmid=key, text=text))
            return
        word = Word(
            tenant_id=account.tenant_id,
            inbox_id=account.inbox_id,
            address=address,
            person=letter.sender,
            key=key,
            text=text,
            name=letter.name,
        )
        await self._hearing.hear(word)

    async def _keep(self, account: Account, key: str, file: File) -> str:
        """How the words name what was enclosed; what is not taken, by its name alone."""
        sender = Sender(tenant_id=account.tenant_id, inbox_id=account.inbox_id, name=file.name)
        media = await self._files.store.keep(sender, key, file.body)
        if media is None:
            return f"[附件 {clean(file.name)}]".replace(" ]", "]")
        picture = media.type in PICTURES
        return mention("图片" if picture else media.name, media.id, picture=picture)

    async def _thread_address(self, account: Account, letter: Letter) -> str:
        """Of the thread that it answers, if that is its sender's; else of a new one.

        Who forges a sender gets no answer, and who answers another's letter does not get into their thread.
        """
        known = await repository.find_addresses(self._database, account.inbox_id, (letter.id, *letter.references))
        for one in (letter.id, *reversed(letter.references)):
            if reader_of(known.get(one, "")) == letter.sender:
                return known[one]
        return f"{letter.sender}#{hashlib.sha256(letter.id.encode()).hexdigest()[:16]}"

    async def _note(self, account: Account, letter_id: str, address: str, subject: str) -> None:
        noted = repository.Noted(
            inbox_id=account.inbox_id,
            letter_id=letter_id,
            address=address,
            subject=subject,
            at_ms=self._clock.now_ms(),
        )
        await self._database.write(lambda: repository.note(noted))

    def split(self, message: Message) -> tuple[str, ...]:
        """A letter holds anything; of the assistant's words no address is ever fetched."""
        if message.sender == "agent":
            return (message.text,)
        return (_PICTURE.sub(lambda found: f"{found[1]} {found[2]}", message.text),)

    async def send(self, account: Account, thread: Thread, text: str) -> Sent:
        """Words to who is behind the thread, as an answer to their last letter. Every failure is a value."""
        earlier = await repository.list_last(self._database, account.inbox_id, thread.address)
        subject = reply_subject(next((subject for _, subject in earlier if subject), ""))
        files, words = await self._enclosed(account, text)
        envelope = self._envelope(account, reader_of(thread.address), tuple(one for one, _ in reversed(earlier)))
        contents = Contents(
            template="reply",
            locale=account.locale,
            company=account.name or account.address,
            words=plain(words),
            subject=subject,
        )
        # Noted before it is sent: the answer to it may be quicker than we are.
        await self._note(account, envelope.id, thread.address, subject)
        try:
            await self._carrier.carry(account.smtp, compose(envelope, contents, files))
        except MailFailed as error:
            return _failed(error.code)
        return Sent(state="sent")

    async def write_after(self, account: Account, to: str, conversation_id: str, owed: Sequence[Message]) -> Sent:
        """What was said to who left a conversation, which an answer to this letter continues."""
        words = plain(
            _PICTURE.sub(lambda found: f"[{found[1]}]", with_names(spoken(owed, account.locale), account.locale))
        )
        address = f"{to}{_OF_CONVERSATION}{conversation_id}"
        earlier = await repository.list_last(self._database, account.inbox_id, address)
        envelope = self._envelope(account, to, tuple(one for one, _ in reversed(earlier)))
        contents = Contents(
            template="absent", locale=account.locale, company=account.name or account.address, words=words
        )
        await self._note(account, envelope.id, address, "")
        try:
            await self._carrier.carry(account.smtp, compose(envelope, contents))
        except MailFailed as error:
            return _failed(error.code)
        return Sent(state="sent")

    async def send_notice(self, account: Account, to: str, words: str, locale: Literal["zh-CN", "en"]) -> Sent:
        """Something that the company's own people should know. Every failure is a value."""
        company, subject = account.name or account.address, words.partition("\n")[0]
        contents = Contents(template="notice", locale=locale, company=company, words=words, subject=subject)
        try:
            await self._carrier.carry(account.smtp, compose(self._envelope(account, to), contents))
        except MailFailed as error:
            return _failed(error.code)
        return Sent(state="sent")

    async def send_transcript(self, account: Account, to: str, messages: Sequence[Message]) -> None:
        """What was said in a conversation, to somebody. Raises `Invalid` (address), `MailFailed`."""
        if not is_address(to):
            raise Invalid("This is no e-mail address.", errors=[FieldError("$.to", "an e-mail address")])
        contents = Contents(
            template="transcript",
            locale=account.locale,
            company=account.name or account.address,
            words=with_names(transcript(messages, account.locale), account.locale),
        )
        await self._carrier.carry(account.smtp, compose(self._envelope(account, to), contents))

    async def prove_carrying(self, account: Account) -> str:
        """Why letters cannot be handed over, or empty. None is sent."""
        try:
            await self._carrier.prove(account.smtp)
        except MailFailed as error:
            return error.code
        return ""

    def _envelope(self, account: Account, to: str, references: tuple[str, ...] = ()) -> Envelope:
        domain = account.address.rpartition("@")[2]
        return Envelope(
            id=f"<{new_id('let').lower()}@{domain}>",
            sender=account.address,
            sender_name=account.name,
            to=to,
            at_ms=self._clock.now_ms(),
            references=references,
        )

    async def _enclosed(self, account: Account, text: str) -> tuple[list[File], str]:
        """Pictures and files that the words name, and the words with those that were not to be had named by address."""
        files: list[File] = []
        words = text
        for found in _ENCLOSED.finditer(text):
            name, url = (found[1], found[2]) if found[2] else (found[3], found[4])
            get = self._files.get if found[2] else self._files.any_of
            file = await get(account.tenant_id, url)
            if file is None:
                words = words.replace(found[0], self._files.told(name, url))
                continue
            files.append(File(name=file.name, type=file.type, body=file.body))
            words = words.replace(found[0], f"[{name}]" if name else "")
        return files, words


def conversation_of(address: str) -> str:
    """The conversation of another door that a thread's address stands for; empty for a thread of letters."""
    return address.rpartition(_OF_CONVERSATION)[2] if _OF_CONVERSATION in address else ""


def reader_of(address: str) -> str:
    """The e-mail address in a thread's."""
    return address.rpartition("#")[0]


def _failed(code: str) -> Sent:
    if code in _KNOWN_UNSENT:
        return Sent(state="waiting", detail=f"mail_{code}", wait_ms=_AGAIN_MS)
    if code in {"no_reader", "rejected"}:
        return Sent(state="undeliverable", detail=f"mail_{code}")
    if code == "lost":
        return Sent(state="uncertain", detail="mail_lost")
    return Sent(state="waiting", detail=f"mail_{code}", wait_ms=_CONFIG_MS)
