"""What REST answers about other languages. Encoded by msgspec, as `views` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.desk.tongues import lost_in

if TYPE_CHECKING:
    from miaohui.desk.types import Translation
    from miaohui.prompts.translate import Rendered


class TranslationState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether agents may translate, and into what."""

    available: bool
    why: str
    """Why not: `off_here` by this company, `off_everywhere` by the operator, `no_model` that could; else empty."""
    languages: list[str]


class TranslationView(msgspec.Struct, frozen=True, kw_only=True):
    """A message in another language."""

    message_id: str
    language: str
    source: str
    """The language that it was found to be in; empty when nobody named it."""
    same: bool
    """It is in that language already, or holds no words; `text` is then empty."""
    text: str


class TranslationList(msgspec.Struct, frozen=True):
    """What was translated before, the last first."""

    data: list[TranslationView]


class Translated(msgspec.Struct, frozen=True):
    """In the order that was asked for, and what failed: the code by the message's id."""

    data: list[TranslationView]
    failed: dict[str, str]


class RenderedView(msgspec.Struct, frozen=True, kw_only=True):
    """What would be sent."""

    text: str
    language: str
    source: str
    lost: list[str]
    """Links, addresses and figures of the original that are not in it: to be looked at before it is sent."""


def translation(one: Translation) -> TranslationView:
    """As agents see it."""
    return TranslationView(
        message_id=one.message_id, language=one.language, source=one.source, same=not one.text, text=one.text
    )


def rendered(original: str, found: Rendered, language: str) -> RenderedView:
    """Beside what it was made from."""
    return RenderedView(
        text=found.text, language=language, source=found.source, lost=list(lost_in(original, found.text))
    )
