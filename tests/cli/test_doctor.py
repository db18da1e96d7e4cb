"""The doctor finds what is wrong, and says how to mend it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
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


def test_a_key_that_the_provider_refuses_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(401) as url:
        monkeypatch.setenv("MIAOHUI_ENGINE_URL", url)
        monkeypatch.setenv("MIAOHUI_ENGINE_KEY", "sk-old")
        found = findings(tmp_path)["engine"]
    assert (found["state"], "refuses the key" in found["says"]) == ("wrong", True)
    with provider(200) as url:
        monkeypatch.setenv("MIAOHUI_ENGINE_URL", url)
        assert findings(tmp_path)["engine"]["state"] == "ok"


@contextmanager
def provider(status: int) -> Iterator[str]:
    """Answers everything with one status."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Says)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def test_processes_that_cannot_hear_each_other_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_WORKERS", "4")
    found = findings(tmp_path)["workers"]
    assert found["state"] == "wrong"
    assert "MIAOHUI_REDIS_URL" in found["mend"]


def test_a_port_that_something_else_holds_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("MIAOHUI_PORT", str(taken.getsockname()[1]))
        threading.Thread(target=hang_up, args=(taken,), daemon=True).start()
        assert findings(tmp_path)["port"]["state"] == "wrong"
    assert findings(tmp_path)["port"]["state"] == "ok"


def hang_up(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_public_address_without_tls_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_PUBLIC_URL", "http://support.example.com")
    assert findings(tmp_path)["address"]["state"] == "wrong"
    monkeypatch.setenv("MIAOHUI_PUBLIC_URL", "https://support.example.com")
    assert findings(tmp_path)["address"]["state"] == "ok"


def test_a_well_known_secret_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_SECRET", "changeme" * 8)
    assert findings(tmp_path)["secret"]["state"] == "wrong"


def test_damaged_records_are_found_with_the_way_back(tmp_path: Path) -> None:
    (tmp_path / "miaohui.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    (tmp_path / "miaohui.db.running").touch()
    found = findings(tmp_path)["database"]
    assert found["state"] == "wrong"


def test_something_wrong_is_an_exit_code_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_ENGINE_URL", "http://127.0.0.1:9/v1")
    assert CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)]).exit_code == 1
