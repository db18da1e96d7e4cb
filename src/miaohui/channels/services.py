"""What the doors open onto; put together in `wiring`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from miaohui.alerts.service import Alerts
    from miaohui.channels.link.page import LinkPage
    from miaohui.channels.mail.tasks import Postman
    from miaohui.channels.media.door import MediaDoor
    from miaohui.channels.robots.service import Robots
    from miaohui.channels.telegram.door import TelegramDoor
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.wechat.door import WeChatDoor
    from miaohui.channels.wecom.door import WeComDoor
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.search import ConversationSearch
    from miaohui.conversations.service import Conversations
    from miaohui.desk.front import FrontDesk
    from miaohui.engines.accounts import Accounts
    from miaohui.engines.ports import Engine
    from miaohui.engines.service import EngineRoutes
    from miaohui.engines.spending import Spending
    from miaohui.guard.service import Guard
    from miaohui.identity.service import Identity
    from miaohui.inboxes.service import Inboxes
    from miaohui.insight.service import Insight
    from miaohui.journal.service import Journal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.knowledge.service import Knowledge
    from miaohui.memory.long_term import LongTerm
    from miaohui.realtime.service import Realtime
    from miaohui.tenants.service import Tenants
    from miaohui.tickets.service import Tickets
    from miaohui.tools.connectors.service import Connectors
    from miaohui.tools.grants import Grants
    from miaohui.tools.prices.service import PriceLists
    from miaohui.turns.rehearsal import Rehearsal
    from miaohui.turns.service import Turns
    from miaohui.webhooks.service import Webhooks

Check: TypeAlias = Callable[[], Awaitable[None]]
"""Returns when a thing works, raises when it does not; `Degraded` when the node serves without it."""


class Degraded(Exception):
    """Something does not work that requests can do without."""


@dataclass(frozen=True, slots=True)
class StaticFolders:
    """Built web pages. A folder that is absent is answered with a page that says what to run."""

    widget: Path
    """Holds `widget.js` and what it loads."""
    console: Path
    """Holds `index.html` and `assets/`."""
    demo: Path
    """Holds the sample shop's `index.html`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every service that a door calls."""

    settings: Any
    """`settings.service.Settings`; its door bounds are read once, by `bounds.Bounds.of`."""
    clock: Clock
    database: Database
    identity: Identity
    tenants: Tenants
    inboxes: Inboxes
    contacts: Contacts
    conversations: Conversations
    turns: Turns
    rehearsal: Rehearsal
    realtime: Realtime
    knowledge: Knowledge
    long_term: LongTerm
    journal: Journal
    search: ConversationSearch
    desk: FrontDesk
    tickets: Tickets
    insight: Insight
    webhooks: Webhooks
    guard: Guard
    engine: Engine
    """What answers the turns; the completions door asks it without the story around."""
    static: StaticFolders
    routes: EngineRoutes | None = None
    accounts: Accounts | None = None
    spending: Spending | None = None
    grants: Grants | None = None
    prices: PriceLists | None = None
    connectors: Connectors | None = None
    wechat: WeChatDoor | None = None
    wecom: WeComDoor | None = None
    telegram: TelegramDoor | None = None
    postman: Postman | None = None
    robots: Robots | None = None
    threads: Threads | None = None
    media: MediaDoor | None = None
    link: LinkPage | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    alerts: Alerts | None = None
    """Of the installation; shown on the admin port."""
    """Readiness by name, as `/readyz` shows it: `database`, `migrations`, `bus`."""
