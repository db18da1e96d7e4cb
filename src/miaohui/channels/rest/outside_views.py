"""What REST answers with about doors of others' make. Encoded by msgspec, as `views` says."""

from __future__ import annotations

import msgspec

from miaohui.channels.media.kinds import kind_of
from miaohui.channels.media.types import Media, mention, path_of


class WeChatView(msgspec.Struct, frozen=True, kw_only=True):
    """An Official Account, without its secrets."""

    inbox_id: str
    app_id: str
    original_id: str
    mode: str
    can_send: bool
    welcome: str
    callback: str
    """The path to enter at WeChat, after this server's address."""
    app_secret_hint: str
    """Its last four characters."""


class MenuItemView(msgspec.Struct, frozen=True, kw_only=True):
    """A button below another."""

    name: str
    question: str
    url: str


class MenuButtonView(MenuItemView, frozen=True, kw_only=True):
    """A button under the conversation."""

    items: list[MenuItemView]


class WeChatMenuView(msgspec.Struct, frozen=True):
    """The menu of an Official Account."""

    buttons: list[MenuButtonView]


class PictureView(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was taken in."""

    id: str
    url: str
    """Its path on this server; in a message as `![what it shows](url)`."""
    type: str


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken in."""

    id: str
    url: str
    """Its path on this server."""
    type: str
    """As it is served."""
    kind: str
    """`pdf`, `docx`, `mp3`, `png`, …"""
    name: str
    """Cleaned, and ending as its kind does."""
    bytes: int
    text: str
    """How a message names it: `[name](url)`, a picture as `![name](url)`."""


def file(media: Media) -> FileView:
    """One that is kept."""
    kind = kind_of(media.type)
    return FileView(
        id=media.id,
        url=path_of(media.id),
        type=media.type,
        kind=kind.name if kind else "",
        name=media.name,
        bytes=media.size_bytes,
        text=mention(media.name, media.id, picture=kind is not None and kind.family == "picture"),
    )


class SendingView(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message on its way out."""

    seq: int
    """Of the message."""
    part: int
    """0 for the first."""
    state: str
    """`sending`, `sent`, `waiting` (for a quota, or their next word), `undeliverable`, or `uncertain`."""
    detail: str
    """The channel's own code."""
    at: str


class SendingList(msgspec.Struct, frozen=True):
    """Parts, the last first."""

    data: list[SendingView]


class WeComView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer-service account at WeCom, without its secrets."""

    inbox_id: str
    corp_id: str
    open_kfid: str
    welcome: str
    handoff: str
    servicer: str
    callback: str
    """The path to enter at WeCom, after this server's address."""
    secret_hint: str
    """Its last four characters."""


class TelegramView(msgspec.Struct, frozen=True, kw_only=True):
    """An account at Telegram, without its token."""

    inbox_id: str
    number: str
    """Telegram's own number of the account."""
    callback: str
    """Where Telegram calls this server."""


class RobotView(msgspec.Struct, frozen=True, kw_only=True):
    """A robot in a group, without its address."""

    id: str
    kind: str
    name: str
    codes: list[str]
    """None: all."""
    locale: str
    signed: bool
    last_error: str
    """Why it was not heard the last time; empty when it was."""
    created_at: str


class RobotList(msgspec.Struct, frozen=True):
    """All robots of the tenant."""

    data: list[RobotView]


class RobotTried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test."""

    told: bool
    error: str
    """`timeout`, `not_public`, `http_404`, `code_310000`, `too_many`, …"""


class MailServerView(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server, without its password."""

    host: str
    port: int
    user: str
    safety: str
    has_password: bool


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox, without its passwords."""

    inbox_id: str
    address: str
    name: str
    locale: str
    imap_host: str
    smtp_host: str
    imap: MailServerView
    smtp: MailServerView


class DoorView(msgspec.Struct, frozen=True, kw_only=True):
    """How a door of others' make stands."""

    set_up: bool
    """Whether it has an account at its vendor."""
    heard_at: str | None
    """The last word that came in; null: none yet."""
    sent_at: str | None
    """The last one that went out."""
    failed_at: str | None
    failure: str
    """State of the last part that did not go out, and the channel's own code; empty when there was none."""


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not work."""

    part: str
    """`account`, `receive` or `send`."""
    code: str
    detail: str
    """The vendor's own words."""


class DoorTried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test."""

    works: bool
    findings: list[FindingView]
