"""The story of one visitor message, from its claim to its end. Sockets, tables and vendors stand elsewhere."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from miaohui.conversations.asking import accepts, leaned_on, leans
from miaohui.conversations.policy import words_in
from miaohui.engines.errors import EngineFailed
from miaohui.engines.types import Finished, Restarted, Started, Text, ToolUsed
from miaohui.kit import crash
from miaohui.knowledge.types import Scope
from miaohui.prompts.citations import cite
from miaohui.prompts.compose import compose
from miaohui.prompts.grounding import Grounding
from miaohui.turns.policy import locale_of, wants_human
from miaohui.turns.types import Answered, Cancelled, HandedOff, Informed, Refused, Superseded
from miaohui.turns.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.types import HandoffReason
    from miaohui.engines.types import EngineRequest
    from miaohui.knowledge.types import Retrieval
    from miaohui.memory.types import Exchange
    from miaohui.prompts.compose import Brief
    from miaohui.turns.entry import Entry
    from miaohui.turns.ports import Outbox
    from miaohui.turns.stages import Stages
    from miaohui.turns.types import Outcome, Work

CLAIMED = crash.point("turn.claimed", "a process holds the turn's lease, nothing was done")
INFORMED = crash.point("turn.retrieved", "recollections and passages are there, no engine was asked")
ASKED = crash.point("engine.asked", "the request was sent upstream, nothing came back")


async def answer(work: Work, stages: Stages, outbox: Outbox, entry: Entry) -> Outcome:
    """Answer one message, or say why not. Expected ends are values; the caller stores and announces them."""
    CLAIMED()
    turn = work.turn
    profile = await stages.profiles.profile_of(work.conversation)
    asked = words_in(turn.question)
    locale = locale_of(asked, profile.locale)

    verdict = stages.guard.judge(turn.tenant_id, turn.question)
    entry.judged(verdict)
    if not verdict.allowed:
        key = "too_long" if verdict.reason == "too_long" else "refused"
        return Refused(text=words(key, locale), reason=verdict.reason)
    if (outcome := answer_at_once(asked, locale)) is not None:
        return outcome

    informed = await recall_and_retrieve(work, stages, locale)
    entry.informed(informed)
    INFORMED()
    if accepts_offer(asked, informed.recollection.exchanges):
        return HandedOff(text=words("customer_request", locale), reason="customer_request")

    return await ask(stages.brief(work, profile, locale, informed, verdict.suspicion), stages, outbox, entry)


def answer_at_once(asked: str, locale: str) -> Outcome | None:
    """What needs no engine: a wish for a human, and a picture without a word."""
    if wants_human(asked):
        return HandedOff(text=words("customer_request", locale), reason="customer_request")
    return None if asked else Refused(text=words("unseen", locale), reason="unseen")


def accepts_offer(asked: str, exchanges: Sequence[Exchange]) -> bool:
    """Whether “yes, please” is meant for the colleague whom the assistant offered just before."""
    return bool(exchanges) and accepts(asked, exchanges[-1].answer)


async def recall_and_retrieve(work: Work, stages: Stages, locale: str) -> Informed:
    """Both at once; memory keeps its own deadline, so a slow source never costs an answer.

    A question that leans on an earlier one (“那运费呢”) is looked up after that was recalled.
    """
    turn, asked = work.turn, words_in(work.turn.question)
    conversation = work.conversation
    recalling = stages.memory.recall(turn.tenant_id, turn.conversation_id, conversation.contact_id, asked)
    scope = Scope(inbox=conversation.inbox_id)
    retrieve = partial(
        stages.knowledge.retrieve, turn.tenant_id, asked, locale=locale, limit=stages.passages, scope=scope
    )
    # Where neither waits for anybody, two tasks would cost more than both of them together.
    if (stages.memory.local and stages.knowledge.local) or leans(asked):
        recollection = await recalling
        before = leaned_on(asked, (one.question for one in reversed(recollection.exchanges)))
        return Informed(recollection, await retrieve(before=before))
    recollection, retrieval = await asyncio.gather(recalling, retrieve(before=""))
    return Informed(recollection, retrieval)


async def ask(brief: Brief, stages: Stages, outbox: Outbox, entry: Entry) -> Outcome:
    """What the engines make of it; a person's when none of them can."""
    request = stages.ease(compose(brief))
    if request is None:
        return HandedOff(text=words("busy", brief.locale), reason="usage_limit")
    entry.composed(request)
    if outbox.stopped:
        return _stopped(outbox)
    try:
        return await stream(request, brief.retrieval, stages, outbox, entry)
    except EngineFailed as failure:
        entry.failed(failure)
        return HandedOff(text=words("engines_unavailable", brief.locale), reason="engines_unavailable")


async def stream(request: EngineRequest, retrieval: Retrieval, stages: Stages, outbox: Outbox, entry: Entry) -> Outcome:
    """From the engine through the screen to the outbox, piece by piece."""
    screen = stages.guard.open_screen(request.tenant_id)
    grounding = Grounding(request)
    finished: Finished | None = None
    handoff: HandoffReason | None = None
    outbox.open()
    with outbox.listening():
        async for piece in stages.engine.stream(request):
            match piece:
                case Text(text=text):
                    outbox.say(screen.feed(grounding.feed(text)))
                case Started():
                    grounding.begin(piece.route)
                    entry.asked(piece)
                    ASKED()
                case Restarted(reason=reason):
                    screen = stages.guard.open_screen(request.tenant_id)
                    grounding.restart()
                    outbox.reset(reason)
                case ToolUsed():
                    grounding.learn(piece.told)
                    entry.used(piece)
                    handoff = piece.handoff or handoff
                case Finished():
                    finished = piece
    if outbox.stopped or finished is None:
        return _stopped(outbox)
    outbox.say(screen.feed(grounding.close()) + screen.close())
    entry.finished(finished, withheld=screen.withheld)
    entry.grounded(grounding.withheld)
    if handoff is not None:
        return HandedOff(text=outbox.said or words("customer_request", request.locale), reason=handoff)
    return Answered(
        text=outbox.said,
        citations=cite(outbox.said, retrieval),
        known=finished.reason != "unknown_answer" and not grounding.withheld,
        route=finished.route,
    )


def _stopped(outbox: Outbox) -> Outcome:
    """The visitor keeps what they had read; after a take-over nothing more is said."""
    return Cancelled(text=outbox.said) if outbox.stopped == "cancelled" else Superseded(reason=outbox.stopped)
