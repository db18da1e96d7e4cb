"""What REST reads about the desk. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from miaohui.channels.rest.schemas import Form, Id, Stamp
from miaohui.conversations.types import Priority

_BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Spaces of any kind: what `\\s` means differs from one dialect of regular expressions to the next."""
VISIBLE = rf"^[^\x00]*[^{_BLANK}][^\x00]*$"
"""Something to be seen in it, and nothing that no database stores."""
STORABLE = r"^[^\x00]*$"

NOTHING_ELSE: dict[str, JsonValue] = {"additionalProperties": False}
"""Said of fields by name: pydantic refuses other names, and its schema does not say so."""

SOLID = rf"^[^{_BLANK},;]+$"
"""A word of a list."""
Ability = Annotated[str, Field(min_length=1, max_length=40, pattern=SOLID)]
Label = Annotated[str, Field(min_length=1, max_length=40, pattern=VISIBLE)]
SomeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
"""An id, or nothing."""
Minute = Annotated[int, Field(ge=0, le=1440)]
AwayText = Annotated[str, Field(max_length=500, pattern=STORABLE)]
Day = Annotated[str, Field(pattern=r"^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$")]


class ConversationsPart(BaseModel):
    """Which conversations, in the query; what is not said asks for nothing."""

    status: Literal["pending", "open", "snoozed", "resolved"] | None = None
    assignee_id: SomeId = ""
    """A person's id, `me`, or `none`."""
    inbox_id: SomeId = ""
    team_id: SomeId = ""
    priority: Priority = ""
    label: Annotated[str, Field(max_length=40, pattern=STORABLE)] = ""
    vip: bool = False
    """Only of contacts who are served sooner."""
    contact_id: SomeId = ""
    """Conversations of this contact, and of those merged with it."""
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SetPresence(Form):
    """Whether I am there."""

    state: Literal["online", "away", "offline"]


class SetAbilities(Form):
    """What an agent can do."""

    capacity: Annotated[int, Field(ge=0, le=100)] = 5
    """Conversations at a time."""
    skills: Annotated[list[Ability], Field(max_length=30)] = Field(default_factory=list)
    languages: Annotated[list[Ability], Field(max_length=30)] = Field(default_factory=list)
    """`zh`, `en`; none is any."""


class CreateTeam(Form):
    """Agents who serve the same things."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=VISIBLE)]
    members: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    """Ids of people."""


class ChangeTeam(Form):
    """What is not said stays."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=VISIBLE)] | None = None
    members: Annotated[list[Id] | None, Field(max_length=500)] = None


class SetInboxDesk(Form):
    """Who serves an inbox."""

    team_id: SomeId = ""
    """Empty: everybody."""
    skills: Annotated[list[Ability], Field(max_length=30)] = Field(default_factory=list)
    """What an agent must be able to do."""
    strategy: Literal["round_robin", "least_loaded"] = "round_robin"


class SpanForm(Form):
    """Part of a day, in minutes after midnight."""

    start: Minute
    end: Minute


Spans = Annotated[list[SpanForm], Field(max_length=8)]


class SetHours(Form):
    """When an inbox is attended."""

    timezone: Annotated[str, Field(min_length=1, max_length=64)] = "Asia/Shanghai"
    """An IANA name."""
    week: Annotated[list[Spans], Field(min_length=7, max_length=7)]
    """Seven days, Monday first."""
    holidays: Annotated[dict[Day, Spans], Field(max_length=400, json_schema_extra=NOTHING_ELSE)] = Field(
        default_factory=dict
    )
    """Days with hours of their own; none are a closed day."""
    away: Annotated[dict[Literal["zh-CN", "en"], AwayText], Field(max_length=2)] = Field(default_factory=dict)
    """What visitors are told outside the hours, by locale."""


class AssignTo(Form):
    """Who is to have a conversation."""

    agent_id: Id


class TransferTo(Form):
    """Which team is to have it; empty: everybody."""

    team_id: SomeId = ""


class Snooze(Form):
    """Put aside."""

    until: Stamp


class SetLabels(Form):
    """All labels of a conversation."""

    labels: Annotated[list[Label], Field(max_length=20)]


class SetPriority(Form):
    """How urgent it is."""

    priority: Priority


class Look(Form):
    """Whether I am looking."""

    on: bool = True


class WriteReply(Form):
    """A canned reply."""

    short_code: Annotated[str, Field(max_length=40, pattern=r"^/?[^\x00\s/]+$")]
    """What an agent types after `/`."""
    text: Annotated[str, Field(min_length=1, max_length=4000, pattern=VISIBLE)]


Call = Literal["queue", "given", "reply", "mention"]
"""Somebody new in the queue; one given to me; a reply in one of mine; my name in a note."""


class SavedViewForm(Form):
    """A list of conversations under a name of its own."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=VISIBLE)]
    status: Literal["mine", "waiting", "open", "pending", "snoozed", "resolved"]
    assignee_id: SomeId = ""
    inbox_id: SomeId = ""
    team_id: SomeId = ""
    label: Annotated[str, Field(max_length=40, pattern=STORABLE)] = ""
    priority: Priority = ""
    vip: bool = False


class ChangePreferences(Form):
    """How I like my desk; what is not said stays."""

    translate_incoming: bool | None = None
    """What visitors write in other languages is translated without being asked to."""
    sounds: Annotated[list[Call] | None, Field(max_length=4)] = None
    """What makes a sound."""
    notices: Annotated[list[Call] | None, Field(max_length=4)] = None
    """What shows a notice of the system while the console is not looked at."""
    sound_when_looking: bool | None = None
    """Also while the console is looked at."""
    away_after_minutes: Annotated[int | None, Field(ge=0, le=240)] = None
    """Without a key or a pointer for so long I am away; 0: never by itself."""
    views: Annotated[list[SavedViewForm] | None, Field(max_length=20)] = None
    """All of them, in their order."""


class SeenMentions(Form):
    """The notes of this conversation were read."""

    conversation_id: Id


class ChangeContact(Form):
    """What is not said stays; an empty attribute is removed."""

    name: Annotated[str, Field(max_length=200, pattern=STORABLE)] = ""
    attributes: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=64, pattern=STORABLE)],
            Annotated[str, Field(max_length=256, pattern=STORABLE)],
        ],
        Field(max_length=32),
    ] = Field(default_factory=dict)


class MergeInto(Form):
    """The contact that this one was found to be."""

    into: Id
