"""A customer-service account at WeCom, and what it tells (https://developer.work.weixin.qq.com/document/path/94670)."""

from __future__ import annotations

from typing import Literal

import msgspec

NEW, BY_API, QUEUED, SERVED, ENDED = range(5)
"""Who has a session at WeCom: nobody yet, we, nobody of WeCom's people yet, one of them, nobody any more."""


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One customer-service account as its company has set it up; sealed in the records."""

    inbox_id: str
    tenant_id: str
    corp_id: str
    open_kfid: str
    """`wk…`"""
    token: str
    """Shared with WeCom: signs what it calls us with."""
    aes_key: str
    previous_aes_key: str = ""
    """Still read while WeCom changes over."""
    secret: str
    """Of the app that may call the customer-service API."""
    welcome: str = ""
    """First words to who comes in, where WeCom allows them."""
    handoff: Literal["here", "wecom"] = "here"
    """Who serves after the assistant: agents in the console, or the company's own people in WeCom."""
    servicer: str = ""
    """With `wecom`: whom a session goes to; empty: into WeCom's queue."""
    since_ms: int = 0
    """What was said before is not answered: WeCom tells of three days at first."""

    @property
    def public_id(self) -> str:
        """WeCom's name of it."""
        return self.open_kfid

    def __repr__(self) -> str:
        return f"Account(inbox_id={self.inbox_id!r}, open_kfid={self.open_kfid!r})"


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Words."""

    content: str = ""


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, a voice message, a video or a file."""

    media_id: str = ""


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place."""

    latitude: float = 0.0
    longitude: float = 0.0
    name: str = ""
    address: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A page."""

    title: str = ""
    url: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened; which fields are there depends on `event_type`."""

    event_type: str = ""
    open_kfid: str = ""
    external_userid: str = ""
    welcome_code: str = ""
    fail_msgid: str = ""
    fail_type: int = 0
    change_type: int = 0
    new_servicer_userid: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A message or an event."""

    msgid: str
    msgtype: str
    open_kfid: str = ""
    external_userid: str = ""
    send_time: int = 0
    """Seconds."""
    origin: int = 0
    """3: who writes from WeChat, 4: WeCom itself, 5: one of the company's people in WeCom."""
    servicer_userid: str = ""
    text: Text = Text()
    image: Attached = Attached()
    voice: Attached = Attached()
    video: Attached = Attached()
    file: Attached = Attached()
    location: Location = Location()
    link: Link = Link()
    event: Event = Event()
