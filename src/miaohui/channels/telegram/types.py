"""An account at Telegram, and what Telegram tells of it (https://core.telegram.org/bots/api)."""

from __future__ import annotations

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One account as its company has set it up; sealed in the records."""

    inbox_id: str
    tenant_id: str
    token: str
    """`123456:ABC…`, from @BotFather."""
    mark: str
    """Ours: Telegram puts it into the header of every call, and so proves itself."""

    @property
    def public_id(self) -> str:
        """Its number, the first part of the token."""
        return self.token.partition(":")[0]

    def __repr__(self) -> str:
        return f"Account(inbox_id={self.inbox_id!r}, public_id={self.public_id!r})"


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote."""

    id: int
    first_name: str = ""
    last_name: str = ""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was written; Telegram calls it a chat."""

    id: int
    type: str = ""
    """`private`, or a group of some kind, where we are silent."""


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """One size of a picture."""

    file_id: str
    file_size: int = 0


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A document, a voice message, a piece of music, a film, or a picture that moves."""

    file_id: str
    file_name: str = ""
    file_size: int = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True, rename={"room": "chat", "sender": "from"}):
    """A message."""

    room: Room
    sender: Sender | None = None
    text: str = ""
    caption: str = ""
    photo: tuple[Photo, ...] = ()
    document: Sent | None = None
    """Of a picture that moves, too."""
    voice: Sent | None = None
    audio: Sent | None = None
    video: Sent | None = None
    video_note: Sent | None = None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What one call tells; of every other kind of news there is only the number."""

    update_id: int
    message: Heard | None = None
