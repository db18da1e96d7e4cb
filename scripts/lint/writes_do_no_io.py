"""Nothing is awaited inside a transaction.

An `Operation` is a plain generator, so it cannot await; this keeps it so: a repository awaits the database only,
drivers are imported in `kit` only, and no room opens a transaction of its own.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("src/miaohui")
DRIVERS = {"sqlite3", "aiosqlite", "asyncpg", "psycopg"}
NOT_RECORDS = {
    "cli/sample_records.py": "makes the sample shop's own database",
    "testing/simulation/disk.py": "is a simulated node's records",
    "tools/connectors/asking.py": "reads a company's database, never ours",
}
"""Files that use a driver for something else than our records, and why they may."""
TRANSACTIONS = {"begin", "transaction", "begin_nested", "commit"}


def main() -> int:
    """Print every way in which something could be awaited inside a transaction."""
    paths = [path for path in sorted(SOURCES.rglob("*.py")) if path.relative_to(SOURCES).parts[0] != "kit"]
    found = [complaint for path in paths for complaint in _complaints(path)]
    print("\n".join(found))
    return 1 if found else 0


def _complaints(path: Path) -> Iterator[str]:
    migration = "migrations" in path.parts
    foreign = path.relative_to(SOURCES).as_posix() in NOT_RECORDS
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if path.name.startswith("repository") and isinstance(node, ast.Await) and not _asks_database(node.value):
            yield f"{path}:{node.lineno}: a repository awaits the database and nothing else"
        if not (migration or foreign) and DRIVERS & set(_imported(node)):
            yield f"{path}:{node.lineno}: database drivers are imported in kit only"  # type: ignore[attr-defined]
        if not migration and isinstance(node, ast.AsyncWith) and any(map(_opens, node.items)):
            yield f"{path}:{node.lineno}: transactions are opened in kit only; hand an Operation to Database.write"


def _asks_database(awaited: ast.expr) -> bool:
    """`db.read(…)`, `db.write(…)`, or a function or method of the same file."""
    function = awaited.func if isinstance(awaited, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr in {"read", "write"} or ast.unparse(function.value) == "self"
    return isinstance(function, ast.Name)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name.partition(".")[0] for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield (node.module or "").partition(".")[0]


def _opens(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in TRANSACTIONS


if __name__ == "__main__":
    sys.exit(main())
