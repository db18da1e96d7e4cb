"""The house's own lints hold here, and each notices what it is there to notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT

LINTS = sorted(path.name for path in (ROOT / "scripts" / "lint").glob("*.py"))
PLANTED = {
    "bounded_queues.py": ("turns/answer.py", "import asyncio\nqueue = asyncio.Queue()\n"),
    "tenant_scope.py": (
        "turns/repository.py",
        "def find_turn(turn_id: str) -> Operation[str]:\n    yield SELECT, {'id': turn_id}\n",
    ),
    "writes_do_no_io.py": (
        "turns/repository.py",
        "async def answer(engine: Engine) -> None:\n    await engine.stream()\n",
    ),
}


def test_every_lint_has_a_planted_violation() -> None:
    assert set(LINTS) == PLANTED.keys()


@pytest.mark.parametrize("lint", LINTS)
def test_the_lint_holds_for_this_house(lint: str) -> None:
    done = _run(lint, ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lint", LINTS)
def test_the_lint_notices_a_planted_violation(lint: str, tmp_path: Path) -> None:
    place, text = PLANTED[lint]
    planted = tmp_path / "src/miaohui" / place
    planted.parent.mkdir(parents=True)
    planted.write_text(text, encoding="utf-8")
    done = _run(lint, tmp_path)
    assert done.returncode == 1
    assert place in done.stdout


def _run(lint: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "lint" / lint
    return subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, check=False)
