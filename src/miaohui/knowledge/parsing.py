"""Documents into Markdown, in a process that has nothing to lose: no settings, no network, little memory, little time.

Run as a program: a `Document` in MessagePack on standard input, `Parsed` on standard output. What reads a document
unpacks archives and parses formats that anybody may have made; whatever it does, the server goes on.
"""

from __future__ import annotations

import io
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from miaohui.knowledge.parsed import Document, Parsed, Unparsable

MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_RATIO = 200
"""So many times its packed size may an archive unpack to; beyond it is a bomb."""
MOST_ENTRIES = 2_000
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 30
_PIECE = 65_536


def main() -> None:
    """Read, answer, end."""
    _limit()
    document = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Document)
    sys.stdout.buffer.write(msgspec.msgpack.encode(parse(document)))


def parse(document: Document) -> Parsed:
    """By the kind of document. Whatever a parser raises becomes a `problem`."""
    try:
        return _parse(document)
    except Unparsable as problem:
        return Parsed(problem=str(problem))
    except MemoryError:
        return Parsed(problem="takes too much memory to read")
    except RecursionError:
        return Parsed(problem="is nested too deeply to read")
    except Exception as error:  # noqa: BLE001  (the libraries raise whatever their parsers do)
        return Parsed(problem=f"is damaged, or not what its name says ({type(error).__name__})")


def _parse(document: Document) -> Parsed:
    # Each library is a fifth of a second and loaded under the limits, for those who need it.
    match document.suffix:
        case ".xlsx":
            check_archive(document.content)
            from miaohui.knowledge.parsing_sheets import read_rows  # noqa: PLC0415

            return Parsed(rows=read_rows(document.content))
        case ".docx":
            check_archive(document.content)
            from miaohui.knowledge.parsing_docx import read_docx  # noqa: PLC0415

            return read_docx(document.content)
        case ".pdf":
            from miaohui.knowledge.parsing_pdf import read_pdf  # noqa: PLC0415

            return read_pdf(document.content)
        case ".html" | ".htm":
            from miaohui.knowledge.parsing_html import read_html  # noqa: PLC0415

            return read_html(document.content)
        case ".zip":
            return Parsed(members=list(read_archive(document.content)))
        case other:
            raise Unparsable(f"is of a kind that is not read: {other}")


def check_archive(content: bytes) -> None:
    """Count while unpacking: what an archive says of its own size is not believed. Raises `Unparsable`."""
    for _ in _unpack(content):
        pass


def read_archive(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in it that stand where they say: no path out of it, no link, no archive inside. Raises `Unparsable`."""
    for entry, body in _unpack(content):
        if _is_safe(entry) and body:
            yield entry.filename, body


def _unpack(content: bytes) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    most = min(MOST_UNPACKED_BYTES, max(len(content) * MOST_RATIO, 1_000_000))
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise Unparsable(f"is an archive of more than {MOST_ENTRIES} entries")
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Unparsable("is locked with a password")
            body = bytearray()
            with archive.open(entry) as stream:
                while piece := stream.read(_PIECE):
                    unpacked += len(piece)
                    if unpacked > most:
                        raise Unparsable(f"unpacks to more than {most // 1024 // 1024} MB")
                    body += piece
            yield entry, bytes(body)


def _is_safe(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    path = PurePosixPath(name)
    odd = "\\" in name or "\0" in name or ":" in name or path.is_absolute() or ".." in path.parts
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    linked = stat.S_ISLNK(entry.external_attr >> 16)
    return not (odd or hidden or linked or entry.is_dir() or path.suffix.lower() == ".zip")


def _limit() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  (not there on Windows, where only the parent's deadline holds)

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
