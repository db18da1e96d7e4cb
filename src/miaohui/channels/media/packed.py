"""What a ZIP file is by its directory: an Office document, or an archive of harmless files. Nothing is unpacked."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from miaohui.channels.media import errors
from miaohui.channels.media.kinds import KINDS, Kind

MOST_ENTRIES = 5_000
_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_CONTENTS = "[Content_Types].xml"
_RUNS = frozenset(
    re.findall(
        r"\w+",
        "apk app appx bat bin chm cmd com cpl dll dmg elf exe gadget hta htm html jar js jse lnk mjs msc msi"
        " msp pif ps1 psm1 py reg scf scr sh svg sys url vb vbe vbs wasm wsc wsf wsh xhtml xht",
    )
)
"""Endings of what runs, or of what a browser shows."""
_LOCKED = 0x1


def look_into(body: bytes) -> Kind:
    """The kind. Raises `FileRefused`."""
    entries = _directory(body)
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & _LOCKED for entry in entries):
        raise errors.encrypted()
    if any(_leads_out(entry.filename) for entry in entries):
        raise errors.broken()
    if _CONTENTS in names:
        return _document(names)
    if any(_ending(name) in _RUNS for name in names) or "META-INF/MANIFEST.MF" in names:
        raise errors.active("An archive with programs or pages in it")
    return KINDS["zip"]


def _directory(body: bytes) -> list[zipfile.ZipInfo]:
    """What it says of itself, once it is known to be no more than can be read at once."""
    end = body.rfind(_END, max(len(body) - _END_BYTES - _LONGEST_COMMENT, 0))
    if end < 0 or end + _END_BYTES > len(body):
        raise errors.broken()
    (count,) = struct.unpack_from("<H", body, end + 10)
    if not count:
        raise errors.empty()
    if count > MOST_ENTRIES:
        raise errors.unknown()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, UnicodeDecodeError, RuntimeError, zlib.error, OSError):
        raise errors.broken() from None
    if len(entries) != count or min(entry.header_offset for entry in entries) != 0:
        raise errors.broken()
    return entries


def _document(names: set[str]) -> Kind:
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        raise errors.active("A document with macros")
    found = [kind for name, kind in _OFFICE.items() if name in names]
    if len(found) != 1:
        raise errors.unknown()
    return KINDS[found[0]]


def _leads_out(name: str) -> bool:
    """Whether it would be unpacked outside the folder that somebody chose."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or parts[0].endswith(":")


def _ending(name: str) -> str:
    return name.rstrip(". ").rpartition(".")[2].lower()
