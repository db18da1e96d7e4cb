"""Pages of a site into articles, through the one guarded way to addresses that somebody else gave us."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from defusedxml import ElementTree

from miaohui.kit.errors import Invalid, MiaohuiError
from miaohui.kit.fetch import Ask, Fetched, Limits
from miaohui.knowledge.importing import Problem, Progress, Read
from miaohui.knowledge.reading import BrokenFile, Draft, name_drafts, read_content

MOST_PAGES = 1_000
AT_ONCE = 4
LIMITS = Limits(total_s=20.0, answer_bytes=10 * 1024 * 1024, redirects=3)
_SUFFIXES: Mapping[str, str] = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


class Fetch(Protocol):
    """Asks an address; `kit.fetch.Fetcher` does."""

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        """One answer."""
        ...


async def read_site(fetcher: Fetch, urls: Sequence[str], progress: Progress | None = None) -> Read:
    """Every page; a sitemap stands for the pages of its own host that it lists. Raises `Invalid` for too many."""
    pages: dict[str, None] = {}
    problems: list[Problem] = []
    for url in urls:
        if not urlsplit(url).path.endswith(".xml"):
            pages[url] = None
            continue
        try:
            pages.update(dict.fromkeys(await _read_sitemap(fetcher, url)))
        except (BrokenFile, MiaohuiError) as error:
            problems.append(Problem(url, str(error)))
    if len(pages) > MOST_PAGES:
        raise Invalid(f"These are more than {MOST_PAGES} pages.")
    return await _read_pages(fetcher, list(pages), problems, progress)


async def _read_pages(fetcher: Fetch, urls: Sequence[str], problems: list[Problem], progress: Progress | None) -> Read:
    drafts: dict[str, Draft] = {}
    done = 0
    turns = asyncio.Semaphore(AT_ONCE)

    async def read(url: str) -> None:
        nonlocal done
        async with turns:
            try:
                for draft in await _read_page(fetcher, url):
                    drafts[draft.source] = draft
            except (BrokenFile, MiaohuiError) as error:
                problems.append(Problem(url, str(error)))
            done += 1
            if progress:
                progress(done, len(urls), url)

    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(read(url))
    return Read(name_drafts(drafts), tuple(problems))


async def _read_page(fetcher: Fetch, url: str) -> list[Draft]:
    fetched = await _get(fetcher, url)
    kind = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    suffix = _SUFFIXES.get(kind)
    if suffix is None:
        raise BrokenFile(f"is of a kind that is not read: {kind or 'unknown'}")
    return await asyncio.to_thread(read_content, fetched.body, url, suffix)


async def _read_sitemap(fetcher: Fetch, url: str) -> list[str]:
    fetched = await _get(fetcher, url)
    try:
        root = ElementTree.fromstring(fetched.body, forbid_dtd=True)
    except Exception as error:
        raise BrokenFile("is not a sitemap") from error
    host = urlsplit(url).hostname
    found = [(element.text or "").strip() for element in root.iter() if str(element.tag).endswith("}loc")]
    return [one for one in found if urlsplit(one).hostname == host and not urlsplit(one).path.endswith(".xml")]


async def _get(fetcher: Fetch, url: str) -> Fetched:
    fetched = await fetcher.fetch(Ask(url=url), LIMITS)
    if fetched.status != 200:
        raise BrokenFile(f"was answered with {fetched.status}")
    return fetched
