"""Every sync of the disk takes 200 ms: many writes share each, and none waits for the log to be folded (D15)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.failing import Failing

pytestmark = pytest.mark.faults

SECONDS = "4"


def hurried(folder: Path, *itself: str) -> dict[str, Any]:
    failing = Failing(folder, "records.db")
    failing.now(fsync_ms=200)
    environment = {**os.environ, **failing.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "tests.faults.hurrying", str(folder / "records.db"), SECONDS, *itself]
    told = subprocess.run(command, env=environment, check=True, timeout=60, capture_output=True).stdout
    return dict(json.loads(told))


def p99(values: list[float]) -> float:
    return values[len(values) * 99 // 100]


async def test_writes_share_the_syncs_of_a_slow_disk_and_none_waits_for_the_log(tmp_path: Path) -> None:
    told = await asyncio.to_thread(hurried, tmp_path)
    assert told["file"] > 1_000_000, "the log was never folded"
    found = f"{told['per_s']:.0f} writes/s, P99 {p99(told['took']):.3f} s"
    assert (told["per_s"] >= 200, p99(told["took"]) <= 0.6) == (True, True), found
    assert told["late"][len(told["late"]) * 9 // 10] <= 0.05


async def test_a_commit_that_folds_the_log_itself_is_found_out(tmp_path: Path) -> None:
    told = await asyncio.to_thread(hurried, tmp_path, "itself")
    assert told["file"] > 1_000_000, "the log was never folded"
    assert p99(told["took"]) > 0.6
