"""The least body that a route's own form takes, made from the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
EXAMPLES = (
    "nothing",
    "123456:" + "x" * 35,
    "2030-01-01T00:00:00Z",
    "2030-01-01",
    "x" * 43,
    "https://example.com/x",
    "a@example.com",
)


def least_body(document: Schema, method: str, path: str) -> Any:
    """None when the route reads no body."""
    operation = document["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _least(document, content["schema"], "")


def _least(document: Schema, schema: Schema, name: str) -> Any:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return _least(document, options[0], name)
    if values := schema.get("enum"):
        return values[-1]
    if "const" in schema:
        return schema["const"]
    make = _MAKE.get(schema.get("type", ""))
    return make(document, schema, name) if make else None


def _object(document: Schema, schema: Schema, _: str) -> dict[str, Any]:
    return {field: _least(document, schema["properties"][field], field) for field in schema.get("required", ())}


def _list(document: Schema, schema: Schema, name: str) -> list[Any]:
    return [_least(document, schema["items"], name)] * schema.get("minItems", 0)


def _number(_document: Schema, schema: Schema, _: str) -> Any:
    return schema.get("minimum", 1)


def _text(_document: Schema, schema: Schema, name: str) -> str:
    if name == "url":
        return "https://example.com/hook"
    pattern, shortest, longest = schema.get("pattern", ""), schema.get("minLength", 0), schema.get("maxLength", 10_000)
    fitting = [text for text in EXAMPLES if re.search(pattern, text) and shortest <= len(text) <= longest]
    return fitting[0] if fitting else "x" * max(1, shortest)


_MAKE: dict[str, Callable[[Schema, Schema, str], Any]] = {
    "object": _object,
    "array": _list,
    "integer": _number,
    "number": _number,
    "boolean": lambda *_: True,
    "string": _text,
}
