"""Pure decisions of a turn."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from miaohui.conversations.types import Draft, Ending, Handoff
from miaohui.turns.types import Answered, Cancelled, Failed, HandedOff, Refused, Superseded
from miaohui.turns.words import words

if TYPE_CHECKING:
    from miaohui.conversations.types import Turn, TurnState
    from miaohui.turns.types import Outcome, Work

STALE_MS = 5 * 60_000
"""A turn found this old after a crash is not answered in a burst; a human gets it."""
MOST_ATTEMPTS = 3
"""A turn that took the process down this often is not tried again."""

_CJK = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_HUMAN_ZH = re.compile(
    r"^(?:我?[要想]?(?:找|转|接|换|联系)[一下个]{0,2})?(?:人工|真人|坐席)(?:客服|服务|坐席)?(?:吧|啊|呢|谢谢)?[。!!??~]*$"
    r"|(?:转|找|要|接|换|叫)(?:一?个|一下|到)?(?:人工|真人)"
)
_HUMAN_EN = re.compile(
    r"\b(?:talk|speak|chat|connect|transfer|put)\b.{0,24}\b(?:human|real person|person|agent|representative|someone)\b"
    r"|^\W*(?:human|agent|real person|representative)(?: please)?\W*$",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"不(?:要|用|需要|想)(?:再)?(?:转|找|接)?(?:人工|真人)|\b(?:don'?t|do not|no)\b.{0,20}\bhuman", re.IGNORECASE
)


def locale_of(question: str, default: str) -> str:
    """The language to answer in: the question's, else the inbox's."""
    if _CJK.search(question):
        return "zh-CN"
    return "en" if _LATIN.search(question) else default


def sorry_for(question: str) -> HandedOff:
    """What is said when nobody could answer, in the question's language; a human gets it."""
    return HandedOff(text=words("engines_unavailable", locale_of(question, "zh-CN")), reason="engines_unavailable")


def wants_human(question: str) -> bool:
    """Whether the words ask for a human, and nothing else."""
    if len(question) > 60 or _NOT_NOW.search(question):
        return False
    return bool(_HUMAN_ZH.search(question) or _HUMAN_EN.search(question))


def conclude(work: Work, outcome: Outcome, *, message_id: str, knowledge_version: int, now_ms: int) -> Ending:
    """What is written for an outcome."""
    turn = work.turn
    reply: Draft | None = None
    text = getattr(outcome, "text", "")
    if text:
        reply = Draft(
            id=message_id,
            tenant_id=turn.tenant_id,
            conversation_id=turn.conversation_id,
            sender="assistant",
            sender_id=work.conversation.inbox_id,
            text=text,
            citations=outcome.citations if isinstance(outcome, Answered) else (),
            turn_id=turn.id,
            final=True,
            now_ms=now_ms,
        )
    state, reason = _state_of(outcome, has_words=reply is not None)
    return Ending(
        turn=turn,
        state=state,
        reason=reason,
        reply=reply,
        handoff=Handoff(reason=outcome.reason) if isinstance(outcome, HandedOff) else None,
        knowledge_version=knowledge_version,
        now_ms=now_ms,
    )


def _state_of(outcome: Outcome, *, has_words: bool) -> tuple[TurnState, str]:
    match outcome:
        case Answered(known=known):
            return "answered", "" if known else "unknown_answer"
        case Refused(reason=reason):
            return "answered", reason
        case HandedOff(reason=reason):
            return "handed_off", reason
        case Superseded(reason=reason):
            return "superseded", reason
        case Cancelled():
            return ("answered" if has_words else "superseded"), "cancelled"
        case Failed(reason=reason):
            return "failed", reason


def stream_id(turn: Turn) -> str:
    """A turn has one token stream, over all its attempts."""
    return "strm_" + turn.id.removeprefix("turn_")


def digest(text: str) -> str:
    """What `stream.end` promises of the final message's text."""
    return hashlib.sha256(text.encode()).hexdigest()
