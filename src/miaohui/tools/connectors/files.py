"""Connectors as files: TOML, with operations of their own or out of an OpenAPI document beside them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from miaohui.kit.errors import FieldError, Invalid
from miaohui.tools.connectors.openapi import read_operations
from miaohui.tools.connectors.types import Connector, Operation

_MOST_BYTES = 2 * 1024 * 1024


def read_connector(file: Path, *, data: Path) -> Connector:
    """`{data}` in its address is the data folder. Raises `Invalid`."""
    told = _load(file)
    wanted = told.pop("openapi", None)
    operations: tuple[Operation, ...] = ()
    if isinstance(wanted, dict):
        document = file.parent / str(wanted.get("file", ""))
        operations = read_operations(_load(document), wanted.get("operations", {}))
    try:
        connector = msgspec.convert(told, Connector)
    except msgspec.ValidationError as error:
        raise Invalid(f"{file.name} is no connector.", errors=[FieldError("$", str(error))]) from None
    url = connector.url.replace("{data}", str(data.resolve()))
    return msgspec.structs.replace(connector, url=url, operations=(*connector.operations, *operations))


def _load(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise Invalid(f"{file.name} is larger than {_MOST_BYTES} bytes.")
        content = file.read_bytes()
        told = tomllib.loads(content.decode()) if file.suffix == ".toml" else msgspec.json.decode(content)
    except (OSError, ValueError, tomllib.TOMLDecodeError, msgspec.DecodeError) as error:
        raise Invalid(f"{file.name} cannot be read: {error}.") from None
    if not isinstance(told, dict):
        raise Invalid(f"{file.name} holds no table.")
    return told
