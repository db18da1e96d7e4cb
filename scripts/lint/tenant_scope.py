"""Every public function of a repository is bound to one tenant, or stands below with the reason why it is not.

Bound means: it takes `tenant_id`, or a record that carries one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("src/miaohui")
BEFORE_TENANTS = {"kit", "identity", "tenants", "migrations", "alerts"}
"""Rooms that decide which tenant it is; and alerts, which are the installation's own and say nothing of a tenant."""

EVERY_TENANT = {
    "conversations.list_due": "one clock wakes the snoozed ones of every tenant",
    "conversations.top_seqs": "numbers only, of conversations whose watchers were let in already",
    "engines.fold": "what is old is summed up for every tenant, each to its own sums",
    "engines.fold_attempts": "as fold",
    "engines.forget_days": "as fold",
    "engines.forget_sums": "as fold",
    "engines.list_routes": "the catalog holds every tenant's routes, and gives each tenant its own",
    "engines.version": "a number that says whether any route has changed",
    "desk.list_missed": "one clock notices the silence of every tenant's agents",
    "desk.mark_gone": "as list_missed",
    "desk.see": "each agent stands beside their tenant in the list",
    "tickets.list_due_follow_ups": "one clock sends every tenant's follow-ups",
    "inboxes.find_by_site_key": "the site key is what says which tenant it is",
    "inboxes.find_secret_for_proof": "the inbox was found by its site key; its secret proves the visitor",
    "knowledge.list_served": "at the start every tenant's snapshot is built",
    "memory.list_contacts": "which contacts something is known of, so that all others cost nothing",
    "insight.list_others": "as put",
    "insight.put": "a node says how much is asked of it, whoever asks",
    "tools.list_grants": "each process knows every tenant's choice, and gives each tenant its own",
    "tools.stamp": "numbers that say whether any choice has changed",
    "webhooks.enqueue": "the event carries its tenant",
    "webhooks.list_due": "as claim",
    "webhooks.list_tenants": "which tenants have an endpoint at all, so that the others cost nothing",
    "webhooks.find_endpoint": "as claim: the endpoint of a delivery it was given",
    "webhooks.claim": "one sender serves every tenant's endpoints",
    "webhooks.disable": "as claim: the endpoint of a delivery, or one that list_overfull found",
    "webhooks.forget": "what is old is dropped for every tenant",
    "webhooks.list_overfull": "endpoints of every tenant for which too much waits",
    "webhooks.list_plain": "secrets that an older version left in plain words, to be sealed at the start",
    "webhooks.seal": "as list_plain",
    "webhooks.recover": "as claim: what an earlier process left behind",
}


def main() -> int:
    """Print every function that is not bound, and every exception that no function needs any more."""
    carriers = {name for path in SOURCES.glob("*/*.py") for name in _carriers(path)}
    unbound = dict(pair for path in sorted(SOURCES.glob("*/repository*.py")) for pair in _unbound(path, carriers))
    found = [complaint for name, complaint in unbound.items() if name not in EVERY_TENANT]
    if (SOURCES / "kit").is_dir():
        found += [f"{name} is bound, or gone; strike it from {__file__}" for name in EVERY_TENANT.keys() - unbound]
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


def _unbound(path: Path, carriers: set[str]) -> Iterator[tuple[str, str]]:
    room = path.parent.name
    if room in BEFORE_TENANTS:
        return
    for node in _verbs(ast.parse(path.read_text(encoding="utf-8"))):
        if not _touches_nothing(node) and not _bound(node, carriers):
            complaint = f"{path}:{node.lineno}: {node.name} takes no tenant_id and no record that carries one"
            yield f"{room}.{node.name}", complaint


def _verbs(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions, and public methods of classes."""
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    for node in (*module.body, *(method for owner in classes for method in owner.body)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


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
