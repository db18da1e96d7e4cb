"""What is committed is the project and nothing of the machine it was made on."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.tree import ROOT

MACHINE = re.compile(r"(?<![\w.-])/(?:root|work|home/[a-z]+|Users/[A-Za-z]+|opt/wheels)/")
REGISTRY = re.compile(r"https?://[^\s\"']*(?:pypi|pythonhosted|npmjs|npmmirror|jsdelivr|unpkg)[^\s\"']*")
MAY_NAME_REGISTRIES = {"CONTRIBUTING.md"}
LARGEST = 1_000_000


def test_no_path_of_one_machine_is_in_the_tree(tracked: list[Path]) -> None:
    assert [hit for path in tracked if path != Path(__file__) for hit in _hits(MACHINE, path)] == []


def test_no_lock_file_or_page_names_a_registry(tracked: list[Path]) -> None:
    found = [hit for path in tracked if path != Path(__file__) for hit in _hits(REGISTRY, path)]
    assert [hit for hit in found if hit.partition(":")[0] not in MAY_NAME_REGISTRIES] == []


def test_no_committed_file_is_larger_than_a_megabyte(tracked: list[Path]) -> None:
    assert [str(path.relative_to(ROOT)) for path in tracked if path.stat().st_size > LARGEST] == []


def test_every_pin_carries_a_hash() -> None:
    for path in ROOT.glob("requirements/*.txt"):
        blocks = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8"))
        pins = [block for block in blocks if "==" in block.split("\n", 1)[0]]
        assert pins, path
        assert [block.split("\n", 1)[0] for block in pins if "--hash=sha256:" not in block] == []


def _hits(pattern: re.Pattern[str], path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
