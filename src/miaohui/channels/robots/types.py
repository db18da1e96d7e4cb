"""A robot in a group, and what it is to say."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

RobotKind: TypeAlias = Literal["wecom", "dingtalk", "feishu", "mail"]
"""`mail` is no robot but people who get a letter from the company's mailbox."""
AlertCode: TypeAlias = Literal["handoff_waiting", "webhook_disabled"]
"""`handoff_waiting`: a person is waited for. `webhook_disabled`: an endpoint is told nothing more."""


class Robot(msgspec.Struct, frozen=True, kw_only=True):
    """One robot of a tenant's."""

    id: str
    tenant_id: str
    kind: RobotKind
    name: str
    codes: tuple[str, ...] = ()
    """Which alerts; empty for all."""
    url: str
    secret: str = ""
    """For DingTalk's and Feishu's signatures; empty where the group asks for none."""
    locale: Literal["zh-CN", "en"] = "zh-CN"
    last_error: str = ""
    created_at_ms: int = 0

    def __repr__(self) -> str:
        return f"Robot(id={self.id!r}, kind={self.kind!r})"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody should look."""

    code: str
    subject: str
    """The same alert about the same subject is told once."""
    facts: dict[str, str] = {}
