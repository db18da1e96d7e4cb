"""How commands speak: one table or one JSON document on stdout, what went wrong on stderr."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import update_wrapper
from typing import Any, TypeVar

import click

from miaohui.kit.errors import MiaohuiError

T = TypeVar("T")

REFUSED = 1
UNREACHABLE = 3

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


class Refused(click.ClickException):
    """The command could not do it; the sentence says what to do."""

    exit_code = REFUSED


class Unreachable(click.ClickException):
    """Nothing answered at the other end."""

    exit_code = UNREACHABLE


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; an error of our tree becomes one line and exit code 1."""
    import asyncio

    try:
        return asyncio.run(work)
    except MiaohuiError as error:
        raise Refused(error.detail) from error


def print_json(value: object) -> None:
    """`value` may hold msgspec structs."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def print_rows(rows: Sequence[Sequence[object]], headings: Sequence[str], *, as_json: bool) -> None:
    """A table for people, a list of objects for programs."""
    if as_json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(*headings, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        Console().print(table)


def print_facts(facts: dict[str, object], *, as_json: bool) -> None:
    """One record: name and value, or one object."""
    if as_json:
        print_json(facts)
    else:
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            click.echo(f"{name:<{width}}  {value}")


def at_house(command: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Turn `async def command(house, …)` into a command with options that say which house."""

    def call(data: str | None, database: str | None, **arguments: Any) -> None:
        run(_inside(command, {"data": data, "database_url": database}, arguments))

    wrapped = update_wrapper(call, command)
    where = click.option("--data", metavar="FOLDER", help="The data folder.")
    which = click.option("--database", metavar="URL", help="A database server instead of the one in the folder.")
    return where(which(wrapped))


async def _inside(
    command: Callable[..., Coroutine[Any, Any, None]], chosen: dict[str, str | None], arguments: dict[str, Any]
) -> None:
    from miaohui.kit import telemetry
    from miaohui.settings.service import load
    from miaohui.wiring import open_house

    telemetry.setup("warning")
    settings = load(**{name: value for name, value in chosen.items() if value is not None})
    async with open_house(settings, background=False) as house:
        await command(house, **arguments)
