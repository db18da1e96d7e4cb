"""Every REST route, in one list. `errors` are those beside what `documents` derives from the route's form."""

from __future__ import annotations

from miaohui.channels import policy
from miaohui.channels.policy import needs
from miaohui.channels.rest import (
    administration,
    auth,
    conversations,
    engine_views,
    engines,
    knowledge,
    outside,
    outside_views,
    uploads,
    views,
    webhook_views,
    webhooks,
    widget,
)
from miaohui.channels.rest.company_routes import COMPANY_ROUTES
from miaohui.channels.rest.desk_routes import DESK_ROUTES
from miaohui.channels.rest.knowledge_routes import KNOWLEDGE_ROUTES
from miaohui.channels.rest.line import ADMIN, ANYBODY, OPEN, PERSON, READER, WRITER, Line
from miaohui.channels.rest.mine import MINE_ROUTES
from miaohui.channels.rest.office_routes import OFFICE_ROUTES
from miaohui.channels.rest.outside_routes import OUTSIDE_ROUTES
from miaohui.channels.rest.quality_routes import QUALITY_ROUTES
from miaohui.channels.rest.ticket_routes import TICKET_ROUTES
from miaohui.channels.rest.translation_routes import TRANSLATION_ROUTES
from miaohui.realtime.frames import WireConversation, WireMessage

__all__ = ["ROUTES", "Line"]


_CONVERSATION = "/v1/conversations/{conversation_id}"
_WECHAT = "/v1/inboxes/{inbox_id}/wechat"
_WEBHOOK = "/v1/webhooks/{endpoint_id}"
_ENGINES = "/v1/admin/engines"

ROUTES: tuple[Line, ...] = (
    Line("POST", "/v1/auth/login", OPEN, auth.log_in, views.Grant, "login", errors=(401, 403, 429)),
    Line("POST", "/v1/auth/refresh", OPEN, auth.renew, views.Grant, "login", errors=(401, 403)),
    Line("POST", "/v1/auth/logout", OPEN, auth.log_out, None, "login", 204),
    Line("GET", "/v1/me", ANYBODY, auth.me, views.Me, "login"),
    Line(
        "POST",
        "/v1/widget/session",
        OPEN,
        widget.open_session,
        views.WidgetSession,
        "widget",
        errors=(401, 403, 404, 503),
    ),
    Line(
        "GET",
        "/v1/conversations",
        READER,
        conversations.list_conversations,
        views.ConversationPage,
        "conversations",
        errors=(404,),
    ),
    Line(
        "POST",
        "/v1/conversations",
        WRITER,
        conversations.start_conversation,
        WireConversation,
        "conversations",
        201,
        errors=(404,),
    ),
    Line("GET", _CONVERSATION, READER, conversations.get_conversation, WireConversation, "conversations"),
    Line("GET", f"{_CONVERSATION}/messages", READER, conversations.list_messages, views.MessagePage, "conversations"),
    Line(
        "POST",
        f"{_CONVERSATION}/messages",
        WRITER,
        conversations.send_message,
        views.Sent,
        "conversations",
        201,
        errors=(409, 429),
    ),
    Line("POST", f"{_CONVERSATION}/handoff", WRITER, conversations.request_human, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/take-over", PERSON, conversations.take_over, WireConversation, "conversations"),
    Line("POST", f"{_CONVERSATION}/hand-back", PERSON, conversations.hand_back, WireConversation, "conversations"),
    Line(
        "POST",
        f"{_CONVERSATION}/resolve",
        needs("conversations:write"),
        conversations.resolve,
        WireConversation,
        "conversations",
    ),
    Line("POST", f"{_CONVERSATION}/seen", WRITER, conversations.mark_seen, None, "conversations", 204),
    Line("POST", "/v1/messages/{message_id}/rating", WRITER, conversations.rate_message, WireMessage, "conversations"),
    Line("GET", "/v1/turns/{turn_id}", needs("conversations:read"), administration.get_turn, views.TurnView, "turns"),
    Line("POST", "/v1/turns/{turn_id}/cancel", WRITER, conversations.cancel_turn, None, "turns", 204),
    Line(
        "GET",
        "/v1/passages/{chunk_id}",
        policy.check_reads_passage,
        knowledge.get_passage,
        views.PassageView,
        "knowledge",
    ),
    Line("GET", "/v1/articles", needs("knowledge:read"), knowledge.list_articles, views.ArticlePage, "knowledge"),
    Line("POST", "/v1/articles/search", needs("knowledge:read"), knowledge.search, views.Hits, "knowledge"),
    Line(
        "GET",
        "/v1/articles/{article_id}",
        needs("knowledge:read"),
        knowledge.get_article,
        views.ArticleView,
        "knowledge",
    ),
    Line(
        "GET",
        "/v1/inboxes",
        needs("conversations:read"),
        administration.list_inboxes,
        views.InboxList,
        "administration",
    ),
    Line("POST", "/v1/inboxes", ADMIN, outside.create_inbox, views.InboxSummary, "administration", 201),
    Line("GET", _WECHAT, ADMIN, outside.get_wechat, outside_views.WeChatView, "administration"),
    Line("POST", _WECHAT, ADMIN, outside.set_wechat, outside_views.WeChatView, "administration"),
    Line("GET", f"{_WECHAT}/menu", ADMIN, outside.get_wechat_menu, outside_views.WeChatMenuView, "administration"),
    Line(
        "POST",
        f"{_WECHAT}/menu",
        ADMIN,
        outside.set_wechat_menu,
        outside_views.WeChatMenuView,
        "administration",
        errors=(502,),
    ),
    Line(
        "GET",
        f"{_CONVERSATION}/sendings",
        needs("conversations:read"),
        outside.list_sendings,
        outside_views.SendingList,
        "conversations",
    ),
    Line(
        "POST",
        "/v1/media",
        WRITER,
        uploads.upload_picture,
        outside_views.PictureView,
        "conversations",
        201,
        errors=(415, 429),
    ),
    Line(
        "POST",
        "/v1/files",
        WRITER,
        uploads.upload_file,
        outside_views.FileView,
        "conversations",
        201,
        errors=(413, 415, 429),
        reads="application/octet-stream",
    ),
    Line("GET", "/v1/keys", ADMIN, administration.list_keys, views.KeyList, "administration"),
    Line("POST", "/v1/keys", ADMIN, administration.create_key, views.NewKey, "administration", 201),
    Line("DELETE", "/v1/keys/{key_id}", ADMIN, administration.revoke_key, None, "administration", 204),
    Line("GET", "/v1/webhooks", ADMIN, webhooks.list_webhooks, webhook_views.WebhookList, "administration"),
    Line("POST", "/v1/webhooks", ADMIN, webhooks.create_webhook, webhook_views.NewWebhook, "administration", 201),
    Line("GET", _WEBHOOK, ADMIN, webhooks.get_webhook, webhook_views.WebhookDetail, "administration"),
    Line("PATCH", _WEBHOOK, ADMIN, webhooks.change_webhook, webhook_views.WebhookView, "administration"),
    Line("DELETE", _WEBHOOK, ADMIN, webhooks.delete_webhook, None, "administration", 204),
    Line("POST", f"{_WEBHOOK}/enable", ADMIN, webhooks.enable_webhook, None, "administration", 204),
    Line("POST", f"{_WEBHOOK}/disable", ADMIN, webhooks.disable_webhook, None, "administration", 204),
    Line("POST", f"{_WEBHOOK}/rotate", ADMIN, webhooks.rotate_webhook, webhook_views.NewWebhook, "administration"),
    Line("POST", f"{_WEBHOOK}/test", ADMIN, webhooks.try_webhook, webhook_views.WebhookTried, "administration"),
    Line("POST", f"{_WEBHOOK}/replay", ADMIN, webhooks.replay_webhook, webhook_views.Replayed, "administration"),
    Line("GET", f"{_WEBHOOK}/deliveries", ADMIN, webhooks.list_attempts, webhook_views.AttemptPage, "administration"),
    Line("GET", _ENGINES + "/routes", ADMIN, engines.list_routes, engine_views.EngineRouteList, "engines"),
    Line(
        "PUT",
        _ENGINES + "/routes/{name}",
        ADMIN,
        engines.put_route,
        engine_views.EngineRouteView,
        "engines",
        errors=(409,),
    ),
    Line("DELETE", _ENGINES + "/routes/{name}", ADMIN, engines.delete_route, None, "engines", 204),
    Line("GET", _ENGINES + "/board", ADMIN, engines.get_board, engine_views.EngineBoard, "engines"),
    Line("GET", _ENGINES + "/days", ADMIN, engines.list_days, engine_views.EngineDays, "engines"),
    Line("GET", "/v1/admin/tools", ADMIN, engines.list_tools, engine_views.ToolList, "engines"),
    Line("PUT", "/v1/admin/tools", ADMIN, engines.put_tools, engine_views.ToolList, "engines"),
    Line("GET", "/v1/audit", ADMIN, administration.list_audit, views.AuditPage, "administration"),
    *KNOWLEDGE_ROUTES,
    *COMPANY_ROUTES,
    *DESK_ROUTES,
    *TICKET_ROUTES,
    *QUALITY_ROUTES,
    *TRANSLATION_ROUTES,
    *OUTSIDE_ROUTES,
    *MINE_ROUTES,
    *OFFICE_ROUTES,
)
