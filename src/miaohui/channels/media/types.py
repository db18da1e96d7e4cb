"""A file of a conversation."""

from __future__ import annotations

import re

import msgspec

PATH = "/v1/media/"
_NAMED = re.compile(r"\]\(/v1/media/(med_[0-9a-f]{32})\)")


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """One file. Its id cannot be guessed: who has it may see the file."""

    id: str
    tenant_id: str
    inbox_id: str
    channel: str
    """Whose vendor holds it, while it is not here yet."""
    source: str
    """Where the vendor has it."""
    state: str = "pending"
    """`pending`, `coming` (while its parts are written), `kept`, or `lost`."""
    attempts: int = 0
    type: str = ""
    name: str = ""
    """Cleaned, and ending as its kind does once that is known."""
    sender_id: str = ""
    """The visitor who sent it from the widget; empty for everybody else."""
    digest: str = ""
    """SHA-256: the same file of one company is kept once."""
    size_bytes: int = 0
    body: bytes = b""
    """Only where it was asked for with its bytes."""
    created_at_ms: int = 0

    def __repr__(self) -> str:
        return f"Media(id={self.id!r}, state={self.state!r}, type={self.type!r})"


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a file is, and what they call it."""

    tenant_id: str
    inbox_id: str = ""
    contact_id: str = ""
    """Of a visitor, whose files together are bounded."""
    name: str = ""


def named_in(text: str) -> list[str]:
    """The ids of our files that words name, as `![what](address)` or `[what](address)`."""
    return _NAMED.findall(text) if "](" + PATH in text else []


def path_of(media_id: str) -> str:
    """Where it is shown."""
    return PATH + media_id


def mention(label: str, media_id: str, *, picture: bool = False) -> str:
    """A file as a message names it."""
    return f"{'!' if picture else ''}[{label}]({path_of(media_id)})"


def id_of(url: str) -> str:
    """The id behind an address of ours; empty for every other."""
    return url.removeprefix(PATH) if url.startswith(PATH + "med_") else ""
