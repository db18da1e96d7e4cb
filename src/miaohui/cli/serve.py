"""`miaohui serve` and `miaohui migrate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused, run
from miaohui.kit import garbage
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings
    from miaohui.wiring import House


@click.command()
@click.option("--host", help="Address to listen on; 0.0.0.0 for every interface.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: 8000]")
@click.option("--data", metavar="FOLDER", help="Where everything is kept.  [default: ./data]")
@click.option("--database", "database_url", metavar="URL", help="A server instead of SQLite in the data folder.")
@click.option("--redis", "redis_url", metavar="URL", help="Redis, for more than one process.")
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes; more than one needs a database server and Redis."
)
@click.option("--demo", is_flag=True, default=None, help="Serve the sample shop as well.")
@click.option("--admin-port", type=int, hidden=True, help="Of several processes each has its own.")
@click.option("--worker", is_flag=True, hidden=True, help="This is one of several processes on one port.")
@click.option("--ready-fd", type=int, default=-1, hidden=True, help="Where one of several says that it is up.")
def serve(*, worker: bool, ready_fd: int, **chosen: object) -> None:
    """Start the server. Options win over MIAOHUI_… variables, which win over the file in MIAOHUI_CONFIG."""
    garbage.begin()
    settings = load_settings(chosen)
    if worker:
        from miaohui.cli.supervisor import serve_worker

        serve_worker(settings, ready_fd)
    elif settings.workers > 1:
        from miaohui.cli.supervisor import supervise

        run(supervise(settings))
    else:
        _serve_alone(settings)


def load_settings(chosen: Mapping[str, object]) -> Settings:
    """With what was chosen on the command line. Raises `Refused`."""
    from miaohui.settings.service import load

    try:
        return load(**{name: value for name, value in chosen.items() if value is not None})
    except MiaohuiError as error:
        raise Refused(error.detail) from error


def _serve_alone(settings: Settings) -> None:
    from miaohui.app import serve as serve_app
    from miaohui.cli.demo import sample_folder

    try:
        serve_app(settings, prepare=_begin, shop=sample_folder() / "shop" if settings.demo else None)
    except MiaohuiError as error:
        raise Refused(error.detail) from error
    except OSError as error:
        raise Refused(f"It cannot start on {settings.host}:{settings.port}: {error.strerror or error}.") from error


async def _begin(house: House, settings: Settings) -> None:
    """The port is open: set up the sample shop if it is wanted, and say where things are."""
    from miaohui.cli.demo import base_url, format_screen, prepare

    if settings.demo:
        click.echo(format_screen(await prepare(house, settings)))
    else:
        click.echo(f"Miaohui is up on {base_url(settings)} · Ctrl+C stops it")


@click.command()
@click.option("--data", metavar="FOLDER", help="The data folder.  [default: ./data]")
@click.option("--database", "database_url", metavar="URL", help="A database server instead.")
def migrate(**chosen: object) -> None:
    """Bring the database to this version's form. `serve` does so too; run it alone before a rolling upgrade."""
    from miaohui.migrations import migrate as bring_up

    settings = load_settings(chosen)
    try:
        bring_up(settings.records_url)
    except MiaohuiError as error:
        raise Refused(error.detail) from error
    click.echo("The database is up to date.")
