"""The doctor finds what is wrong, and says how to mend it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.servers import database_at

from miaohui.cli import doctor_ground as ground
from miaohui.cli import main


def findings(data: Path) -> dict[str, dict[str, str]]:
    said = CliRunner().invoke(main, ["doctor", "--data", str(data), "--json"])
    return {finding["name"]: finding for finding in json.loads(said.stdout)}


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


def test_a_model_that_the_provider_does_not_have_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(200, b'{"data":[{"id":"qwen-max"},{"id":"qwen-plus"}]}') as url:
        monkeypatch.setenv("MIAOHUI_ENGINE_URL", url)
        for model, state, mend in (
            ("qwen-pluss", "note", "qwen-plus,"),
            ("", "note", "qwen-max"),
            ("qwen-max", "ok", ""),
        ):
            monkeypatch.setenv("MIAOHUI_ENGINE_MODEL", model)
            found = findings(tmp_path)["engine"]
            assert found["state"] == state
            assert mend in found["mend"]


@contextmanager
def provider(status: int, body: bytes = b"") -> Iterator[str]:
    """Answers everything in one way."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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
        answering = threading.Thread(target=hang_up, args=(taken,), daemon=True)
        answering.start()
        assert findings(tmp_path)["port"]["state"] == "wrong"
        taken.shutdown(socket.SHUT_RDWR)
        answering.join()
    assert findings(tmp_path)["port"]["state"] == "ok"


def hang_up(listener: socket.socket) -> None:
    """On everybody who calls, until nobody can."""
    with contextlib.suppress(OSError):
        while True:
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


# What the settings name


def test_a_variable_that_is_misspelt_is_found_with_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings(tmp_path)["names"]["state"] == "ok"
    monkeypatch.setenv("MIAOHUI_ENGIN_URL", "http://127.0.0.1:9/v1")
    found = findings(tmp_path)["names"]
    assert (found["state"], found["mend"]) == ("wrong", "Did you mean MIAOHUI_ENGINE_URL?")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("WORDS_FILE", None, "cannot be read: No such file"),
        ("WORDS_FILE", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("ENGINES_FILE", None, "cannot be read"),
        ("ENGINES_FILE", b"[[route]\n", "is not TOML"),
        ("ORDERS_FILE", b"{", "Expecting property name"),
        ("KNOWLEDGE_FOLDER", b"a file", "Not a directory"),
        ("KNOWLEDGE_FOLDER", None, "No such file"),
        ("TRACE_FILE", b"", ""),
        ("WORDS_FILE", "[own]\n坏词\n".encode(), ""),
    ],
)
def test_a_file_that_is_named_and_cannot_be_read_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, says: str
) -> None:
    file = tmp_path / "named"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(f"MIAOHUI_{name}", str(file))
    found = findings(tmp_path / "data")["named files"]
    assert found["state"] == ("wrong" if says else "ok")
    assert says in found["says"]
    assert f"MIAOHUI_{name}" in found["says"]


def test_half_a_way_to_the_operators_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(tmp_path)["alerts"]["says"] == "nobody is told when something goes wrong"
    monkeypatch.setenv("MIAOHUI_ALERT_SMTP_URL", "smtp://mail.example.com")
    assert findings(tmp_path)["alerts"]["state"] == "wrong"
    monkeypatch.setenv("MIAOHUI_ALERT_MAIL_FROM", "miaohui@example.com")
    monkeypatch.setenv("MIAOHUI_ALERT_MAIL_TO", "ops@example.com")
    found = findings(tmp_path)["alerts"]
    assert (found["state"], "told by mail" in found["says"]) == ("ok", True)


# Addresses


@pytest.mark.parametrize(
    ("given", "check", "mend"),
    [
        ("DATABASE_URL=postgresql://a:b@127.0.0.1:9/x", "database", "host and port"),
        ("DATABASE_URL=mariadb://a:b@127.0.0.1:9/x", "database", "host and port"),
        ("REDIS_URL=http://127.0.0.1:6379", "redis", "redis://:password@host:6379/0"),
        ("PUBLIC_URL=support.example.com", "address", "https://support.example.com"),
        (f"DATA={__file__}", "data folder", "Name a folder"),
    ],
)
def test_an_address_that_leads_nowhere_is_found_with_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, check: str, mend: str
) -> None:
    name, _, value = given.partition("=")
    monkeypatch.setenv(f"MIAOHUI_{name}", value)
    found = findings(tmp_path if name != "DATA" else Path(value))[check]
    assert found["state"] == "wrong"
    assert mend in found["mend"]
    assert "try again shortly" not in found["says"], "those are words for visitors"


@pytest.mark.parametrize(
    ("kind", "says"),
    [("name", "password|role|peer"), ("database", "does not exist")],
)
@pytest.mark.pg
def test_postgresql_says_why_it_does_not_let_us_in(
    postgres_server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, says: str
) -> None:
    url = database_at(postgres_server_url, "nowhere" if kind == "database" else "postgres")
    if kind == "name":
        url = url.replace("postgres:@", "nobody:@")
    monkeypatch.setenv("MIAOHUI_DATABASE_URL", url)
    found = findings(tmp_path)["database"]
    assert found["state"] == "wrong"
    assert re.search(says, found["says"])
    assert ("CREATE DATABASE" in found["mend"]) == (kind == "database")


@pytest.mark.pg
def test_a_postgresql_that_does_not_sync_is_found(
    empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIAOHUI_DATABASE_URL", empty_postgres_url)
    found = findings(tmp_path)["database"]  # the tests' own server is run without, for speed
    assert found["state"] == "wrong"
    assert "fsync = off: what was acked may be lost" in found["says"]


@pytest.mark.maria
def test_a_mariadb_that_syncs_once_a_second_is_found(
    empty_mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIAOHUI_DATABASE_URL", empty_mariadb_url)
    assert "innodb_flush_log_at_trx_commit = 2" in findings(tmp_path)["database"]["says"]


def test_a_disk_of_another_machine_is_known_by_its_kind() -> None:
    assert ground._kind_of_disk(Path("/proc")) == "proc"
    assert ground._kind_of_disk(Path("/proc/self")) == "proc"
    assert ground._kind_of_disk(Path("/")) not in ground._FAR | {""}


def test_damage_is_found_also_after_a_clean_stop(tmp_path: Path) -> None:
    file = tmp_path / "miaohui.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE one (a TEXT)")
        made.executemany("INSERT INTO one VALUES (?)", [("x" * 500,)] * 100)
        made.commit()
    assert findings(tmp_path)["database"]["state"] == "note"
    with file.open("r+b") as out:
        out.seek(4096 * 3)
        out.write(b"\xff" * 4096)
    found = findings(tmp_path)["database"]
    assert (found["state"], "miaohui restore" in found["mend"]) == ("wrong", True)
