"""Copies of the records, made while others write them; opened again, a copy is another history."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from miaohui.kit.errors import Invalid, Unavailable
from miaohui.kit.meta import META
from miaohui.kit.telemetry import mask

_WAIT_S = 30.0
"""For a writer who holds the file, seconds."""
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
    _run("pg_dump", url, (*plan, f"--file={target}"))


def load_postgres(url: str, source: Path) -> None:
    """Fill an empty PostgreSQL database from what `dump_postgres` wrote: all of it or nothing. Raises as that does."""
    plan = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", url, (*plan, str(source)))


def _run(program: str, url: str, arguments: Sequence[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise Unavailable(f"{program} is not here; install PostgreSQL's client programs.", code="no_program")
    plain, password = _without_password(url)
    # In the environment, where other people of this machine do not see it.
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    command = [found, f"--dbname={plain}", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=_PROGRAM_S, check=False)  # noqa: S603  (a program of PostgreSQL's, no shell)
    except subprocess.TimeoutExpired:
        raise Invalid(f"{program} did not come to an end.") from None
    if done.returncode:
        raise Invalid(f"{program} refused: {mask(done.stderr.strip()[-600:])}")


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if not parts.password:
        return url, ""
    name, _, place = parts.netloc.rpartition("@")
    plain = parts._replace(netloc=f"{name.partition(':')[0]}@{place}")
    return urlunsplit(plain), unquote(parts.password)
