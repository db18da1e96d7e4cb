"""`miaohui engines`: which routes there are, whether they answer, and how they stand."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click

from miaohui.cli.knowledge import find_tenant, of_tenant
from miaohui.cli.output import REFUSED, Unreachable, as_json, at_house, print_rows

if TYPE_CHECKING:
    from rich.table import Table

    from miaohui.wiring import House

for_whom = click.option("--tenant", "slug", metavar="SLUG", help="For this tenant alone; left out: for all of them.")
_STATES = ("closed", "ramp", "half open", "open")


@click.group()
def engines() -> None:
    """Routes to engines: list, put, remove, tools, test, cost, days, budget, watch."""


@engines.command("list")
@as_json
@at_house
async def list_(house: House, *, as_json: bool) -> None:
    """List the routes that the settings, the file and the records make."""
    rows = [
        (
            route.name,
            route.tenant or "all",
            route.tier,
            route.weight,
            route.provider,
            route.model,
            route.rpm or "",
            route.tpm or "",
            route.price_in,
            route.price_out,
            ", ".join(key.id if key.state == "active" else f"{key.id} ({key.state})" for key in route.keys),
        )
        for route in house.router.fleet.catalog.every_route()
    ]
    names = ("route", "tenant", "tier", "weight", "provider", "model", "rpm", "tpm", "price in", "price out", "keys")
    print_rows(rows, names, as_json=as_json)


@engines.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@for_whom
@at_house
async def put(house: House, *, file: Path, slug: str | None) -> None:
    """Keep the [[route]] tables of FILE in the records. A key that is told without a secret keeps the one it has."""
    from miaohui.engines.book import read_file

    tenant_id = (await find_tenant(house, slug)).id if slug else ""
    for described in read_file(file):
        await house.answering.room.routes.put(tenant_id, described)
        click.echo(f"{described.get('name', '?')} is kept.")


@engines.command()
@click.argument("name")
@for_whom
@at_house
async def remove(house: House, *, name: str, slug: str | None) -> None:
    """Forget what the records say of the route NAME; what the file or the settings say of it holds again."""
    tenant_id = (await find_tenant(house, slug)).id if slug else ""
    await house.answering.room.routes.remove(tenant_id, name)
    click.echo(f"{name} is no longer kept.")


@engines.command()
@as_json
@at_house
async def test(house: House, *, as_json: bool) -> None:
    """Ask every key of every route for a word. Exit code 1: one of them did not answer."""
    checks = await house.router.check()
    rows = [
        (one.route, one.key, "answers" if one.ok else one.code, f"{one.first_content_ms:.0f}" if one.ok else "")
        for one in checks
    ]
    print_rows(rows, ("route", "key", "answer", "first word ms"), as_json=as_json)
    if not all(one.ok for one in checks):
        raise SystemExit(REFUSED)


@engines.command()
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@of_tenant
@as_json
@at_house
async def cost(house: House, *, days: int, slug: str | None, as_json: bool) -> None:
    """Attempts, tokens and cost of a tenant, by route and by how they ended."""
    from miaohui.engines.repository import EnginesRepository

    tenant = await find_tenant(house, slug)
    since_ms = house.clock.now_ms() - days * 86_400_000
    totals = await EnginesRepository(house.database).totals(tenant.id, since_ms)
    rows = [
        (one.route, one.outcome, one.attempts, one.input_tokens, one.output_tokens, f"{one.cost_micro / 1e6:.6f}")
        for one in totals
    ]
    print_rows(rows, ("route", "outcome", "attempts", "tokens in", "tokens out", "cost"), as_json=as_json)


@engines.command()
@click.option("--days", "count", type=click.IntRange(1, 366), default=30, show_default=True)
@of_tenant
@as_json
@at_house
async def days(house: House, *, count: int, slug: str | None, as_json: bool) -> None:
    """Attempts, tokens and cost of a tenant day by day (UTC), by route, end and price."""
    tenant = await find_tenant(house, slug)
    found = await house.answering.room.accounts.days(tenant.id, house.clock.now_ms() - count * 86_400_000)
    rows = [
        (
            one.day,
            one.route,
            one.outcome,
            one.price_version,
            one.attempts,
            one.input_tokens,
            one.output_tokens,
            f"{one.cost_micro / 1e6:.6f}",
        )
        for one in found
    ]
    names = ("day", "route", "outcome", "price", "attempts", "tokens in", "tokens out", "cost")
    print_rows(rows, names, as_json=as_json)


@engines.command()
@of_tenant
@as_json
@at_house
async def budget(house: House, *, slug: str | None, as_json: bool) -> None:
    """What a tenant spent this day and this month (UTC), of which budget."""
    tenant = await find_tenant(house, slug)
    periods = await house.answering.room.spending.periods(tenant.id)
    rows = [
        (
            name,
            f"{one.spent_micro / 1e6:.6f}",
            f"{one.budget_micro / 1e6:.6f}" if one.budget_micro else "none",
            f"{one.spent_micro / one.budget_micro:.0%}" if one.budget_micro else "",
            datetime.fromtimestamp(one.ends_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        )
        for name, one in zip(("day", "month"), periods, strict=True)
    ]
    print_rows(rows, ("period", "spent", "budget", "part", "ends"), as_json=as_json)


@engines.command()
@click.option("--grant", metavar="NAMES", help="With commas between: the assistant may use these from now on; `none`.")
@of_tenant
@as_json
@at_house
async def tools(house: House, *, grant: str | None, slug: str | None, as_json: bool) -> None:
    """List the tools, and which of them a tenant's assistant may use."""
    tenant = await find_tenant(house, slug)
    grants = house.answering.grants
    if grant is not None:
        names = [] if grant == "none" else [name.strip() for name in grant.split(",")]
        await grants.grant(tenant.id, names)
    granted = grants.granted(tenant.id)
    rows = [
        (tool.name, "yes" if tool.name in granted else "no", tool.risk, tool.description)
        for tool in grants.known.values()
    ]
    print_rows(rows, ("tool", "granted", "risk", "does"), as_json=as_json)


@engines.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the server (its admin port) is.")
@click.option("--every", type=click.FloatRange(0.2, 60), default=2.0, show_default=True, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Look once and leave.")
def watch(*, url: str, every: float, once: bool) -> None:
    """Watch the routes of a running server. Exit code 3: no answer."""
    from rich.console import Console
    from rich.live import Live

    if once:
        Console().print(_draw(read_routes(_fetch(url))))
        return
    with Live(_draw(read_routes(_fetch(url))), screen=False, auto_refresh=False) as live:
        while True:
            time.sleep(every)
            live.update(_draw(read_routes(_fetch(url))), refresh=True)


def _fetch(url: str) -> str:
    try:
        with urlopen(f"{url.rstrip('/')}/metrics", timeout=5) as answer:  # noqa: S310  (the operator names the address)
            text: str = answer.read().decode()
            return text
    except (HTTPError, URLError, OSError) as error:
        raise Unreachable(f"{url} does not answer with its metrics: {error}") from error


def read_routes(text: str) -> dict[str, dict[str, float]]:
    """What the metrics of a server say of each route, by `name` or `name:label`."""
    from prometheus_client.parser import text_string_to_metric_families

    routes: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            route = sample.labels.get("route")
            if route is None or not sample.name.startswith("miaohui_engine_"):
                continue
            name = sample.name.removeprefix("miaohui_engine_").removesuffix("_total")
            label = next((value for key, value in sample.labels.items() if key not in {"route", "le"}), "")
            numbers = routes.setdefault(route, {})
            place = f"{name}:{label}" if label else name
            numbers[place] = numbers.get(place, 0.0) + sample.value
    return routes


def _draw(routes: dict[str, dict[str, float]]) -> Table:
    from rich.table import Table

    headings = ("route", "state", "now", "answered", "failed", "429", "p50 ms", "p95 ms", "requests left", "cost")
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for name, numbers in sorted(routes.items()):
        table.add_row(
            name,
            _STATES[int(numbers.get("route_state", 0))],
            _whole(numbers, "in_flight"),
            _whole(numbers, "attempts:winner"),
            _whole(numbers, "attempts:failed"),
            _whole(numbers, "throttled"),
            _milliseconds(numbers, "0.5"),
            _milliseconds(numbers, "0.95"),
            _whole(numbers, "headroom:requests", missing="∞"),
            f"{numbers.get('cost_micro', 0) / 1e6:.4f}",
        )
    return table


def _whole(numbers: dict[str, Any], name: str, missing: str = "0") -> str:
    return f"{numbers[name]:.0f}" if name in numbers else missing


def _milliseconds(numbers: dict[str, float], share: str) -> str:
    value = numbers.get(f"first_content_recent_seconds:{share}")
    return "" if value is None else f"{value * 1000:.0f}"
