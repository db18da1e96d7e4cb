"""Files that somebody hands over, read as those of a folder are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from miaohui.knowledge.importing import Problem, Read
from miaohui.knowledge.reading import BrokenFile, Draft, name_drafts, read_content


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file."""

    name: str
    """Its identity: a file of the same name takes the place of the earlier one."""
    content: bytes


def read_uploads(files: Sequence[Upload]) -> Read:
    """Every file, one after the other; what cannot be read is told and changes nothing. Blocks while it reads."""
    drafts: dict[str, Draft] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            read = read_content(file.content, file.name, PurePosixPath(file.name).suffix.lower())
        except BrokenFile as error:
            problems.append(Problem(file.name, str(error)))
        else:
            drafts.update((draft.source, draft) for draft in read)
    return Read(name_drafts(drafts), tuple(problems))
