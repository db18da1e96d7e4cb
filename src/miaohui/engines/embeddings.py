"""One request to `POST /embeddings`: the texts of a request's messages in, a vector of each out."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import numpy as np

from miaohui.engines.classify import Failure, FailureClass, classify_response
from miaohui.engines.errors import failed
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import EngineRequest, Usage, Vectors

if TYPE_CHECKING:
    from miaohui.engines.connection import Connection
    from miaohui.kit.clock import Clock

_OK = 200
_MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: a few hundred texts at 4,096 numbers each."""


class Embedded(NamedTuple):
    """What came back."""

    vectors: Vectors
    usage: Usage


class _Item(msgspec.Struct):
    embedding: list[float] | str
    index: Annotated[int, msgspec.Meta(ge=0)]


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    total_tokens: int | None = None


class _Answer(msgspec.Struct):
    data: list[_Item]
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Answer).decode


def build_embedding(head: bytes, model: str, request: EngineRequest) -> bytes:
    """The whole request; `head` is everything before its length."""
    asked: dict[str, object] = {"model": model, "input": [message.content for message in request.messages]}
    if request.dimensions:
        asked["dimensions"] = request.dimensions
    body = msgspec.json.encode(asked)
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


async def read_embedding(
    connection: Connection, request: EngineRequest, codes: Mapping[str, FailureClass], clock: Clock
) -> Embedded:
    """What the provider answers. Raises `EngineFailed` for anything but one vector of each text, all of one length."""
    body = await _read(connection)
    try:
        answer = _decode(body) if connection.status == _OK else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if answer is None:
        raise failed(classify_response(connection.status, connection.headers, body, clock.now_ms() / 1000, codes))
    vectors = {item.index: _pack(item.embedding) for item in answer.data}
    count = len(request.messages)
    if sorted(vectors) != list(range(count)) or len({len(vector) for vector in vectors.values()}) != 1:
        raise failed(_INCOMPLETE)
    return Embedded(Vectors(tuple(vectors[place] for place in range(count))), _count(request, answer.usage))


async def _read(connection: Connection) -> bytes:
    parts: list[bytes] = []
    size = 0
    while not connection.complete:
        parts.append(await connection.read())
        size += len(parts[-1])
        if size > _MOST_BYTES:
            raise failed(_TOO_LARGE)
    return b"".join([*parts, await connection.read()])


def _pack(vector: list[float] | str) -> bytes:
    if isinstance(vector, str):
        try:
            packed = binascii.a2b_base64(vector)
        except binascii.Error:
            raise failed(_INCOMPLETE) from None
    else:
        packed = np.array(vector, "<f4").tobytes()
    if not packed or len(packed) % 4 or not np.isfinite(np.frombuffer(packed, "<f4")).all():
        raise failed(_INCOMPLETE)
    return packed


def _count(request: EngineRequest, told: _Usage | None) -> Usage:
    tokens = (told.prompt_tokens or told.total_tokens) if told is not None else None
    if tokens:
        return Usage(input_tokens=tokens, output_tokens=0, estimated=False)
    asked = sum(estimate_tokens(message.content) for message in request.messages)
    return Usage(input_tokens=asked, output_tokens=0, estimated=True)


_INCOMPLETE = Failure(
    failure_class=FailureClass.TRANSIENT, code="vectors_incomplete", detail="not every text came back as a vector"
)
_TOO_LARGE = Failure(
    failure_class=FailureClass.TRANSIENT, code="answer_too_large", detail="an answer exceeds the bound"
)
