"""What REST answers with. Encoded by msgspec, and described in the OpenAPI from these very definitions."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from miaohui.conversations.types import Conversation, Message
from miaohui.identity.types import Principal
from miaohui.knowledge.types import Article, Chunk
from miaohui.realtime.frames import WireConversation, WireMessage, rfc3339, wire_conversation, wire_message


class ConversationPage(msgspec.Struct, frozen=True):
    """Conversations, the last changed first."""

    data: list[WireConversation]
    next_cursor: str = ""


class MessagePage(msgspec.Struct, frozen=True):
    """Messages, ascending by `seq`. `next_cursor` goes on in the direction that was asked for."""

    data: list[WireMessage]
    epoch: str
    next_cursor: str = ""


class Sent(WireMessage, frozen=True, kw_only=True):
    """A durable message; `dup` when the same send was stored before."""

    conversation_id: str
    epoch: str
    dup: bool


class Person(msgspec.Struct, frozen=True):
    """Who is logged in."""

    id: str
    name: str
    email: str


class TenantView(msgspec.Struct, frozen=True):
    """A company."""

    id: str
    name: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a login gives. The refresh token also stands in an HttpOnly cookie; here only when asked for."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int
    """Seconds."""
    person: Person
    tenant: TenantView
    role: str
    refresh_token: str = ""


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The principal behind the credential."""

    kind: Literal["visitor", "agent", "key"]
    id: str
    name: str
    tenant: TenantView
    role: str | None
    scopes: list[str]
    inbox_id: str


class ContactView(msgspec.Struct, frozen=True):
    """A contact, as the widget needs it."""

    id: str
    name: str


class AssistantView(msgspec.Struct, frozen=True):
    """Who answers, in the visitor's language."""

    name: str
    greeting: str
    quick_questions: list[str]
    pace: str = ""
    """How fast an answer appears: `steady`, `calm`, or empty: as it comes."""


class InboxView(msgspec.Struct, frozen=True):
    """What a page may know of an inbox."""

    name: str
    locale: str
    assistant: AssistantView
    pictures: bool = True
    """Whether a visitor may send some."""
    files: bool = True
    """The same of documents, sound and film."""
    file_types: list[str] = []
    """How such files may be called: `pdf`, `docx`, …"""
    pages: bool = True
    """Whether the widget tells which page the visitor is on."""


class ConversationSnapshot(msgspec.Struct, frozen=True):
    """A conversation with its last messages, and the position to resume from."""

    id: str
    epoch: str
    status: str
    last_seq: int
    messages: list[WireMessage]


class WidgetSession(msgspec.Struct, frozen=True):
    """What the widget begins with."""

    token: str
    expires_at: str
    contact: ContactView
    inbox: InboxView
    conversation: ConversationSnapshot | None
    notices: list[str]
    """What is wrong just now, in the visitor's language."""


class PassageView(msgspec.Struct, frozen=True, kw_only=True):
    """The passage behind a citation."""

    chunk_id: str
    article_id: str
    title: str
    heading: str
    text: str
    start: int
    """Character span in the article."""
    end: int
    url: str = ""


class ArticleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a list."""

    id: str
    title: str
    locale: str
    tags: list[str]
    source: str
    updated_at: str


class ArticleView(ArticleSummary, frozen=True, kw_only=True):
    """An article."""

    text: str
    """Markdown."""
    questions: list[str]


class ArticlePage(msgspec.Struct, frozen=True):
    """Articles."""

    data: list[ArticleSummary]
    next_cursor: str = ""


class Hit(PassageView, frozen=True, kw_only=True):
    """A passage that was found, with why."""

    score: float
    bm25: float
    cosine: float


class Hits(msgspec.Struct, frozen=True):
    """What the knowledge base says to a question."""

    data: list[Hit]
    answerability: float
    answerable: bool
    version: int


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An API key; the key itself is told once, when it is made."""

    id: str
    name: str
    hint: str
    """Its first and last characters."""
    scopes: list[str]
    created_at: str
    last_used_at: str | None


class NewKey(KeyView, frozen=True, kw_only=True):
    """A key that was just made."""

    key: str


class KeyList(msgspec.Struct, frozen=True):
    """All keys of the tenant."""

    data: list[KeyView]


class InboxSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An inbox, for agents."""

    id: str
    name: str
    channel: str
    site_key: str
    allowed_origins: list[str]
    locale: str
    assistant_name: str
    pictures: bool
    """Whether visitors may send some from the widget."""
    files: bool
    """The same of documents, sound and film."""
    pages: bool
    """Whether agents see which page a visitor is on."""


class InboxList(msgspec.Struct, frozen=True):
    """All inboxes of the tenant."""

    data: list[InboxSummary]


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a turn."""

    name: str
    at_ms: float
    """From the turn's start."""
    took_ms: float
    facts: dict[str, Any]


class TurnView(msgspec.Struct, frozen=True, kw_only=True):
    """Why the assistant answered as it did."""

    turn_id: str
    conversation_id: str
    outcome: str
    reason: str
    route: str
    started_at: str
    ended_at: str
    stages: list[StageView]


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """One administrative act."""

    id: str
    at: str
    actor: str
    actor_name: str
    act: str
    subject: str
    detail: dict[str, Any]


class AuditPage(msgspec.Struct, frozen=True):
    """Administrative acts, the last first."""

    data: list[AuditView]
    next_cursor: str = ""


class Probe(msgspec.Struct, frozen=True):
    """Whether the service, or a part of it, works."""

    status: Literal["ok", "failing", "draining"]
    checks: dict[str, str]
    """By name: `ok`, `failing`, or `degraded`, which the node serves without."""


def conversation(of: Conversation, viewer: Principal) -> WireConversation:
    """As on the wire."""
    return wire_conversation(of, viewer)


def message(of: Message, viewer: Principal) -> WireMessage:
    """As on the wire."""
    return wire_message(of, viewer)


def sent(of: Message, viewer: Principal, *, epoch: str, dup: bool) -> Sent:
    """A message just stored, with what an ack would say."""
    wire = msgspec.structs.asdict(wire_message(of, viewer))
    return Sent(**wire, conversation_id=of.conversation_id, epoch=epoch, dup=dup)


def passage(chunk: Chunk, article: Article) -> PassageView:
    """A chunk under its article's title."""
    return PassageView(
        chunk_id=chunk.id,
        article_id=article.id,
        title=article.title,
        heading=chunk.heading,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
    )


def article_summary(of: Article) -> ArticleSummary:
    """Without its text."""
    return ArticleSummary(
        id=of.id,
        title=of.title,
        locale=of.locale,
        tags=list(of.tags),
        source=of.source,
        updated_at=rfc3339(of.updated_at_ms),
    )


def article(of: Article) -> ArticleView:
    """Whole."""
    return ArticleView(
        id=of.id,
        title=of.title,
        locale=of.locale,
        tags=list(of.tags),
        source=of.source,
        updated_at=rfc3339(of.updated_at_ms),
        text=of.text,
        questions=list(of.questions),
    )
