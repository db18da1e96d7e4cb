"""The tree as the architecture tests read it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.architecture.tree import PACKAGE, ROOT

NOT_TEXT = {".gif", ".ico", ".jpg", ".pdf", ".png", ".webp", ".woff2", ".xlsx"}


@pytest.fixture(scope="session")
def sources() -> list[Path]:
    """Every module of the package."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "static" not in path.parts)


@pytest.fixture(scope="session")
def test_modules() -> list[Path]:
    return sorted(ROOT.glob("tests/**/test_*.py"))


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every text file that is committed, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    if not listed:
        pytest.skip("not a git checkout")
    paths = [ROOT / line for line in listed.splitlines()]
    return [path for path in paths if path.is_file() and path.suffix not in NOT_TEXT]
