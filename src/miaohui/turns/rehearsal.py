"""The story told once more, to nobody: a draft for an agent, an answer of another engine, a case that must stay right.

Nothing is stored, nothing is shown to a visitor, no tool is called and no answer is taken from a cache or kept in one.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations.types import Citation, Turn
from miaohui.desk.cases import CasesRepository, delete_case, insert_case, note_trial
from miaohui.desk.types import Case
from miaohui.engines.errors import EngineFailed
from miaohui.kit.errors import Conflict, NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor
from miaohui.memory.types import Exchange, Recollection
from miaohui.prompts.compose import compose
from miaohui.turns.answer import stream
from miaohui.turns.entry import Entry
from miaohui.turns.policy import locale_of
from miaohui.turns.types import Answered, Informed, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation, Message
    from miaohui.identity.types import Principal
    from miaohui.journal.types import TurnEntry
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.turns.ports import Archive
    from miaohui.turns.stages import Stages

MOST_CASES = 1_000
MOST_S = 60.0
"""A rehearsal that takes longer is given up."""
EXCHANGES = 6
READ = 40
"""Messages before a question that are looked at."""
_FIRST = Cursor(2**62, "")
_MARK = re.compile(r"\s*(?:[\[【［]\^?\d{1,2}(?:\s*[,，、]\s*\d{1,2})*[\]】］](?!\()|[①-⑳])")


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different from the turn as it was; what is empty stays as it is now."""

    route: str = ""
    """The one route to ask."""
    persona: str = ""
    """The assistant's part of the prompt."""
    knowledge_version: int = 0
    """What the knowledge base said then."""


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said."""

    text: str
    citations: tuple[Citation, ...] = ()
    known: bool = True
    """False when it says that the knowledge base does not hold the answer."""
    entry: TurnEntry
    """How it came about, stage by stage."""


class Rehearsal:
    """Over the stages of the story; `stages.engine` should be one without tools and without a cache of its own."""

    def __init__(
        self, database: Database, clock: Clock, conversations: Conversations, stages: Stages, archive: Archive
    ) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._stages = stages
        self._archive = archive
        self._cases = CasesRepository(database)

    # For agents

    async def suggest(self, conversation: Conversation) -> Rehearsed:
        """A draft that answers the visitor's last words, without marks. Raises `Conflict` when there are none."""
        said = await self._conversations.messages(conversation, limit=READ)
        last = _last_words(said)
        if not last:
            raise Conflict("The visitor has said nothing that waits for an answer.", code="nothing_to_answer")
        earlier = [one for one in said if one.seq < last[0].seq]
        question = "\n".join(one.text for one in last)[-2_000:]
        drafted = await self._rehearse(conversation, question, earlier, Changes())
        return msgspec.structs.replace(drafted, text=_MARK.sub("", drafted.text).strip())

    async def again(self, by: Principal, turn_id: str, changes: Changes) -> Rehearsed:
        """The turn's question as it stood then, answered with what is different. Raises `NotFound`, `Unavailable`."""
        conversation, message = await self._question_of(by, turn_id)
        earlier = await self._conversations.messages(conversation, before=message.seq, limit=READ)
        return await self._rehearse(conversation, message.text, earlier, changes)

    async def _question_of(self, by: Principal, turn_id: str) -> tuple[Conversation, Message]:
        turn = await self._conversations.find_turn(by.tenant_id, turn_id)
        message = await self._conversations.find_message(by.tenant_id, turn.message_id) if turn else None
        if turn is None or message is None:
            raise NotFound("There is no turn of that id.")
        return await self._conversations.access(by, turn.conversation_id), message

    async def _rehearse(
        self, conversation: Conversation, question: str, earlier: Sequence[Message], changes: Changes
    ) -> Rehearsed:
        turn = Turn(
            id=new_id("try"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            message_id="",
            question=question,
        )
        try:
            async with asyncio.timeout(MOST_S):
                return await self._tell(Work(turn, conversation), _exchanges(earlier), changes)
        except EngineFailed as failure:
            if changes.route and failure.code == "no_route":
                raise NotFound("There is no route of that name, or it has no room for this.") from None
            raise Unavailable("No engine could answer.", code="engines_unavailable") from None
        except TimeoutError:
            raise Unavailable("It took too long.", code="too_slow") from None

    async def _tell(self, work: Work, exchanges: tuple[Exchange, ...], changes: Changes) -> Rehearsed:
        stages, turn = self._stages, work.turn
        profile = await stages.profiles.profile_of(work.conversation)
        if changes.persona:
            assistant = msgspec.structs.replace(profile.assistant, persona=changes.persona)
            profile = msgspec.structs.replace(profile, assistant=assistant)
        locale = locale_of(turn.question, profile.locale)
        entry = Entry(turn, self._clock)
        verdict = stages.guard.judge(turn.tenant_id, turn.question)
        entry.judged(verdict)
        retrieval = await self._archive.search_as_of(
            turn.tenant_id, changes.knowledge_version, turn.question, locale=locale, limit=stages.passages
        )
        informed = Informed(Recollection(exchanges=exchanges), retrieval)
        entry.informed(informed)
        brief = stages.brief(work, profile, locale, informed, verdict.suspicion)
        request = msgspec.structs.replace(compose(brief), personal=True, only=changes.route)
        entry.composed(request)
        pad = _Pad()
        outcome = await stream(request, retrieval, stages, pad, entry)
        answered = outcome if isinstance(outcome, Answered) else Answered(text=pad.said)
        page = entry.close("answered", "rehearsed")
        return Rehearsed(text=answered.text, citations=answered.citations, known=answered.known, entry=page)

    # Cases

    async def keep(self, by: Principal, turn_id: str, wanted: str, holds: Sequence[str], lacks: Sequence[str]) -> Case:
        """What the turn should have said, as a case from now on. Raises `NotFound`, `Conflict` when there are many."""
        conversation, message = await self._question_of(by, turn_id)
        if await self._cases.count(by.tenant_id) >= MOST_CASES:
            raise Conflict(f"A company has at most {MOST_CASES} cases.", code="case_limit")
        case = Case(
            id=new_id("case"),
            tenant_id=by.tenant_id,
            turn_id=turn_id,
            conversation_id=conversation.id,
            question=message.text,
            wanted=wanted.strip(),
            holds=tuple(dict.fromkeys(part.strip() for part in holds if part.strip())),
            lacks=tuple(dict.fromkeys(part.strip() for part in lacks if part.strip())),
            created_by=by.key,
            created_at_ms=self._clock.now_ms(),
        )
        return await self._database.write(lambda: insert_case(case))

    async def try_case(self, by: Principal, case_id: str, changes: Changes) -> Case:
        """Ask it again, and see whether it holds. Raises `NotFound`, `Unavailable`."""
        case = await self._cases.find(by.tenant_id, case_id)
        if case is None:
            raise NotFound("There is no such case.")
        answer = await self.again(by, case.turn_id, changes)
        now_ms = self._clock.now_ms()
        return await self._database.write(lambda: note_trial(case, answer.text, now_ms))

    async def list_cases(self, tenant_id: str, *, cursor: str = "", limit: int = 50) -> Page[Case]:
        """The last written first. Raises `Invalid` on a cursor that is not ours."""
        rows = await self._cases.list_page(tenant_id, parse_cursor(cursor) or _FIRST, limit + 1)
        return page(rows, limit, lambda one: Cursor(one.created_at_ms, one.id))

    async def drop_case(self, tenant_id: str, case_id: str) -> None:
        """It need not hold any more. Raises `NotFound`."""
        if not await self._database.write(lambda: delete_case(tenant_id, case_id)):
            raise NotFound("There is no such case.")


class _Pad:
    """See `ports.Outbox`; what is said stays on it."""

    def __init__(self) -> None:
        self.stopped = ""
        self.said = ""

    def open(self) -> None:
        """Nobody waits."""

    def say(self, text: str) -> None:
        """Some more words."""
        self.said += text

    def reset(self, reason: str) -> None:
        """What was said is void."""
        self.said = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Nobody stops it."""
        yield


def _last_words(said: Sequence[Message]) -> list[Message]:
    """The visitor's words since anybody answered; when all are answered, their last ones."""
    spoken = [one for one in said if one.kind == "text" and one.sender != "system"]
    waiting: list[Message] = []
    for one in reversed(spoken):
        if one.sender == "visitor":
            waiting.insert(0, one)
        elif waiting:
            break
    return waiting


def _exchanges(earlier: Sequence[Message]) -> tuple[Exchange, ...]:
    """What was asked and what was answered, whoever did."""
    found: list[Exchange] = []
    question = ""
    for one in earlier:
        if one.kind != "text":
            continue
        if one.sender == "visitor":
            question = f"{question}\n{one.text}".strip()
        elif question and one.sender in {"assistant", "agent"}:
            found.append(Exchange(question, one.text))
            question = ""
    return tuple(found[-EXCHANGES:])
