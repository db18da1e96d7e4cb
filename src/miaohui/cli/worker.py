"""`miaohui worker`: a process that answers no requests and does what has to be done now and then."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused, run
from miaohui.cli.serve import load_settings
from miaohui.kit import telemetry

if TYPE_CHECKING:
    from miaohui.settings.types import Settings


@click.command()
@click.option("--data", metavar="FOLDER", help="The data folder.")
@click.option("--database", "database_url", metavar="URL", help="The server with the records, as the nodes have it.")
@click.option("--redis", "redis_url", metavar="URL", help="Redis, likewise.")
@click.option("--celery", is_flag=True, help="Be a Celery worker: the same jobs as Celery tasks `miaohui.…`.")
@click.option("--beat/--no-beat", default=True, help="Whether this Celery worker also says when jobs are due.")
def worker(*, celery: bool, beat: bool, **chosen: str | None) -> None:
    """Send webhooks, fetch letters, sweep queues, seal the audit, and adopt turns that nobody runs.

    Any number may run beside the serving nodes. With MIAOHUI_JOBS=elsewhere those leave these jobs to workers.
    """
    from miaohui.kit.records import sqlite_file

    settings = load_settings(chosen)
    if sqlite_file(settings.records_url) is not None:
        raise Refused("A worker needs PostgreSQL or MariaDB: SQLite belongs to the one process that serves.")
    telemetry.setup(settings.log_level, json=settings.log_json)
    if celery:
        from miaohui.cli.celery_bridge import work_for_celery

        work_for_celery(settings, beat=beat)
    else:
        run(_work(settings))


async def _work(settings: Settings) -> None:
    from miaohui.wiring import open_house

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stopping.set)
    show_numbers(settings)
    async with open_house(settings.model_copy(update={"jobs": "here"})) as house:
        click.echo("Miaohui: a worker is at work")
        await stopping.wait()
        await house.turns.drain(settings.drain_seconds)


def show_numbers(settings: Settings) -> None:
    """`/metrics` on the admin port, when there is one."""
    if settings.admin_port:
        from prometheus_client import start_http_server

        from miaohui.kit.metrics import REGISTRY

        start_http_server(settings.admin_port, settings.admin_host, registry=REGISTRY)
