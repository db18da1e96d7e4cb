"""What the assistant may ask of a company's own systems, and who has to prove who they are before it does."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from miaohui.channels.mail.carrying import Carrier
from miaohui.channels.mail.types import Server
from miaohui.conversations.repository import ConversationsRepository
from miaohui.kit.aio import spawn, stop
from miaohui.kit.errors import FieldError, Invalid, NotFound
from miaohui.kit.fetch import Fetcher
from miaohui.kit.sealed import Seal
from miaohui.settings.service import secret_before_of, secret_of
from miaohui.tickets.types import Opening
from miaohui.tools.connectors.service import Connectors
from miaohui.tools.errors import ToolRefused
from miaohui.tools.verifying.sending import GatewayCodes
from miaohui.tools.verifying.service import Verifying

if TYPE_CHECKING:
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings
    from miaohui.tickets.service import Tickets
    from miaohui.tools.connectors.types import Found
    from miaohui.tools.types import Order, Urgency
    from miaohui.tools.verifying.ports import Codes

_LETTER = (
    "您的验证码是 {code}，10 分钟内有效。请不要告诉任何人。\nYour code is {code}, good for 10 minutes. Tell nobody."
)


@dataclass(frozen=True, slots=True)
class Company:
    """Ways into the company's systems."""

    people: KnownPeople
    connectors: Connectors
    verifying: Verifying


async def build_company(
    settings: Settings, clock: Clock, database: Database, contacts: Contacts, stack: AsyncExitStack
) -> Company:
    """Connectors, read again when they change, and the check of who asks. Raises `Invalid`."""
    people = KnownPeople(database, contacts)
    seal = Seal(secret_of(settings), "connectors", secret_before_of(settings))
    connectors = Connectors(database, clock, people, seal, allow_private=settings.connector_private)
    verifying = Verifying(database, clock, connectors, build_codes(settings, stack), secret_of(settings))
    people.verifying = verifying
    await connectors.refresh()
    stack.push_async_callback(connectors.close)
    stack.push_async_callback(stop, spawn(connectors.run(), name="connectors"))
    return Company(people, connectors, verifying)


def build_codes(settings: Settings, stack: AsyncExitStack) -> Codes | None:
    """Over a gateway of the operator's, else by letter; None when neither is set up. Raises `Invalid`."""
    if settings.codes_url:
        fetcher = Fetcher(allow_private=True)  # to the server that the operator named
        stack.push_async_callback(fetcher.close)
        return GatewayCodes(fetcher, settings.codes_url, settings.codes_key.get_secret_value())
    mail = settings.codes_mail_url.get_secret_value()
    return MailCodes(mail, settings.codes_mail_from, allow_private=settings.mail_private) if mail else None


class MailCodes:
    """See `verifying.ports.Codes`. Over one mail server, such as `smtps://name:password@mail.example.com`."""

    def __init__(self, url: str, sender: str, *, allow_private: bool) -> None:
        """Raises `Invalid`."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or "@" not in sender:
            field = FieldError("codes_mail_url", "smtp:// or smtps://, with codes_mail_from an address")
            raise Invalid("The mail server for codes cannot be used.", errors=[field])
        tls = parts.scheme == "smtps"
        self._server = Server(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            safety="tls" if tls else "starttls",
        )
        self._sender = sender
        self._carrier = Carrier(allow_private=allow_private)

    def reaches(self, found: Found) -> str:
        """Letters go to e-mail addresses."""
        return found.email

    async def send(self, tenant_id: str, to: str, code: str) -> None:
        """One letter."""
        del tenant_id
        letter = EmailMessage()
        letter["From"], letter["To"] = self._sender, to
        letter["Subject"] = "验证码 / Your code"
        letter.set_content(_LETTER.format(code=code))
        await self._carrier.carry(self._server, letter)


class KnownPeople:
    """See `tools.ports.People`."""

    def __init__(self, database: Database, contacts: Contacts) -> None:
        self._conversations = ConversationsRepository(database)
        self._contacts = contacts
        self.verifying: Verifying | None = None
        """Asked where nobody vouched."""

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        """Empty for a visitor whom nobody vouched for, and who has not proved who they are."""
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is None:
            return ""
        vouched = await self.vouched(tenant_id, conversation.contact_id)
        if vouched or self.verifying is None:
            return vouched
        return await self.verifying.find_owner(tenant_id, conversation_id)

    async def vouched(self, tenant_id: str, contact_id: str) -> str:
        """The tenant's own id of a contact whom a signed token or the tenant's server vouched for; else empty."""
        try:
            contact = await self._contacts.access(tenant_id, contact_id)
        except NotFound:
            return ""
        return contact.external_id if contact.verified else ""


class BusinessRecords:
    """See `memory.ports.Business`: what the company's systems say of a contact who was vouched for."""

    def __init__(self, company: Company) -> None:
        self._people = company.people
        self._connectors = company.connectors

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[str, ...] | None:
        """Nothing, unless something is asked beforehand for such a question."""
        del contact_id
        return self._connectors.at_hand(tenant_id, question)

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> tuple[str, ...]:
        """Lines for the prompt."""
        return await self._connectors.recall(tenant_id, await self._people.vouched(tenant_id, contact_id), question)


class TicketDesk:
    """See `tools.ports.Desk`."""

    def __init__(self, tickets: Tickets, conversations: Conversations) -> None:
        self._tickets = tickets
        self._conversations = conversations

    async def open_ticket(self, order: Order, subject: str, description: str, urgency: Urgency) -> str:
        """In the name of the assistant."""
        conversation = await self._conversations.find(order.tenant_id, order.conversation_id)
        if conversation is None:
            raise ToolRefused("There is no such conversation.")
        opening = Opening(subject=subject, description=description, priority=urgency, conversation_id=conversation.id)
        return (await self._tickets.open_for_assistant(conversation, opening)).id
