"""What may come in, and by which doors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

FileKind = Literal["pdf", "docx", "xlsx", "pptx", "txt", "csv", "zip", "mp3", "ogg", "m4a", "amr", "wav", "mp4", "webm"]
_DOCUMENT, _TEXT, _SOUND, _FILM = 20_480, 5_120, 10_240, 25_600
_LARGEST_KB: dict[FileKind, int] = {
    **dict.fromkeys(("pdf", "docx", "xlsx", "pptx", "zip"), _DOCUMENT),
    **dict.fromkeys(("txt", "csv"), _TEXT),
    **dict.fromkeys(("mp3", "ogg", "m4a", "amr", "wav"), _SOUND),
    **dict.fromkeys(("mp4", "webm"), _FILM),
}


class Limits(BaseModel):
    """How much of anything."""

    visitor_messages_per_minute: int = Field(30, ge=1, description="Messages that one visitor may send in a minute.")
    visitor_burst: int = Field(10, ge=1, description="Messages that one visitor may send at once.")
    tenant_messages_per_minute: int = Field(60_000, ge=1, description="Messages a minute for all visitors of a tenant.")
    tenant_burst: int = Field(3_000, ge=1, description="Messages that a tenant's visitors may send at once.")
    visitor_pictures_per_minute: int = Field(
        12, ge=1, description="Pictures and files that one visitor may send in a minute."
    )
    tenant_pictures_per_minute: int = Field(
        600, ge=1, description="Pictures and files a minute for all visitors of a tenant."
    )
    tenant_cost_a_day: float = Field(
        0,
        ge=0,
        le=1_000_000_000,
        description="What model providers may cost a company in a day (UTC), in units of the currency; then routes "
        "with a price are left out. Each company may set less. 0: no budget.",
    )
    tenant_cost_a_month: float = Field(
        0, ge=0, le=1_000_000_000, description="The same in a calendar month (UTC); 0: no budget."
    )
    file_kb: dict[FileKind, Annotated[int, Field(ge=1, le=51_200)]] = Field(
        _LARGEST_KB,
        description="Kinds of files that are taken beside pictures, each with its largest size in KB, as JSON; "
        "a kind that is not named is refused. What a file is, its bytes say.",
    )
    visitor_files_mb: int = Field(
        200, ge=1, le=10_240, description="Pictures and files that one visitor may have here altogether, MB."
    )
    document_bytes: int = Field(
        10_485_760,
        ge=1_024,
        le=67_108_864,
        description="Largest document that is learned from over `POST /v1/knowledge/imports/file`, bytes.",
    )
    uploads_at_once: int = Field(
        16, ge=1, le=1_000, description="Files that one process takes in at the same time; each is held in memory."
    )
    login_attempts_per_minute: int = Field(10, ge=1, description="Login attempts a minute for one account and client.")
    message_chars: int = Field(16_384, ge=1, le=1_048_576, description="Longest message text, in bytes of UTF-8.")
    body_bytes: int = Field(1_048_576, ge=1_024, description="Largest request body, bytes.")
    frame_bytes: int = Field(65_536, ge=1_024, description="Largest WebSocket frame from a client, bytes.")
    connections: int = Field(20_000, ge=1, description="WebSocket and SSE connections that one process holds.")
    newcomers_per_second: float = Field(
        500,
        ge=1,
        le=100_000,
        description="Visitors whom one process lets in each second: sockets and streams, and beside them sessions of "
        "the widget. The others are told when to come back; who is inside, and agents, are not counted.",
    )
    newcomers_burst: int = Field(
        1_000, ge=1, description="Visitors whom one process lets in at once after a quiet time."
    )
    newcomers_at_once: int = Field(
        32,
        ge=1,
        description="Visitors for whom is read, at one time, what they missed; the next ones wait for a second.",
    )
    queue_frames: int = Field(256, ge=8, description="Frames that may wait for one slow connection before it is cut.")
    queue_bytes: int = Field(1_048_576, ge=1_024, description="Bytes that may wait for one slow connection.")
    words_file: Path | None = Field(
        None, description="File of sensitive words, one a line; empty uses the built-in list."
    )


class Doors(BaseModel):
    """Webhooks, messengers and mail."""

    webhook_private: bool = Field(
        False,
        description="Whether webhooks and pictures may be at addresses inside this network; off guards against misuse.",
    )
    webhook_lease_s: float = Field(
        60,
        ge=1,
        le=600,
        description="How long an event belongs to a silent sender before another one sends it; more than the 20 s that "
        "an endpoint may take, or events arrive twice.",
    )
    wechat_api_url: str = Field(
        "https://api.weixin.qq.com", description="Where WeChat's API is; another address for a proxy of your own."
    )
    wecom_api_url: str = Field(
        "https://qyapi.weixin.qq.com", description="Where WeCom's API is; another address for a proxy of your own."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Where Telegram's API is; another address for a server of your own."
    )
    mail_poll_seconds: float = Field(
        30, ge=1, le=3_600, description="How often a mailbox is looked into for new letters."
    )
    mail_absent_minutes: float = Field(
        10,
        ge=0,
        le=1_440,
        description="Minutes of silence after which what a visitor did not see goes to their e-mail address; 0: never.",
    )
    mail_private: bool = Field(
        False, description="Whether mail servers may be inside this network; off guards against misuse."
    )
    wechat_answer_ms: int = Field(
        4_500,
        ge=100,
        le=4_800,
        description="How long WeChat waits for an answer before it is sent later; it gives 5 s.",
    )
