"""What concerns the people at the desk."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Desk(BaseModel):
    """The desk."""

    desk_gone_seconds: float = Field(
        60,
        ge=5,
        le=3_600,
        description="Silence after which an agent is offline and their conversations wait for others.",
    )
    desk_review_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of the resolved conversations that is drawn for a quality review; low ratings always are.",
    )
    handoff_unanswered: int = Field(
        3, ge=0, le=100, description="Unanswered questions in a row after which a person is called; 0 never by itself."
    )
    handoff_upset: int = Field(
        2, ge=0, le=3, description="Upset messages among a visitor's last three that call a person; 0 never by itself."
    )
    handoff_turns: int = Field(
        0, ge=0, le=10_000, description="Answers of the assistant in a row after which a person is called; 0 never."
    )
    handoff_tool_failure: bool = Field(
        True, description="Whether a tool that failed, in a turn that did without it, calls a person."
    )
    translation: bool = Field(
        True, description="Whether agents may have messages translated by the engines; each company may turn it off."
    )
    translation_seconds: float = Field(
        20, gt=0, le=120, description="Longest wait for one translation, the wait for a free place included."
    )
    translation_at_once: int = Field(
        8, ge=1, le=200, description="Translations under way at a time on a node; others wait."
    )
