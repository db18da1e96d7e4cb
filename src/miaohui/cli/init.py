"""`miaohui init`: five questions, and a configuration that works."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import msgspec

from miaohui.cli.output import Refused, as_json, print_facts, run
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings
    from miaohui.wiring import House

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five, with what it is answered with when nobody is asked."""

    name: str
    words: str
    check: Callable[[str], str]
    """What is wrong with an answer, or empty."""
    default: str = ""


def _check_company(answer: str) -> str:
    return "" if 0 < len(answer) <= 200 else "Up to 200 letters."


def _check_email(answer: str) -> str:
    return "" if EMAIL.fullmatch(answer) else "Such as li@example.com."


def _check_url(answer: str) -> str:
    parts = urlsplit(answer)
    good = not answer or (parts.scheme in {"http", "https"} and parts.hostname)
    return "" if good else "Such as https://support.example.com."


def _check_database(answer: str) -> str:
    from miaohui.kit.records import sqlite_file

    try:
        good = not answer or sqlite_file(answer) is None
    except MiaohuiError:
        good = False
    return "" if good else "postgresql://name:password@host/database, mariadb://…, or nothing."


QUESTIONS = (
    Question(name="company", words="Your company's name", check=_check_company, default="My company"),
    Question(name="email", words="E-mail of the first person who logs in", check=_check_email),
    Question(name="url", words="Address for visitors, https://… (empty: this machine only)", check=_check_url),
    Question(name="provider", words="Provider's base URL (empty: from the knowledge alone)", check=_check_url),
    Question(
        name="database", words="PostgreSQL or MariaDB URL (empty: SQLite in the data folder)", check=_check_database
    ),
)


@click.command()
@click.option("--company", help="Your company's name.")
@click.option("--email", help="Of the first person who logs in, the owner.")
@click.option("--url", help="Address under which visitors reach it.")
@click.option("--provider", metavar="URL", help="Base URL of an OpenAI-compatible provider.")
@click.option("--model", help="Model to ask for at the provider.")
@click.option("--key", help="Key for the provider; better given in MIAOHUI_ENGINE_KEY, which is asked for nowhere.")
@click.option("--database", metavar="URL", help="PostgreSQL or MariaDB, for more than one process.")
@click.option("--redis", metavar="URL", help="Redis, which goes with it.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Data folder.")
@click.option("--file", type=click.Path(path_type=Path), default=Path("miaohui.toml"), show_default=True)
@click.option("--no-input", is_flag=True, help="Ask nothing: what is not given has its default.")
@as_json
def init(*, file: Path, data: Path, port: int, no_input: bool, as_json: bool, **given: str | None) -> None:
    """Ask five questions, and write a working configuration into miaohui.toml.

    A question whose answer is given as an option is not asked.
    """
    if file.exists():
        raise Refused(f"{file} is there already; name another with --file, or move it away.")
    answers = _answers(given, ask=not no_input)
    values = _values(answers, data.absolute(), port)
    settings = _settled(values)
    facts = run(_furnish(settings, answers))
    _write(file, values)
    print_facts({"configuration": str(file)} | facts | _next(file, settings, facts), as_json=as_json)


# Asking


def _answers(given: Mapping[str, str | None], *, ask: bool) -> dict[str, str]:
    answers = {name: value for name, value in given.items() if value is not None}
    for question in QUESTIONS:
        answers[question.name] = _answer(question, answers.get(question.name), ask=ask)
    if answers["provider"] and ask:
        answers.setdefault("model", click.prompt("  Model to ask for", default="", show_default=False, err=True))
        answers.setdefault("key", click.prompt("  Its key", default="", hide_input=True, show_default=False, err=True))
    if answers["database"] and ask:
        answers.setdefault("redis", click.prompt("  Redis URL", default="redis://127.0.0.1:6379/0", err=True))
    return answers


def _answer(question: Question, given: str | None, *, ask: bool) -> str:
    if given is None and ask:
        return str(click.prompt(question.words, default=question.default, value_proc=_proc(question), err=True))
    answer = (question.default if given is None else given).strip()
    if wrong := question.check(answer):
        raise Refused(f"--{question.name}: {wrong}")
    return answer


def _proc(question: Question) -> Callable[[str], str]:
    def check(answer: str) -> str:
        if wrong := question.check(answer.strip()):
            raise click.BadParameter(wrong)
        return answer.strip()

    return check


# Writing


def _values(answers: Mapping[str, str], data: Path, port: int) -> dict[str, str | int]:
    """The file's fields, with what is empty left out."""
    values: dict[str, str | int] = {"data": str(data), "port": port, "public_url": answers["url"].rstrip("/")}
    if answers["url"]:
        values["host"] = "0.0.0.0"  # noqa: S104  (visitors are to reach it)
    values |= {"engine_url": answers["provider"], "engine_model": answers.get("model", "")}
    values |= {"engine_key": answers.get("key", ""), "database_url": answers["database"]}
    if answers["database"]:
        values |= {"redis_url": answers.get("redis", ""), "secret": secrets.token_urlsafe(36)}
    return {name: value for name, value in values.items() if value != ""}


def _settled(values: Mapping[str, str | int]) -> Settings:
    from miaohui.settings.service import load

    try:
        return load(**values)
    except MiaohuiError as error:
        raise Refused(error.detail) from error


def _write(file: Path, values: Mapping[str, str | int]) -> None:
    lines = ["# Written by `miaohui init`; every setting is described in docs/reference/settings.md.", ""]
    # A JSON string is a TOML string, too.
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


# The first company


async def _furnish(settings: Settings, answers: Mapping[str, str]) -> dict[str, object]:
    """Tables, the company, its first inbox and its owner; what is there already stays as it is."""
    from miaohui.wiring import open_house

    async with open_house(settings, background=False) as house:
        tenants = await house.tenants.list_()
        tenant = tenants[0] if tenants else await house.tenants.create(answers["company"], _slug(answers["company"]))
        inboxes = await house.inboxes.list_(tenant.id)
        inbox = inboxes[0] if inboxes else await house.inboxes.create(tenant.id, f"{tenant.name} web")
        facts: dict[str, object] = {"company": tenant.slug, "site key": inbox.site_key}
        return facts | await _owner(house, tenant.id, answers["email"])


async def _owner(house: House, tenant_id: str, email: str) -> dict[str, object]:
    if any(person.email == email for person in await house.identity.list_people(tenant_id)):
        return {"log in as": email}
    password = secrets.token_urlsafe(12)
    await house.identity.create_person(email, email.partition("@")[0], password, tenant_id, "owner")
    return {"log in as": email, "password": password}


def _slug(company: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-")[:40]
    return plain if len(plain) > 1 else "main"


def _next(file: Path, settings: Settings, facts: Mapping[str, object]) -> dict[str, object]:
    from miaohui.cli.demo import base_url

    base = base_url(settings)
    workers = " --workers 2" if settings.database_url and settings.redis_url else ""
    return {
        "start it": f"MIAOHUI_CONFIG={file} miaohui serve{workers}",
        "teach it": f"MIAOHUI_CONFIG={file} miaohui kb import FOLDER",
        "check it": f"MIAOHUI_CONFIG={file} miaohui doctor",
        "log in at": f"{base}/console/",
        "in the page": f'<script async src="{base}/widget.js" data-site="{facts["site key"]}"></script>',
    }
