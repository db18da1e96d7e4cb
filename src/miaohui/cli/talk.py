"""`miaohui chat` and `miaohui ask`: a visitor's conversation over the public API."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click
import msgspec

from miaohui.cli.output import Refused, Unreachable, as_json, print_json, run

TOTAL_S = 120.0

where = click.option("--url", help="Where the server is.  [default: from demo.json, else http://127.0.0.1:8000]")
which = click.option("--key", envvar="MIAOHUI_API_KEY", help="An API key with the scope chat.  [default: demo.json's]")
folder = click.option("--data", metavar="FOLDER", default="data", show_default=True, help="Where demo.json is.")
locale = click.option("--locale", default="zh-CN", show_default=True)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An open line to a server: where, with which right, as which visitor."""

    url: str
    key: str
    visitor_id: str
    locale: str = "zh-CN"


@click.command()
@click.argument("question")
@where
@which
@folder
@locale
@as_json
def ask(*, question: str, url: str | None, key: str | None, data: str, locale: str, as_json: bool) -> None:
    """Ask QUESTION and print the answer with its sources."""
    line = _line(url, key, data, locale)
    run(_ask_once(line, question, as_json=as_json))


@click.command(name="chat")
@where
@which
@folder
@locale
def converse(*, url: str | None, key: str | None, data: str, locale: str) -> None:
    """Talk to a running server. Ctrl+D ends it."""
    line = _line(url, key, data, locale)
    click.echo(f"{line.url} · Ctrl+D ends", err=True)
    run(_converse(line))


def _line(url: str | None, key: str | None, data: str, locale: str) -> Line:
    """What was said on the command line, completed by the demo's own note."""
    note = Path(data) / "demo.json"
    known: dict[str, Any] = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    found = key or str(known.get("api_key", ""))
    if not found:
        raise Refused("Name an API key with --key or MIAOHUI_API_KEY (`miaohui key create NAME` makes one).")
    where = (url or str(known.get("base_url", "http://127.0.0.1:8000"))).rstrip("/")
    return Line(url=where, key=found, visitor_id=f"terminal-{os.getpid()}", locale=locale)


async def _ask_once(line: Line, question: str, *, as_json: bool) -> None:
    if as_json:
        print_json(await _whole(line, question))
    else:
        await _show(line, question, "")


async def _converse(line: Line) -> None:
    conversation = ""
    while True:
        try:
            question = click.prompt("›", prompt_suffix=" ", default="", show_default=False).strip()
        except click.Abort:
            click.echo()
            return
        if question:
            conversation = await _show(line, question, conversation)


async def _show(line: Line, question: str, conversation: str) -> str:
    """Print the answer as it comes, then its sources; returns the conversation's id."""
    final: dict[str, Any] = {}
    shown = ""
    async for event, fact in _events(line, question, conversation):
        if event == "delta":
            shown += fact["text"]
            click.echo(fact["text"], nl=False)
        elif event == "reset":
            shown = ""
            click.echo("\n…")
        elif event == "end":
            final = fact
        elif event == "error":
            raise Refused(str(fact.get("detail", fact)))
    _show_end(final, shown)
    return str(final.get("conversation_id", conversation))


def _show_end(final: dict[str, Any], shown: str) -> None:
    """What the stream did not carry: a text that was not streamed, the sources, whether a human was asked."""
    click.echo("" if shown else final.get("answer", ""))
    for source in final.get("citations", ()):
        click.secho(f"  [{source['n']}] {source['title']}  {source['heading']}".rstrip(), dim=True)
    if final.get("handoff"):
        click.secho("  A human has been asked for and will answer in this conversation.", dim=True)


async def _whole(line: Line, question: str) -> dict[str, Any]:
    async with _posted(line, question, "", "application/json") as answer:
        whole: dict[str, Any] = await answer.json()
        return whole


async def _events(line: Line, question: str, conversation: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Server-sent events, as name and data."""
    async with _posted(line, question, conversation, "text/event-stream") as answer:
        event, data = "", ""
        async for raw in answer.content:
            text = raw.decode().rstrip("\r\n")
            if text.startswith("event:"):
                event = text[6:].strip()
            elif text.startswith("data:"):
                data += text[5:].strip()
            elif not text and data:
                yield event, json.loads(data)
                event, data = "", ""


class _posted:  # noqa: N801  used as the verb it is
    """`async with _posted(…) as answer`: one question over HTTP; raises `Refused` and `Unreachable`."""

    def __init__(self, line: Line, question: str, conversation: str, accept: str) -> None:
        self._line = line
        self._accept = accept
        self._body = {"visitor_id": line.visitor_id, "question": question, "locale": line.locale}
        if conversation:
            self._body["conversation_id"] = conversation

    async def __aenter__(self) -> Any:
        import aiohttp

        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TOTAL_S))
        headers = {"Authorization": f"Bearer {self._line.key}", "Accept": self._accept}
        try:
            answer = await self._session.post(f"{self._line.url}/v1/chat", json=self._body, headers=headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            await self._session.close()
            raise Unreachable(f"Nothing answers at {self._line.url}: {error}") from error
        if answer.status >= 400:
            problem = await answer.json(content_type=None)
            await self._session.close()
            raise Refused(f"{answer.status}: {problem.get('detail', problem)}")
        return answer

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
