"""A file of a conversation, and what it may be."""

from __future__ import annotations

import re

import msgspec

PATH = "/v1/media/"
_NAMED = re.compile(r"\]\(/v1/media/(med_[0-9a-f]{32})\)")
_MAGIC = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


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
    """`pending`, `kept`, or `lost`."""
    attempts: int = 0
    type: str = ""
    body: bytes = b""
    created_at_ms: int = 0

    def __repr__(self) -> str:
        return f"Media(id={self.id!r}, state={self.state!r}, type={self.type!r})"


def sniff(body: bytes) -> str:
    """The media type by what the bytes are, whatever anybody says; empty for what is not taken."""
    for at, magic, kind in _MAGIC:
        if body[at : at + len(magic)] == magic:
            return kind
    return ""


def named_in(text: str) -> list[str]:
    """The ids of our files that words name, as `![what](address)` or `[what](address)`."""
    return _NAMED.findall(text) if "](" + PATH in text else []


def path_of(media_id: str) -> str:
    """Where it is shown."""
    return PATH + media_id


def id_of(url: str) -> str:
    """The id behind an address of ours; empty for every other."""
    return url.removeprefix(PATH) if url.startswith(PATH + "med_") else ""
