"""`miaohui doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click
import msgspec

import miaohui
from miaohui.cli.output import Refused, as_json, print_json, run
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

State: TypeAlias = Literal["ok", "note", "wrong"]
MARKS: dict[State, str] = {"ok": "✓", "note": "–", "wrong": "✗"}

LOW_DISK_BYTES = 1 << 30
BEFORE_THIS_CODE_MS = 1_760_000_000_000
"""October 2025: a clock that shows an earlier day is not set."""
SKEW_S = 2.0
WAIT_S = 5.0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check saw."""

    name: str
    state: State
    says: str
    mend: str = ""


@click.command()
@click.option("--data", metavar="FOLDER", help="The data folder.")
@click.option("--database", "database_url", metavar="URL", help="A PostgreSQL database instead.")
@as_json
def doctor(*, as_json: bool, **chosen: str | None) -> None:
    """Check this installation. Exit code 1 when something is wrong; each line says how to mend it."""
    findings = run(_examine(chosen))
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.state]} {finding.name:<14} {finding.says}")
            if finding.mend:
                click.echo(f"  {'':<14} → {finding.mend}")
    if any(finding.state == "wrong" for finding in findings):
        raise SystemExit(1)


async def _examine(chosen: dict[str, str | None]) -> list[Finding]:
    from miaohui.settings.service import load

    try:
        settings = load(**{name: value for name, value in chosen.items() if value is not None})
    except (MiaohuiError, ValueError) as error:
        raise Refused(f"The settings do not hold: {getattr(error, 'detail', error)}") from error
    return [await _examined(check, settings) for check in CHECKS]


async def _examined(check: Check, settings: Settings) -> Finding:
    """A check that itself breaks is a finding too."""
    name = check.__name__.removeprefix("_check_").replace("_", " ")
    try:
        async with asyncio.timeout(WAIT_S):
            state, says, mend = await check(settings)
    except TimeoutError:
        state, says, mend = "wrong", f"no answer within {WAIT_S:.0f} s", "See that the address is right and reachable."
    except (MiaohuiError, OSError, ValueError) as error:
        state, says, mend = "wrong", str(error), ""
    return Finding(name=name, state=state, says=says, mend=mend)


Seen: TypeAlias = tuple[State, str, str]
Check: TypeAlias = Callable[["Settings"], Coroutine[Any, Any, Seen]]


async def _check_python(_settings: Settings) -> Seen:
    if sys.version_info.releaselevel != "final":
        return "note", platform.python_version(), "This is not a released Python; its faults will look like ours."
    return "ok", platform.python_version(), ""


async def _check_data_folder(settings: Settings) -> Seen:
    folder = settings.data
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not os.access(nearest, os.W_OK):
        return "wrong", f"{folder} cannot be written", f"chown it to the one who runs the server: {nearest}"
    return "ok", f"{folder.absolute()}" + ("" if folder.exists() else " (will be made)"), ""


async def _check_disk(settings: Settings) -> Seen:
    nearest = next(place for place in (settings.data, *settings.data.absolute().parents) if place.exists())
    free = shutil.disk_usage(nearest).free
    if free < LOW_DISK_BYTES:
        return "wrong", f"{free / 1e9:.1f} GB free", "Free some space: messages are refused when the disk is full."
    return "ok", f"{free / 1e9:.0f} GB free", ""


async def _check_clock(settings: Settings) -> Seen:
    now_ms = SystemClock().now_ms()
    if now_ms < BEFORE_THIS_CODE_MS:
        return "wrong", "the clock is not set", "Set the time, or let chrony or systemd-timesyncd do it."
    skew_s = await asyncio.to_thread(_disk_skew_s, settings.data, now_ms)
    if skew_s > SKEW_S:
        return "note", f"the disk's clock differs by {skew_s:.0f} s", "Let both machines follow the same time server."
    return "ok", "set", ""


def _disk_skew_s(folder: Path, now_ms: int) -> float:
    """How far the clock of the disk, which may be another machine's, is from ours."""
    with tempfile.NamedTemporaryFile(dir=folder if folder.is_dir() else None) as file:
        return abs(Path(file.name).stat().st_mtime - now_ms / 1000)


async def _check_secret(settings: Settings) -> Seen:
    file = settings.data / "secret"
    if settings.secret.get_secret_value():
        return "ok", "from MIAOHUI_SECRET", ""
    if not file.exists():
        return "ok", "will be made at the first start", ""
    if file.stat().st_mode & 0o077:
        return "wrong", f"{file} can be read by others", f"chmod 600 {file}"
    return "ok", f"{file}", ""


async def _check_database(settings: Settings) -> Seen:
    from miaohui.kit.records import open_database, sqlite_file

    file = sqlite_file(settings.records_url)
    if file is not None and not file.exists():
        return "ok", "SQLite, will be made at the first start", ""
    try:
        database = await open_database(settings.records_url, clock=SystemClock(), data_dir=settings.data)
    except MiaohuiError as error:
        if error.code == "data_in_use":
            return "ok", "SQLite, in use by a running server", ""
        return "wrong", error.detail, "See MIAOHUI_DATABASE_URL, and that the server lets this name in."
    await database.close()
    return "ok", "SQLite" if file else "PostgreSQL", ""


async def _check_redis(settings: Settings) -> Seen:
    if not settings.redis_url:
        return "note", "not used: one process needs none", ""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(settings.redis_url, socket_connect_timeout=WAIT_S / 2)
    try:
        await client.ping()
    except RedisError as error:
        return "wrong", str(error), "See MIAOHUI_REDIS_URL. Without it nothing is lost, but other processes hear late."
    finally:
        await client.aclose()
    return "ok", "answers", ""


async def _check_engine(settings: Settings) -> Seen:
    if not settings.engine_url:
        return "note", "none: answers are taken from the knowledge base word for word", ""
    from urllib.parse import urlsplit

    url = urlsplit(settings.engine_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        _, writer = await asyncio.open_connection(url.hostname, port)
    except OSError as error:
        return "wrong", f"{url.hostname}:{port} cannot be reached: {error}", "See MIAOHUI_ENGINE_URL and the firewall."
    writer.close()
    if not settings.engine_key.get_secret_value():
        return "note", f"{url.hostname}:{port} can be reached; no key is set", "Set MIAOHUI_ENGINE_KEY if it wants one."
    return "ok", f"{url.hostname}:{port} can be reached", ""


async def _check_web_pages(_settings: Settings) -> Seen:
    static = Path(miaohui.__file__).parent / "static"
    missing = [app for app in ("widget", "console") if not any((static / app).glob("*"))]
    if missing:
        return "wrong", f"{' and '.join(missing)} not built", "make web (an installed wheel carries them)"
    return "ok", "widget and console are there", ""


CHECKS: tuple[Check, ...] = (
    _check_python,
    _check_data_folder,
    _check_disk,
    _check_clock,
    _check_secret,
    _check_database,
    _check_redis,
    _check_engine,
    _check_web_pages,
)
