"""A mailbox, and letters in and out."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Safety: TypeAlias = Literal["tls", "starttls", "none"]
"""`tls` from the first byte, `starttls` after a greeting, or none, for a server beside ours."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where letters are fetched or handed over."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    safety: Safety = "tls"

    def __repr__(self) -> str:
        return f"Server(host={self.host!r}, port={self.port})"


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mailbox as its company has set it up; sealed in the records."""

    inbox_id: str
    tenant_id: str
    address: str
    name: str = ""
    """Shown beside the address."""
    locale: Literal["zh-CN", "en"] = "zh-CN"
    imap: Server
    smtp: Server

    @property
    def public_id(self) -> str:
        """The address, in small letters."""
        return self.address.lower()


class File(msgspec.Struct, frozen=True, kw_only=True):
    """Something enclosed."""

    name: str
    type: str
    body: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that came."""

    id: str
    """Its Message-ID, or one made from its bytes."""
    sender: str
    """Address, in small letters."""
    name: str = ""
    subject: str = ""
    text: str = ""
    """What is new in it: without quotations and signatures."""
    references: tuple[str, ...] = ()
    """What it answers, the nearest last."""
    automatic: bool = False
    """Nobody wrote it: an absence note, a list, a failure report. Answering it would begin a loop."""
    files: tuple[File, ...] = ()
