"""`miaohui tenant`: companies on this platform, how they come, pause and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused, as_json, at_house, print_facts, print_rows

if TYPE_CHECKING:
    from miaohui.tenants.types import State, Tenant
    from miaohui.wiring import House


@click.group()
def tenant() -> None:
    """Companies on this platform."""


@tenant.command("create")
@click.argument("slug")
@click.option("--name", help="As its people see it.  [default: the slug]")
@as_json
@at_house
async def create_tenant(house: House, *, slug: str, name: str | None, as_json: bool) -> None:
    """Create the tenant SLUG."""
    made = await house.tenants.create(name or slug, slug)
    print_facts({"id": made.id, "slug": made.slug, "name": made.name}, as_json=as_json)


@tenant.command("list")
@as_json
@at_house
async def list_tenants(house: House, *, as_json: bool) -> None:
    """List the tenants, and whether they are served: active, suspended or leaving."""
    standings = house.tenants.standings
    rows = [(one.id, one.slug, one.name, standings.find(one.id).state) for one in await house.tenants.list_()]
    print_rows(rows, ("id", "slug", "name", "state"), as_json=as_json)


@tenant.command("suspend")
@click.argument("slug")
@as_json
@at_house
async def suspend_tenant(house: House, *, slug: str, as_json: bool) -> None:
    """Serve the tenant SLUG no longer, until it is resumed; nothing of it is lost.

    Its sockets are closed, what its assistant is saying is stopped, and every door refuses, on all nodes within five
    seconds.
    """
    await _change(house, slug, "suspended", as_json=as_json)


@tenant.command("resume")
@click.argument("slug")
@as_json
@at_house
async def resume_tenant(house: House, *, slug: str, as_json: bool) -> None:
    """Serve the tenant SLUG again, as if nothing had been."""
    await _change(house, slug, "active", as_json=as_json)


async def _change(house: House, slug: str, wanted: State, *, as_json: bool) -> None:
    home = await _find(house, slug)
    standing = await house.tenants.standings.change(home.id, wanted)
    print_facts({"id": home.id, "slug": slug, "state": standing.state}, as_json=as_json)


@tenant.command("delete")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@at_house
async def delete_tenant(house: House, *, slug: str, yes: bool, as_json: bool) -> None:
    """Delete the tenant SLUG with everything of it, for good. Killed half-way, the same command ends it.

    The tenant is suspended first. No other tenant waits for it.
    """
    from miaohui.cli.demo import forget_shop
    from miaohui.wiring.erasing import build_erasing

    home = await _find(house, slug)
    erasing = build_erasing(house)
    weight = await erasing.weigh(home.id)
    if not yes:
        _ask(home, weight, last=len(await house.tenants.list_()) == 1)
    with _bar(hidden=as_json) as progress:
        rows = await erasing.erase(home.id, progress)
    forget_shop(house.settings, slug)
    print_facts({"id": home.id, "slug": slug, "state": "gone", "rows": rows}, as_json=as_json)


async def _find(house: House, slug: str) -> Tenant:
    found = await house.tenants.find_by_slug(slug)
    if found is None:
        raise Refused(f"There is no tenant {slug}; `miaohui tenant list` names them.")
    return found


def _ask(home: Tenant, weight: dict[str, int], *, last: bool) -> None:
    click.echo(f"{home.name} ({home.slug}) goes for good, and nothing brings it back:", err=True)
    for name, count in weight.items():
        click.echo(f"  {count:>10,} {name}", err=True)
    if last:
        click.echo("It is the only tenant here; nobody is left to serve then.", err=True)
    typed = click.prompt("Type its slug to delete it", default="", show_default=False, err=True)
    if typed.strip() != home.slug:
        raise Refused("That is not its slug. Nothing was deleted, and it is served as before.")


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Callable[[str, int], None]]:
    """How far it is, on stderr."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as progress:
        task = progress.add_task("Erasing", total=None)
        yield lambda name, rows: progress.update(task, completed=rows, description=f"Erasing {name}")
