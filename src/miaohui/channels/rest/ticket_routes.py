"""The routes of tickets and of insight, in one list."""

from __future__ import annotations

from miaohui.channels.rest import insight, insight_views, ticket_views, tickets
from miaohui.channels.rest.line import ADMIN, INSIDE, PERSON, SERVING, Line

_TICKET = "/v1/tickets/{ticket_id}"
_FOLLOW_UP = f"{_TICKET}/follow-up"
_RULE = "/v1/ticket-rules/{rule_id}"
_PREVIEW = "/v1/ticket-targets/preview"
CSV = "text/csv"

TICKET_ROUTES: tuple[Line, ...] = (
    Line("GET", "/v1/tickets", INSIDE, tickets.list_tickets, ticket_views.TicketPage, "tickets"),
    Line("POST", "/v1/tickets", SERVING, tickets.open_ticket, ticket_views.TicketView, "tickets", 201, (404,)),
    Line("GET", "/v1/tickets.csv", INSIDE, tickets.export_tickets, None, "tickets", media=CSV),
    Line("GET", _TICKET, INSIDE, tickets.get_ticket, ticket_views.TicketDetail, "tickets"),
    Line("PATCH", _TICKET, SERVING, tickets.change_ticket, ticket_views.TicketDetail, "tickets", errors=(409,)),
    Line("POST", f"{_TICKET}/comments", SERVING, tickets.comment_ticket, ticket_views.TicketEventView, "tickets", 201),
    Line("POST", _FOLLOW_UP, PERSON, tickets.plan_follow_up, ticket_views.TicketDetail, "tickets"),
    Line("DELETE", _FOLLOW_UP, PERSON, tickets.drop_follow_up, None, "tickets", 204, (409,)),
    Line("GET", "/v1/ticket-rules", INSIDE, tickets.list_rules, ticket_views.TicketRuleList, "tickets"),
    Line("POST", "/v1/ticket-rules", ADMIN, tickets.create_rule, ticket_views.TicketRuleView, "tickets", 201, (404,)),
    Line("PUT", _RULE, ADMIN, tickets.change_rule, ticket_views.TicketRuleView, "tickets"),
    Line("DELETE", _RULE, ADMIN, tickets.delete_rule, None, "tickets", 204),
    Line("GET", "/v1/ticket-targets", INSIDE, tickets.get_targets, ticket_views.TicketTargets, "tickets"),
    Line("POST", "/v1/ticket-targets", ADMIN, tickets.set_targets, ticket_views.TicketTargets, "tickets"),
    Line("POST", _PREVIEW, INSIDE, tickets.preview_targets, ticket_views.TicketDues, "tickets", errors=(404,)),
    Line("GET", "/v1/insight/now", INSIDE, insight.get_now, insight_views.NowView, "insight"),
    Line("GET", "/v1/insight/strain", INSIDE, insight.get_strain, insight_views.StrainView, "insight"),
    Line("GET", "/v1/insight/over-time", INSIDE, insight.get_over_time, insight_views.OverTimeView, "insight"),
    Line("GET", "/v1/insight/demand", INSIDE, insight.get_demand, insight_views.DemandView, "insight"),
    Line("GET", "/v1/insight/over-time.csv", INSIDE, insight.export_over_time, None, "insight", media=CSV),
)
