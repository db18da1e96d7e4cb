"""An Official Account, and what WeChat tells of its followers."""

from __future__ import annotations

from typing import Literal

import msgspec

Mode = Literal["plain", "compatible", "encrypted"]


class MenuItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A button under the conversation: it opens `url`, or asks `question`, or holds up to five others."""

    name: str
    question: str = ""
    url: str = ""
    items: tuple[MenuItem, ...] = ()


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One Official Account as its company has set it up; sealed in the records."""

    inbox_id: str
    tenant_id: str
    app_id: str
    original_id: str = ""
    """`gh_…`: to whom followers write; empty takes any."""
    mode: Mode = "encrypted"
    token: str
    """Shared with WeChat: signs what it calls us with."""
    aes_key: str = ""
    """43 characters; not for plain mode."""
    previous_aes_key: str = ""
    """Still read while WeChat changes over."""
    app_secret: str = ""
    can_send: bool = True
    """Whether the account has the customer-service message API."""
    welcome: str = ""
    """First words to who follows."""
    menu: tuple[MenuItem, ...] = ()

    @property
    def public_id(self) -> str:
        """WeChat's name of it."""
        return self.app_id

    def __repr__(self) -> str:
        return f"Account(inbox_id={self.inbox_id!r}, app_id={self.app_id!r})"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat writes into the address; every name at most once."""

    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    encrypt_type: str = ""
    echostr: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A message or an event."""

    to: str
    sender: str
    """The follower's OpenID within this account."""
    at_s: int = 0
    kind: str = ""
    """`text`, `image`, `voice`, `video`, `shortvideo`, `location`, `link`, `event`, or something newer."""
    message_id: str = ""
    text: str = ""
    """Content, or what was recognised in a voice message."""
    media_id: str = ""
    media_url: str = ""
    title: str = ""
    url: str = ""
    place: str = ""
    event: str = ""
    """In lower case: `subscribe`, `unsubscribe`, `scan`, `click`, `view`, …"""
    event_key: str = ""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A decrypted body, and which key opened it: the answer is locked with the same one."""

    body: bytes
    key: str = ""
    """Empty when it was not encrypted."""
