"""Arguments checked against the part of JSON Schema that tools are described in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from miaohui.kit.errors import FieldError, Invalid

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}
_BOUNDS: Mapping[str, tuple[str, Callable[[Any, Any], bool], str]] = {
    "minimum": ("number", lambda value, bound: value >= bound, "at least {}"),
    "maximum": ("number", lambda value, bound: value <= bound, "at most {}"),
    "minLength": ("string", lambda value, bound: len(value) >= bound, "at least {} characters"),
    "maxLength": ("string", lambda value, bound: len(value) <= bound, "at most {} characters"),
    "minItems": ("array", lambda value, bound: len(value) >= bound, "at least {} items"),
    "maxItems": ("array", lambda value, bound: len(value) <= bound, "at most {} items"),
}
_OTHERS = {"type", "enum", "properties", "required", "additionalProperties", "items", "description", "title", "default"}


def check_schema(schema: Mapping[str, Any], path: str = "$") -> None:
    """Raises `Invalid` for a schema that says more than is checked here: nothing passes for not being understood."""
    if unknown := schema.keys() - _OTHERS - _BOUNDS.keys():
        raise Invalid("This schema cannot be checked.", errors=[FieldError(path, f"unknown: {', '.join(unknown)}")])
    for kind in _kinds(schema):
        if kind not in _TYPES:
            raise Invalid("This schema cannot be checked.", errors=[FieldError(f"{path}.type", kind)])
    if not isinstance(schema.get("additionalProperties", False), bool):
        raise Invalid(
            "This schema cannot be checked.", errors=[FieldError(f"{path}.additionalProperties", "a boolean")]
        )
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{path}.{name}")
    if "items" in schema:
        check_schema(schema["items"], f"{path}[]")


def find_problems(value: Any, schema: Mapping[str, Any], path: str = "$") -> Iterator[str]:
    """What is wrong with `value`, one sentence each; nothing when it fits."""
    kinds = _kinds(schema)
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        yield f"{path}: must be {' or '.join(kinds)}"
        return
    if "enum" in schema and not any(value == one and type(value) is type(one) for one in schema["enum"]):
        yield f"{path}: must be one of {', '.join(map(str, schema['enum']))}"
    for name, (kind, holds, words) in _BOUNDS.items():
        if name in schema and _TYPES[kind](value) and not holds(value, schema[name]):
            yield f"{path}: must be {words.format(schema[name])}"
    if isinstance(value, dict):
        yield from _of_object(value, schema, path)
    elif isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from find_problems(item, schema["items"], f"{path}[{i}]")


def _of_object(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: is missing"
    for name, inner in value.items():
        if name in known:
            yield from find_problems(inner, known[name], f"{path}.{name}")
        elif not schema.get("additionalProperties", False):
            yield f"{path}.{name[:64]}: is not known"


def _kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)
