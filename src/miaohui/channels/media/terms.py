"""Which files are taken, and how large. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from miaohui.channels.media.errors import unknown
from miaohui.channels.media.kinds import KINDS, Kind
from miaohui.channels.media.looking import recognise
from miaohui.kit.errors import TooLarge

PICTURE_BYTES = 5_242_880
_KB = 1_024


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation takes."""

    most_kb: Mapping[str, int]
    """By the name of the kind; one that is not named is not taken. Pictures always are."""
    visitor_bytes: int
    """All files together that one visitor may have here."""

    def judge(self, body: bytes) -> Kind:
        """What it is. Raises `FileRefused`, `TooLarge`."""
        kind = recognise(body)
        most = PICTURE_BYTES if kind.family == "picture" else self.most_kb.get(kind.name, 0) * _KB
        if not most:
            raise unknown()
        if len(body) > most:
            raise TooLarge(f"A file of this kind has at most {most // _KB} KB.", code="file_large")
        return kind

    def extensions(self) -> list[str]:
        """How files that are taken may be called, pictures aside."""
        return list(dict.fromkeys(one for name in KINDS if name in self.most_kb for one in KINDS[name].extensions))


EVERYTHING = Terms(
    most_kb={name: 20_480 for name, kind in KINDS.items() if kind.family != "picture"}, visitor_bytes=209_715_200
)
