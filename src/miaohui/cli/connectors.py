"""`miaohui connectors` and `miaohui prices`: what the assistant may ask of a company's systems, and count by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miaohui.cli.knowledge import find_tenant, of_tenant
from miaohui.cli.output import Refused, as_json, at_house, print_json, print_rows

if TYPE_CHECKING:
    from miaohui.tools.prices.types import PriceList
    from miaohui.wiring import House

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def connectors() -> None:
    """Connect a company's own systems: HTTP APIs, and databases that are only read."""


@connectors.command("put")
@click.argument("file", type=_FILE)
@click.option("--secret-from", metavar="NAME", help="Environment variable that holds the key or password.")
@of_tenant
@at_house
async def put_connector(house: House, *, file: Path, secret_from: str | None, slug: str | None) -> None:
    """Connect what FILE describes, in place of the connector of its name. See demo/connectors for examples."""
    from miaohui.tools.connectors.files import read_connector

    tenant = await find_tenant(house, slug)
    secret = os.environ.get(secret_from) if secret_from else None  # noqa: TID251  (the operator names the variable)
    if secret_from and secret is None:
        raise Refused(f"There is no environment variable {secret_from}.")
    connector = read_connector(file, data=house.settings.data)
    await house.answering.company.connectors.put(tenant.id, connector, secret, by_operator=True)
    click.echo(f"{connector.name}: {', '.join(one.name for one in connector.operations)}")


@connectors.command("list")
@of_tenant
@as_json
@at_house
async def list_connectors(house: House, *, slug: str | None, as_json: bool) -> None:
    """List connectors and what they offer."""
    tenant = await find_tenant(house, slug)
    rows = [
        (one.name, one.kind, one.url, operation.name, operation.risk, "own" if operation.personal else "")
        for one in house.answering.company.connectors.list_(tenant.id)
        for operation in one.operations
    ]
    print_rows(rows, ("connector", "kind", "where", "operation", "risk", "personal"), as_json=as_json)


@connectors.command("remove")
@click.argument("name")
@of_tenant
@at_house
async def remove_connector(house: House, *, name: str, slug: str | None) -> None:
    """Ask NAME no more."""
    tenant = await find_tenant(house, slug)
    await house.answering.company.connectors.remove(tenant.id, name)
    click.echo(f"{name} is gone.")


@click.group()
def prices() -> None:
    """Prices, offers and coupons that the calculator counts by."""


@prices.command("put")
@click.argument("file", type=_FILE)
@of_tenant
@at_house
async def put_prices(house: House, *, file: Path, slug: str | None) -> None:
    """Count by FILE from now on. See demo/prices.json for an example."""
    tenant = await find_tenant(house, slug)
    told = await house.answering.prices.put(tenant.id, read_prices(file))
    click.echo(f"{len(told.products)} products, {len(told.offers)} offers.")


@prices.command("show")
@of_tenant
@at_house
async def show_prices(house: House, *, slug: str | None) -> None:
    """Print what is counted by."""
    tenant = await find_tenant(house, slug)
    print_json(house.answering.prices.find(tenant.id))


@prices.command("ask")
@click.argument("question")
@of_tenant
@at_house
async def ask_prices(house: House, *, question: str, slug: str | None) -> None:
    """Work out what QUESTION asks the price of, with every step."""
    tenant = await find_tenant(house, slug)
    locale = "en" if question.isascii() else "zh-CN"
    told = house.answering.prices.answer(tenant.id, question, locale)
    if not told:
        raise Refused("This does not say enough to be worked out: name the goods, or an amount.")
    click.echo(told)


def read_prices(file: Path) -> PriceList:
    """Raises `Refused`."""
    import msgspec

    from miaohui.tools.prices.types import PriceList

    try:
        return msgspec.json.decode(file.read_bytes(), type=PriceList)
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused(f"{file} is no price list: {error}") from error
