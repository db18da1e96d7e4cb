"""`POST /v1/chat`: one question, one answer; for programs and for a first try with curl.

The answer comes whole as JSON, or piece by piece with `Accept: text/event-stream`: events `open`, `delta`, `reset`,
`end`, `error`, and `: ping` where it was quiet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from miaohui.channels import policy
from miaohui.channels.problem import encode_problem, problem_of
from miaohui.channels.rates import headers_of
from miaohui.channels.reading import parse_json, read_body
from miaohui.channels.session import begin
from miaohui.channels.web.mailbox import Mailbox
from miaohui.conversations.policy import check_cmid
from miaohui.conversations.types import Citation, Conversation
from miaohui.identity.types import Principal
from miaohui.kit import aio
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError, NotFound, Throttled, Unavailable
from miaohui.kit.ids import new_id
from miaohui.realtime.events import StreamDelta, StreamOpened, StreamReset
from miaohui.turns.types import Send, TurnResult

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.services import Services
    from miaohui.conversations.types import Accepted

PING_SECONDS = 10.0


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked, and by whom."""

    visitor_id: Annotated[str, Meta(min_length=1, max_length=128)]
    """Your own id of the person. Only read with an API key or an agent's token; a visitor's token says who it is."""
    question: Annotated[str, Meta(min_length=1)]
    conversation_id: Annotated[str, Meta(max_length=64)] = ""
    """Goes on in this conversation; else in the visitor's newest open one, or a new one."""
    locale: Literal["zh-CN", "en", ""] = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered."""

    conversation_id: str
    message_id: str
    """Of the answer; empty when there is none."""
    question_id: str
    """Of the stored question."""
    answer: str
    citations: tuple[Citation, ...]
    outcome: str
    """`answered`, `handed_off`, `failed` or `superseded`."""
    reason: str
    handoff: bool
    """A human has been asked for and will answer in this conversation."""
    handoff_offer: bool
    """The assistant could not answer and offers a human: `POST …/handoff` accepts."""
    turn_id: str
    ai_generated: Literal[True] = True


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question on its way."""

    principal: Principal
    conversation: Conversation
    send: Send


class Chat:
    """The endpoint."""

    def __init__(self, services: Services, limits: Bounds, entrance: Entrance) -> None:
        self._services = services
        self._bounds = limits
        self._entrance = entrance

    async def answer(self, request: Request) -> Response:
        """Ask, and answer as the request likes it."""
        principal = await self._entrance.principal(request)
        if principal.kind != "visitor":
            policy.check_right(principal, "chat")
        question = _parse(await read_body(request))
        asked = await self._ask(principal, question, request.headers.get("idempotency-key"))
        if _wants_stream(request):
            return await self._stream(asked, request)
        accepted = await self._accept(asked, request)
        reply = await self._reply(asked, accepted)
        return Response(msgspec.json.encode(reply), media_type="application/json", headers=await self._rates(asked))

    async def _ask(self, principal: Principal, question: Question, cmid: str | None) -> Asked:
        visitor = await self._visitor(principal, question)
        send = Send(cmid=new_id("cm") if cmid is None else check_cmid(cmid), text=question.question)
        conversation = await self._conversation(visitor, question, send.cmid)
        return Asked(principal=visitor, conversation=conversation, send=send)

    async def _visitor(self, principal: Principal, question: Question) -> Principal:
        """Who asks: the token's own visitor, or the one whom a key speaks for."""
        if principal.kind == "visitor":
            return principal
        inboxes = await self._services.inboxes.list_(principal.tenant_id)
        if not inboxes:
            raise NotFound("This company has no inbox yet. Create one first.", code="no_inbox")
        inbox = next((inbox for inbox in inboxes if inbox.channel == "api"), inboxes[0])
        contact = await self._services.contacts.find_or_create(inbox.tenant_id, inbox.id, question.visitor_id)
        return Principal(
            tenant_id=contact.tenant_id, kind="visitor", id=contact.id, name=contact.name, inbox_id=inbox.id
        )

    async def _conversation(self, visitor: Principal, question: Question, cmid: str) -> Conversation:
        conversations = self._services.conversations
        if question.conversation_id:
            return await conversations.access(visitor, question.conversation_id)
        latest = await conversations.latest_for(visitor.tenant_id, visitor.id)
        return latest or await begin(self._services, visitor, cmid)

    async def _accept(self, asked: Asked, request: Request) -> Accepted:
        """Raises `Invalid` in this door's words, `Throttled` with how much is left."""
        try:
            return await self._services.turns.accept(asked.principal, asked.conversation, asked.send)
        except Throttled as error:
            request.scope["state"]["rates"] = await self._rates(asked)
            raise error from None
        except Invalid as error:
            fields = (one._replace(field="$.question") if one.field == "$.text" else one for one in error.errors)
            raise Invalid(error.detail, code=error.code, errors=tuple(fields)) from None

    async def _reply(self, asked: Asked, accepted: Accepted) -> Reply:
        """Wait for the end of the turn. Raises `Unavailable` when it does not come in time."""
        try:
            result = await self._services.turns.follow(asked.principal.tenant_id, accepted.turn.id)
        except TimeoutError:
            detail = "The answer is taking too long; it will stand in the conversation."
            raise Unavailable(detail, code="turn_timeout") from None
        return _reply(asked, accepted, result)

    async def _rates(self, asked: Asked) -> dict[str, str]:
        return headers_of(await self._services.turns.limits_for(asked.principal))

    async def _stream(self, asked: Asked, request: Request) -> Response:
        """Follow the conversation first, then ask: no piece of the answer comes before its reader."""
        mailbox = Mailbox(self._services, asked.principal, self._bounds)
        await mailbox.session.follow_from_now(asked.conversation)
        try:
            accepted = await self._accept(asked, request)
        except BaseException:
            mailbox.session.close()
            raise
        headers = {**await self._rates(asked), "cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            self._events(mailbox, asked, accepted, request), media_type="text/event-stream", headers=headers
        )

    async def _events(
        self, mailbox: Mailbox, asked: Asked, accepted: Accepted, request: Request
    ) -> AsyncIterator[bytes]:
        ending = aio.spawn(self._reply(asked, accepted), name="chat:reply")
        ending.add_done_callback(lambda _: mailbox.wake())
        try:
            yield _event(
                "open",
                {
                    "conversation_id": asked.conversation.id,
                    "message_id": accepted.message.id,
                    "turn_id": accepted.turn.id,
                    "ai_generated": True,
                },
            )
            async for piece in _pieces(mailbox, accepted.turn.id, ending):
                yield piece
            try:
                yield _event("end", await ending)
            except MiaohuiError as error:
                yield b"event: error\ndata: %b\n\n" % encode_problem(problem_of(error, request.scope))
        finally:
            mailbox.session.close()
            await aio.stop(ending)


async def _pieces(mailbox: Mailbox, turn_id: str, ending: Any) -> AsyncIterator[bytes]:
    """The pieces of one turn's answer, until it has ended."""
    stream = ""
    while True:
        ended = ending.done()
        for _, event in mailbox.take_all():
            match event:
                case StreamOpened() if event.turn == turn_id:
                    stream = event.stream
                case StreamDelta() if event.stream == stream:
                    yield _event("delta", {"text": event.text})
                case StreamReset() if event.stream == stream:
                    yield _event("reset", {"reason": event.reason})
                case _:
                    continue
        if ended or mailbox.cut_off:
            return
        if not await mailbox.wait(PING_SECONDS, also=ending.done):
            yield b": ping\n\n"


def _parse(body: bytes) -> Question:
    try:
        return msgspec.convert(parse_json(body), Question, strict=True)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise Invalid(
            "A question is {visitor_id, question} and may say conversation_id and locale.",
            errors=[FieldError(path.rstrip("`") or "$", detail)],
        ) from None


def _reply(asked: Asked, accepted: Accepted, result: TurnResult) -> Reply:
    message = result.message
    return Reply(
        conversation_id=asked.conversation.id,
        message_id=message.id if message else "",
        question_id=accepted.message.id,
        answer=message.text if message else "",
        citations=message.citations if message else (),
        outcome=result.state,
        reason=result.reason,
        handoff=result.state == "handed_off",
        handoff_offer=result.state == "answered" and result.reason in OFFERS,
        turn_id=accepted.turn.id,
    )


OFFERS = frozenset({"unknown_answer", "missing_knowledge"})
"""Reasons of an answer that was no answer: the assistant said so and offered a human."""


def _wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "").lower()


def _event(name: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))
