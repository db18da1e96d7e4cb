"""What REST reads about the writing side of the knowledge base. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from miaohui.channels.rest.desk_schemas import VISIBLE
from miaohui.channels.rest.schemas import Form, Id, Stamp

Title = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
Body = Annotated[str, Field(min_length=1, max_length=500_000, pattern=VISIBLE)]
Word = Annotated[str, Field(min_length=1, max_length=500, pattern=VISIBLE)]
Locale = Annotated[str, Field(min_length=2, max_length=16, pattern=r"^[A-Za-z0-9-]+$")]


class ArticleWords(Form):
    """An article as somebody wrote it."""

    title: Title
    text: Body
    """Markdown."""
    locale: Locale = "zh-CN"
    tags: Annotated[list[Word], Field(max_length=50, default_factory=list)]
    questions: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    """Sample questions that it answers."""
    valid_from: Stamp | None = None
    valid_until: Stamp | None = None
    """Without one it holds for ever."""


class MoreQuestions(Form):
    """Sample questions to propose for an article."""

    questions: Annotated[list[Word], Field(min_length=1, max_length=20)]


class Publish(Form):
    """Which drafts to serve."""

    article_ids: Annotated[list[Id], Field(max_length=2_000, default_factory=list)]
    """None stands for all."""


class AnswerGap(Form):
    """The answer to a group of questions that had none."""

    text: Body


class LongText(Form):
    """A text of any kind: a letter, a conversation."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    limit: Annotated[int, Field(ge=1, le=50)] = 10
