"""The data folder that every measurement begins with: two companies, 10,000 chunks of knowledge, 12,000 visitors.

Made once, through the rooms' own verbs, and copied for each measurement, so that each checks only its own history.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from miaohui.inboxes.types import Inbox
from miaohui.knowledge.chunking import split_markdown
from miaohui.settings.service import load
from miaohui.testing.history.types import Visitor
from miaohui.turns.policy import wants_human
from miaohui.wiring import House, open_house

CHUNKS = 10_000
VISITORS = 12_000
_PART = 400
_STALE_S = 20 * 24 * 3600
_SERIES = ("云杉", "北岭", "青禾", "拾光", "远山", "知白", "林间", "海盐", "初雪", "南风", "旷野", "微澜")
_KINDS = ("羽绒服", "登山鞋", "保温杯", "双肩包", "台灯", "耳机", "电热毯", "咖啡壶", "跑鞋", "毛毯", "雨伞", "行李箱")


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What a measurement is given."""

    folder: Path
    visitors: tuple[Visitor, ...]
    """Nine of ten belong to the first company, one to the second."""
    questions: tuple[str, ...]


class _Page(msgspec.Struct, frozen=True):
    title: str
    questions: tuple[str, ...]
    paragraphs: tuple[str, ...]


def prepare(base: Path, knowledge: Path, *, small: bool = False) -> Stage:
    """The stage at `base`; made when it is not there or its visitors' tokens grow old. A `small` one is a twentieth."""
    pages = _read_pages(knowledge)
    file = base / "visitors.json"
    if not file.is_file() or time.clock_gettime(time.CLOCK_REALTIME) - file.stat().st_mtime > _STALE_S:
        for old in base.parent.glob(base.name.partition("-")[0] + "*"):
            shutil.rmtree(old, ignore_errors=True)
        draft = base.with_name(base.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        asyncio.run(_make(draft, pages, 20 if small else 1))
        draft.rename(base)
    visitors = msgspec.json.decode(file.read_bytes(), type=tuple[Visitor, ...])
    questions = tuple(question for page in pages for question in page.questions if not wants_human(question))
    return Stage(folder=base, visitors=visitors, questions=questions)


def tables_digest() -> str:
    """Other tables, another stage."""
    root = Path(__file__).parents[1]
    versions = sorted((root / "src" / "miaohui" / "migrations" / "versions").glob("*.py"))
    content = b"".join(path.read_bytes() for path in [*versions, Path(__file__)])
    return sha256(content).hexdigest()[:8]


def copy(stage: Stage, to: Path) -> Path:
    """A data folder of its own for one measurement."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(stage.folder, to)
    return to


async def _make(folder: Path, pages: list[_Page], part: int) -> None:
    async with open_house(load(data=folder), background=False) as house:
        visitors: list[Visitor] = []
        for slug, chunks, count in (
            ("first", CHUNKS // part, VISITORS * 9 // 10 // part),
            ("second", 500, 1200 // part),
        ):
            tenant = await house.tenants.create(f"Bench {slug}", slug)
            inbox = await house.inboxes.create(tenant.id, "Web")
            with TemporaryDirectory() as drafts:
                write_articles(Path(drafts), pages, chunks // part)
                await house.knowledge.import_folder(tenant.id, Path(drafts))
            visitors += await _make_visitors(house, inbox, count // part)
    mixed = sorted(visitors, key=lambda visitor: visitor.contact[::-1])
    (folder / "visitors.json").write_bytes(msgspec.json.encode(mixed))


def make_key(folder: Path) -> str:
    """A key of the first company that may write knowledge, in a data folder that no server has open."""
    with ThreadPoolExecutor(1) as alone:  # whoever asks has a loop of their own
        return alone.submit(asyncio.run, _make_key(folder)).result()


async def _make_key(folder: Path) -> str:
    async with open_house(load(data=folder), background=False) as house:
        tenant = await house.tenants.find_by_slug("first")
        if tenant is None:
            raise FileNotFoundError(folder)
        return (await house.identity.create_key(tenant.id, "Bench", ("knowledge:read", "knowledge:write")))[1]


async def _make_visitors(house: House, inbox: Inbox, count: int) -> list[Visitor]:
    made: list[Visitor] = []
    while len(made) < count:
        part = min(_PART, count - len(made))
        made += await asyncio.gather(*(_make_visitor(house, inbox) for _ in range(part)))
    return made


async def _make_visitor(house: House, inbox: Inbox) -> Visitor:
    contact = await house.contacts.create_visitor(inbox)
    conversation = await house.conversations.start(contact)
    return Visitor(
        tenant=inbox.tenant_id,
        contact=contact.id,
        conversation=conversation.id,
        token=house.identity.issue_visitor(contact),
    )


def write_articles(folder: Path, pages: list[_Page], chunks: int) -> None:
    """So many chunks in articles of a dozen paragraphs each, recombined from the sample shop's."""
    made = 0
    paragraphs = cycle([paragraph for page in pages for paragraph in page.paragraphs])
    for number, (page, name) in enumerate(zip(cycle(pages), _names(), strict=False)):
        if made >= chunks:
            return
        sections = [f"## {name} {i}\n\n" + "\n\n".join(islice(paragraphs, 3)) for i in range(1, 7)]
        body = f"# {name}：{page.title}\n\n" + "\n\n".join(sections) + "\n"
        asked = "".join(f'  - "{name}{question}"\n' for question in page.questions[number % 4 : number % 4 + 1])
        head = (
            f'---\ntitle: "{name}：{page.title}"\nlocale: zh-CN\n'
            + (f"questions:\n{asked}" if asked else "")
            + "---\n\n"
        )
        (folder / f"{number:05d}.md").write_text(head + body, encoding="utf-8")
        made += len(split_markdown(body))


def _names() -> Iterator[str]:
    for number in range(1, 1000):
        for series in _SERIES:
            for kind in _KINDS:
                yield f"{series}{kind}{number}代"


def _read_pages(knowledge: Path) -> list[_Page]:
    pages = [_read_page(path.read_text(encoding="utf-8")) for path in sorted(knowledge.glob("zh/*.md"))]
    if not pages:
        raise FileNotFoundError(f"no articles in {knowledge}")
    return pages


def _read_page(text: str) -> _Page:
    _, head, body = text.split("---\n", 2)
    title = re.search(r'^title: "?(.+?)"?$', head, re.MULTILINE)
    questions = re.findall(r'^  - "(.+)"$', head, re.MULTILINE)
    paragraphs = [part.strip() for part in body.split("\n\n") if len(part) > 40 and not part.startswith("#")]
    return _Page(title[1] if title else "", tuple(questions), tuple(paragraphs))
