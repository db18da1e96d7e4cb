"""What the doctor looks at beyond this machine: records, Redis, provider, and the address for visitors."""

from __future__ import annotations

import asyncio
import difflib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from miaohui.cli.doctor_ground import SKEW_S, Seen
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import MiaohuiError, Unavailable
from miaohui.kit.telemetry import mask

if TYPE_CHECKING:
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings

WAIT_S = 5.0
_LOOKED_THROUGH_BYTES = 2 << 30
"""A larger file is not read through: that takes minutes, and an unclean stop makes the server do it anyway."""
_VERSIONS = "alembic_version"
_RESTORE = "miaohui restore FILE --replace, from the last backup."
LOOPBACK = ("127.0.0.1", "::1", "localhost")


async def check_database(settings: Settings) -> Seen:
    """Opens, and has tables that this version can use."""
    from miaohui.kit.records import is_mariadb, open_database, sqlite_file

    file = sqlite_file(settings.records_url)
    if file is not None and not file.exists():
        return "ok", "SQLite, will be made at the first start", ""
    if file is not None and (damage := await _damage(file)):
        return "wrong", damage, _RESTORE
    try:
        database = await open_database(settings.records_url, clock=SystemClock(), data_dir=settings.data)
    except MiaohuiError as error:
        if error.code == "data_in_use":
            return "ok", "SQLite, in use by a running server", ""
        return "wrong", _why(error), _mend_database(error, sqlite=file is not None)
    maria = is_mariadb(settings.records_url)
    name = "SQLite" if file else "MariaDB" if maria else "PostgreSQL"
    try:
        seen = await _check_tables(database, name)
        return seen if file or seen[0] == "wrong" else await _check_server(database, seen, mariadb=maria)
    finally:
        await database.close()


async def _damage(file: Path) -> str:
    """What SQLite itself finds wrong with a file that is not too large to look through now; empty for nothing."""
    from miaohui.kit.copies import check_sqlite

    def look() -> None:
        if file.stat().st_size <= _LOOKED_THROUGH_BYTES:
            check_sqlite(file)

    try:
        await asyncio.to_thread(look)
    except MiaohuiError as error:
        return error.detail
    return ""


def _why(error: MiaohuiError) -> str:
    """With what the server said, where that is the reason: words for visitors do not help an operator."""
    return f"it cannot be opened: {mask(str(error.__cause__))}" if error.__cause__ is not None else error.detail


def _mend_database(error: MiaohuiError, *, sqlite: bool) -> str:
    if error.code == "data_damaged":
        return _RESTORE
    if sqlite:
        return "See that the disk works."
    cause = error.__cause__
    said = str(cause).lower()
    if isinstance(cause, OSError | TimeoutError) or "connect" in said:
        return "See host and port in MIAOHUI_DATABASE_URL, that the server runs, and that it listens on that address."
    if "password" in said or "access denied" in said or "role" in said:
        return "See name and password in MIAOHUI_DATABASE_URL; % @ : / in them are written as %25 %40 %3A %2F."
    if "does not exist" in said or "unknown database" in said:
        return "CREATE DATABASE with that name, or mend the name in MIAOHUI_DATABASE_URL."
    return "See MIAOHUI_DATABASE_URL, and that the server lets this name in."


async def _check_server(database: Database, seen: Seen, *, mariadb: bool) -> Seen:
    """Whether what it commits stays, and its clock goes with ours."""
    from miaohui.kit.soundness import skew_s, weaknesses

    if weak := await weaknesses(database, mariadb=mariadb):
        says = f"{seen[1]}; {', '.join(weak)}: what was acked may be lost when its machine stops"
        return "wrong", says, "Set it back to the server's default in its configuration, and restart it."
    ahead_s = await skew_s(database, SystemClock())
    if abs(ahead_s) > SKEW_S:
        says = f"{seen[1]}; its clock is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine's"
        return "note", says, "Let both machines follow the same time server: times that people see come from here."
    return seen


async def _check_tables(database: Database, name: str) -> Seen:
    from miaohui.migrations import check_version

    try:
        await check_version(database)
    except Unavailable as error:
        return "note", f"{name}; {error.detail}", "miaohui migrate"
    except Exception as error:
        if _VERSIONS not in str(error):  # each driver has its own error for a table that is not there
            raise
        return "note", f"{name}, without tables", "miaohui migrate, or just start the server."
    return "ok", name, ""


async def check_redis(settings: Settings) -> Seen:
    """Answers, when one is named."""
    if not settings.redis_url:
        return "note", "not used: one process needs none", ""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        client = Redis.from_url(settings.redis_url, socket_connect_timeout=WAIT_S / 2)
    except ValueError as error:
        return "wrong", str(error), "MIAOHUI_REDIS_URL is redis://:password@host:6379/0, rediss://… or unix://…"
    try:
        await client.ping()
    except RedisError as error:
        return "wrong", mask(str(error)), _mend_redis(str(error).lower())
    finally:
        await client.aclose()
    return "ok", "answers", ""


def _mend_redis(said: str) -> str:
    if "auth" in said or "password" in said or "wrongpass" in said:
        return "See name and password in MIAOHUI_REDIS_URL: redis://name:password@host:6379/0."
    return "See MIAOHUI_REDIS_URL. Without it nothing is lost, but other processes hear late."


async def check_workers(settings: Settings) -> Seen:
    """Hear of each other."""
    if settings.workers == 1:
        return "ok", "one process", ""
    from miaohui.kit.records import sqlite_file

    missing = [
        name
        for name, given in (
            ("MIAOHUI_DATABASE_URL=postgresql://…", sqlite_file(settings.records_url) is None),
            ("MIAOHUI_REDIS_URL=redis://…", bool(settings.redis_url)),
        )
        if not given
    ]
    if missing:
        return "wrong", f"{settings.workers} processes cannot hear each other", f"Set {' and '.join(missing)}."
    return "ok", f"{settings.workers} processes", ""


async def check_engine(settings: Settings) -> Seen:
    """Can be reached, and takes the key."""
    if not settings.engine_url:
        return "note", "none by itself: answers come from the knowledge base, or from `miaohui engines` routes", ""
    from miaohui.kit.fetch import Ask, Fetcher

    url = urlsplit(settings.engine_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(WAIT_S / 2):
            _, writer = await asyncio.open_connection(url.hostname, port)
        writer.close()
    except (OSError, TimeoutError) as error:
        return "wrong", f"{url.hostname}:{port} cannot be reached: {error}", "See MIAOHUI_ENGINE_URL and the firewall."
    key = settings.engine_key.get_secret_value()
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        async with Fetcher(allow_private=True) as fetcher:
            answer = await fetcher.fetch(Ask(url=f"{settings.engine_url.rstrip('/')}/models", headers=headers))
    except MiaohuiError as error:
        return "note", f"{url.hostname}:{port} can be reached; it lists no models ({error.code})", ""
    seen = _judge_engine(answer.status, f"{url.hostname}:{port}", has_key=bool(key))
    return seen if seen[0] != "ok" else _judge_model(settings.engine_model, answer.body, seen)


def _judge_engine(status: int, place: str, *, has_key: bool) -> Seen:
    if status in {401, 403}:
        said = "refuses the key" if has_key else "wants a key"
        return "wrong", f"{place} {said} ({status})", "Set MIAOHUI_ENGINE_KEY to a key of that provider that holds."
    if status >= 500:
        return "note", f"{place} answers {status}", "See the provider's status page; answers fall back meanwhile."
    if status == 404:
        return "note", f"{place} can be reached; it lists no models", "Mostly the URL must end in /v1."
    return "ok", f"{place} answers", ""


def _judge_model(wanted: str, listed: bytes, seen: Seen) -> Seen:
    """Whether it has the model; who does not list any says nothing about that."""
    try:
        models = [str(one["id"]) for one in msgspec.json.decode(listed)["data"]]
    except (msgspec.DecodeError, KeyError, TypeError):
        return seen
    if not wanted:
        mend = f"Set MIAOHUI_ENGINE_MODEL, such as {models[0]}." if models else "Set MIAOHUI_ENGINE_MODEL."
        return "note", f"{seen[1]}, and no model is named", mend
    if models and wanted not in models:
        near = (difflib.get_close_matches(wanted, models, n=1) or models)[0]
        return (
            "note",
            f"{seen[1]}, and does not list {wanted}",
            f"See MIAOHUI_ENGINE_MODEL: it has {near}, for example.",
        )
    return seen


async def check_address(settings: Settings) -> Seen:
    """Is one that browsers trust."""
    url = settings.public_url
    if not url:
        if settings.host in LOOPBACK:
            return "note", "only this machine reaches it", "Set MIAOHUI_PUBLIC_URL and put nginx in front for others."
        return "note", "none given", "Set MIAOHUI_PUBLIC_URL, by which pages, links and channels find this server."
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return (
            "wrong",
            f"{url} is not an address",
            f"Set MIAOHUI_PUBLIC_URL to all of it: https://{parts.path or 'host'}.",
        )
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return (
            "wrong",
            f"{url} is not https",
            "Put nginx and a certificate in front: docs/how-to/put-nginx-in-front.md",
        )
    return "ok", url, ""
