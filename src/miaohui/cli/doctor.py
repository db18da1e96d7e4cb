"""`miaohui doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

import click
import msgspec

from miaohui.cli import doctor_ground as ground
from miaohui.cli import doctor_named as named
from miaohui.cli import doctor_reach as reach
from miaohui.cli.doctor_ground import Seen, State
from miaohui.cli.output import Refused, as_json, print_json, run
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

Check: TypeAlias = Callable[["Settings"], Coroutine[Any, Any, Seen]]

MARKS: dict[State, str] = {"ok": "✓", "note": "–", "wrong": "✗"}
CHECKS: tuple[Check, ...] = (
    ground.check_python,
    named.check_names,
    named.check_named_files,
    ground.check_data_folder,
    ground.check_disk,
    ground.check_clock,
    ground.check_files,
    ground.check_secret,
    ground.check_port,
    reach.check_database,
    reach.check_redis,
    reach.check_workers,
    reach.check_engine,
    reach.check_address,
    named.check_alerts,
    ground.check_web_pages,
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check saw."""

    name: str
    state: State
    says: str
    mend: str = ""


@click.command()
@click.option("--data", metavar="FOLDER", help="The data folder.")
@click.option("--database", "database_url", metavar="URL", help="A database server instead.")
@as_json
def doctor(*, as_json: bool, **chosen: str | None) -> None:
    """Check this installation. Exit code 1 when something is wrong; each line says how to mend it."""
    findings = run(_examine(chosen))
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.state]} {finding.name:<14} {finding.says}")
            if finding.mend:
                click.echo(f"  {'':<14} → {finding.mend}")
    if any(finding.state == "wrong" for finding in findings):
        raise SystemExit(1)


async def _examine(chosen: dict[str, str | None]) -> list[Finding]:
    from miaohui.settings.service import load

    try:
        settings = load(**{name: value for name, value in chosen.items() if value is not None})
    except (MiaohuiError, ValueError) as error:
        raise Refused(f"The settings do not hold: {getattr(error, 'detail', error)}") from error
    return [await _examined(check, settings) for check in CHECKS]


async def _examined(check: Check, settings: Settings) -> Finding:
    """A check that itself breaks is a finding too."""
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        async with asyncio.timeout(reach.WAIT_S * 2):
            state, says, mend = await check(settings)
    except TimeoutError:
        state, says, mend = (
            "wrong",
            f"no answer within {reach.WAIT_S * 2:.0f} s",
            "See that the address is right and reachable.",
        )
    except MiaohuiError as error:
        state, says, mend = "wrong", error.detail, ""
    except Exception as error:  # noqa: BLE001  (whatever breaks in a check is what the check is for)
        state, says, mend = "wrong", f"{type(error).__name__}: {error}", ""
    return Finding(name=name, state=state, says=says, mend=mend)
