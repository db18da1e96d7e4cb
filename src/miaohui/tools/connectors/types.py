"""A connector as a company writes it: where its system is, and what may be asked there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from miaohui.tools.types import Risk

Values = Mapping[str, Any]
"""What fills a template: arguments by name, and `owner`, who was verified."""


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """How the system is shown that we may ask; the secret itself is kept apart."""

    kind: Literal["none", "bearer", "header", "query", "basic"] = "none"
    name: str = ""
    """Of the header or the query's field."""
    user: str = ""
    """Of `basic`."""


class Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that may be asked, or done. `{name}` stands for an argument, `{owner}` for who was verified."""

    name: str
    description: str = ""
    risk: Risk = "read"
    personal: bool = True
    """Only for a visitor whose identity was verified, and only about them."""
    parameters: Mapping[str, Any] = {}
    """JSON Schema of each argument, by name."""
    required: tuple[str, ...] = ()
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = ""
    query: Mapping[str, str] = {}
    body: Any = None
    """JSON in which texts are templates; a text that is one placeholder alone keeps the argument's type."""
    sql: str = ""
    """A SELECT with `:name` for arguments."""
    rows: str = ""
    """Where in the answer the things are, such as `data.items`; empty: the answer is one thing, or a list."""
    owner_field: str = ""
    """Where in a thing its owner stands; a thing of anybody else is never told."""
    fields: Mapping[str, str] = {}
    """What is told of a thing: name to path; empty: all of it but its owner."""
    most: int = 20
    """Things that are told."""
    recall: tuple[str, ...] = ()
    """Words of a question at which this is asked beforehand; such an operation takes no arguments."""


class IdentityLookup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an account is found by what a visitor says it is; `{account}` stands for that."""

    path: str = ""
    query: Mapping[str, str] = {}
    sql: str = ""
    rows: str = ""
    owner: str = "owner"
    """Where in the thing found the owner's id stands."""
    email: str = "email"
    phone: str = "phone"


class Connector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to one system of a company."""

    name: str
    kind: Literal["http", "sql"] = "http"
    url: str
    description: str = ""
    auth: Auth = Auth()
    timeout_s: float = 5.0
    enabled: bool = True
    operations: tuple[Operation, ...] = ()
    identity: IdentityLookup | None = None


class Found(msgspec.Struct, frozen=True):
    """An account, and where a code can be sent."""

    owner: str
    email: str = ""
    phone: str = ""
