"""An inbox and the assistant that serves there."""

from __future__ import annotations

from typing import Literal

import msgspec

Locale = Literal["zh-CN", "en"]
Channel = Literal["web", "api", "wechat", "wecom", "telegram", "mail"]
"""Kinds of doors."""
Tone = Literal["", "warm", "brief", "formal"]
Emoji = Literal["", "none", "some"]
Pace = Literal["", "steady", "calm"]


class Assistant(msgspec.Struct, frozen=True, kw_only=True):
    """The AI persona that an inbox is served by; never pretends to be human."""

    name: str = "智能助手"
    persona: str = ""
    """One or two sentences for the prompt: whom it serves, in which tone."""
    tone: Tone = ""
    """How it sounds; empty leaves it to the engine, as an empty `emoji` does."""
    emoji: Emoji = ""
    """Whether answers hold any."""
    pace: Pace = ""
    """How fast an answer appears in the widget; empty: as it comes. Nothing is sent any later for it."""
    greeting: dict[str, str] = {}
    """First words by locale."""
    quick_questions: dict[str, tuple[str, ...]] = {}
    """Questions offered as buttons, by locale."""


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """One configured door of a tenant."""

    id: str
    tenant_id: str
    channel: Channel
    name: str
    site_key: str
    """Public: names the site in the embed code; an authority for nothing but opening the public widget."""
    allowed_origins: tuple[str, ...] = ()
    """Origins where the widget may run; empty allows all."""
    assistant: Assistant = Assistant()
    locale: Locale = "zh-CN"
    pictures: bool = True
    """Whether visitors may send pictures from the widget."""
    files: bool = True
    """The same of documents, sound and film."""
    pages: bool = True
    """Whether agents see which page a visitor is on."""
    created_at_ms: int = 0
