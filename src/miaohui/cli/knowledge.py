"""`miaohui kb`: knowledge in, knowledge found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import REFUSED, Refused, as_json, at_house, print_json, print_rows

if TYPE_CHECKING:
    from miaohui.knowledge.types import Article
    from miaohui.tenants.types import Tenant
    from miaohui.wiring import House

of_tenant = click.option("--tenant", "slug", metavar="SLUG", help="Which tenant; may be left out when there is one.")


@click.group()
def kb() -> None:
    """Import, search and list knowledge."""


@kb.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@of_tenant
@as_json
@at_house
async def import_(house: House, *, folder: Path, slug: str | None, as_json: bool) -> None:
    """Read Markdown, text, CSV and XLSX from FOLDER. What did not change is left alone; what is gone, goes."""
    tenant = await find_tenant(house, slug)
    with _bar(hidden=as_json) as progress:
        report = await house.knowledge.import_folder(tenant.id, folder, progress)
    if as_json:
        print_json(report)
        return
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {report.deleted} deleted; "
        f"version {report.version} is served."
    )
    for problem in report.problems:
        click.echo(f"left out: {problem.source}: {problem.detail}", err=True)
    if report.problems:
        raise SystemExit(REFUSED)


@kb.command()
@click.argument("question")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--locale", default="zh-CN", show_default=True)
@of_tenant
@as_json
@at_house
async def search(house: House, *, question: str, limit: int, locale: str, slug: str | None, as_json: bool) -> None:
    """Show which passages QUESTION finds, with their scores."""
    tenant = await find_tenant(house, slug)
    found = await house.knowledge.search(tenant.id, question, locale=locale, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        (f"{p.score:.3f}", f"{p.bm25:.2f}", f"{p.cosine:.2f}", p.chunk.title, p.chunk.heading, _short(p.chunk.text))
        for p in found.passages
    ]
    print_rows(rows, ("score", "bm25", "cosine", "article", "heading", "text"), as_json=False)
    click.echo(f"answerability {found.answerability:.2f}: {'answers' if found.answerable else 'says it does not know'}")


@kb.command("list")
@of_tenant
@as_json
@at_house
async def list_(house: House, *, slug: str | None, as_json: bool) -> None:
    """List the articles."""
    tenant = await find_tenant(house, slug)
    rows = [(one.id, one.locale, one.title, one.source) for one in await _all_articles(house, tenant.id)]
    print_rows(rows, ("id", "locale", "title", "source"), as_json=as_json)


async def _all_articles(house: House, tenant_id: str) -> list[Article]:
    found: list[Article] = []
    while page := await house.knowledge.list_articles(tenant_id, after=found[-1].id if found else "", limit=200):
        found += page
    return found


async def find_tenant(house: House, slug: str | None) -> Tenant:
    """The tenant named, or the only one. Raises `Refused` when that is not clear."""
    tenants: list[Tenant] = list(await house.tenants.list_())
    if slug is None and len(tenants) == 1:
        return tenants[0]
    for tenant in tenants:
        if tenant.slug == slug:
            return tenant
    known = ", ".join(tenant.slug for tenant in tenants) or "none yet; create one with `miaohui tenant create`"
    raise Refused(f"Name a tenant with --tenant. There are: {known}.")


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr; what it yields may be called from another thread."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress:
        task = progress.add_task("Reading")
        yield lambda done, total, name: progress.update(task, completed=done, total=total, description=name)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
