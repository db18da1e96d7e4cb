"""What makes two requests the same, and which may be answered alike. Pure.

The key is made of every field of the request but those named here, and of those only what is not the default: a field
that is added later is part of the key until somebody says why it need not be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import msgspec

from miaohui.engines.types import EngineRequest
from miaohui.kit.width import narrow

SCHEMA = 2
"""Raised when answers kept before must not be found any more."""

UNKEYED = {
    "turn_id": "who asks does not change the answer",
    "conversation_id": "what was said in it is in the messages",
    "sources": "their words are in the messages",
    "personal": "a request that is has no key",
}
"""Fields that are not part of the key, each with the reason."""

_PERSONAL = re.compile(
    r"\d{5,}"  # order numbers, telephones, cards
    r"|\d{3,4}[-\s]\d{3,4}[-\s]?\d{3,4}"
    r"|(?<![A-Za-z])[A-Za-z]{1,6}[-_#]?\d{4,}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.\w"
    r"|[¥￥$€£]\s*\d"
    r"|[\d一二三四五六七八九十百千万两][\d,.]{0,20}\s{0,4}(?:元|块|万|美元|(?:dollars?|usd|rmb|cny|yuan|euros?)\b)"
    r"|我叫|我姓|我的名字|身份证|我住在?|收货地址[是为:]|\bmy name is\b|\bi live (?:at|in)\b",
    re.IGNORECASE,
)


def may_be_shared(request: EngineRequest) -> bool:
    """Whether somebody else who asks the same may be told the same.

    Not when the visitor named an order, a telephone, an address, an amount or themselves, in this turn or an earlier
    one, nor when a tool may be called or was: what it finds is found for one visitor.
    """
    tools = request.needs or request.parameters.tools or any(m.role == "tool" or m.tool_calls for m in request.messages)
    if request.personal or tools:
        return False
    earlier = (message.content for message in request.messages[:-1] if message.role == "user")
    return not (_is_personal(request.question) or any(map(_is_personal, earlier)))


@lru_cache(maxsize=4096)
def _is_personal(text: str) -> bool:
    """Kept, because what was said earlier comes back with every turn of its conversation."""
    return _PERSONAL.search(narrow(text)) is not None


def answer_key(request: EngineRequest, answer_class: str) -> str:
    """The same for the same question of the same tenant, of the same knowledge, told to the same kind of model.

    `answer_class` names who would answer, such as the model. White space is folded where the house wrote the prompt; a
    program's own prompt, of code perhaps, is another one with other white space. 40 hexadecimal digits.
    """
    fields = _fields_of(request, UNKEYED.keys(), exact=not request.grounded)
    return digest({"schema": SCHEMA, "answer_class": answer_class, **fields})


def digest(value: object) -> str:
    """Of anything that JSON can hold."""
    return blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=20).hexdigest()


def _fields_of(
    struct: msgspec.Struct, without: AbstractSet[str] = frozenset(), *, exact: bool = False
) -> dict[str, Any]:
    """Those that are not the default, in a form that is the same for the same meaning."""
    found = {}
    for name, default in _list_fields(type(struct)):
        value = getattr(struct, name)
        if value is not default and name not in without and value != default:
            found[name] = canonical(value, exact=exact)
    return found


@lru_cache(maxsize=64)
def _list_fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """Names with defaults; a field that has none is never equal to it."""
    return tuple((field.name, field.default) for field in msgspec.structs.fields(kind))


def canonical(value: object, *, exact: bool = False) -> object:
    """Unicode NFC, and any white space is one space, unless `exact`. Nothing else: full-width digits may be meant."""
    if isinstance(value, str):
        return value if exact else " ".join(unicodedata.normalize("NFC", value).split())
    if isinstance(value, msgspec.Struct):
        return _fields_of(value, exact=exact)
    if isinstance(value, tuple | list):
        return [canonical(item, exact=exact) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, dict):
        return {name: canonical(item, exact=exact) for name, item in value.items()}
    return value
