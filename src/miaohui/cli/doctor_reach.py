"""What the doctor looks at beyond this machine: records, Redis, provider, and the address for visitors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from miaohui.cli.doctor_ground import Seen
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import MiaohuiError, Unavailable

if TYPE_CHECKING:
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings

WAIT_S = 5.0
_RESTORE = "miaohui restore FILE --replace, from the last backup."
LOOPBACK = ("127.0.0.1", "::1", "localhost")


async def check_database(settings: Settings) -> Seen:
    """Opens, and has tables that this version can use."""
    from miaohui.kit.records import is_mariadb, open_database, sqlite_file

    file = sqlite_file(settings.records_url)
    if file is not None and not file.exists():
        return "ok", "SQLite, will be made at the first start", ""
    try:
        database = await open_database(settings.records_url, clock=SystemClock(), data_dir=settings.data)
    except MiaohuiError as error:
        if error.code == "data_in_use":
            return "ok", "SQLite, in use by a running server", ""
        return "wrong", error.detail, _mend_database(error, sqlite=file is not None)
    name = "SQLite" if file else "MariaDB" if is_mariadb(settings.records_url) else "PostgreSQL"
    try:
        return await _check_tables(database, name)
    finally:
        await database.close()


def _mend_database(error: MiaohuiError, *, sqlite: bool) -> str:
    if error.code == "data_damaged":
        return _RESTORE
    return "See that the disk works." if sqlite else "See MIAOHUI_DATABASE_URL, and that the server lets this name in."


async def _check_tables(database: Database, name: str) -> Seen:
    from sqlalchemy.exc import SQLAlchemyError

    from miaohui.migrations import check_version

    try:
        await check_version(database)
    except Unavailable as error:
        return "note", f"{name}; {error.detail}", "miaohui migrate"
    except (MiaohuiError, SQLAlchemyError, OSError, RuntimeError):
        return "note", f"{name}, without tables", "miaohui migrate, or just start the server."
    return "ok", name, ""


async def check_redis(settings: Settings) -> Seen:
    """Answers, when one is named."""
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
    return _judge_engine(answer.status, f"{url.hostname}:{port}", has_key=bool(key))


def _judge_engine(status: int, place: str, *, has_key: bool) -> Seen:
    if status in {401, 403}:
        said = "refuses the key" if has_key else "wants a key"
        return "wrong", f"{place} {said} ({status})", "Set MIAOHUI_ENGINE_KEY to a key of that provider that holds."
    if status >= 500:
        return "note", f"{place} answers {status}", "See the provider's status page; answers fall back meanwhile."
    if status == 404:
        return "note", f"{place} can be reached; it lists no models", "Mostly the URL must end in /v1."
    return "ok", f"{place} answers", ""


async def check_address(settings: Settings) -> Seen:
    """Is one that browsers trust."""
    url = settings.public_url
    if not url:
        if settings.host in LOOPBACK:
            return "note", "only this machine reaches it", "Set MIAOHUI_PUBLIC_URL and put nginx in front for others."
        return "note", "none given", "Set MIAOHUI_PUBLIC_URL, by which pages, links and channels find this server."
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return (
            "wrong",
            f"{url} is not https",
            "Put nginx and a certificate in front: docs/how-to/put-nginx-in-front.md",
        )
    return "ok", url, ""
