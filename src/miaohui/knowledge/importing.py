"""What a folder holds, beside what is served: what an import adds, changes and takes away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from miaohui.kit.errors import Invalid
from miaohui.kit.ids import new_id
from miaohui.knowledge.pacing import unhurried
from miaohui.knowledge.publication import write_article
from miaohui.knowledge.publishing import Changes, Written
from miaohui.knowledge.reading import BrokenFile, Draft, list_files, name_drafts, read_file

Progress = Callable[[int, int, str], None]
"""Files done, files in all, and the one at hand."""

MOST_FILES = 20_000


class Problem(msgspec.Struct, frozen=True):
    """A file that was left out, and why. What it gave earlier keeps being served."""

    source: str
    detail: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did. `version` is the one served now; the same as before when nothing changed."""

    added: int
    updated: int
    unchanged: int
    deleted: int
    problems: tuple[Problem, ...]
    version: int


class Read(msgspec.Struct, frozen=True):
    """What was read, by source."""

    drafts: Mapping[str, Draft]
    problems: tuple[Problem, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How what was read differs from what is served."""

    added: int
    updated: int
    unchanged: int
    deleted: int
    changes: Changes

    def report(self, version: int, problems: tuple[Problem, ...]) -> ImportReport:
        """For whoever imported."""
        return ImportReport(
            added=self.added,
            updated=self.updated,
            unchanged=self.unchanged,
            deleted=self.deleted,
            problems=problems,
            version=version,
        )


def read_folder(folder: Path, progress: Progress | None) -> Read:
    """Every file, one after the other. Raises `Invalid` when there are too many."""
    root = folder.resolve()
    files = list_files(folder)
    if len(files) > MOST_FILES:
        raise Invalid(f"The folder holds more than {MOST_FILES} files.")
    drafts: dict[str, Draft] = {}
    problems: list[Problem] = []
    for number, path in enumerate(files):
        source = path.relative_to(root).as_posix()
        if progress:
            progress(number, len(files), source)
        try:
            drafts.update((draft.source, draft) for draft in read_file(path, source))
        except BrokenFile as error:
            problems.append(Problem(source, str(error)))
    if progress:
        progress(len(files), len(files), "")
    return Read(name_drafts(drafts), tuple(problems))


async def compare_drafts(
    tenant_id: str, known: Mapping[str, tuple[str, str]], read: Read, now_ms: int, *, all_of_them: bool
) -> Comparison:
    """`known` is source to article id and digest, as served; an article written here has its id for a source."""
    gone = list(_gone(known, read)) if all_of_them else []
    store: list[Written] = []
    changed: list[str] = []
    async for source, draft in unhurried(read.drafts.items()):
        article_id, digest = known.get(source, ("", ""))
        if digest != draft.digest:
            store.append(write_article(tenant_id, article_id or new_id("art"), draft, now_ms))
            changed += [article_id] if article_id else []
    return Comparison(
        added=len(store) - len(changed),
        updated=len(changed),
        unchanged=len(read.drafts) - len(store),
        deleted=len(gone),
        changes=Changes(end=[*gone, *changed], store=store),
    )


def _gone(known: Mapping[str, tuple[str, str]], read: Read) -> Iterable[str]:
    """What a broken file gave earlier stays, and what was written here."""
    broken = {problem.source for problem in read.problems}
    for source, (article_id, _) in known.items():
        written_here = source == article_id
        if not written_here and source not in read.drafts and source.partition("#")[0] not in broken:
            yield article_id
