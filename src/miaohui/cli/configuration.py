"""`miaohui config`: what is set, and whether it holds."""

from __future__ import annotations

from typing import Any

import click

from miaohui.cli.output import Refused, as_json, print_facts
from miaohui.kit.errors import MiaohuiError


@click.group()
def config() -> None:
    """Show and check the settings."""


@config.command()
@click.option("--changed", is_flag=True, help="Only what differs from the default.")
@as_json
def show(*, changed: bool, as_json: bool) -> None:
    """Print every setting as it holds now; secrets are starred."""
    settings = _load()
    shown: dict[str, object] = {}
    for name, field in sorted(type(settings).model_fields.items()):
        value = getattr(settings, name)
        if not changed or value != field.get_default(call_default_factory=True):
            shown[name] = _plain(value)
    print_facts(shown, as_json=as_json)


@config.command()
def check() -> None:
    """Say whether the settings hold, and name the first that does not."""
    _load()
    click.echo("The settings hold.")


def _load() -> Any:
    from miaohui.settings.service import load

    try:
        return load()
    except (MiaohuiError, ValueError) as error:
        raise Refused(getattr(error, "detail", str(error))) from error


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
