"""What is counted, and how it adds up."""

from __future__ import annotations

from typing import Literal

import msgspec

What = Literal["visitor", "assistant", "agent", "handed_off", "taken", "resolved", "handed_back", "scored"]


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """Something that happened in a conversation."""

    conversation_id: str
    at_ms: int
    what: What
    reason: str = ""
    """Of a handoff; of a score, how much from 1 to 5."""
    rating: int = 0
    """Of an answer: 1 good, -1 bad."""


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation, as far as it is counted."""

    id: str
    created_at_ms: int
    status: str


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time; `until_ms` is not in it."""

    from_ms: int
    until_ms: int
    step_ms: int = 24 * 3_600_000
    offset_ms: int = 0
    """Of the viewer's clock against UTC: days begin at their midnight."""

    @property
    def before(self) -> Period:
        """The stretch of the same length that ended when this one begins."""
        length = self.until_ms - self.from_ms
        return Period(
            from_ms=self.from_ms - length,
            until_ms=self.from_ms,
            step_ms=self.step_ms,
            offset_ms=self.offset_ms,
        )


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations are counted; empty is all of them."""

    inbox_ids: tuple[str, ...] | None = None
    """None: of every inbox."""
    team_id: str = ""
    """That it was for."""
    agent_id: str = ""
    """Who has it, or said something in it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The same as it is asked for; empty is whichever."""

    inbox_id: str = ""
    channel: str = ""
    """Kind of the inbox's door."""
    assistant: str = ""
    """Name of the assistant that serves in the inbox."""
    team_id: str = ""
    agent_id: str = ""


EVERY = Wanted()


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one stretch of time. A share or a time is None where there was nothing to take it of."""

    conversations: int = 0
    """That began."""
    messages: int = 0
    """Of visitors."""
    handed_off: int = 0
    """Conversations that came to humans."""
    handoff_reasons: dict[str, int] = {}
    first_response_s: float | None = None
    """Median, from the handoff to an agent's first words."""
    first_response_p90_s: float | None = None
    resolved: int = 0
    resolution_s: float | None = None
    """Median, from the beginning to the end."""
    reopened: int = 0
    """Conversations in which the visitor spoke again after they were resolved."""
    involvement: float | None = None
    """Share of conversations in which the assistant answered."""
    resolution: float | None = None
    """Share of those that needed no human and are resolved, or quiet for half an hour after an answer."""
    automation: float | None = None
    """Involvement × resolution."""
    good: int = 0
    bad: int = 0
    csat: float | None = None
    """Share of good ones among the answers that were rated."""
    scored: int = 0
    """Conversations that visitors scored."""
    score: float | None = None
    """Their mean, from 1 to 5; of each the last that was given."""
    content: float | None = None
    """Share of 4 and 5 among them."""
    cost_micro: int = 0
    """What engines cost, in millionths of the ledger's currency."""
    cost_per_conversation_micro: float | None = None


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one step."""

    from_ms: int
    figures: Figures


class OverTime(msgspec.Struct, frozen=True, kw_only=True):
    """Step by step, together, and against the same length of time before."""

    period: Period
    buckets: tuple[Bucket, ...]
    total: Figures
    previous: Figures
    complete: bool = True
    """False when there was more than could be counted; then only the newest conversations are in it."""


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """This moment."""

    pending: int = 0
    open: int = 0
    snoozed: int = 0
    waiting: int = 0
    """In the queue."""
    longest_wait_s: float = 0.0
    running_turns: int = 0


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """An article that answers stood on."""

    article_id: str
    title: str
    count: int
    """Answers that cite it."""
    before: int = 0
    """The same, in the stretch before."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What visitors asked about, and what answering took."""

    topics: tuple[Topic, ...] = ()
    """Most cited first."""
    answers: int = 0
    """Of the assistant, as far as the journal was read."""
    kept: int = 0
    """Of those, told from the cache of answers."""
    attempts: int = 0
    """Calls to providers, translations and tools' second rounds included."""
    throttled: int = 0
    """Of those, refused because of a rate or a quota (429)."""
    complete: bool = True
    """False when there was more than could be read."""

    @property
    def kept_share(self) -> float | None:
        """None where nothing was answered."""
        return self.kept / self.answers if self.answers else None

    @property
    def throttled_share(self) -> float | None:
        """None where no provider was asked."""
        return self.throttled / self.attempts if self.attempts else None
