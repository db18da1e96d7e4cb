"""The plain endpoints, which FastAPI does not know: what the OpenAPI document says of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from miaohui.channels.media.kinds import KINDS
from miaohui.channels.rest.views import Probe
from miaohui.channels.web.chat import Question, Reply


class Plain(NamedTuple):
    """One operation."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    reads: type | None = None
    view: type | None = None
    media: tuple[str, ...] = ("application/json",)
    parameters: tuple[dict[str, Any], ...] = ()
    errors: tuple[int, ...] = ()
    credential: bool = True


def _parameter(name: str, where: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    required = where == "path"
    return {"name": name, "in": where, "required": required, "schema": schema, "description": description}


_ID = _parameter("conversation_id", "path", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, "The conversation.")
_MEDIA = _parameter("media_id", "path", {"type": "string", "pattern": "^med_[0-9a-f]{32}$"}, "The file.")
_LAST = _parameter("Last-Event-ID", "header", {"type": "string"}, "The `id` of the last event that was read.")
_CURSOR = _parameter("cursor", "query", {"type": "string"}, "Position, as `epoch:seq:stream.attempt.i`.")
_EPOCH = _parameter("epoch", "query", {"type": "string"}, "Of the last message that was read.")
_AFTER = _parameter(
    "after", "query", {"type": "integer", "minimum": 0, "maximum": 2**53}, "Its `seq`; 0 for the beginning."
)
_WAIT = _parameter(
    "wait", "query", {"type": "integer", "minimum": 0, "maximum": 25, "default": 25}, "Seconds to wait for news."
)
_CMID = _parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    "Client message id: the same one again is the same question.",
)

PLAIN: tuple[Plain, ...] = (
    Plain(
        "POST",
        "/v1/chat",
        "answer",
        "questions",
        "Ask one question and get the answer, whole or (`Accept: text/event-stream`) piece by piece.",
        reads=Question,
        view=Reply,
        media=("application/json", "text/event-stream"),
        parameters=(_CMID,),
        errors=(404, 409, 429),
    ),
    Plain(
        "GET",
        "/v1/conversations/{conversation_id}/stream",
        "stream_events",
        "events",
        "Follow a conversation as server-sent events.",
        media=("text/event-stream",),
        parameters=(_ID, _LAST, _CURSOR),
        errors=(404, 422),
    ),
    Plain(
        "GET",
        "/v1/conversations/{conversation_id}/events",
        "poll_events",
        "events",
        "What happened after a position; waits for news. With `Accept: text/event-stream` the same as `/stream`.",
        parameters=(_ID, _CURSOR, _EPOCH, _AFTER, _WAIT),
        errors=(404, 422),
    ),
    Plain(
        "GET",
        "/v1/media/{media_id}",
        "show_media",
        "conversations",
        "A file of a conversation, or a range of it; its id cannot be guessed, and who has it may see the file.",
        media=tuple(one.type for one in KINDS.values()),
        parameters=(_MEDIA,),
        errors=(403, 404, 503),
        credential=False,
    ),
    Plain("GET", "/healthz", "health", "operations", "The process answers.", view=Probe, credential=False),
    Plain("GET", "/readyz", "readiness", "operations", "Requests may be sent here.", view=Probe, credential=False),
)
