"""What REST reads. Strict: a field that is not named here, or of another type, refuses the request."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from miaohui.channels.robots.types import AlertCode, RobotKind
from miaohui.identity.types import Scope
from miaohui.webhooks.types import EventName

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Form(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Form):
    """An empty object."""


class Login(Form):
    """A person's e-mail address and password."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    return_refresh_token: bool = False
    """For programs without cookies: the refresh token also in the answer's body."""


class Refresh(Form):
    """The refresh token; browsers send it as a cookie instead."""

    refresh_token: Annotated[str, Field(max_length=4096)] = ""


class OpenWidget(Form):
    """What a page knows when the widget starts."""

    site_key: Annotated[str, Field(min_length=1, max_length=64)]
    visitor_token: Annotated[str, Field(max_length=4096)] = ""
    """From an earlier session, to be the same visitor again."""
    identity_token: Annotated[str, Field(max_length=4096)] = ""
    """HS256, signed by the site's own server with the inbox's secret: who this visitor is."""
    locale: Annotated[str, Field(max_length=35)] = ""


class NewConversation(Form):
    """A conversation to begin. Visitors begin their own; keys and agents say for whom."""

    visitor_id: Annotated[str, Field(max_length=128)] = ""
    inbox_id: Annotated[str, Field(max_length=64)] = ""


class NewMessage(Form):
    """What to say."""

    text: Annotated[str, Field(min_length=1)]
    note: bool = False
    """Agents only: never shown to the visitor."""
    original: Annotated[str, Field(max_length=16_384)] = ""
    """Agents only: what was written, where `text` is a translation of it. Visitors see that it was translated."""


class MessagesPart(BaseModel):
    """Which messages, in the query."""

    after: Annotated[int | None, Field(ge=0, le=2**53)] = None
    before: Annotated[int, Field(ge=0, le=2**53)] = 0
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NewRating(Form):
    """What an answer was worth: 1 good, -1 bad, 0 takes it back."""

    rating: Annotated[int, Field(ge=-1, le=1)]


class SeenUpTo(Form):
    """How far was read."""

    seq: Annotated[int, Field(ge=0, le=2**53)]


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Tag = Annotated[str, Field(min_length=1, max_length=100)]


class SearchWords(Form):
    """A question for the knowledge base."""

    question: Annotated[str, Field(min_length=1, max_length=2000)]
    locale: Literal["zh-CN", "en"] = "zh-CN"
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    audience: Literal["visitors", "agents"] = "visitors"
    """Articles tagged `audience:agents` are for nobody else."""
    inbox_id: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """Articles tagged `inbox:…` are for that inbox alone."""
    languages: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]], Field(max_length=10, default_factory=list)
    ]
    """Such as `zh`; none stands for all."""
    tags: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20, default_factory=list)
    ]
    """Only articles with one of these; none stands for all."""


class CreateKey(Form):
    """An API key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=7)]


Events = Annotated[list[EventName], Field(max_length=20)]
Stamp = Annotated[
    str,
    Field(
        pattern=r"^20[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
        r"(\.[0-9]{1,3})?Z$"
    ),
]
"""RFC 3339, in UTC."""


class CreateWebhook(Form):
    """An address that wants to be told."""

    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """`http` or `https`, and nothing inside this network."""
    events: Events = []
    """Which; none means all."""
    description: Annotated[str, Field(max_length=200)] = ""


class ChangeWebhook(Form):
    """What is to be otherwise."""

    url: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    events: Events | None = None
    description: Annotated[str, Field(max_length=200)] | None = None


class ReplayWebhook(Form):
    """A time whose events are to be sent again."""

    since: Stamp
    until: Stamp | None = None
    """Until now, when it is left out."""
    sent_too: bool = False
    """Also those that arrived."""


class CreateInbox(Form):
    """An inbox to open."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    channel: Literal["web", "api", "wechat", "wecom", "telegram", "mail"] = "web"
    locale: Literal["zh-CN", "en"] = "zh-CN"


class SetWeChat(Form):
    """An Official Account, as its company sees it at WeChat."""

    app_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]
    original_id: Annotated[str, Field(max_length=64)] = ""
    """`gh_…`; empty takes calls for any."""
    mode: Literal["plain", "compatible", "encrypted"] = "encrypted"
    token: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{3,32})?$")] = ""
    """As the next two: left out, what was there stays, as long as the `app_id` does."""
    aes_key: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{43})?$")] = ""
    app_secret: Annotated[str, Field(max_length=128)] = ""
    can_send: bool = True
    """Whether the account has the customer-service message API."""
    welcome: Annotated[str, Field(max_length=2000)] = ""


class MenuItem(Form):
    """A button below it."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    question: Annotated[str, Field(max_length=120)] = ""
    """What a touch asks."""
    url: Annotated[str, Field(pattern=r"^(https?://[!-~]{1,1000})?$")] = ""
    """What a touch opens, instead."""


class MenuButton(MenuItem):
    """A button under the conversation."""

    items: Annotated[list[MenuItem], Field(max_length=5)] = []


class SetWeChatMenu(Form):
    """The whole menu; none takes it away."""

    buttons: Annotated[list[MenuButton], Field(max_length=3)]


_PICTURE = (
    r"^(/9j/|iVBORw0KGg[opqr][A-Za-z0-9+/]|R0lGOD[A-Za-z0-9+/]{2}|UklGR[g-v][A-Za-z0-9+/]{4}[BFJNRVZdhlptx159]XRUJQ)"
    r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
)
"""Magic numbers as base 64 shows them, and whole groups of four after them."""


class UploadPicture(Form):
    """A picture to show in a conversation."""

    data: Annotated[str, Field(min_length=4, max_length=1_000_000, pattern=_PICTURE)]
    """Base 64: a JPEG, PNG, GIF or WebP, by its first bytes."""


class SetWeCom(Form):
    """A customer-service account (微信客服), as its company sees it at WeCom."""

    corp_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    open_kfid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    token: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{3,32})?$")] = ""
    """As the next two: left out, what was there stays, as long as the `corp_id` does."""
    aes_key: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{43})?$")] = ""
    secret: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """Of the app that may call the customer-service API."""
    welcome: Annotated[str, Field(max_length=500)] = ""
    handoff: Literal["here", "wecom"] = "here"
    """Who serves after the assistant: agents in the console, or the company's own people in WeCom."""
    servicer: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_@.-]{0,63})?$")] = ""
    """With `wecom`: whom a session goes to; empty: into WeCom's queue."""


class SetTelegram(Form):
    """An account at Telegram."""

    token: Annotated[str, Field(pattern=r"^([0-9]{3,20}:[A-Za-z0-9_-]{10,100})?$")] = ""
    """As @BotFather gives it; left out, the one that was there stays, and Telegram is told the address again."""


class AddRobot(Form):
    """A robot in a group."""

    kind: RobotKind
    name: Annotated[str, Field(min_length=1, max_length=100)]
    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """As the group shows it; it is the secret, and sealed. For `mail`: `mailto:somebody@your.company`."""
    secret: Annotated[str, Field(max_length=200)] = ""
    """Of a DingTalk or Feishu robot with a signature."""
    codes: Annotated[list[AlertCode], Field(max_length=10)] = []
    """Which alerts; none means all."""
    locale: Literal["zh-CN", "en"] = "zh-CN"


class MailServer(Form):
    """A mail server."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65_535)]
    user: Annotated[str, Field(max_length=254)] = ""
    password: Annotated[str, Field(max_length=1024)] = ""
    """Left out, the one that was there stays, as long as host, port, user and safety do."""
    safety: Literal["tls", "starttls", "none"] = "tls"


class SetMail(Form):
    """A mailbox."""

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}$")]
    name: Annotated[str, Field(max_length=100)] = ""
    """Shown beside the address."""
    locale: Literal["zh-CN", "en"] = "zh-CN"
    imap: MailServer
    smtp: MailServer


class SendTranscript(Form):
    """Who gets it."""

    to: Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}$")]
