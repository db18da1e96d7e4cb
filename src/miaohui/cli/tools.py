"""`miaohui version | openapi | health | bench`."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click

import miaohui
from miaohui.cli.output import Refused, Unreachable, as_json, print_facts

ROOT = Path(miaohui.__file__).parents[2]


@click.command()
@as_json
def version(*, as_json: bool) -> None:
    """Print the version, and what it runs on."""
    facts: dict[str, object] = {
        "miaohui": miaohui.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    print_facts(facts, as_json=as_json)


@click.command()
def openapi() -> None:
    """Print the OpenAPI document of this version."""
    from miaohui.cli.output import print_json, run

    print_json(run(_openapi()))


async def _openapi() -> dict[str, Any]:
    """Of an empty house in a folder of its own, so that no data folder and no running server is touched."""
    import tempfile

    from miaohui.app import build_app
    from miaohui.channels.rest.documents import describe
    from miaohui.settings.service import load
    from miaohui.wiring import open_house

    with tempfile.TemporaryDirectory() as folder:
        settings = load(data=Path(folder), database_url="", redis_url="")
        async with open_house(settings, background=False) as house:
            return describe(build_app(house))


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the server is.")
@as_json
def health(*, url: str, as_json: bool) -> None:
    """Ask a running server whether it is ready; for container health checks. Exit code 3: no answer."""
    try:
        with urlopen(f"{url.rstrip('/')}/readyz", timeout=5) as answer:  # noqa: S310  an operator's own URL
            print_facts({"ready": answer.status == 200, "url": url}, as_json=as_json)
    except HTTPError as error:
        raise Refused(f"{url} is up but not ready: {error.read().decode(errors='replace')}") from error
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(f"Nothing answers at {url}: {error}") from error


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def bench(ctx: click.Context) -> None:
    """Measure this machine: needs a checkout, where `bench/` is. Arguments go to the runner.

    `certify` makes a capacity certificate; `cluster` breaks one thing after another under load, on three nodes.
    """
    runner = ROOT / "bench" / "__main__.py"
    if not runner.is_file():
        raise Refused("The bench is part of the source tree, not of the installed package: run `make bench` there.")
    first, *rest = ctx.args or [""]
    module, arguments = (f"bench.{first}", rest) if first in {"certify", "cluster"} else ("bench", ctx.args)
    command = [sys.executable, "-m", module, *arguments]
    raise SystemExit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603  the operator's own words
