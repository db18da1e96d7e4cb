"""Every queue has a bound, and every wait on the outside world is somebody's to end.

`asyncio.Queue()` without `maxsize` grows until the memory is gone; a bare `except Exception: pass` hides that it did.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("src/miaohui")
QUEUES = {"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"}


def main() -> int:
    """Print every queue without a bound and every swallowed exception."""
    found = [complaint for path in _rooms() for complaint in _complaints(path)]
    print("\n".join(found))
    return 1 if found else 0


def _rooms() -> list[Path]:
    """All but the ground, where a thread's inbox is bounded by the writer before it."""
    return [path for path in sorted(SOURCES.rglob("*.py")) if path.relative_to(SOURCES).parts[0] != "kit"]


def _complaints(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _is_queue(node.func) and not node.args and not node.keywords:
            yield f"{path}:{node.lineno}: a queue needs a bound"
        if isinstance(node, ast.ExceptHandler) and _swallows_all(node):
            yield f"{path}:{node.lineno}: a swallowed exception is neither logged nor counted"


def _is_queue(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in QUEUES


def _swallows_all(node: ast.ExceptHandler) -> bool:
    everything = node.type is None or (
        isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
    )
    return everything and all(isinstance(statement, ast.Pass) for statement in node.body)


if __name__ == "__main__":
    sys.exit(main())
