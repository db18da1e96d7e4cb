"""Every public function of a repository is bound to one tenant, or says why it is not.

Bound means: it takes `tenant_id`, or a record that carries one. A function that rightly sees every tenant (a sweep, a
login by e-mail, a key by its digest) says so on its `def` line: `# every tenant: <reason>`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("src/miaohui")
BEFORE_TENANTS = {"kit", "identity", "tenants", "migrations"}
"""Rooms that decide which tenant it is."""


def main() -> int:
    """Print every function that is not bound."""
    carriers = {name for path in SOURCES.glob("*/*.py") for name in _carriers(path)}
    found = [complaint for path in sorted(SOURCES.glob("*/repository*.py")) for complaint in _unbound(path, carriers)]
    print("\n".join(found))
    return 1 if found else 0


def _carriers(path: Path) -> Iterator[str]:
    """Names of records that have a `tenant_id` field."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and any(
            isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id == "tenant_id"
            for field in node.body
        ):
            yield node.name


def _unbound(path: Path, carriers: set[str]) -> Iterator[str]:
    if path.parent.name in BEFORE_TENANTS:
        return
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        head = "\n".join(lines[node.lineno - 1 : node.body[0].lineno])
        if "# every tenant: " not in head and not _touches_nothing(node) and not _bound(node, carriers):
            yield f"{path}:{node.lineno}: {node.name} takes no tenant_id and no record that carries one"


def _touches_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A codec between rows and records: it neither yields a statement nor returns one."""
    yields = any(isinstance(part, ast.Yield | ast.YieldFrom | ast.Await) for part in ast.walk(node))
    returned = ast.unparse(node.returns) if node.returns else ""
    return not yields and not any(word in returned for word in ("Operation", "Select", "Executable", "Step"))


def _bound(node: ast.FunctionDef | ast.AsyncFunctionDef, carriers: set[str]) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return any(
        argument.arg == "tenant_id" or (argument.annotation and _names(argument.annotation) & carriers)
        for argument in arguments
    )


def _names(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}


if __name__ == "__main__":
    sys.exit(main())
