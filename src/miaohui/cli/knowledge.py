"""`miaohui kb`: knowledge in, knowledge found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import REFUSED, Refused, as_json, at_house, print_json, print_rows

if TYPE_CHECKING:
    from miaohui.knowledge.importing import ImportReport
    from miaohui.knowledge.types import Article, VersionNote
    from miaohui.tenants.types import Tenant
    from miaohui.wiring import House

of_tenant = click.option("--tenant", "slug", metavar="SLUG", help="Which tenant; may be left out when there is one.")


@click.group()
def kb() -> None:
    """Import, write, publish, search and examine knowledge."""


@kb.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@of_tenant
@as_json
@at_house
async def import_(house: House, *, folder: Path, slug: str | None, as_json: bool) -> None:
    """Read Markdown, HTML, PDF, DOCX, XLSX, CSV, text and ZIP from FOLDER.

    What did not change is left alone; what is gone, goes.
    """
    tenant = await find_tenant(house, slug)
    with _bar(hidden=as_json) as progress:
        report = await house.knowledge.import_folder(tenant.id, folder, progress)
    _tell(report, as_json=as_json)


@kb.command("fetch")
@click.argument("urls", nargs=-1, required=True)
@click.option("--private", is_flag=True, help="Also from addresses inside this network.")
@of_tenant
@as_json
@at_house
async def fetch(house: House, *, urls: tuple[str, ...], private: bool, slug: str | None, as_json: bool) -> None:
    """Read pages from URLS; a sitemap stands for the pages it lists. What was read before is brought up to date."""
    from miaohui.kit.fetch import Fetcher
    from miaohui.knowledge.sites import read_site

    tenant = await find_tenant(house, slug)
    with _bar(hidden=as_json) as progress:
        async with Fetcher(allow_private=private) as fetcher:
            read = await read_site(fetcher, urls, progress)
    _tell(await house.knowledge.import_drafts(tenant.id, read, all_of_them=False), as_json=as_json)


@kb.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(0.2, 3600), default=2.0, show_default=True, help="Between two looks.")
@of_tenant
@at_house
async def watch(house: House, *, folder: Path, seconds: float, slug: str | None) -> None:
    """Import FOLDER whenever something in it changes. Until stopped."""
    import asyncio

    from miaohui.knowledge.reading import look_at

    tenant = await find_tenant(house, slug)
    seen: object = None
    while True:
        looks = await asyncio.to_thread(look_at, folder)
        if looks != seen:
            seen = looks
            _tell(await house.knowledge.import_folder(tenant.id, folder), as_json=False, gently=True)
        await asyncio.sleep(seconds)


@kb.command()
@click.argument("article_ids", nargs=-1)
@of_tenant
@as_json
@at_house
async def publish(house: House, *, article_ids: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Serve the drafts written in the console, or those of ARTICLE_IDS."""
    tenant = await find_tenant(house, slug)
    _tell_version(await house.knowledge.editor.publish(tenant.id, article_ids), as_json=as_json)


@kb.command()
@of_tenant
@as_json
@at_house
async def versions(house: House, *, slug: str | None, as_json: bool) -> None:
    """List the versions that can be looked at and gone back to."""
    tenant = await find_tenant(house, slug)
    notes = await house.knowledge.editor.versions(tenant.id)
    rows = [(one.version, "served" if one.served else "", one.act, one.articles, one.chunks) for one in notes]
    print_rows(rows, ("version", "", "by", "articles", "chunks"), as_json=as_json)


@kb.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
@of_tenant
@as_json
@at_house
async def diff(house: House, *, old: int, new: int, slug: str | None, as_json: bool) -> None:
    """Show what changed from version OLD to version NEW."""
    tenant = await find_tenant(house, slug)
    found = await house.knowledge.editor.diff(tenant.id, old, new)
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(f"{one.change}: {one.title} ({one.article_id})")
        for line in one.lines:
            click.echo(f"    {line}")


@kb.command()
@click.argument("version", type=int)
@of_tenant
@as_json
@at_house
async def rollback(house: House, *, version: int, slug: str | None, as_json: bool) -> None:
    """Serve again what VERSION served; it becomes a new version."""
    tenant = await find_tenant(house, slug)
    _tell_version(await house.knowledge.editor.rollback(tenant.id, version), as_json=as_json)


@kb.command()
@of_tenant
@as_json
@at_house
async def health(house: House, *, slug: str | None, as_json: bool) -> None:
    """List duplicates, contradicting numbers, what has expired, cannot be found, or was never retrieved."""
    tenant = await find_tenant(house, slug)
    findings = await house.knowledge.health(tenant.id)
    rows = [(one.ailment, one.title, one.article_id, one.other_article_id, one.detail) for one in findings]
    print_rows(rows, ("ailment", "article", "id", "other id", "detail"), as_json=as_json)


@kb.command()
@of_tenant
@as_json
@at_house
async def gaps(house: House, *, slug: str | None, as_json: bool) -> None:
    """List what was asked and could not be answered, the most asked first."""
    tenant = await find_tenant(house, slug)
    rows = [(one.count, one.title, one.id) for one in await house.knowledge.gaps.list_(tenant.id)]
    print_rows(rows, ("asked", "question", "id"), as_json=as_json)


def _tell_version(note: VersionNote, *, as_json: bool) -> None:
    if as_json:
        print_json(note)
    else:
        click.echo(f"version {note.version} is served: {note.articles} articles, {note.chunks} chunks.")


def _tell(report: ImportReport, *, as_json: bool, gently: bool = False) -> None:
    """A file that was left out is a failure, except to who goes on watching."""
    if as_json:
        print_json(report)
        return
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {report.deleted} deleted; "
        f"version {report.version} is served."
    )
    for problem in report.problems:
        click.echo(f"left out: {problem.source}: {problem.detail}", err=True)
    if report.problems and not gently:
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
    for tenant in tenants:
        if tenant.slug == slug or (slug is None and len(tenants) == 1):
            if house.tenants.standings.find(tenant.id).state == "leaving":
                raise Refused(f"{tenant.slug} is being deleted; `miaohui tenant delete {tenant.slug}` ends that.")
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
