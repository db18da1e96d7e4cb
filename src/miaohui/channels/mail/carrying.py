"""Handing letters over to a mail server."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from miaohui.channels.mail.sockets import TIMEOUT_S, MailFailed, connect
from miaohui.channels.mail.types import Server


class Carry(Protocol):
    """Who takes letters out of the house."""

    async def carry(self, server: Server, letter: EmailMessage) -> None:
        """Handed over when this returns. Raises `MailFailed`; its code `lost` says that nobody knows."""
        ...

    async def prove(self, server: Server) -> None:
        """Come in and leave. Raises `MailFailed`."""
        ...


class Carrier:
    """Over SMTP; only to servers outside this network, unless `allow_private`."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def carry(self, server: Server, letter: EmailMessage) -> None:
        """One connection for each letter."""
        await self._hand_over(await self._come_in(server), letter)

    async def prove(self, server: Server) -> None:
        """As far as a letter would begin."""
        client = await self._come_in(server)
        client.close()

    async def _come_in(self, server: Server) -> aiosmtplib.SMTP:
        opened = await asyncio.to_thread(connect, server, allow_private=self._allow_private)
        opened.setblocking(False)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=opened,
            use_tls=server.safety == "tls",
            start_tls=server.safety == "starttls",
            timeout=TIMEOUT_S,
        )
        try:
            await client.connect()
            if server.user:
                await client.login(server.user, server.password)
        except aiosmtplib.SMTPAuthenticationError:
            raise MailFailed("The mail server refuses this user.", code="refused") from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailFailed("The mail server could not be used.", code="unreachable") from None
        return client

    async def _hand_over(self, client: aiosmtplib.SMTP, letter: EmailMessage) -> None:
        try:
            await client.send_message(letter)
        except aiosmtplib.SMTPRecipientsRefused:
            raise MailFailed("The mail server knows no such reader.", code="no_reader") from None
        except aiosmtplib.SMTPResponseException as error:
            code = "busy" if 400 <= error.code < 500 else "rejected"
            raise MailFailed("The mail server does not take this letter.", code=code) from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailFailed("The connection was lost over the letter.", code="lost") from None
        finally:
            client.close()
