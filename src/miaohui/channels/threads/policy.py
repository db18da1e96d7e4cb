"""What is to be told next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from miaohui.channels.threads.types import Place, Portion
from miaohui.conversations.types import Message

Split = Callable[[Message], tuple[str, ...]]
"""A message in parts that the channel takes."""


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
