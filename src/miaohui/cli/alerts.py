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
    "--admin",
    default=lambda: _own_address(),  # noqa: PLW0108  (it stands below)
    metavar="URL",
    help="The admin port of a node.  [default: this machine's, as the settings name it]",
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
    rows = [_row(one) for one in found["alerts"]]
    print_rows(rows, ("alert", "node", "state", "value"), as_json=False)
    for one in found["silences"]:
        until = datetime.fromtimestamp(one["until_ms"] / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        click.echo(f"silent: {one['code'] or 'everything'} until {until} {one['reason']} ({one['id']})")


def _row(one: dict[str, Any]) -> tuple[str, str, str, str]:
    from miaohui.alerts.policy import show

    since = f" for {_age(one['seen_ms'] - one['since_ms'])}" if one["firing"] and one["since_ms"] else ""
    return one["code"], one["node"], f"FIRING{since}" if one["firing"] else "ok", show(one["code"], one["value"])


def _age(ms: int) -> str:
    minutes = max(0, ms) // 60_000
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


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
        raise Refused(_said(error.read())) from error
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(f"Nothing answers at {url}: {error}. Is MIAOHUI_ADMIN_PORT set?") from error


def _said(body: bytes) -> str:
    """The sentence of an error of ours; whatever else answered, as it is."""
    try:
        return str(msgspec.json.decode(body)["detail"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return body.decode(errors="replace")[:500]


def _own_address() -> str:
    from miaohui.cli.serve import load_settings

    settings = load_settings({})
    host = settings.admin_host if settings.admin_host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.admin_port or 8001}"
