"""The OpenAPI document: what FastAPI knows of the routes, the plain endpoints, and every error that may come.

Views are described from their msgspec definitions, so that the document cannot say another thing than the encoder does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi

from miaohui import __version__
from miaohui.channels.problem import MEDIA_TYPE, Problem
from miaohui.channels.rest.edge import OpenRoute
from miaohui.channels.rest.plain import PLAIN, Plain
from miaohui.channels.rest.routes import ROUTES, Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI

_REF = "#/components/schemas/{name}"
_MEANINGS = {
    400: "The body could not be read: not JSON, not UTF-8, nested too deeply.",
    401: "No credential, or one that does not hold.",
    403: "The credential lacks the right.",
    404: "There is no such thing here.",
    409: "It conflicts with what is already there, or the same request is being served.",
    413: "The body is too large.",
    415: "The body is not JSON, or a file of a kind that is not taken.",
    422: "The request is not in the documented form.",
    429: "Too many requests; come back after `Retry-After` seconds.",
    502: "Somebody outside was asked and did not answer.",
    503: "The service cannot take this now; nothing was stored.",
}
_ABOUT = (
    "Errors are `application/problem+json` (RFC 9457). Lists are pages: `cursor` takes the `next_cursor` of the page "
    "before. Every POST takes an `Idempotency-Key`. Times are RFC 3339 in UTC."
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    for route in app.routes:
        if isinstance(route, OpenRoute):
            route.complete()
    document = get_openapi(
        title="Miaohui 秒回", version=__version__, openapi_version="3.1.0", description=_ABOUT, routes=app.routes
    )
    operations = document["paths"]
    for line in ROUTES:
        _complete(operations[line.path][line.method.lower()], line)
    for plain in PLAIN:
        operations.setdefault(plain.path, {})[plain.method.lower()] = _operation(plain)
    components = document.setdefault("components", {})
    components["schemas"] = {
        name: schema
        for name, schema in components.get("schemas", {}).items()
        if name not in {"HTTPValidationError", "ValidationError"}
    } | _schemas()
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return document


def _schemas() -> dict[str, Any]:
    views = [line.view for line in ROUTES if line.view is not None]
    plain = [part for one in PLAIN for part in (one.reads, one.view) if part is not None]
    _, schemas = msgspec.json.schema_components([Problem, *views, *plain], ref_template=_REF)
    return dict(schemas)


def _complete(operation: dict[str, Any], line: Line) -> None:
    """Say what a success holds, which errors may come, and whether a credential is needed."""
    success = _success(line.view) if line.media == "application/json" else _file(line.media)
    responses: dict[str, Any] = {str(line.status): success}
    errors = {503, *line.errors}
    if line.route.credential:
        errors |= {401, 403}
        operation["security"] = [{"bearer": []}]
    if line.reads:
        schema = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"required": True, "content": {line.reads: {"schema": schema}}}
    elif "requestBody" in operation:
        errors |= {400, 413, 415, 422}
    if operation.get("parameters"):
        errors |= {422}
    if "{" in line.path:
        errors |= {404}
    if line.method == "POST" and line.route.credential:
        errors |= {409, 422}
        _add_key(operation)
    operation["responses"] = responses | _errors(errors)


def _add_key(operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    if not any(parameter["name"] == "Idempotency-Key" for parameter in parameters):
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                "description": "The same key with the same request: the same answer, for 24 hours.",
            }
        )


def _operation(plain: Plain) -> dict[str, Any]:
    errors = {*plain.errors}
    operation: dict[str, Any] = {
        "operationId": plain.name,
        "tags": [plain.tag],
        "summary": plain.summary,
        "parameters": list(plain.parameters),
    }
    if plain.credential:
        errors |= {401, 403, 503}
        operation["security"] = [{"bearer": []}]
    if plain.reads is not None:
        errors |= {400, 413, 415, 422}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=plain.reads.__name__)}}},
        }
    success = _success(plain.view)
    for media in plain.media:
        success.setdefault("content", {}).setdefault(media, {"schema": {}})
    operation["responses"] = {"200": success} | _errors(errors)
    if plain.path == "/readyz":
        operation["responses"]["503"] = _success(plain.view)
    return operation


def _success(view: type | None) -> dict[str, Any]:
    if view is None:
        return {"description": "Done."}
    schema = {"$ref": _REF.format(name=view.__name__)}
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _file(media: str) -> dict[str, Any]:
    return {"description": "Done.", "content": {media: {"schema": {"type": "string"}}}}


def _errors(statuses: Iterable[int]) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {str(status): _error(status, content) for status in sorted(statuses)}


def _error(status: int, content: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _MEANINGS[status], "content": content}
    if status in {429, 503}:
        described["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if status == 401:
        described["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return described
