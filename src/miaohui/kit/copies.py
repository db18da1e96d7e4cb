"""Copies of the records, made while others write them; opened again, a copy is another history."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from miaohui.kit.errors import Invalid, MiaohuiError, Unavailable
from miaohui.kit.mariadb_words import parse_address
from miaohui.kit.meta import META
from miaohui.kit.telemetry import mask

_WAIT_S = 30.0
"""For a writer who holds the file, seconds."""
_QUIET = ("--no-psqlrc", "--tuples-only", "--no-align", "--quiet")
_PROGRAM_S = 6 * 3600.0
"""For a whole dump or its reading, seconds."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Write what is committed now into `target`, one file that is opened as another history.

    The whole copy is one read: writers go on meanwhile, and none of what they commit comes into half of it. Without its
    epoch the copy is given a new one at its first start, so that clients begin from a snapshot. Raises `Invalid` when
    `source` is not there, not a database, or damaged.
    """
    if not source.is_file():
        raise Invalid(f"{source} is not there: nothing was kept yet, or it is kept elsewhere.")
    try:
        with closing(sqlite3.connect(source, timeout=_WAIT_S)) as live, closing(sqlite3.connect(target)) as copy:
            live.execute("PRAGMA query_only=ON")
            live.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.execute(f"DELETE FROM {META.name}")  # noqa: S608  a table of ours
            copy.commit()
    except sqlite3.DatabaseError as error:
        raise Invalid(f"{source} could not be copied: {error}.") from error
    check_sqlite(target)


def check_sqlite(file: Path) -> None:
    """Raises `Invalid` when the file is not a whole database."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_S)) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Invalid(f"{file.name} is not a database: {error}.") from error
    if found != "ok":
        raise Invalid(f"{file.name} is damaged: {found}.")


def dump_postgres(url: str, target: Path) -> None:
    """Write a PostgreSQL database into `target` with `pg_dump`, without its epoch.

    Raises `Unavailable` when that program is not here or is older than the server, `Invalid` with its last words.
    """
    plan = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-table-data={META.name}")
    _run_for_postgres("pg_dump", url, (*plan, f"--file={target}"))


def load_postgres(url: str, source: Path) -> None:
    """Fill an empty PostgreSQL database from what `dump_postgres` wrote: all of it or nothing. Raises as that does."""
    asked = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    if _only_epoch(url, _run_for_postgres("psql", url, (*_QUIET, f"--command={asked}"))):
        _run_for_postgres("psql", url, (*_QUIET, f"--command=DROP TABLE {META.name}"))
    plan = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run_for_postgres("pg_restore", url, (*plan, str(source)))


def _only_epoch(url: str, said: str) -> bool:
    """Of the tables that are there: whether it is that of the epoch alone, left by who only looked whether it opens.

    Raises `Invalid` when others are.
    """
    found = said.splitlines()
    if others := [name for name in found if name != META.name]:
        database = urlsplit(url).path.removeprefix("/")
        more = f" and {len(others) - 1} more tables" if len(others) > 1 else ""
        raise Invalid(f"{database} is not empty: it holds {others[0]}{more}. Name an empty database.")
    return bool(found)


def dump_mariadb(url: str, target: Path) -> None:
    """Write a MariaDB database into `target` with `mariadb-dump`, without its epoch. Raises as `dump_postgres` does."""
    address = parse_address(url)
    name = address["database"]
    plan = (
        *("--single-transaction", "--quick", "--hex-blob", "--no-tablespaces", "--skip-add-drop-table"),
        *("--default-character-set=utf8mb4", f"--ignore-table-data={name}.{META.name}", f"--result-file={target}"),
    )
    _run_for_mariadb("mariadb-dump", address, (*plan, name))


def load_mariadb(url: str, source: Path) -> None:
    """Fill an empty MariaDB database from what `dump_mariadb` wrote: all of it or nothing. Raises as that does.

    DDL cannot be undone there. So a database that is not empty is not begun with (`Invalid`), and from one that was,
    all tables are taken out again when it fails half-way.
    """
    address = parse_address(url)
    if _only_epoch(url, _tables_of(address)):
        _take_out(address)
    try:
        with source.open("rb") as words:
            _run_for_mariadb("mariadb", address, ("--default-character-set=utf8mb4", address["database"]), words)
    except BaseException:
        _take_out(address)
        raise


def _tables_of(address: Mapping[str, Any]) -> str:
    asked = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
    plan = ("--batch", "--skip-column-names", "--default-character-set=utf8mb4", f"--execute={asked}")
    return _run_for_mariadb("mariadb", address, (*plan, address["database"]))


def _take_out(address: Mapping[str, Any]) -> None:
    try:
        for name in _tables_of(address).splitlines():
            quoted = name.replace("`", "``")
            said = f"SET foreign_key_checks = 0; DROP TABLE IF EXISTS `{quoted}`"
            _run_for_mariadb("mariadb", address, (f"--execute={said}", address["database"]))
    except MiaohuiError as error:
        left = f"What was restored up to there could not be taken out of {address['database']} again"
        raise Invalid(f"{left}; use another, empty one. {error.detail}") from error


def _run_for_mariadb(
    program: str, address: Mapping[str, Any], arguments: Sequence[str], words: IO[bytes] | None = None
) -> str:
    found = _find(program, "MariaDB")
    way = [f"--host={address['host']}", f"--port={address['port']}"] if "host" in address else []
    way += [f"--socket={address['unix_socket']}"] if "unix_socket" in address else []
    way += [f"--ssl-ca={address['ssl']['ca']}", "--ssl-verify-server-cert"] if "ssl" in address else []
    secret = {"MYSQL_PWD": address["password"]} if address["password"] else {}
    return _run([found, "--no-defaults", f"--user={address['user']}", *way, *arguments], secret, words)


def _run_for_postgres(program: str, url: str, arguments: Sequence[str]) -> str:
    found = _find(program, "PostgreSQL")
    plain, password = _without_password(url)
    return _run([found, f"--dbname={plain}", *arguments], {"PGPASSWORD": password} if password else {})


def _find(program: str, whose: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Unavailable(f"{program} is not here; install {whose}'s client programs.", code="no_program")
    return found


def _run(command: Sequence[str], secret: Mapping[str, str], words: IO[bytes] | None = None) -> str:
    """What it said."""
    name = Path(command[0]).name
    # In the environment, where other people of this machine do not see it.
    environment = os.environ | secret
    try:
        done = subprocess.run(  # noqa: S603  (a program of the database's, no shell)
            command, stdin=words, capture_output=True, text=True, env=environment, timeout=_PROGRAM_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Invalid(f"{name} did not come to an end.") from None
    if done.returncode:
        raise Invalid(f"{name} refused: {mask(done.stderr.strip()[-600:])}")
    return done.stdout


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if not parts.password:
        return url, ""
    name, _, place = parts.netloc.rpartition("@")
    plain = parts._replace(netloc=f"{name.partition(':')[0]}@{place}")
    return urlunsplit(plain), unquote(parts.password)
