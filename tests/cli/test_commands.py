"""The terminal: what each command says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import miaohui
from miaohui.cli import COMMANDS, main


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_help_lists_every_command_without_loading_the_server() -> None:
    code = "import sys, miaohui.cli as c; c.main(['--help'], standalone_mode=False); print('fastapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.rstrip().endswith("False")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    said = call(name, "--help")
    assert said.exit_code == 0
    assert f"{name} [OPTIONS]" in said.output


def test_an_unknown_command_is_wrong_usage() -> None:
    assert call("fly").exit_code == 2


def test_the_version_is_the_version_of_the_package() -> None:
    assert json.loads(call("version", "--json").output)["miaohui"] == miaohui.__version__


def test_a_tenant_is_created_and_then_listed(data: Path) -> None:
    made = json.loads(call("tenant", "create", "acme", "--name", "Acme", "--data", data, "--json").output)
    listed = json.loads(call("tenant", "list", "--data", data, "--json").output)
    assert [(one["id"], one["slug"], one["name"]) for one in listed] == [(made["id"], "acme", "Acme")]


def test_a_tenant_that_is_there_already_is_refused_with_a_sentence(data: Path) -> None:
    call("tenant", "create", "acme", "--data", data)
    again = call("tenant", "create", "acme", "--data", data)
    assert again.exit_code == 1
    assert "acme" in again.output
    assert "Traceback" not in again.output


def test_a_key_is_shown_once_and_can_be_revoked(data: Path) -> None:
    call("tenant", "create", "acme", "--data", data)
    made = json.loads(call("key", "create", "till", "--data", data, "--json").output)
    assert made["key"].startswith("mh_live_")
    assert made["key"] not in call("key", "list", "--data", data).output
    assert call("key", "revoke", made["id"], "--data", data).exit_code == 0
    assert call("key", "revoke", made["id"], "--data", data).exit_code == 1


def test_a_person_without_a_given_password_gets_one_that_is_printed(data: Path) -> None:
    call("tenant", "create", "acme", "--data", data)
    made = json.loads(call("person", "create", "li@acme.example", "--role", "owner", "--data", data, "--json").output)
    assert len(made["password"]) >= 12
    given = call("person", "create", "wu@acme.example", "--password", "a long enough one", "--data", data, "--json")
    assert "password" not in json.loads(given.output)


def test_imported_knowledge_is_found_and_listed(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "return.md").write_text("# 如何退货\n\n签收后 7 天内可以申请无理由退货。\n", encoding="utf-8")
    call("tenant", "create", "acme", "--data", data)
    report = json.loads(call("kb", "import", folder, "--data", data, "--json").output)
    assert report["added"] == 1
    found = json.loads(call("kb", "search", "如何退货", "--data", data, "--json").output)
    assert found["passages"][0]["chunk"]["title"] == "如何退货"
    assert [one["source"] for one in json.loads(call("kb", "list", "--data", data, "--json").output)] == ["return.md"]


def test_with_two_tenants_one_must_be_named(data: Path) -> None:
    call("tenant", "create", "acme", "--data", data)
    call("tenant", "create", "bolt", "--data", data)
    unnamed = call("kb", "list", "--data", data)
    assert unnamed.exit_code == 1
    assert "acme, bolt" in unnamed.output
    assert call("kb", "list", "--tenant", "bolt", "--data", data).exit_code == 0


def test_a_setting_out_of_bounds_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_PORT", "70000")
    said = call("config", "check")
    assert said.exit_code == 1
    assert "port" in said.output


def test_secrets_are_not_shown_among_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_ENGINE_KEY", "sk-very-secret")
    said = call("config", "show", "--json")
    assert "sk-very-secret" not in said.output
    assert json.loads(said.output)["port"] == 8000


def test_only_changed_settings_are_shown_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_PORT", "8123")
    assert json.loads(call("config", "show", "--changed", "--json").output) == {"port": 8123}


def test_nobody_at_the_other_end_has_an_exit_code_of_its_own() -> None:
    assert call("health", "--url", "http://127.0.0.1:9").exit_code == 3
    assert call("ask", "hello", "--url", "http://127.0.0.1:9", "--key", "mh_live_x").exit_code == 3


def test_asking_without_a_key_says_how_to_get_one(data: Path) -> None:
    said = call("ask", "hello", "--data", data)
    assert said.exit_code == 1
    assert "miaohui key create" in said.output


def test_several_workers_on_sqlite_are_refused(data: Path) -> None:
    said = call("serve", "--workers", "2", "--data", data)
    assert said.exit_code == 1
    assert "PostgreSQL" in said.output


def test_several_workers_without_redis_are_refused(data: Path) -> None:
    said = call("serve", "--workers", "2", "--data", data, "--database", "postgresql://nobody@127.0.0.1:9/none")
    assert said.exit_code == 1
    assert "Redis" in said.output
