"""What failed beside others is run once more alone, and why tests were skipped is told: through `scripts/pytest.sh`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.reports import KEPT_IN, without_group

ROOT = Path(__file__).parents[2]

CONFTEST = "from tests.conftest import pytest_addoption, pytest_collection_modifyitems, pytest_configure\n"
"""How the names of this house's tests come to be, without the rest of it."""
FIRST_TIME = """
import pytest
from pathlib import Path

@pytest.mark.xdist_group("a-group")
@pytest.mark.parametrize("kind", ["one", "two"])
def test_{name}(kind):
    met = Path(__file__).with_name("met-" + kind)
    before = met.exists()
    met.touch()
    assert kind == "one" or {passes}

@pytest.mark.skip(reason="for a reason")
@pytest.mark.parametrize("number", range(3))
def test_skipped(number):
    raise AssertionError
"""


def run(folder: Path, passes: str) -> subprocess.CompletedProcess[str]:
    """The script in a folder of its own, whose one grouped test fails the first time."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_some.py").write_text(FIRST_TIME.format(name="that_stays_with_others", passes=passes))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:schemathesis -p no:hypothesispytest -p no:asyncio\n")
    return subprocess.run(
        [ROOT / "scripts" / "pytest.sh", "-n", "1", "--dist", "loadgroup"],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
            KEPT_IN: str(folder / "skipped"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_grouped_test_that_failed_is_repeated_alone_and_counts_when_it_passes(tmp_path: Path) -> None:
    told = run(tmp_path, "before")
    assert told.returncode == 0, told.stdout
    assert "FAILED test_some.py::test_that_stays_with_others[two] " in told.stdout
    assert "1 failed, 1 passed, 3 skipped" in told.stdout
    assert "rerun previous 1 failure" in told.stdout
    assert (tmp_path / "skipped").read_text() == "3\tfor a reason\n"
    summed = subprocess.check_output([ROOT / "scripts" / "skipped.sh", tmp_path / "skipped"], text=True)
    assert summed == "     3 skipped: for a reason\n"


@pytest.mark.slow
def test_what_fails_again_stays_a_failure(tmp_path: Path) -> None:
    told = run(tmp_path, "False")
    assert told.returncode == 1, told.stdout
    assert told.stdout.count("FAILED test_some.py::test_that_stays_with_others[two] ") == 2


@pytest.mark.parametrize(
    ("spread", "plain"),
    [
        ("a/test_b.py::test_c@group", "a/test_b.py::test_c"),
        ("a/test_b.py::test_c[x]@group", "a/test_b.py::test_c[x]"),
        ("a/test_b.py::test_c[me@example.org]", "a/test_b.py::test_c[me@example.org]"),
        ("a@b/test_b.py::test_c", "a@b/test_b.py::test_c"),
    ],
)
def test_only_a_group_is_taken_off_a_name(spread: str, plain: str) -> None:
    assert without_group(spread) == plain
