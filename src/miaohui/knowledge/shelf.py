"""Built indexes in files beside the data, so that a start reads instead of building.

A file is only ever replaced whole and holds nothing that the records do not: when one is missing, damaged or foreign,
it is built again. One per tenant; older versions are removed.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

from miaohui.kit.telemetry import get_log
from miaohui.knowledge.image import DIGEST_BYTES, MAGIC, ForeignImage, pack, read_stamp, unpack
from miaohui.knowledge.index import Index
from miaohui.knowledge.types import Stamp

SUFFIX = ".index"
_log = get_log(__name__)


class Shelf:
    """The folder of one node; its processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, stamp: Stamp, *, just_made: bool = False) -> Index | None:
        """The index of this publication, read where it lies; None when it must be built. Not for the event loop.

        One that is `just_made` by us is not read over to see whether it is whole.
        """
        try:
            return _open(self._place(stamp), stamp, check=not just_made)
        except FileNotFoundError:
            return None
        except (OSError, ForeignImage) as error:
            _log.warning("knowledge.index_ignored", tenant_id=stamp.tenant_id, version=stamp.version, reason=str(error))
            return None

    def before(self, stamp: Stamp) -> Stamp | None:
        """The newest older publication of this tenant of which there is a file that can be read."""
        for file in sorted(self._list(), key=_version_of, reverse=True):
            if _name_of(file) == _name(stamp.tenant_id) and 0 < _version_of(file) < stamp.version:
                try:
                    return _look(file)
                except (OSError, ForeignImage):
                    continue
        return None

    def put(self, index: Index, stamp: Stamp) -> None:
        """Keep an index for the next start, in place of the tenant's older ones. Raises `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._place(stamp)
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                draft.chmod(0o600)
                file.writelines(pack(index, stamp))
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        self._remove(
            file for file in self._list() if _name_of(file) == _name(stamp.tenant_id) and _is_older(file, stamp)
        )

    def keep_only(self, tenant_ids: Iterable[str]) -> None:
        """Remove the files of tenants that have no knowledge any more, and drafts whose writers died."""
        kept = {_name(tenant_id) for tenant_id in tenant_ids}
        self._remove(file for file in self._list() if _name_of(file) not in kept)
        self._remove(file for file in self._folder.glob(f"*{SUFFIX}.*") if not _is_alive(file.suffix[1:]))

    def forget(self, tenant_id: str) -> None:
        """Remove a tenant's files, unfinished ones too."""
        self._remove(self._folder.glob(f"{_name(tenant_id)}-*"))

    def _list(self) -> list[Path]:
        return list(self._folder.glob(f"*-*{SUFFIX}"))

    def _place(self, stamp: Stamp) -> Path:
        return self._folder / f"{_name(stamp.tenant_id)}-{stamp.version}{SUFFIX}"

    def _remove(self, files: Iterable[Path]) -> None:
        for file in files:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("knowledge.index_not_removed", file=file.name, reason=error.strerror)


def _open(place: Path, stamp: Stamp, *, check: bool) -> Index:
    """Checked through a read, not through the mapping: pages that only the check needs are not the process's."""
    with place.open("rb") as file:
        head = file.read(len(MAGIC) + DIGEST_BYTES)
        if check and hashlib.file_digest(file, "sha256").digest() != head[len(MAGIC) :]:
            raise ForeignImage("its checksum is wrong")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return unpack(memoryview(mapped), stamp)


def _look(place: Path) -> Stamp:
    """What a file says that it is; whether it is whole is not known."""
    with (
        place.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as image,
    ):
        return read_stamp(image)


def _name(tenant_id: str) -> str:
    """An id of ours is a name of a file; anything else becomes one."""
    if tenant_id.replace("_", "").isalnum() and tenant_id.isascii():
        return tenant_id
    return hashlib.sha256(tenant_id.encode()).hexdigest()


def _name_of(file: Path) -> str:
    return file.stem.rpartition("-")[0]


def _is_older(file: Path, stamp: Stamp) -> bool:
    return _version_of(file) < stamp.version


def _version_of(file: Path) -> int:
    version = file.stem.rpartition("-")[2]
    return int(version) if version.isdecimal() else 0


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        pass  # it is there, and another's
    return True
