"""The certificate is made, says on what and how, and its verdict stands on a checked history."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.histogram import Histogram

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_quick_certificate_names_machine_versions_and_verdict(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.certify", "--quick", "--only", "sessions,burst", "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    (kept,) = tmp_path.glob("certificate-*.json")
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert told["machine"]["cores"] >= 1
    assert {"miaohui", "python", "sqlite", "uvicorn"} <= set(told["versions"])
    sessions, burst = told["modes"]
    assert sessions["think_s"] == [20.0, 60.0]
    assert sessions["verdict"].endswith("all kept")
    assert burst["verdict"].startswith("200 acked")
    assert sum(burst["histograms"]["ack"]["up_to_ms"].values()) == 200
    (page,) = tmp_path.glob("certificate-*.md")
    text = page.read_text(encoding="utf-8")
    assert "Verdict: every promise was kept" in text
    assert "its figures mean little" in text


def test_a_histogram_counts_every_value_once() -> None:
    counts = Histogram([0.0005, 0.0015, 0.003, 0.003, 40.0]).counts_ms()
    assert counts == {"1": 1, "2": 1, "4": 2, "more": 1}


def test_an_empty_histogram_counts_nothing() -> None:
    assert Histogram().counts_ms() == {}
