"""What REST answers with about how a company is set up. Encoded by msgspec, as `views` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.rest.desk_views import ContactDetail
from miaohui.channels.rest.knowledge_views import FactView
from miaohui.channels.rest.outside_views import FileView
from miaohui.channels.rest.ticket_views import TicketView
from miaohui.channels.rest.views import InboxSummary
from miaohui.realtime.frames import WireConversation, WireMessage, rfc3339
from miaohui.tenants.types import OwnLimits

if TYPE_CHECKING:
    from miaohui.contacts.types import Visit
    from miaohui.engines.ledger import AttemptEntry
    from miaohui.identity.types import Person
    from miaohui.inboxes.types import Inbox
    from miaohui.knowledge.importing import ImportReport


class AssistantDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The persona that serves in an inbox."""

    name: str
    persona: str
    tone: str
    """`warm`, `brief`, `formal`, or empty: as the engine likes."""
    emoji: str
    """`none`, `some`, or empty."""
    pace: str
    """How fast an answer appears in the widget: `steady`, `calm`, or empty: as it comes."""
    greeting: dict[str, str]
    """By locale, as are the questions."""
    quick_questions: dict[str, list[str]]


class InboxDetail(InboxSummary, frozen=True, kw_only=True):
    """An inbox, for who sets it up."""

    assistant: AssistantDetail


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    id: str
    email: str
    name: str
    role: str
    active: bool
    created_at: str


class PersonList(msgspec.Struct, frozen=True):
    """Everybody, oldest first."""

    data: list[PersonView]


class CompanyView(msgspec.Struct, frozen=True, kw_only=True):
    """The company itself."""

    id: str
    name: str
    slug: str
    created_at: str


class GuardView(msgspec.Struct, frozen=True, kw_only=True):
    """What is let in, and how much of it."""

    words: dict[str, int]
    """How many words are listed, by category."""
    message_bytes: int
    visitor_messages_per_minute: int
    visitor_burst: int
    tenant_messages_per_minute: int
    tenant_burst: int
    visitor_pictures_per_minute: int
    tenant_pictures_per_minute: int


class ReplacementView(msgspec.Struct, frozen=True, kw_only=True):
    """What the assistant says instead of a word."""

    word: str
    by: str


class GuardWordsView(msgspec.Struct, frozen=True, kw_only=True):
    """A company's own words."""

    blocked: list[str]
    replaced: list[ReplacementView]
    version: int
    """Grows with every change; 0: never written."""


class SpentView(msgspec.Struct, frozen=True, kw_only=True):
    """What model providers came to in one period, and what they may."""

    spent_micro: int
    """Millionths of a currency unit; what is still under way is not in it."""
    budget_micro: int
    """The tighter of the company's own and the installation's; 0: none."""
    ends_at: str


class SpendingView(msgspec.Struct, frozen=True, kw_only=True):
    """What a company spends on model providers. Days and months are those of UTC."""

    day: SpentView
    month: SpentView


class LimitsView(msgspec.Struct, frozen=True, kw_only=True):
    """How much of anything, for a company."""

    own: OwnLimits
    """What the company set for itself; null is as for the installation."""
    installation: OwnLimits
    most: dict[str, int]
    """How far each may go."""
    spending: SpendingView


class JudgedView(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard says to a text."""

    allowed: bool
    reason: str
    category: str
    """`company` is the company's own list."""
    suspicion: float
    said: str
    """The same text as the assistant would say it."""


class ToolTried(msgspec.Struct, frozen=True, kw_only=True):
    """How a call of a tool ended."""

    outcome: str
    result: str
    """JSON, as an engine would be told."""
    took_ms: float


class EngineAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at an engine."""

    number: int
    route: str
    model: str
    outcome: str
    """`winner`, `failed`, `hedge_loser`, `abandoned`."""
    failure: str
    """Class of the failure; empty without one."""
    code: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    estimated: bool
    cost_micro: int
    """Millionths of a currency unit."""
    first_content_ms: int | None
    took_ms: int
    started_at: str


class EngineAttempts(msgspec.Struct, frozen=True):
    """In the order in which they were made."""

    data: list[EngineAttempt]


class ImportProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was left out."""

    source: str
    detail: str


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    added: int
    updated: int
    unchanged: int
    problems: list[ImportProblem]
    version: int
    """What is served now."""


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with all that was said in it."""

    conversation: WireConversation
    messages: list[WireMessage]


class VisitView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a visitor was last; empty where that was never told."""

    url: str = ""
    """Without a fragment, and without parameters that look like secrets."""
    title: str = ""
    referrer: str = ""
    """Where they came from."""
    browser: str = ""
    language: str = ""
    since: str = ""
    """When they came to this page."""
    seen_at: str = ""
    """When the page told of itself last."""


class ContactExport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of a contact."""

    contact: ContactDetail
    visits: list[VisitView]
    """Where they were last."""
    facts: list[FactView]
    conversations: list[Thread]
    tickets: list[TicketView]
    files: list[FileView]
    """What they uploaded; each is fetched at its `url`."""
    complete: bool
    """False: there is more than one answer holds; ask for conversations and messages page by page."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What is gone for good."""

    contacts: int
    conversations: int
    messages: int
    tickets: int


def inbox(of: Inbox) -> InboxDetail:
    """With its assistant."""
    assistant = of.assistant
    return InboxDetail(
        id=of.id,
        name=of.name,
        channel=of.channel,
        site_key=of.site_key,
        allowed_origins=list(of.allowed_origins),
        locale=of.locale,
        assistant_name=assistant.name,
        pictures=of.pictures,
        files=of.files,
        pages=of.pages,
        assistant=AssistantDetail(
            name=assistant.name,
            persona=assistant.persona,
            tone=assistant.tone,
            emoji=assistant.emoji,
            pace=assistant.pace,
            greeting=assistant.greeting,
            quick_questions={locale: list(asked) for locale, asked in assistant.quick_questions.items()},
        ),
    )


def person(of: Person) -> PersonView:
    """Without what they sign in with."""
    return PersonView(
        id=of.id,
        email=of.email,
        name=of.name,
        role=of.role,
        active=of.active,
        created_at=rfc3339(of.created_at_ms),
    )


def visit(of: Visit | None) -> VisitView:
    """Where somebody was last, if that is known."""
    if of is None:
        return VisitView()
    page = of.page
    return VisitView(
        url=page.url,
        title=page.title,
        referrer=page.referrer,
        browser=page.browser,
        language=page.language,
        since=rfc3339(of.since_ms),
        seen_at=rfc3339(of.seen_at_ms),
    )


def attempt(of: AttemptEntry) -> EngineAttempt:
    """Without its key."""
    return EngineAttempt(
        number=of.number,
        route=of.route,
        model=of.model,
        outcome=of.outcome,
        failure=of.failure,
        code=of.code,
        input_tokens=of.input_tokens,
        output_tokens=of.output_tokens,
        cached_tokens=of.cached_tokens,
        estimated=of.source == "estimated",
        cost_micro=of.cost_micro,
        first_content_ms=None if of.first_content_ms < 0 else of.first_content_ms,
        took_ms=of.took_ms,
        started_at=rfc3339(of.started_at_ms),
    )


def imported(report: ImportReport) -> ImportView:
    """Of a report."""
    return ImportView(
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        problems=[ImportProblem(source=one.source, detail=one.detail) for one in report.problems],
        version=report.version,
    )
