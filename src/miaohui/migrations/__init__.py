"""How does a database come to have today's tables?"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config

from miaohui.kit.locks import lock_file
from miaohui.kit.records import sqlite_file

_HERE = Path(__file__).parent
_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals


def migrate(url: str) -> None:
    """Bring the database up to date, making it when it is not there. Two processes may do this at once.

    Blocks; call it before the event loop starts, or in a thread.
    """
    file = sqlite_file(url)
    with _one_at_a_time, _alone(file) if file is not None else contextlib.nullcontext():
        _in_thread(url)


def config_for(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["url"] = url
    return config


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".migrate").open("a") as lock:
        lock_file(lock, wait=True)
        yield


def _in_thread(url: str) -> None:
    # asyncpg needs an event loop of its own, which a thread that runs one already cannot start.
    failures: list[BaseException] = []

    def run() -> None:
        try:
            command.upgrade(config_for(url), "head")
        except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
            failures.append(error)

    thread = threading.Thread(target=run, name="migrate")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
