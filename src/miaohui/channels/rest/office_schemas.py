"""What REST reads about how a company is set up: assistants, people, files to learn from. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.channels.rest.desk_schemas import STORABLE, VISIBLE, SomeId
from miaohui.channels.rest.schemas import Form

Locale = Literal["zh-CN", "en"]
Email = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,2}$")]
Password = Annotated[str, Field(min_length=8, max_length=256)]
Role = Literal["owner", "admin", "agent"]
DOCUMENT_NAME = r"^[^\x00-\x1f\x7f/\\]{1,200}$"
BASE_64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$")]
"""As browsers send it: no path, no slash at the end."""
Words = Annotated[str, Field(max_length=500, pattern=STORABLE)]
Questions = Annotated[list[Annotated[str, Field(min_length=1, max_length=60, pattern=VISIBLE)]], Field(max_length=6)]


class AssistantForm(Form):
    """The persona that serves in an inbox, as a whole."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=VISIBLE)]
    persona: Annotated[str, Field(max_length=2_000, pattern=STORABLE)] = ""
    tone: Literal["", "warm", "brief", "formal"] = ""
    emoji: Literal["", "none", "some"] = ""
    pace: Literal["", "steady", "calm"] = ""
    """How fast an answer appears in the widget: as it comes, 24 or 12 characters a second."""
    greeting: Annotated[dict[Locale, Words], Field(default_factory=dict)]
    quick_questions: Annotated[dict[Locale, Questions], Field(default_factory=dict)]


class ChangeInbox(Form):
    """What is to be otherwise; what is not named stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)] | None = None
    locale: Locale | None = None
    allowed_origins: Annotated[list[Origin], Field(max_length=50)] | None = None
    """None of them: pages of any site."""
    pictures: bool | None = None
    """Whether visitors may send pictures from the widget."""
    files: bool | None = None
    """The same of documents, sound and film."""
    pages: bool | None = None
    """Whether agents see which page a visitor is on."""
    assistant: AssistantForm | None = None


class AddPerson(Form):
    """Somebody who is to sign in."""

    email: Email
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
    password: Password
    role: Role = "agent"


class ChangePerson(Form):
    """What is to be otherwise."""

    role: Role | None = None
    active: bool | None = None


class SetPassword(Form):
    """A new password; every login of that person ends."""

    password: Password
    current: Annotated[str, Field(max_length=256)] = ""
    """Of one's own, the one that holds until now."""


class SetOwnPassword(Form):
    """A new password for oneself."""

    password: Password
    current: Annotated[str, Field(min_length=1, max_length=256)]
    """The one that holds until now."""


class TryText(Form):
    """What somebody might write."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]


GuardWord = Annotated[str, Field(min_length=1, max_length=64, pattern=VISIBLE)]


class ReplacementForm(Form):
    """What the assistant says instead of a word; empty leaves the word out."""

    word: GuardWord
    by: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class PutGuardWords(Form):
    """A company's own words, as a whole."""

    blocked: Annotated[
        list[Annotated[str, Field(min_length=2, max_length=64, pattern=VISIBLE)]],
        Field(max_length=2_000, default_factory=list),
    ]
    """Refused when a visitor writes them, withheld when the assistant would say them. One said twice is one."""
    replaced: Annotated[list[ReplacementForm], Field(max_length=500, default_factory=list)]
    version: Annotated[int, Field(ge=0, le=2**31 - 2)]
    """Of the list that is changed; 0 when there was none."""


PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]
Micro = Annotated[int, Field(ge=0, le=10**15)]


class PutLimits(Form):
    """A company's own limits, as a whole; what is null or left out is as for the installation, which none exceeds."""

    visitor_messages_per_minute: PerMinute | None = None
    visitor_burst: PerMinute | None = None
    visitor_pictures_per_minute: PerMinute | None = None
    tenant_messages_per_minute: PerMinute | None = None
    tenant_burst: PerMinute | None = None
    tenant_pictures_per_minute: PerMinute | None = None
    message_bytes: Annotated[int, Field(ge=100, le=1_048_576)] | None = None
    """Longest message that the assistant reads, in bytes of UTF-8."""
    handoff_unanswered: Annotated[int, Field(ge=0, le=100)] | None = None
    """Questions in a row without an answer after which a person is called; 0 never, as for the next two."""
    handoff_upset: Annotated[int, Field(ge=0, le=3)] | None = None
    """Upset messages among the last three."""
    handoff_turns: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Answers of the assistant in a row."""
    handoff_tool_failure: bool | None = None
    cost_day_micro: Micro | None = None
    """What model providers may cost in a day (UTC), in millionths of a currency unit; 0 is no budget of its own."""
    cost_month_micro: Micro | None = None
    """The same in a calendar month (UTC)."""
    version: Annotated[int, Field(ge=0, le=2**31 - 2)]
    """Of the limits that are changed; 0 when there were none."""


class ChangeCompany(Form):
    """What is to be otherwise."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]


class TryTool(Form):
    """One call of a tool."""

    arguments: Annotated[dict[str, Any], Field(max_length=32, default_factory=dict)]
    conversation_id: SomeId = ""
    """Whose visitor is asked about."""


class UploadedFile(Form):
    """A document."""

    name: Annotated[str, Field(pattern=DOCUMENT_NAME)]
    """With its ending, by which it is read. A file of the same name takes the earlier one's place."""
    data: Annotated[str, Field(min_length=4, max_length=1_000_000, pattern=BASE_64)]


class ImportFiles(Form):
    """Documents to learn from."""

    files: Annotated[list[UploadedFile], Field(min_length=1, max_length=50)]
