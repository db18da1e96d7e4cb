"""The kinds of files that a conversation may hold. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

Family = Literal["picture", "audio", "video", "document"]


_FAMILIES: dict[str, Family] = {"image": "picture", "audio": "audio", "video": "video"}


class Kind(msgspec.Struct, frozen=True):
    """One kind, known by its bytes alone."""

    name: str
    type: str
    """As it is served."""
    extensions: tuple[str, ...]
    """How its names may end; a name that ends otherwise is given the first."""

    @property
    def family(self) -> Family:
        """How it is shown."""
        main = self.type.partition("/")[0]
        return (
            "picture" if main == "image" else "audio" if main == "audio" else "video" if main == "video" else "document"
        )


_OFFICE = "application/vnd.openxmlformats-officedocument."
_ALL = (
    Kind("jpeg", "image/jpeg", ("jpg", "jpeg")),
    Kind("png", "image/png", ("png",)),
    Kind("gif", "image/gif", ("gif",)),
    Kind("webp", "image/webp", ("webp",)),
    Kind("pdf", "application/pdf", ("pdf",)),
    Kind("docx", f"{_OFFICE}wordprocessingml.document", ("docx",)),
    Kind("xlsx", f"{_OFFICE}spreadsheetml.sheet", ("xlsx",)),
    Kind("pptx", f"{_OFFICE}presentationml.presentation", ("pptx",)),
    Kind("txt", "text/plain", ("txt", "log", "md", "csv")),
    Kind("csv", "text/csv", ("csv", "tsv", "txt")),
    Kind("zip", "application/zip", ("zip",)),
    Kind("mp3", "audio/mpeg", ("mp3",)),
    Kind("ogg", "audio/ogg", ("ogg", "oga", "opus")),
    Kind("m4a", "audio/mp4", ("m4a", "mp4")),
    Kind("amr", "audio/amr", ("amr",)),
    Kind("wav", "audio/wav", ("wav",)),
    Kind("mp4", "video/mp4", ("mp4", "m4v")),
    Kind("webm", "video/webm", ("webm",)),
)
KINDS = {one.name: one for one in _ALL}
PICTURES = frozenset(one.type for one in _ALL if one.family == "picture")
PLAYED = frozenset(one.type for one in _ALL if one.family in {"audio", "video"}) - {"audio/amr"}
"""By browsers, without help."""
_BY_TYPE = {one.type: one for one in _ALL}


def kind_of(media_type: str) -> Kind | None:
    """The kind that is served under a type."""
    return _BY_TYPE.get(media_type)
