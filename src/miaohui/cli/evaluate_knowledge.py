"""`miaohui eval retrieval|documents|passages|paraphrases`: is the right article found?"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.demo import sample_folder
from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_table import Measured, share, show
from miaohui.cli.output import as_json

if TYPE_CHECKING:
    from miaohui.knowledge.index import Index
    from miaohui.knowledge.reading import Draft

_TITLES = re.compile(r"^(?:title|sidebarTitle)\s*:.*\n", re.MULTILINE)
_FRONT = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
_LOOKED_AT = 50


class Page(NamedTuple):
    """One page of a help centre."""

    source: str
    title: str
    text: str


@click.command()
@data_folder
@as_json
def retrieval(*, data: Path, as_json: bool) -> None:
    """Is a help page found by its title, which was taken away from it? DATA holds dify_docs/.

    A page that stands there twice, for two editions, may be found as either; `itself` says how often it was the very
    page.
    """
    lines: list[Measured] = []
    with watched(hidden=as_json) as watch:
        for language in ("zh", "en"):
            pages = read_pages(data / "dify_docs" / f"dify_{language}.jsonl.gz")
            index = build([untitled(page) for page in pages])
            lines += measure_pages(watch(pages, language), index, language)
    show(lines, as_json=as_json)


def read_pages(file: Path) -> list[Page]:
    """Of the set."""
    with gzip.open(found(file), "rt", encoding="utf-8") as lines:
        told = map(json.loads, lines)
        return [Page(page["path"], page["title"], page["text"]) for page in told]


def untitled(page: Page) -> Draft:
    """The page as it would be imported, had nobody given it a title."""
    import msgspec

    from miaohui.knowledge.reading import read_text

    front = _FRONT.match(page.text)
    text = _TITLES.sub("", front[0]) + page.text[front.end() :] if front else page.text
    return msgspec.structs.replace(read_text(text, page.source), title="")


def measure_pages(pages: Iterable[Page], index: Index, language: str) -> list[Measured]:
    """Recall at 1 and 5, and the mean reciprocal rank."""
    listed = list(pages)
    named: dict[str, set[str]] = {}
    for page in listed:
        named.setdefault(page.title, set()).add(page.source)
    places = [rank(index, page.title, named[page.title]) for page in listed]
    own = [rank(index, page.title, {page.source}) for page in listed]
    name = f"help centre, {language}"
    return [
        Measured(name, "R@1", share([place == 1 for place in places]), len(listed), 0.55),
        Measured(name, "R@5", share([0 < place <= 5 for place in places]), len(listed), 0.90),
        Measured(name, "MRR", sum(1 / place for place in places if place) / max(len(listed), 1), len(listed)),
        Measured(name, "R@1 itself", share([place == 1 for place in own]), len(listed)),
        Measured(name, "R@5 itself", share([0 < place <= 5 for place in own]), len(listed)),
    ]


def rank(index: Index, question: str, right: set[str]) -> int:
    """Of the first right article; 0 for none among those looked at."""
    from miaohui.knowledge import policy

    passages = policy.search(index, question, locale="zh-CN", limit=_LOOKED_AT, threshold=0.5).passages
    articles = list(dict.fromkeys(passage.chunk.article_id for passage in passages))
    return next((place for place, article in enumerate(articles, 1) if article in right), 0)


def build(drafts: Iterable[Draft], *, questions: bool = True) -> Index:
    """An index of drafts as an import would make it, article ids being their sources."""
    import msgspec

    from miaohui.knowledge.index import build_index
    from miaohui.knowledge.publication import write_article
    from miaohui.knowledge.reading import name_drafts
    from miaohui.knowledge.rehearsal import calibrate

    named = name_drafts({draft.source: draft for draft in drafts})
    bare = () if questions else ((), ())
    chunks = [
        chunk
        for source, draft in sorted(named.items())
        for chunk in write_article(
            "ten", source, draft if not bare else msgspec.structs.replace(draft, questions=(), names=()), 0
        )[1]
    ]
    return calibrate(build_index(1, chunks), chunks)


@click.command()
@data_folder
@as_json
def documents(*, data: Path, as_json: bool) -> None:
    """Are the many articles found that one customer's story needs? DATA holds tau2/banking_knowledge/.

    The story is the set's own: its first sentences that say who writes and why, and as much of the whole as is read.
    """
    folder = data / "tau2" / "banking_knowledge"
    index = build(read_documents(folder / "documents.jsonl.gz"))
    tasks = read_tasks(folder / "tasks_odd.json.gz")
    with watched(hidden=as_json) as watch:
        lines = [
            line
            for name, characters, least in (("the story", 10_000, 0.35), ("its first 800 characters", 800, None))
            for line in measure_documents(watch(tasks, name), index, f"many documents, {name}", characters, least)
        ]
    show(lines, as_json=as_json)


def read_documents(file: Path) -> list[Draft]:
    """Of the set."""
    from miaohui.knowledge.reading import Draft

    with gzip.open(found(file), "rt", encoding="utf-8") as lines:
        told = list(map(json.loads, lines))
    return [Draft(source=one["id"], title=one["title"], text=one["content"], locale="en") for one in told]


def read_tasks(file: Path) -> list[tuple[str, frozenset[str]]]:
    """Stories, and the articles each needs."""
    with gzip.open(found(file), "rt", encoding="utf-8") as stream:
        tasks = json.load(stream)
    return [(_story(task["user_scenario"]["instructions"]), frozenset(task["required_documents"])) for task in tasks]


def _story(told: Any) -> str:
    return told if isinstance(told, str) else " ".join(str(part) for part in told.values() if part)


def measure_documents(
    tasks: Iterable[tuple[str, frozenset[str]]], index: Index, name: str, characters: int, least: float | None
) -> list[Measured]:
    """Recall at 10 and at 50, averaged over the stories."""
    from miaohui.knowledge.survey import survey

    ten: list[float] = []
    fifty: list[float] = []
    for story, needed in tasks:
        articles = [one.article_id for one in survey(index, story[:characters], limit=_LOOKED_AT)]
        ten.append(len(needed & set(articles[:10])) / len(needed))
        fifty.append(len(needed & set(articles)) / len(needed))
    count = max(len(ten), 1)
    return [
        Measured(name, "recall@10", sum(ten) / count, len(ten), least),
        Measured(name, "recall@50", sum(fifty) / count, len(fifty)),
    ]


@click.command()
@data_folder
@as_json
def passages(*, data: Path, as_json: bool) -> None:
    """Is the Chinese passage found that holds the answer? DATA holds cmrc2018/."""
    drafts, questions = read_passage_questions(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    index = build(drafts)
    with watched(hidden=as_json) as watch:
        places = [rank(index, question, {source}) for question, source in watch(questions, "passages")]
    first = share([place == 1 for place in places])
    show([Measured("passage with the answer", "R@1", first, len(places), 0.96)], as_json=as_json)


def read_passage_questions(file: Path) -> tuple[list[Draft], list[tuple[str, str]]]:
    """Passages as articles without a title, and questions with the passage that answers each."""
    from miaohui.knowledge.reading import Draft

    with gzip.open(found(file), "rt", encoding="utf-8") as stream:
        told = [one for article in json.load(stream)["data"] for one in article["paragraphs"]]
    drafts = [Draft(source=one["id"], title="", text=one["context"], locale="zh-CN") for one in told]
    return drafts, [(asked["question"], one["id"]) for one in told for asked in one["qas"]]


@click.command()
@as_json
def paraphrases(*, as_json: bool) -> None:
    """Are the sample shop's articles found by what people say instead? Needs no DATA: the set is our own."""
    told = json.loads((sample_folder() / "paraphrases.json").read_text("utf-8"))
    show(measure_paraphrases(read_sample(), told), as_json=as_json)


def read_sample() -> list[Draft]:
    """The sample shop's articles, as it stands beside the sources or inside the package."""
    from miaohui.knowledge.reading import list_files, read_file

    root = sample_folder() / "knowledge"
    return [draft for path in list_files(root) for draft in read_file(path, path.relative_to(root).as_posix())]


def measure_paraphrases(drafts: Sequence[Draft], told: Sequence[dict[str, Any]]) -> list[Measured]:
    """Without any sample question, with those of the articles, and with what was learned from corrections."""
    import msgspec

    learned = {one["article"]: tuple(one["learned"]) for one in told}
    taught = [
        msgspec.structs.replace(draft, questions=(*draft.questions, *learned.get(draft.source, ()))) for draft in drafts
    ]
    asked = [(question, one["article"]) for one in told for question in one["asked"]]
    plain, known, more = (
        share([rank(index, question, {article}) == 1 for question, article in asked])
        for index in (build(drafts, questions=False), build(drafts), build(taught))
    )
    name = "FAQ by paraphrase"
    return [
        Measured(name, "R@1 words alone", plain, len(asked)),
        Measured(name, "R@1 with samples", known, len(asked)),
        Measured(name, "R@1 learned", more, len(asked), plain + 0.10),
    ]


COMMANDS = (retrieval, documents, passages, paraphrases)
