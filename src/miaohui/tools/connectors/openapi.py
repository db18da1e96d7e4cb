"""Operations out of an OpenAPI document: nobody writes down twice what the system's own description says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from miaohui.kit.errors import FieldError, Invalid
from miaohui.tools.connectors.types import Operation

_KEPT = ("type", "enum", "minimum", "maximum", "minLength", "maxLength", "description")
_METHODS = ("get", "post", "put", "patch", "delete")


def read_operations(document: Mapping[str, Any], wanted: Mapping[str, Mapping[str, Any]]) -> tuple[Operation, ...]:
    """Those that are wanted by their `operationId`, with what the connector adds to each. Raises `Invalid`.

    Parameters of path and query become arguments; one that the connector fills with `{owner}` is nobody's to choose.
    """
    known = {told["operationId"]: (path, method, told) for path, method, told in _list(document)}
    operations = []
    for name, more in wanted.items():
        if name not in known:
            raise Invalid("The document has no such operation.", errors=[FieldError("$.openapi", name)])
        operations.append(_read(document, *known[name], more))
    return tuple(operations)


def _list(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document.get("paths", {}).items():
        for method in _METHODS:
            if isinstance(told := methods.get(method), dict) and "operationId" in told:
                shared = methods.get("parameters", [])
                yield path, method, {**told, "parameters": [*shared, *told.get("parameters", [])]}


def _read(
    document: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any], more: Mapping[str, Any]
) -> Operation:
    owner = set(more.get("owner_parameters", ()))
    parameters: dict[str, Any] = {}
    required: list[str] = []
    query: dict[str, str] = {}
    for one in (_resolve(document, parameter) for parameter in told["parameters"]):
        name, place = one["name"], one["in"]
        if place not in {"path", "query"}:
            continue
        argument = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
        filler = "{owner}" if name in owner else f"{{{argument}}}"
        if place == "path":
            path = path.replace(f"{{{name}}}", filler)
        else:
            query[name] = filler
        if name not in owner:
            parameters[argument] = _schema(document, one)
            required += [argument] * bool(one.get("required") or place == "path")
    rest = {key: value for key, value in more.items() if key != "owner_parameters"}
    described = rest.pop("description", told.get("summary") or told.get("description") or "")
    return Operation(
        name=rest.pop("name", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", told["operationId"]).lower().replace("-", "_")),
        description=described,
        method=method.upper(),  # type: ignore[arg-type]
        path=path,
        query=query,
        parameters=parameters,
        required=tuple(required),
        **rest,
    )


def _schema(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = _resolve(document, parameter.get("schema", {}))
    kept = {name: schema[name] for name in _KEPT if name in schema}
    kept.setdefault("type", "string")
    if "description" in parameter:
        kept["description"] = parameter["description"]
    return kept


def _resolve(document: Mapping[str, Any], one: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reference inside the document, once."""
    target = one.get("$ref", "")
    if not target.startswith("#/"):
        return one
    held: Any = document
    for step in target[2:].split("/"):
        held = held.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(held, dict) else {}
    return held if isinstance(held, dict) else {}
