"""`miaohui person | key`: who acts on this platform, and with which rights."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

import click

from miaohui.cli.knowledge import find_tenant, of_tenant
from miaohui.cli.output import as_json, at_house, print_facts, print_rows
from miaohui.identity.types import Role, Scope

if TYPE_CHECKING:
    from miaohui.wiring import House

SCOPES: tuple[str, ...] = get_args(Scope)
ROLES: tuple[str, ...] = get_args(Role)


@click.group()
def person() -> None:
    """People who serve or administer."""


@person.command("create")
@click.argument("email")
@click.option("--name", default="", help="As visitors see it.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--password", help="At least 8 characters.  [default: one is made and printed]")
@of_tenant
@as_json
@at_house
async def create_person(
    house: House, *, email: str, name: str, role: Role, password: str | None, slug: str | None, as_json: bool
) -> None:
    """Create the account of EMAIL."""
    chosen = password or secrets.token_urlsafe(12)
    home = await find_tenant(house, slug)
    made = await house.identity.create_person(email, name or email.partition("@")[0], chosen, home.id, role)
    facts: dict[str, object] = {"id": made.id, "email": email, "role": role, "tenant": home.slug}
    print_facts(facts if password else facts | {"password": chosen}, as_json=as_json)


@click.group()
def key() -> None:
    """API keys and their scopes."""


@key.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=("chat",), show_default=True)
@of_tenant
@as_json
@at_house
async def create_key(house: House, *, name: str, scopes: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Create an API key. It is shown once; only its hash is kept."""
    home = await find_tenant(house, slug)
    made, plain = await house.identity.create_key(home.id, name, frozenset(scopes))
    print_facts({"id": made.id, "key": plain, "scopes": " ".join(sorted(scopes))}, as_json=as_json)


@key.command("list")
@of_tenant
@as_json
@at_house
async def list_keys(house: House, *, slug: str | None, as_json: bool) -> None:
    """List the API keys."""
    home = await find_tenant(house, slug)
    rows = [
        (one.id, one.name, " ".join(sorted(one.scopes)), _day(one.last_used_at_ms), _day(one.revoked_at_ms))
        for one in await house.identity.list_keys(home.id)
    ]
    print_rows(rows, ("id", "name", "scopes", "last used", "revoked"), as_json=as_json)


@key.command("revoke")
@click.argument("key_id")
@of_tenant
@at_house
async def revoke_key(house: House, *, key_id: str, slug: str | None) -> None:
    """Revoke KEY_ID: it stops working within a minute everywhere."""
    home = await find_tenant(house, slug)
    await house.identity.revoke_key(home.id, key_id)
    click.echo(f"{key_id} is revoked.")


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") if moment_ms else ""
