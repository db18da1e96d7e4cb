"""What a file is: by its bytes, never by its name or by what anybody says of it. Pure.

This is no scanner for viruses: it lets in what the kinds look like, and keeps out what runs where it is opened, what
nobody could look into, and what is not what it says.
"""

from __future__ import annotations

import re

from miaohui.channels.media import errors
from miaohui.channels.media.kinds import KINDS, Kind
from miaohui.channels.media.packed import look_into
from miaohui.channels.media.written import look_at_text

_HEAD = 4_096
_TAIL = 2_048
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A "})
_VIDEO_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV", b"3gp4"}
)
_HANDLER = re.compile(rb"hdlr.{8}(vide|soun)", re.DOTALL)
_CODECS_OF_OGG = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\x00asm",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a shortcut of Windows
    b"ITSF",  # compiled help, which runs scripts
    b"MSCF",
    b"dex\n",
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Office before 2007, installers, and documents of today that are locked."""
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_LOCKS = re.compile(rb"/Encrypt(?![A-Za-z])")


def recognise(body: bytes) -> Kind:
    """The kind. Raises `FileRefused`, with a sentence for who sends it."""
    if not body:
        raise errors.empty()
    kind = _picture(body) or _sound(body) or _film(body)
    if kind:
        return KINDS[kind]
    if body.startswith(b"%PDF-"):
        return _pdf(body)
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return look_into(body)
    if body.startswith(_COMPOUND):
        raise errors.encrypted() if _LOCKED in body[:1_048_576] else errors.active("An Office file of before 2007")
    if body.startswith(_PROGRAMS):
        raise errors.active("A program")
    return look_at_text(body)


def _picture(body: bytes) -> str:
    if body.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body.startswith(b"GIF8"):
        return "gif"
    return "webp" if body.startswith(b"RIFF") and body[8:12] == b"WEBP" else ""


def _sound(body: bytes) -> str:
    if body.startswith((b"#!AMR\n", b"#!AMR-WB\n", b"#!AMR")) and not body[5:6].isalnum():
        return "amr"
    if body.startswith(b"RIFF") and body[8:12] == b"WAVE":
        return "wav"
    if body.startswith(b"OggS"):
        if not any(codec in body[:200] for codec in _CODECS_OF_OGG):
            raise errors.unknown()
        return "ogg"
    return "mp3" if body.startswith(b"ID3") or _is_frame(body[:4]) else ""


def _is_frame(head: bytes) -> bool:
    """Of MPEG audio, layer III: synchronised, and of a version, bit rate and sampling rate that there is."""
    return (
        len(head) == 4
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08
        and 0 < head[2] >> 4 < 15
        and head[2] & 0x0C != 0x0C
    )


def _film(body: bytes) -> str:
    if body[4:8] == b"ftyp":
        brand = body[8:12]
        if brand in _AUDIO_BRANDS:
            return "m4a"
        if brand not in _VIDEO_BRANDS:
            raise errors.unknown()
        handlers = set(_HANDLER.findall(body))
        return "m4a" if handlers == {b"soun"} else "mp4"
    if body.startswith(b"\x1a\x45\xdf\xa3"):
        if b"webm" not in body[:64]:
            raise errors.unknown()
        return "webm"
    return ""


def _pdf(body: bytes) -> Kind:
    if b"%%EOF" not in body[-_TAIL:]:
        raise errors.broken()
    if _LOCKS.search(body):
        raise errors.encrypted()
    return KINDS["pdf"]
