"""`miaohui alerts`: what is wrong now, and what nobody wants to hear of; asked of a running server's admin port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click
import msgspec

from miaohui.cli.output import Refused, Unreachable, as_json, print_facts, print_json, print_rows

_where = click.option(
    "--admin", default="http://127.0.0.1:8001", show_default=True, metavar="URL", help="The admin port of a node."
)


@click.group()
def alerts() -> None:
    """See, silence and try the alerts of this installation."""


@alerts.command("list")
@_where
@as_json
def list_(*, admin: str, as_json: bool) -> None:
    """List what every node says, and the silences."""
    found = _ask("GET", f"{admin}/alerts")
    if as_json:
        print_json(found)
        return
    rows = [(one["code"], one["node"], "FIRING" if one["firing"] else "ok", one["value"]) for one in found["alerts"]]
    print_rows(rows, ("alert", "node", "state", "value"), as_json=False)
    for one in found["silences"]:
        until = datetime.fromtimestamp(one["until_ms"] / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        click.echo(f"silent: {one['code'] or 'everything'} until {until} {one['reason']} ({one['id']})")


@alerts.command()
@click.argument("code", default="")
@click.option("--minutes", type=float, default=60, show_default=True)
@click.option("--reason", default="", help="Why, for colleagues.")
@_where
@as_json
def silence(*, code: str, minutes: float, reason: str, admin: str, as_json: bool) -> None:
    """Tell nobody of the alert CODE (of any, when it is left out) for a while."""
    made = _ask("POST", f"{admin}/alerts/silences", {"code": code, "minutes": minutes, "reason": reason})
    print_facts({"id": made["id"], "alert": made["code"] or "everything", "minutes": minutes}, as_json=as_json)


@alerts.command()
@click.argument("silence_id")
@_where
def end(*, silence_id: str, admin: str) -> None:
    """End the silence SILENCE_ID."""
    _ask("DELETE", f"{admin}/alerts/silences/{silence_id}")
    click.echo("It will be told again.")


@alerts.command()
@_where
@as_json
def test(*, admin: str, as_json: bool) -> None:
    """Send something on every way now. Exit code 1 when one does not work."""
    outcome = _ask("POST", f"{admin}/alerts/test")
    if not outcome:
        raise Refused("No way to anybody is set: see MIAOHUI_ALERT_SMTP_URL, …_WEBHOOK_URL, …_ROBOT_URL, …_SMS_URL.")
    print_facts({way: error or "told" for way, error in outcome.items()}, as_json=as_json)
    if any(outcome.values()):
        raise SystemExit(1)


def _ask(method: str, url: str, body: object = None) -> Any:
    data = None if body is None else msgspec.json.encode(body)
    request = Request(url, data=data, method=method, headers={"content-type": "application/json"})  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310  (an operator's own URL)
            return msgspec.json.decode(answer.read())
    except HTTPError as error:
        raise Refused(error.read().decode(errors="replace")) from error
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(f"Nothing answers at {url}: {error}. Is MIAOHUI_ADMIN_PORT set?") from error
