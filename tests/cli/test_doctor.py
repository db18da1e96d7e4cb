"""The doctor finds what is wrong, and says how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from miaohui.cli import main


def findings(data: Path) -> dict[str, dict[str, str]]:
    said = CliRunner().invoke(main, ["doctor", "--data", str(data), "--json"])
    return {finding["name"]: finding for finding in json.loads(said.output)}


def test_a_fresh_folder_has_nothing_wrong_with_its_records(tmp_path: Path) -> None:
    found = findings(tmp_path / "data")
    assert {found[name]["state"] for name in ("data folder", "secret", "database", "clock")} == {"ok"}


def test_a_secret_that_others_can_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("00" * 32, encoding="ascii")
    (tmp_path / "secret").chmod(0o644)
    found = findings(tmp_path)["secret"]
    assert found["state"] == "wrong"
    assert "chmod 600" in found["mend"]


def test_a_provider_that_cannot_be_reached_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_ENGINE_URL", "http://127.0.0.1:9/v1")
    assert findings(tmp_path)["engine"]["state"] == "wrong"


def test_a_redis_that_does_not_answer_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_REDIS_URL", "redis://127.0.0.1:9")
    assert findings(tmp_path)["redis"]["state"] == "wrong"


def test_something_wrong_is_an_exit_code_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_ENGINE_URL", "http://127.0.0.1:9/v1")
    assert CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)]).exit_code == 1
