from __future__ import annotations

from typing import Any

import pytest

from miaohui.kit.errors import Invalid
from miaohui.tools.schema import check_schema, find_problems

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 2, "maxLength": 4},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "state": {"enum": ["open", 1]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
        "note": {"type": ["string", "null"]},
    },
    "required": ["id"],
}


@pytest.mark.parametrize(
    "value",
    [
        {"id": "A1"},
        {"id": "退货", "count": 9, "state": 1, "tags": ["x", "y"], "note": None},
        {"id": "A1", "state": "open", "note": "x"},
    ],
)
def test_what_fits_has_no_problem(value: Any) -> None:
    assert [*find_problems(value, ORDER)] == []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([], "$"),
        ({}, "$.id"),
        ({"id": 1}, "$.id"),
        ({"id": "A"}, "$.id"),
        ({"id": "ABCDE"}, "$.id"),
        ({"id": "A1", "count": 0}, "$.count"),
        ({"id": "A1", "count": 10}, "$.count"),
        ({"id": "A1", "count": 1.5}, "$.count"),
        ({"id": "A1", "count": True}, "$.count"),
        ({"id": "A1", "state": "shut"}, "$.state"),
        ({"id": "A1", "state": True}, "$.state"),
        ({"id": "A1", "tags": []}, "$.tags"),
        ({"id": "A1", "tags": ["x", 2]}, "$.tags[1]"),
        ({"id": "A1", "note": 3}, "$.note"),
        ({"id": "A1", "more": 3}, "$.more"),
    ],
)
def test_what_does_not_fit_is_named(value: Any, path: str) -> None:
    problems = [*find_problems(value, ORDER)]
    assert len(problems) == 1
    assert problems[0].startswith(path + ":")


def test_what_is_not_named_passes_only_where_that_is_said() -> None:
    assert not [*find_problems({"x": 1}, {"type": "object", "additionalProperties": True})]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "oneOf": []},
        {"type": "text"},
        {"properties": {"x": {"pattern": "a+"}}},
        {"items": {"format": "date"}},
        {"additionalProperties": {"type": "string"}},
    ],
)
def test_a_schema_that_cannot_be_checked_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check_schema(schema)
    check_schema(ORDER)
