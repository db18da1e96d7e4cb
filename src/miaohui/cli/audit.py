"""`miaohui audit`: whether what was said and done is what was sealed, also while the server runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused, as_json, print_facts, print_json, run
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.journal.audits import Audits
    from miaohui.tenants.types import Tenant

_where = click.option("--data", metavar="FOLDER", help="The data folder.")
_which = click.option("--database", "database_url", metavar="URL", help="A database server instead.")
_whose = click.option("--tenant", "slug", metavar="SLUG", help="Which tenant.  [default: all]")


@click.group()
def audit() -> None:
    """Check and give out what was said and done, as it was sealed."""


@audit.command()
@click.option("--head", default="", help="A hash noted earlier; it must be in the chain still.")
@_whose
@_where
@_which
@as_json
def verify(*, head: str, slug: str | None, as_json: bool, **chosen: str | None) -> None:
    """Compare all that is kept with the seals. Exit code 1 when something was changed, taken out or put in."""
    found = run(_verify(chosen, slug, head))
    if as_json:
        print_json(found)
    else:
        for facts in found:
            print_facts(facts, as_json=False)
    if any(facts["faults"] for facts in found):
        raise SystemExit(1)


async def _verify(chosen: dict[str, str | None], slug: str | None, head: str) -> list[dict[str, object]]:
    import msgspec

    found = []
    async with _audits(chosen) as (audits, tenants):
        for tenant in _those(tenants, slug):
            verdict = await audits.verify(tenant.id, head)
            faults = [f"#{one.number} {one.subject}: {one.says}" for one in verdict.faults]
            found.append({"tenant": tenant.slug} | msgspec.structs.asdict(verdict) | {"faults": faults})
    return found


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@_whose
@_where
@_which
def export(*, file: Path, slug: str | None, **chosen: str | None) -> None:
    """Write a tenant's chain, and what it seals, into FILE: a JSON object a line, to be checked anywhere."""
    if file.exists():
        raise Refused(f"{file} is there already.")
    count, head = run(_export(chosen, slug, file))
    click.echo(f"{count} links; the last is {head}. Note it apart from the file.")


async def _export(chosen: dict[str, str | None], slug: str | None, file: Path) -> tuple[int, str]:
    from miaohui.journal.audits import check_export

    async with _audits(chosen) as (audits, tenants):
        those = _those(tenants, slug)
        if len(those) != 1:
            raise Refused(f"Say which tenant: {', '.join(one.slug for one in those) or 'there is none'}.")
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            async for line in audits.export(those[0].id):
                out.write(line)
    with file.open("rb") as lines:
        count, head, _ = check_export(lines)
    return count, head


@audit.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(*, file: Path) -> None:
    """Check an exported FILE by itself, away from any server."""
    import msgspec

    from miaohui.journal.audits import check_export

    try:
        with file.open("rb") as lines:
            count, head, faults = check_export(lines)
    except msgspec.MsgspecError as error:
        raise Refused(f"{file} is not an export of Miaohui: {error}") from error
    for one in faults:
        click.echo(f"#{one.number} {one.subject}: {one.says}")
    click.echo(f"{count} links; the last is {head}.")
    if faults:
        raise SystemExit(1)


def _those(tenants: list[Tenant], slug: str | None) -> list[Tenant]:
    those = [one for one in tenants if slug in {None, one.slug}]
    if slug and not those:
        raise Refused(f"There is no tenant {slug}.")
    return those


@asynccontextmanager
async def _audits(chosen: dict[str, str | None]) -> AsyncIterator[tuple[Audits, list[Tenant]]]:
    """Over the records; of SQLite over a copy, so that the server may hold them meanwhile."""
    from miaohui.journal.audits import Audits
    from miaohui.kit.copies import copy_sqlite
    from miaohui.kit.records import open_database, sqlite_file
    from miaohui.settings.service import load
    from miaohui.tenants.service import Tenants

    clock = SystemClock()
    try:
        settings = load(**{name: value for name, value in chosen.items() if value is not None})
        with tempfile.TemporaryDirectory(prefix="miaohui-audit-") as folder:
            url, file = settings.records_url, sqlite_file(settings.records_url)
            if file is not None:
                copy_sqlite(file, Path(folder) / "copy.db")
                url = f"sqlite:///{Path(folder) / 'copy.db'}"
            database = await open_database(url, clock=clock, data_dir=Path(folder))
            try:
                yield Audits(database, clock), await Tenants(database, clock).list_()
            finally:
                await database.close()
    except MiaohuiError as error:
        raise Refused(error.detail) from error
