"""Templates filled, answers read, connectors checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from miaohui.kit.errors import FieldError, Invalid
from miaohui.tools.connectors.types import Connector, IdentityLookup, Operation, Values
from miaohui.tools.errors import ToolRefused
from miaohui.tools.schema import check_schema

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
MOST_OPERATIONS = 30
MOST_SECONDS = 15.0
_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_BOUND = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
_STEP = re.compile(r"[^.\[\]]+")
_READS = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_SQL_WORDS = re.compile(
    r";|--|/\*|\b(?:insert|update|delete|drop|alter|create|grant|attach|pragma|copy|call|into|vacuum|truncate)\b",
    re.IGNORECASE,
)


def fill_path(template: str, values: Values) -> str:
    """A path; no value can lead to another. Raises `ToolRefused`."""

    def put(match: re.Match[str]) -> str:
        value = _text(values[match[1]]).strip()
        if value in {"", ".", ".."}:
            raise ToolRefused(f"`{match[1]}` cannot be looked for.")
        return quote(value, safe="")

    return _PLACE.sub(put, template)


def fill_query(template: Mapping[str, str], values: Values) -> str:
    """A query string; a field whose argument was not given is left out."""
    told = {
        name: _PLACE.sub(lambda match: _text(values[match[1]]), text)
        for name, text in template.items()
        if all(place in values for place in _PLACE.findall(text))
    }
    return urlencode(told)


def fill_body(template: Any, values: Values) -> Any:
    """JSON; what was not given is left out of objects."""
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        return values[whole[1]] if whole else _PLACE.sub(lambda match: _text(values[match[1]]), template)
    if isinstance(template, dict):
        return {name: fill_body(inner, values) for name, inner in template.items() if _is_given(inner, values)}
    if isinstance(template, list):
        return [fill_body(inner, values) for inner in template]
    return template


def _is_given(template: Any, values: Values) -> bool:
    return not isinstance(template, str) or all(place in values for place in _PLACE.findall(template))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def look_up(thing: Any, path: str) -> Any:
    """`a.b[0].c`; None where there is nothing."""
    for step in _STEP.findall(path):
        if isinstance(thing, dict):
            thing = thing.get(step)
        elif isinstance(thing, list) and step.isdecimal() and int(step) < len(thing):
            thing = thing[int(step)]
        else:
            return None
    return thing


def things_of(answer: Any, rows: str) -> list[Any]:
    """What an answer holds."""
    held = look_up(answer, rows) if rows else answer
    return held if isinstance(held, list) else [] if held is None else [held]


def choose(operation: Operation, answer: Any, owner: str) -> list[dict[str, Any]]:
    """What may be told: things of this owner alone, and of each the fields that are named."""
    things = [one for one in things_of(answer, operation.rows) if isinstance(one, dict)]
    if operation.personal and operation.owner_field:
        things = [one for one in things if _text(look_up(one, operation.owner_field)) == owner]
    return [_tell(operation, one) for one in things[: operation.most]]


def _tell(operation: Operation, thing: Mapping[str, Any]) -> dict[str, Any]:
    if operation.fields:
        told = {name: look_up(thing, path) for name, path in operation.fields.items()}
        return {name: value for name, value in told.items() if value is not None}
    return {name: value for name, value in thing.items() if name != operation.owner_field.partition(".")[0]}


def schema_of(operation: Operation) -> dict[str, Any]:
    """Of its arguments, as a tool has it."""
    return {"type": "object", "properties": dict(operation.parameters), "required": list(operation.required)}


def check_connector(connector: Connector) -> None:
    """Raises `Invalid`, also for one that would tell anybody's things to anybody."""
    problems: list[FieldError] = []
    if not NAME.match(connector.name):
        problems.append(FieldError("$.name", "small letters, digits and _, up to 40"))
    if not 0 < connector.timeout_s <= MOST_SECONDS:
        problems.append(FieldError("$.timeout_s", f"up to {MOST_SECONDS:g}"))
    if len(connector.operations) > MOST_OPERATIONS:
        problems.append(FieldError("$.operations", f"at most {MOST_OPERATIONS}"))
    names = [operation.name for operation in connector.operations]
    if len(set(names)) < len(names):
        problems.append(FieldError("$.operations", "names of their own"))
    for place, operation in enumerate(connector.operations):
        problems += _check_operation(connector, operation, f"$.operations[{place}]")
    if connector.identity:
        problems += _check_identity(connector, connector.identity)
    if problems:
        raise Invalid("This connector cannot be used.", errors=problems)


def _check_operation(connector: Connector, operation: Operation, where: str) -> list[FieldError]:
    problems: list[FieldError] = []
    if not NAME.match(operation.name):
        problems.append(FieldError(f"{where}.name", "small letters, digits and _, up to 40"))
    try:
        check_schema(schema_of(operation))
    except (Invalid, AttributeError, TypeError) as error:
        problems.append(FieldError(f"{where}.parameters", str(error)))
    problems += _check_places(connector, operation, where)
    if operation.recall and operation.required:
        problems.append(FieldError(f"{where}.required", "empty, because it is asked beforehand"))
    if connector.kind == "sql":
        problems += check_sql(operation.sql, f"{where}.sql")
        if operation.risk != "read":
            problems.append(FieldError(f"{where}.risk", "read: a database is never written to"))
    elif not operation.path.startswith("/") or operation.sql:
        problems.append(FieldError(f"{where}.path", "begins with /"))
    return problems


def _check_places(connector: Connector, operation: Operation, where: str) -> list[FieldError]:
    """What its templates name, and whose things it tells."""
    problems: list[FieldError] = []
    used = _places(connector, operation)
    unknown = used - set(operation.parameters) - {"owner"}
    if unknown:
        problems.append(FieldError(where, f"names what is no parameter: {', '.join(sorted(unknown))}"))
    loose = set(_PLACE.findall(operation.path)) | set(_BOUND.findall(operation.sql))
    if missing := loose - set(operation.required) - {"owner"}:
        problems.append(FieldError(f"{where}.required", f"needs {', '.join(sorted(missing))}"))
    if operation.personal and not (operation.owner_field if connector.kind == "http" else "owner" in used):
        wanted = "owner_field" if connector.kind == "http" else "sql"
        problems.append(FieldError(f"{where}.{wanted}", "whose it is, because it is personal"))
    if not operation.personal and "owner" in used:
        problems.append(FieldError(f"{where}.personal", "true, because it names the owner"))
    return problems


def _places(connector: Connector, operation: Operation) -> set[str]:
    if connector.kind == "sql":
        return set(_BOUND.findall(operation.sql))
    texts = [operation.path, *operation.query.values(), msgspec.json.encode(operation.body).decode()]
    return {place for text in texts for place in _PLACE.findall(text)}


def check_sql(sql: str, where: str) -> list[FieldError]:
    """One statement that reads."""
    if _READS.match(sql) and not _SQL_WORDS.search(sql):
        return []
    return [FieldError(where, "one SELECT, without comments and without words that write")]


def _check_identity(connector: Connector, lookup: IdentityLookup) -> list[FieldError]:
    if connector.kind == "sql":
        problems = check_sql(lookup.sql, "$.identity.sql")
        named = "account" in _BOUND.findall(lookup.sql)
    else:
        problems = [] if lookup.path.startswith("/") else [FieldError("$.identity.path", "begins with /")]
        named = "{account}" in lookup.path or "{account}" in lookup.query.values()
    return problems if named else [*problems, FieldError("$.identity", "names the account")]


def bound_names(sql: str) -> Sequence[str]:
    """Of a statement's arguments."""
    return _BOUND.findall(sql)
