"""`miaohui backup` and `miaohui restore`: everything that cannot be made again, in one file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miaohui.cli.archive import (
    BESIDE,
    CONFIG,
    KEPT,
    MARIADB,
    POSTGRESQL,
    RECORDS,
    SMALL,
    SQLITE,
    Manifest,
    pack,
    unpack,
)
from miaohui.cli.output import Refused, as_json, print_facts
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", metavar="FOLDER", help="The data folder.")
@click.option("--database", "database_url", metavar="URL", help="Where the records are, when not in the data folder.")
@as_json
def backup(*, file: Path, as_json: bool, **chosen: str | None) -> None:
    """Write everything into FILE, also while the server runs. FILE holds secrets: keep it as you keep those."""
    settings, database = _settings(chosen)
    if file.exists():
        raise Refused(f"{file} is there already; a backup is never written over another.")
    sources = _sources(settings)
    with _workshop(file.parent) as shop, _told():
        records = _copy(settings, database, shop)
        manifest = pack({records.name: records, **sources}, shop / "archive")
        _publish(shop / "archive", file)
    facts: dict[str, object] = {"file": str(file), "bytes": file.stat().st_size, "holds": " ".join(manifest.sha256)}
    if settings.secret.get_secret_value():
        facts["not in it"] = "MIAOHUI_SECRET, which is set from outside: keep it too"
    print_facts(facts, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--data", metavar="FOLDER", help="The data folder, best a new one.")
@click.option("--database", "database_url", metavar="URL", help="Where the records shall be, when not in there.")
@click.option("--replace", is_flag=True, help="Move what is in the data folder aside first.")
@as_json
def restore(*, file: Path, replace: bool, as_json: bool, **chosen: str | None) -> None:
    """Put back what `backup` wrote into FILE. The server must not run; clients will begin from a snapshot.

    A database on a server must be empty, and is filled whole or not at all.
    """
    settings, database = _settings(chosen)
    with _only_here(settings.data), _workshop(settings.data) as shop, _told():
        manifest = unpack(file, shop)
        _check(manifest, shop, _kind(settings, database))
        aside = _make_room(settings.data, database, replace=replace)
        _put_back(manifest, shop, settings, database)
    facts: dict[str, object] = {"data": str(settings.data), "version": manifest.version}
    facts["restored"] = " ".join(manifest.sha256)
    facts |= {"former files": str(aside)} if aside else {}
    print_facts(facts | _to_set(settings, manifest) | {"start it": _start(settings, database)}, as_json=as_json)


def _settings(chosen: dict[str, str | None]) -> tuple[Settings, Path | None]:
    """The settings, and the SQLite file; None when the records are on a server."""
    from miaohui.kit.records import sqlite_file
    from miaohui.settings.service import load

    with _told():
        settings = load(**{name: value for name, value in chosen.items() if value is not None})
        return settings, sqlite_file(settings.records_url)


@contextmanager
def _told() -> Iterator[None]:
    """An error of our tree is one line."""
    try:
        yield
    except MiaohuiError as error:
        raise Refused(error.detail) from error


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder beside the place where the result goes, so that putting it there is one step; closed to others."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".miaohui-") as made:
            yield Path(made)
    except OSError as error:
        raise Refused(f"{folder} cannot be used: {error.strerror or error}.") from error


# Writing


def _sources(settings: Settings) -> dict[str, Path]:
    """The small files that are there, by their name in the archive."""
    from miaohui.settings.types import ConfigFile

    named = {name: getattr(settings, field) for name, field in BESIDE.items()} | {CONFIG: ConfigFile().config}
    kept = {name: settings.data / name for name in KEPT}
    for name, path in named.items():
        if path is not None and not path.is_file():
            raise Refused(f"{path}, which the settings name, is not there ({name}).")
    return {name: path for name, path in (kept | named).items() if path is not None and path.is_file()}


def _copy(settings: Settings, database: Path | None, shop: Path) -> Path:
    from miaohui.kit import copies

    target = shop / _kind(settings, database)
    if target.name == POSTGRESQL:
        copies.dump_postgres(settings.records_url, target)
    elif target.name == MARIADB:
        copies.dump_mariadb(settings.records_url, target)
    else:
        copies.copy_sqlite(database or Path(), target)
    return target


def _kind(settings: Settings, database: Path | None) -> str:
    """What the records are called in an archive."""
    from miaohui.kit.records import is_mariadb

    if database is not None:
        return SQLITE
    return MARIADB if is_mariadb(settings.records_url) else POSTGRESQL


def _publish(archive: Path, file: Path) -> None:
    try:
        os.link(archive, file)  # unlike a rename it refuses to write over what came there meanwhile
    except FileExistsError:
        raise Refused(f"{file} is there already; a backup is never written over another.") from None


# Reading


@contextmanager
def _only_here(data: Path) -> Iterator[None]:
    """The data folder is nobody else's until this ends."""
    from miaohui.kit.locks import lock_file

    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a+", encoding="ascii") as lock:
        try:
            lock_file(lock)
        except OSError:
            raise Refused(f"{data} is in use by a running server; stop it first.") from None
        yield


def _check(manifest: Manifest, shop: Path, wanted: str) -> None:
    from miaohui.kit.copies import check_sqlite

    held = next(name for name in RECORDS if name in manifest.sha256)
    if held == SQLITE != wanted:
        named = RECORDS[wanted]
        raise Refused(f"The backup is of SQLite, and the settings name {named}: leave MIAOHUI_DATABASE_URL empty.")
    if held != wanted:
        of = RECORDS[held]
        raise Refused(f"The backup is of {of}: name an empty database with --database or MIAOHUI_DATABASE_URL.")
    if wanted == SQLITE:
        check_sqlite(shop / SQLITE)


def _make_room(data: Path, database: Path | None, *, replace: bool) -> Path | None:
    """Move aside what would be in the way, and what was made from it. Nothing is deleted."""
    records = [] if database is None else [Path(f"{database}{end}") for end in ("", "-wal", "-shm", ".running")]
    there = [path for path in (*records, *(data / name for name in (*SMALL, "knowledge"))) if path.exists()]
    if not there:
        return None
    if not replace:
        raise Refused(f"{there[0]} is there already. Choose a new folder with --data, or move it aside with --replace.")
    aside = data / f"before-restore-{SystemClock().now_ms()}"
    aside.mkdir(mode=0o700)
    for path in there:
        shutil.move(path, aside / path.name)
    return aside


def _put_back(manifest: Manifest, shop: Path, settings: Settings, database: Path | None) -> None:
    from miaohui.kit import copies

    if database is None and MARIADB in manifest.sha256:
        copies.load_mariadb(settings.records_url, shop / MARIADB)
    elif database is None:
        copies.load_postgres(settings.records_url, shop / POSTGRESQL)
    else:
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(shop / SQLITE, database)
    for name in SMALL:
        if name in manifest.sha256:
            shutil.move(shop / name, settings.data / name)


def _start(settings: Settings, database: Path | None) -> str:
    """Options win over a restored configuration, which still names the former folder."""
    records = " --database …, as given here" if database is None else ""
    return f"miaohui serve --data {settings.data.absolute()}{records}"


def _to_set(settings: Settings, manifest: Manifest) -> dict[str, object]:
    """Settings that must now name the restored files."""
    fields = BESIDE | {CONFIG: "config"}
    return {
        f"set MIAOHUI_{field.upper()}": str(settings.data / name)
        for name, field in fields.items()
        if name in manifest.sha256
    }
