"""Five questions lead to a configuration with which the server starts and answers."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner, Result
from tests.conformance.house import Process

from miaohui.cli import main
from miaohui.cli.init import QUESTIONS
from miaohui.settings.service import load


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, answers: str = "") -> Result:
    return CliRunner().invoke(main, ["init", *words], input=answers)


def facts(*words: str) -> dict[str, Any]:
    said = CliRunner().invoke(main, ["init", "--no-input", "--email", "li@example.com", "--json", *words])
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.output)
    return found


def written() -> dict[str, Any]:
    return tomllib.loads(Path("miaohui.toml").read_text(encoding="utf-8"))


def test_five_questions_are_asked_and_a_wrong_answer_is_asked_again() -> None:
    assert len(QUESTIONS) == 5
    said = call(answers="Acme 店\nnobody\nli@example.com\nhttps://support.example.com/\n\n\n")
    assert said.exit_code == 0, said.output
    assert said.output.count("E-mail of the first person") == 2
    assert all(question.words in said.output for question in QUESTIONS)
    assert written()["public_url"] == "https://support.example.com"
    assert written()["host"] == "0.0.0.0"


def test_what_is_given_is_not_asked() -> None:
    said = call("--company", "Acme", "--email", "li@example.com", "--url", "", "--provider", "", "--database", "")
    assert said.exit_code == 0
    assert "Acme" not in said.output.splitlines()[0]
    assert Path("miaohui.toml").stat().st_mode & 0o777 == 0o600


def test_without_anybody_to_ask_a_missing_address_is_refused() -> None:
    said = call("--no-input")
    assert said.exit_code == 1
    assert "--email" in said.output
    assert not Path("miaohui.toml").exists()


def test_a_provider_and_its_key_come_into_the_file_and_not_on_the_screen() -> None:
    said = facts("--provider", "http://127.0.0.1:9/v1", "--model", "m", "--key", "sk-verysecret")
    assert written()["engine_key"] == "sk-verysecret"
    assert "sk-verysecret" not in json.dumps(said)


def test_a_configuration_is_never_written_over() -> None:
    facts()
    before = Path("miaohui.toml").read_bytes()
    said = call("--no-input", "--email", "li@example.com")
    assert said.exit_code == 1
    assert "is there already" in said.output
    assert Path("miaohui.toml").read_bytes() == before


def test_a_company_that_is_there_is_kept() -> None:
    first = facts()
    again = facts("--file", "second.toml", "--company", "Another")
    assert again["site key"] == first["site key"]
    assert "password" not in again


@pytest.mark.parametrize("option", [("--url", "example.com"), ("--database", "oracle://x"), ("--email", "x")])
def test_an_answer_out_of_form_is_named(option: tuple[str, str]) -> None:
    email = () if option[0] == "--email" else ("--email", "li@example.com")
    said = call("--no-input", *email, *option)
    assert said.exit_code == 1
    assert option[0] in said.output


@pytest.mark.slow
async def test_the_server_starts_with_it_and_answers(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = await _in_thread("--port", "1")
    monkeypatch.setenv("MIAOHUI_CONFIG", str(here / "miaohui.toml"))
    assert load().port == 1
    node = Process(here / "data")
    await node.start()
    try:
        async with aiohttp.ClientSession() as http:
            login = {"email": said["log in as"], "password": said["password"]}
            async with http.post(f"{node.base}/v1/auth/login", json=login) as answer:
                assert answer.status == 200, await answer.text()
            async with http.post(f"{node.base}/v1/widget/session", json={"site_key": said["site key"]}) as answer:
                assert answer.status == 200, await answer.text()
    finally:
        await node.end()


async def _in_thread(*words: str) -> dict[str, Any]:
    import asyncio

    return await asyncio.to_thread(facts, *words)
