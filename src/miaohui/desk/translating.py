"""Messages in the agent's language, and hers in the visitor's: only when she asks, and never on a visitor's way.

What was translated once is kept by message and language. Two who ask for the same wait for one call.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from miaohui.conversations.changes import ERASED
from miaohui.desk import translations
from miaohui.desk.errors import NoInterpreter, TranslationOff
from miaohui.desk.tongues import is_same, needs_none, written_in
from miaohui.desk.types import Translation
from miaohui.kit.aio import spawn
from miaohui.kit.errors import Conflict, FieldError, Invalid, MiaohuiError, NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.prompts.translate import Wanted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from miaohui.conversations.types import Conversation
    from miaohui.desk.interpreter import Interpreter
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.prompts.translate import Rendered

TEXT_CHARS = 4_000
"""Longer ones are read by who can."""
Why = Literal["", "off_here", "off_everywhere", "no_model"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of several messages."""

    done: list[Translation]
    failed: dict[str, str]
    """Codes, by message."""


class Translating:
    """For agents only. Without an `interpreter` nothing is translated."""

    def __init__(self, database: Database, clock: Clock, interpreter: Interpreter | None = None) -> None:
        self._database = database
        self._clock = clock
        self.interpreter = interpreter
        self._repository = translations.TranslationsRepository(database)
        self._flights: dict[tuple[str, str], asyncio.Task[Translation | MiaohuiError]] = {}

    async def why_not(self, tenant_id: str) -> Why:
        """Empty when it can be done."""
        if self.interpreter is None or not self.interpreter.enabled:
            return "off_everywhere"
        if not await self._repository.is_enabled(tenant_id):
            return "off_here"
        return "" if self.interpreter.has_engine(tenant_id) else "no_model"

    async def choose(self, tenant_id: str, *, enabled: bool) -> None:
        """Whether this company's agents translate; what was translated stays."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: translations.choose(tenant_id, now_ms, enabled=enabled), key=tenant_id)

    async def list_kept(self, conversation: Conversation, language: str) -> list[Translation]:
        """What was translated before, without asking any engine."""
        return await self._repository.list_of(conversation.tenant_id, conversation.id, language)

    async def translate(self, conversation: Conversation, message_ids: Sequence[str], language: str) -> Outcome:
        """These messages. One that failed is named; when all did, that is raised.

        Raises `TranslationOff`, `NoInterpreter`, `NotTranslated`, `NotFound` for a message that is not here.
        """
        ids = list(dict.fromkeys(message_ids))
        tenant_id = conversation.tenant_id
        texts = await self._repository.texts_of(tenant_id, conversation.id, ids)
        if any(one not in texts for one in ids):
            raise NotFound("There is no message of that id in this conversation, or nobody said it.")
        kept = await self._repository.find_some(tenant_id, conversation.id, language, ids)
        done = {one.message_id: one for one in kept}
        for one in ids:
            if one not in done and (needs_none(texts[one], language) or texts[one] == ERASED):
                done[one] = self._drawn(conversation, one, language, written_in(texts[one]), "")
        missing = [one for one in ids if one not in done]
        if missing:
            await self._check_open(tenant_id)
        flights = [self._flight(conversation, one, texts[one], language) for one in missing]
        found = await asyncio.gather(*map(asyncio.shield, flights))
        return _outcome(ids, done, dict(zip(missing, found, strict=True)))

    async def render(self, conversation: Conversation, text: str, language: str) -> Rendered:
        """What an agent wrote, to be read before it is sent; nothing is kept. Raises as `translate`, and `Invalid`."""
        if len(text) > TEXT_CHARS:
            raise _too_long()
        interpreter = await self._check_open(conversation.tenant_id)
        return await interpreter.translate(self._wanted(conversation, text, language))

    async def _check_open(self, tenant_id: str) -> Interpreter:
        why = await self.why_not(tenant_id)
        if self.interpreter is None or why.startswith("off"):
            raise TranslationOff("Translation is turned off. An administrator can turn it on.")
        if why:
            raise NoInterpreter("No model is set up that could translate. An administrator can add one.")
        return self.interpreter

    def _flight(
        self, conversation: Conversation, message_id: str, text: str, language: str
    ) -> asyncio.Task[Translation | MiaohuiError]:
        """The one call for this message and language that is under way, or a new one. Its deadline ends it."""
        key = (message_id, language)
        task = self._flights.get(key)
        if task is None:
            work = self._translate_one(conversation, message_id, text, language)
            task = self._flights[key] = spawn(_as_value(work), name="desk:translate")
            task.add_done_callback(lambda _: self._flights.pop(key, None))
        return task

    async def _translate_one(
        self, conversation: Conversation, message_id: str, text: str, language: str
    ) -> Translation:
        if self.interpreter is None:
            raise TranslationOff("Translation is turned off.")
        if len(text) > TEXT_CHARS:
            raise _too_long()
        rendered = await self.interpreter.translate(self._wanted(conversation, text, language))
        same = is_same(rendered.source, language) or rendered.text == text
        drawn = self._drawn(
            conversation, message_id, language, rendered.source or written_in(text), "" if same else rendered.text
        )
        with suppress(Conflict, Unavailable):  # another node keeps it, or nobody does: it was translated all the same
            await self._database.write(lambda: translations.keep(drawn, text), key=conversation.id)
        return drawn

    def _wanted(self, conversation: Conversation, text: str, language: str) -> Wanted:
        return Wanted(
            id=new_id("tran"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            text=text,
            language=language,
        )

    def _drawn(self, conversation: Conversation, message_id: str, language: str, source: str, text: str) -> Translation:
        return Translation(
            message_id=message_id,
            language=language,
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            source=source[:12],
            text=text,
            at_ms=self._clock.now_ms(),
        )

    async def settle(self) -> None:
        """Return when nothing is being translated, so that the records may be closed."""
        while self._flights:
            await asyncio.wait(list(self._flights.values()), timeout=5)


def _outcome(ids: Sequence[str], done: dict[str, Translation], found: dict[str, Translation | MiaohuiError]) -> Outcome:
    failed = {one: error for one, error in found.items() if isinstance(error, MiaohuiError)}
    if failed and len(failed) == len(ids):
        raise next(iter(failed.values()))
    done |= {one: drawn for one, drawn in found.items() if isinstance(drawn, Translation)}
    return Outcome(
        done=[done[one] for one in ids if one in done], failed={one: error.code for one, error in failed.items()}
    )


async def _as_value(work: Coroutine[None, None, Translation]) -> Translation | MiaohuiError:
    """A refusal is for those who wait, of whom there may be none any more."""
    try:
        return await work
    except MiaohuiError as error:
        return error


def _too_long() -> Invalid:
    wanted = f"at most {TEXT_CHARS} characters"
    return Invalid("The text is too long to translate.", code="too_long", errors=[FieldError("$.text", wanted)])
