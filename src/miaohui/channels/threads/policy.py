"""What is to be told next, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.types import Place, Portion, Sent
from miaohui.conversations.types import Message
from miaohui.kit.errors import Unavailable

Split = Callable[[Message], tuple[str, ...]]
"""A message in parts that the channel takes."""
AGAIN_MS = 5_000
CONFIG_MS = 600_000
"""Until somebody has looked at the account."""
_KNOWN_UNSENT = frozenset({"unreachable", "not_public"})


def is_outward(message: Message) -> bool:
    """Whether it is for the person outside: words of the assistant or of an agent, no notes, no activities."""
    return message.kind == "text" and message.sender in {"assistant", "agent"}


def next_portion(told: Place, following: Sequence[Message], split: Split) -> tuple[Portion | None, Place]:
    """The next words after `told`, and how far there is nothing to tell; `following` begins after `told.seq`."""
    here = told
    for message in following:
        parts = split(message) if is_outward(message) else ()
        part = told.part if message.seq == told.seq + 1 else 0
        if part < len(parts):
            last = part + 1 == len(parts)
            after = Place(seq=message.seq) if last else Place(seq=message.seq - 1, part=part + 1)
            return Portion(seq=message.seq, part=part, text=parts[part], before=told, after=after), here
        here = Place(seq=message.seq)
    return None, here


def outcome(verdict: str, detail: str) -> Sent:
    """A sending that the vendor answered, by what its answer means; what is not named here is tried again soon."""
    match verdict:
        case "sent":
            return Sent(state="sent")
        case "undeliverable":
            return Sent(state="undeliverable", detail=detail)
        case "wait":  # until they speak again
            return Sent(state="waiting", detail=detail)
        case "config":
            return Sent(state="waiting", detail=detail, wait_ms=CONFIG_MS)
    return Sent(state="waiting", detail=detail, wait_ms=AGAIN_MS)


def unheard(error: Unanswered | Unavailable) -> Sent:
    """A sending that was not answered, or could not be tried.

    Where the vendor may have done it, it is not done again: twice is worse than shown to the agent as uncertain.
    """
    if isinstance(error, Unavailable) or error.code in _KNOWN_UNSENT:
        return Sent(state="waiting", detail=error.code, wait_ms=AGAIN_MS)
    return Sent(state="uncertain", detail=error.code)
