"""Every REST route, in one list. `errors` are those beside what `documents` derives from the route's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from miaohui.channels.rest import administration, auth, conversations, knowledge, views, webhooks, widget
from miaohui.channels.rest.edge import ApiRoute, OpenRoute
from miaohui.realtime.frames import WireConversation, WireMessage


class Line(NamedTuple):
    """One route."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    view: type | None
    """What a success answers with; None: nothing (204)."""
    tag: str
    status: int = 200
    errors: tuple[int, ...] = ()
    route: type[OpenRoute] = ApiRoute


_CONVERSATION = "/v1/conversations/{conversation_id}"

ROUTES: tuple[Line, ...] = (
    Line("POST", "/v1/auth/login", auth.log_in, views.Grant, "login", errors=(401, 429), route=OpenRoute),
    Line("POST", "/v1/auth/refresh", auth.renew, views.Grant, "login", errors=(401,), route=OpenRoute),
    Line("POST", "/v1/auth/logout", auth.log_out, None, "login", 204, route=OpenRoute),
    Line("GET", "/v1/me", auth.me, views.Me, "login"),
    Line(
        "POST",
        "/v1/widget/session",
        widget.open_session,
        views.WidgetSession,
        "widget",
        errors=(401, 403, 404, 503),
        route=OpenRoute,
    ),
    Line("GET", "/v1/conversations", conversations.list_conversations, views.ConversationPage, "conversations"),
    Line(
        "POST",
        "/v1/conversations",
        conversations.start_conversation,
        WireConversation,
        "conversations",
        201,
        errors=(404,),
    ),
    Line("GET", _CONVERSATION, conversations.get_conversation, WireConversation, "conversations"),
    Line("GET", f"{_CONVERSATION}/messages", conversations.list_messages, views.MessagePage, "conversations"),
    Line(
        "POST",
        f"{_CONVERSATION}/messages",
        conversations.send_message,
        views.Sent,
        "conversations",
        201,
        errors=(409, 429),
    ),
    Line("POST", f"{_CONVERSATION}/handoff", conversations.request_human, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/take-over", conversations.take_over, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/hand-back", conversations.hand_back, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/resolve", conversations.resolve, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/seen", conversations.mark_seen, None, "conversations", 204),
    Line("POST", "/v1/messages/{message_id}/rating", conversations.rate_message, WireMessage, "conversations"),
    Line("GET", "/v1/turns/{turn_id}", administration.get_turn, views.TurnView, "turns"),
    Line("POST", "/v1/turns/{turn_id}/cancel", conversations.cancel_turn, None, "turns", 204),
    Line("GET", "/v1/passages/{chunk_id}", knowledge.get_passage, views.PassageView, "knowledge"),
    Line("GET", "/v1/articles", knowledge.list_articles, views.ArticlePage, "knowledge"),
    Line("POST", "/v1/articles/search", knowledge.search, views.Hits, "knowledge"),
    Line("GET", "/v1/articles/{article_id}", knowledge.get_article, views.ArticleView, "knowledge"),
    Line("GET", "/v1/inboxes", administration.list_inboxes, views.InboxList, "administration"),
    Line("GET", "/v1/keys", administration.list_keys, views.KeyList, "administration"),
    Line("POST", "/v1/keys", administration.create_key, views.NewKey, "administration", 201),
    Line("DELETE", "/v1/keys/{key_id}", administration.revoke_key, None, "administration", 204),
    Line("GET", "/v1/webhooks", webhooks.list_webhooks, views.WebhookList, "administration"),
    Line("POST", "/v1/webhooks", webhooks.create_webhook, views.NewWebhook, "administration", 201),
    Line("POST", "/v1/webhooks/{endpoint_id}/enable", webhooks.enable_webhook, None, "administration", 204),
    Line("POST", "/v1/webhooks/{endpoint_id}/disable", webhooks.disable_webhook, None, "administration", 204),
    Line("GET", "/v1/audit", administration.list_audit, views.AuditPage, "administration"),
)
