"""The file that `backup` writes: a packed tar archive, believed only after every part of it was checked.

`manifest.json` stands first and says what is in it, with hashes; then the records (`miaohui.db` of SQLite,
`miaohui.pgdump` of PostgreSQL, or `miaohui.sql` of MariaDB) and, as far as they are there, the secret and the files
that the settings name.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path

import msgspec

import miaohui
from miaohui.cli.output import Refused
from miaohui.kit.clock import SystemClock

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE = "miaohui.db"
POSTGRESQL = "miaohui.pgdump"
MARIADB = "miaohui.sql"
RECORDS = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL", MARIADB: "MariaDB"}
"""What they are of, by their name in the archive."""
BESIDE = {"words.txt": "words_file", "engines.toml": "engines_file"}
"""Files that settings name, by their name in the archive and, after restoring, in the data folder."""
CONFIG = "miaohui.toml"
KEPT = ("secret", "secret_before", "demo.json")
"""What else the data folder holds that cannot be made again."""
SMALL = (*KEPT, *BESIDE, CONFIG)
SMALL_BYTES = 64 << 20
"""No file but the records is larger."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself."""

    format: int
    version: str
    made_at_ms: int
    sha256: dict[str, str]


def pack(sources: dict[str, Path], archive: Path) -> Manifest:
    """Write `sources`, by their names in it, into a file that only its owner reads; on the disk when this returns."""
    manifest = Manifest(
        format=FORMAT,
        version=miaohui.__version__,
        made_at_ms=SystemClock().now_ms(),
        sha256={name: _hash(path) for name, path in sources.items()},
    )
    words = msgspec.json.format(msgspec.json.encode(manifest))
    descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3) as tar:
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode = len(words), 0o600
            tar.addfile(head, io.BytesIO(words))
            for name, path in sources.items():
                tar.add(path, name, recursive=False, filter=_nobodys)
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpack(file: Path, shop: Path) -> Manifest:
    """What is in the archive, each part checked, in the folder `shop`. Raises `Refused`."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            manifest = _manifest(tar, file)
            for member in tar:
                if member.name != MANIFEST:
                    _take(tar, member, manifest, shop)
    except (tarfile.TarError, OSError, EOFError, msgspec.MsgspecError) as error:
        raise Refused(f"{file} is not a whole backup of Miaohui: {error}") from error
    missing = [name for name in manifest.sha256 if not (shop / name).is_file()]
    if missing:
        raise Refused(f"{file} is not whole: {' '.join(missing)} is missing.")
    if not any(name in manifest.sha256 for name in RECORDS):
        raise Refused(f"{file} is not a backup of Miaohui: it holds no records.")
    return manifest


def _manifest(tar: tarfile.TarFile, file: Path) -> Manifest:
    first = tar.next()
    stream = tar.extractfile(first) if first and first.name == MANIFEST and first.size < SMALL_BYTES else None
    if stream is None:
        raise Refused(f"{file} is not a backup of Miaohui.")
    manifest = msgspec.json.decode(stream.read(), type=Manifest)
    if manifest.format != FORMAT:
        raise Refused(f"{file} was written by {manifest.version} in a form that this version does not know.")
    return manifest


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, shop: Path) -> None:
    known = member.isfile() and member.name in manifest.sha256
    fits = member.name in RECORDS or (member.name in SMALL and member.size < SMALL_BYTES)
    stream = tar.extractfile(member) if known and fits else None
    if stream is None:
        raise Refused(f"{member.name} is not part of a backup of Miaohui.")
    target = shop / member.name
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    if _hash(target) != manifest.sha256[member.name]:
        raise Refused(f"{member.name} in the backup is not what was put there: its hash is another.")
