"""What REST reads about how good it was. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from miaohui.channels.rest.desk_schemas import STORABLE, VISIBLE, SomeId
from miaohui.channels.rest.schemas import Form

Score = Annotated[int, Field(ge=1, le=5)]
Part = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
NoticeText = Annotated[str, Field(min_length=1, max_length=500, pattern=VISIBLE)]


class RateService(Form):
    """How the visitor was served."""

    score: Score
    """1 is bad, 5 is good."""
    comment: Annotated[str, Field(max_length=1_000, pattern=STORABLE)] = ""


class WriteReview(Form):
    """What to think of a conversation."""

    score: Score
    note: Annotated[str, Field(max_length=4_000, pattern=STORABLE)] = ""


class PutUpNotice(Form):
    """What everybody is told for a while."""

    texts: Annotated[dict[Literal["zh-CN", "en"], NoticeText], Field(min_length=1, max_length=2)]
    """By locale; who speaks another language is told the first."""
    minutes: Annotated[int, Field(ge=1, le=10_080)]
    inbox_id: SomeId = ""
    """Empty: at every inbox."""


class AskAgain(Form):
    """What is to be different; what is not said stays as it is now."""

    route: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:@+-]{0,64}$")] = ""
    """The one route to ask."""
    persona: Annotated[str, Field(max_length=2_000, pattern=STORABLE)] = ""
    """The assistant's part of the prompt."""
    knowledge_version: Annotated[int, Field(ge=0, le=2_147_483_647)] = 0
    """An earlier version of the knowledge base."""


class KeepCase(Form):
    """What should have been answered."""

    wanted: Annotated[str, Field(min_length=1, max_length=4_000, pattern=VISIBLE)]
    """As a person would have said it."""
    holds: Annotated[list[Part], Field(max_length=20)] = Field(default_factory=list)
    """Words that every answer must hold."""
    lacks: Annotated[list[Part], Field(max_length=20)] = Field(default_factory=list)
    """Words that no answer may hold."""
