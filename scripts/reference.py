"""Writes the references that stand in the code anyway: settings, errors, events, metrics, commands.

`python scripts/reference.py` writes them; `--check` only says which are out of date, for CI and the architecture tests.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

import miaohui

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
SOURCES = Path(miaohui.__file__).parent
NOTE = "\n<!-- Written by `make docs` from the code. -->\n"


def main() -> int:
    """Write, or with `--check` compare."""
    stale = [name for name, build in PAGES.items() if not _same(name, build())]
    if "--check" in sys.argv:
        print("\n".join(f"docs/reference/{name} is out of date: make docs" for name in stale))
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


def _same(name: str, text: str) -> bool:
    file = FOLDER / name
    return file.is_file() and file.read_text(encoding="utf-8") == text


# ── Settings ──


def settings_page() -> str:
    """Every field of Settings, group by group: variable, meaning, default."""
    from miaohui.settings.types import GROUPS

    lines = [
        "# Settings",
        NOTE,
        "Each is an environment variable, or the lower-case name without the prefix in the TOML file that",
        "`MIAOHUI_CONFIG` names; variables win over the file, command-line options over both. `miaohui config show`",
        "prints what holds, `miaohui config check` says whether it does.",
    ]
    for group in GROUPS:
        title = (group.__doc__ or "").rstrip(".")
        lines += ["", f"## {title}", "", "| variable | meaning | default |", "|---|---|---|"]
        for name, field in group.model_fields.items():
            meaning = " ".join((field.description or "").split())
            lines.append(f"| `MIAOHUI_{name.upper()}` | {meaning} | {_default(field)} |")
    return "\n".join(lines) + "\n"


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    shown = str(getattr(value, "get_secret_value", lambda: value)())
    return f"`{shown}`" if shown not in {"", "None"} else ""


# ── Errors ──


def errors_page() -> str:
    """The tree of errors: code, status, whether trying again helps."""
    from miaohui.kit.errors import MiaohuiError

    _import_all()
    rows = sorted({_error_row(kind) for kind in _tree(MiaohuiError)})
    lines = [
        "# Errors",
        NOTE,
        "Every HTTP error is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with",
        "`code`, `title`, `status`, `detail`, `instance`, `request_id` and, for a wrong form, `errors[]` with `field`",
        "and `detail`. A refused send over the WebSocket answers with a `nack` frame that carries the same `code`.",
        "Branch on `code`; `title` and `detail` are for people and may change.",
        "",
        "| status | code | title | try again? | when |",
        "|---|---|---|---|---|",
        *rows,
        "",
        "Beside the classes above, an error may carry a narrower code:",
        "",
        "| code | raised as |",
        "|---|---|",
        *(f"| `{code}` | `{kind}` |" for code, kind in sorted(set(_narrower_codes()))),
    ]
    return "\n".join(lines) + "\n"


def _tree(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


def _error_row(kind: type[Any]) -> str:
    when = (inspect.getdoc(kind) or "").split("\n", maxsplit=1)[0]
    return f"| {kind.status} | `{kind.code}` | {kind.title} | {'yes' if kind.retryable else 'no'} | {when} |"


def _narrower_codes() -> Iterator[tuple[str, str]]:
    """`raise Conflict("…", code="cmid_conflict")`, wherever it stands."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERROR_NAMES:
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value), node.func.id


_ERROR_NAMES = {
    "MiaohuiError", "Invalid", "Unreadable", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "TooLarge",
    "Unsupported", "Throttled", "Unavailable",
}  # fmt: skip


# ── Events and frames ──


def events_page() -> str:
    """Every frame that a server or a client sends, and what they are made of."""
    from miaohui.channels import frames
    from miaohui.conversations.types import Citation
    from miaohui.realtime import events
    from miaohui.realtime import frames as wire

    shaped_on_the_wire = (events.MessagePosted, events.ConversationChanged)
    told = [kind for kind in get_args(events.AnyEvent) if kind not in shaped_on_the_wire]
    lines = [
        "# Events and frames",
        NOTE,
        "What travels over the WebSocket and, as `data:` of server-sent events, over SSE and long poll. `t` names the",
        "kind. How they follow each other is told in [Delivery](delivery.md).",
        "",
        "## From the server",
        "",
        *_frames(
            (*frames.ServerFrame.__subclasses__(), wire.Resumed, wire.MessageFrame, *told, wire.ConversationFrame)
        ),
        "## From the client",
        "",
        *_frames(get_args(frames.AnyClientFrame), ours=False),
        "## What they are made of",
        "",
        *_frames((wire.WireMessage, wire.WireSender, Citation, wire.Snapshot)),
        *_frames((wire.WireConversation, wire.WireContact, frames.Limits)),
        *_frames((frames.Body, frames.Resume, frames.StreamSeen), ours=False),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _frames(kinds: Iterable[type[msgspec.Struct]], *, ours: bool = True) -> Iterator[str]:
    """`ours`: written by the server, which writes a default too unless the frame says otherwise."""
    for kind in kinds:
        tag = kind.__struct_config__.tag
        yield f"### {f'`{tag}`' if tag else kind.__name__.removeprefix('Wire')}\n"
        yield f"{' '.join((inspect.getdoc(kind) or '').split())}\n"
        fields = msgspec.structs.fields(kind)
        if fields:
            yield f"| field | | {'always there' if ours else 'needed'} |"
            yield "|---|---|---|"
        for field in fields:
            there = field.required or (ours and _written(kind, field))
            yield f"| `{field.encode_name}` | {_type_name(field.type)} | {'yes' if there else 'no'} |"
        yield ""


def _written(kind: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> bool:
    return not kind.__struct_config__.omit_defaults or field.default_factory is bool


def _type_name(kind: Any) -> str:
    """In the words of JSON."""
    arguments = [part for part in get_args(kind) if part is not Ellipsis]
    if hasattr(kind, "__metadata__"):
        return _type_name(arguments[0])
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if get_origin(kind) in {tuple, list}:
        return "list of " + " and ".join(dict.fromkeys(map(_type_name, arguments)))
    if arguments:
        return " or ".join(map(_type_name, arguments))
    return JSON_NAMES.get(kind) or kind.__name__.removeprefix("Wire")


JSON_NAMES = {str: "text", int: "number", float: "number", bool: "true or false", type(None): "null"}


# ── Metrics ──


def metrics_page() -> str:
    """Every metric under /metrics."""
    from miaohui.kit.metrics import REGISTRY

    _import_all()
    families = sorted(REGISTRY.collect(), key=lambda family: family.name)
    lines = [
        "# Metrics",
        NOTE,
        "Under `/metrics` in the Prometheus text format.",
        "",
        "| metric | kind | meaning |",
        "|---|---|---|",
        *(f"| `{family.name}` | {family.type} | {family.documentation} |" for family in families),
    ]
    return "\n".join(lines) + "\n"


# ── Commands ──


def commands_page() -> str:
    """`miaohui …`, with the help that each command prints."""
    import click

    from miaohui.cli import COMMANDS
    from miaohui.cli import main as group

    lines = [
        "# Commands",
        NOTE,
        "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 nothing answered at the other end. `--json` prints",
        "one JSON document.",
        "",
    ]
    for name in COMMANDS:
        with click.Context(group, info_name="miaohui") as root:
            command = group.get_command(root, name)
            assert command is not None  # noqa: S101  the list names it
            lines += _help(command, root, f"miaohui {name}")
    return "\n".join(lines).rstrip() + "\n"


def _help(command: Any, parent: Any, title: str) -> list[str]:
    import click

    context = click.Context(command, info_name=title.rpartition(" ")[2], parent=parent, terminal_width=100)
    text = textwrap.indent(command.get_help(context), "    ")
    lines = [f"## {title}", "", *(line.rstrip() for line in text.splitlines()), ""]
    for name in getattr(command, "commands", {}):
        lines += _help(command.commands[name], context, f"{title} {name}")
    return lines


def _import_all() -> None:
    """Every module of the house, so that every error and metric is known; what needs a running Alembic is left out."""
    for found in pkgutil.walk_packages([str(SOURCES)], "miaohui."):
        if ".migrations" not in found.name and ".testing" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "metrics.md": metrics_page,
    "commands.md": commands_page,
}


if __name__ == "__main__":
    sys.exit(main())
