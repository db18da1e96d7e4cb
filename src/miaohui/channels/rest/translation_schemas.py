"""What REST reads about other languages. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from miaohui.channels.rest.desk_schemas import VISIBLE
from miaohui.channels.rest.schemas import Form, Id

Language = Literal[
    "zh-CN", "zh-TW", "en", "ja", "ko", "fr", "de", "es", "pt", "it", "ru", "uk", "pl", "nl", "tr", "ar", "hi", "th",
    "vi", "id", "ms",
]  # fmt: skip
"""As `prompts.translate.LANGUAGES`."""


class ChooseTranslation(Form):
    """Whether agents of this company translate."""

    enabled: bool


class TranslateMessages(Form):
    """What to translate."""

    messages: Annotated[list[Id], Field(min_length=1, max_length=20)]
    """Ids of messages of this conversation."""
    language: Language


class RenderText(Form):
    """What an agent wrote, and the visitor's language."""

    text: Annotated[str, Field(min_length=1, max_length=4_000, pattern=VISIBLE)]
    language: Language
