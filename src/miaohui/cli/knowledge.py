"""`miaohui kb`: knowledge in, knowledge found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from miaohui.cli.output import Refused, as_json, at_house, print_json, print_rows

if TYPE_CHECKING:
    from miaohui.tenants.types import Tenant

of_tenant = click.option("--tenant", "slug", metavar="SLUG", help="Which tenant; may be left out when there is one.")


@click.group()
def kb() -> None:
    """Import, search and list knowledge."""


@kb.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@of_tenant
@as_json
@at_house
async def import_(house: Any, *, folder: Path, slug: str | None, as_json: bool) -> None:
    """Read Markdown, text, CSV and XLSX from FOLDER. What did not change is left alone; what is gone, goes."""
    tenant = await find_tenant(house, slug)
    report = await house.knowledge.import_folder(tenant.id, folder, _say_nothing if as_json else _say)
    if as_json:
        print_json(report)
    else:
        click.echo(str(report) if not hasattr(report, "summary") else report.summary())


@kb.command()
@click.argument("question")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--locale", default="zh-CN", show_default=True)
@of_tenant
@as_json
@at_house
async def search(house: Any, *, question: str, limit: int, locale: str, slug: str | None, as_json: bool) -> None:
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
async def list_(house: Any, *, slug: str | None, as_json: bool) -> None:
    """List the articles."""
    tenant = await find_tenant(house, slug)
    articles = await house.knowledge.list_articles(tenant.id)
    rows = [(article.id, article.locale, article.title, article.source) for article in articles]
    print_rows(rows, ("id", "locale", "title", "source"), as_json=as_json)


async def find_tenant(house: Any, slug: str | None) -> Tenant:
    """The tenant named, or the only one. Raises `Refused` when that is not clear."""
    tenants: list[Tenant] = list(await house.tenants.list_())
    if slug is None and len(tenants) == 1:
        return tenants[0]
    for tenant in tenants:
        if tenant.slug == slug:
            return tenant
    known = ", ".join(tenant.slug for tenant in tenants) or "none yet; create one with `miaohui tenant create`"
    raise Refused(f"Name a tenant with --tenant. There are: {known}.")


def _say(*progress: object) -> None:
    click.echo(" ".join(map(str, progress)), err=True)


def _say_nothing(*_progress: object) -> None:
    return None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
