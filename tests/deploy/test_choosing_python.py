"""Which Python a fresh checkout runs with: the newest, unless another is much faster."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "venv.sh"
_FAKE = """#!/bin/sh
case "$*" in
  *perf*|*process_time*) echo {us} ;;
  *version_info*) exit {too_old} ;;
  *ensurepip*) exit {no_venv} ;;
  --version) echo "Python of {us}" ;;
  "-m venv"*) echo "made with {us}" ;;
esac
"""


def _put(folder: Path, name: str, *, us: int, too_old: int = 0, no_venv: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(_FAKE.format(us=us, too_old=too_old, no_venv=no_venv))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _choose(tmp_path: Path, *folders: Path) -> subprocess.CompletedProcess[str]:
    """What the script says where only these folders and the system's own tools are on the PATH."""
    script = tmp_path / "venv.sh"
    script.write_text(SCRIPT.read_text().replace("$PATH /usr/local/bin /usr/bin", "$PYTHONS"))
    pythons = os.pathsep.join(map(str, folders))
    return subprocess.run(
        ["/bin/sh", str(script), ".venv"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONS": pythons},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_python_is_taken_where_the_others_are_about_as_fast(tmp_path: Path) -> None:
    _put(tmp_path / "a", "python3.12", us=1000)
    _put(tmp_path / "a", "python3.13", us=1100)
    assert "made with 1100" in _choose(tmp_path, tmp_path / "a").stdout


def test_a_much_faster_python_is_taken_before_a_newer_one_wherever_it_stands(tmp_path: Path) -> None:
    _put(tmp_path / "a", "python3.13", us=2000)
    _put(tmp_path / "b", "python3.11", us=1000)
    assert "made with 1000" in _choose(tmp_path, tmp_path / "a", tmp_path / "b").stdout


@pytest.mark.parametrize("lack", [{"too_old": 1}, {"no_venv": 1}])
def test_a_python_that_cannot_be_used_is_passed_over_however_fast(tmp_path: Path, lack: dict[str, int]) -> None:
    _put(tmp_path / "a", "python3.13", us=1000)
    _put(tmp_path / "a", "python3.12", us=10, **lack)
    assert "made with 1000" in _choose(tmp_path, tmp_path / "a").stdout


def test_where_none_can_be_used_it_says_what_to_install(tmp_path: Path) -> None:
    _put(tmp_path / "a", "python3", us=1000, no_venv=1)
    _put(tmp_path / "b", "python3", us=1000, too_old=1)
    lacking, old = _choose(tmp_path, tmp_path / "a"), _choose(tmp_path, tmp_path / "b")
    assert (lacking.returncode, old.returncode) == (1, 1)
    assert "python3-venv" in lacking.stderr
    assert "3.11 or newer" in old.stderr


def test_an_environment_that_works_is_kept_and_a_broken_one_is_made_anew(tmp_path: Path) -> None:
    _put(tmp_path / "a", "python3", us=1000)
    (tmp_path / ".venv").mkdir()
    _put(tmp_path / ".venv" / "bin", "python", us=10)
    assert _choose(tmp_path, tmp_path / "a").stdout == ""
    _put(tmp_path / ".venv" / "bin", "python", us=10, too_old=1)
    assert "made with 1000" in _choose(tmp_path, tmp_path / "a").stdout
