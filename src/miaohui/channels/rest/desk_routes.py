"""The routes of the desk, in one list."""

from __future__ import annotations

from miaohui.channels.rest import care, desk, desk_views
from miaohui.channels.rest.line import ADMIN, INSIDE, PERSON, READER, SERVING, Line
from miaohui.realtime.frames import WireConversation

_CONVERSATION = "/v1/conversations/{conversation_id}"
_CONTACT = "/v1/contacts/{contact_id}"
_REPLY = "/v1/desk/replies/{reply_id}"
_INBOX = "/v1/inboxes/{inbox_id}"

DESK_ROUTES: tuple[Line, ...] = (
    Line("GET", "/v1/desk/agents", INSIDE, desk.list_agents, desk_views.AgentList, "desk"),
    Line("PATCH", "/v1/desk/agents/{person_id}", ADMIN, desk.set_abilities, desk_views.AgentView, "desk"),
    Line("GET", "/v1/desk/presence", PERSON, desk.get_presence, desk_views.AgentView, "desk"),
    Line("POST", "/v1/desk/presence", PERSON, desk.set_presence, desk_views.AgentView, "desk"),
    Line("GET", "/v1/desk/queue", INSIDE, desk.list_queue, desk_views.QueueView, "desk"),
    Line("GET", "/v1/desk/teams", INSIDE, desk.list_teams, desk_views.TeamList, "desk"),
    Line("POST", "/v1/desk/teams", ADMIN, desk.create_team, desk_views.TeamView, "desk", 201, errors=(404,)),
    Line("PATCH", "/v1/desk/teams/{team_id}", ADMIN, desk.change_team, desk_views.TeamView, "desk", errors=(409,)),
    Line("DELETE", "/v1/desk/teams/{team_id}", ADMIN, desk.delete_team, None, "desk", 204),
    Line("GET", "/v1/desk/replies", INSIDE, desk.list_replies, desk_views.ReplyList, "desk"),
    Line("POST", "/v1/desk/replies", SERVING, desk.create_reply, desk_views.ReplyView, "desk", 201),
    Line(
        "PATCH", "/v1/desk/replies/{reply_id}", SERVING, desk.change_reply, desk_views.ReplyView, "desk", errors=(409,)
    ),
    Line("DELETE", _REPLY, SERVING, desk.delete_reply, None, "desk", 204),
    Line("GET", "/v1/desk/mentions", PERSON, desk.list_mentions, desk_views.MentionPage, "desk"),
    Line("POST", "/v1/desk/mentions/seen", PERSON, desk.see_mentions, None, "desk", 204, errors=(404,)),
    Line("POST", f"{_CONVERSATION}/claim", PERSON, care.claim, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/assign", SERVING, care.assign, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/transfer", SERVING, care.transfer, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/snooze", SERVING, care.snooze, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/unsnooze", SERVING, care.unsnooze, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/labels", SERVING, care.set_labels, WireConversation, "desk"),
    Line("POST", f"{_CONVERSATION}/priority", SERVING, care.set_priority, WireConversation, "desk"),
    Line("GET", f"{_CONVERSATION}/seen", INSIDE, care.get_seen, desk_views.SeenView, "desk"),
    Line("POST", f"{_CONVERSATION}/looking", PERSON, care.look, None, "desk", 204),
    Line("GET", f"{_CONVERSATION}/queue", READER, care.get_place, desk_views.PlaceView, "desk"),
    Line("GET", f"{_CONVERSATION}/summary", INSIDE, care.get_summary, desk_views.SummaryView, "desk"),
    Line("GET", f"{_CONVERSATION}/orders", INSIDE, care.list_orders, desk_views.OrderList, "desk"),
    Line("GET", "/v1/search/conversations", INSIDE, care.search_conversations, desk_views.HitList, "desk"),
    Line("GET", "/v1/labels", INSIDE, care.list_labels, desk_views.LabelList, "desk"),
    Line("GET", "/v1/desk/vips", INSIDE, care.list_vips, desk_views.Vips, "contacts"),
    Line("GET", "/v1/contacts", INSIDE, care.search_contacts, desk_views.ContactList, "contacts"),
    Line("GET", _CONTACT, INSIDE, care.get_contact, desk_views.ContactDetail, "contacts"),
    Line("PATCH", _CONTACT, SERVING, care.change_contact, desk_views.ContactDetail, "contacts"),
    Line("POST", f"{_CONTACT}/merge", SERVING, care.merge_contact, desk_views.ContactDetail, "contacts"),
    Line("POST", f"{_CONTACT}/part", SERVING, care.part_contact, desk_views.ContactDetail, "contacts"),
    Line("POST", f"{_CONTACT}/block", SERVING, care.block_contact, desk_views.ContactDetail, "contacts"),
    Line("POST", f"{_CONTACT}/unblock", SERVING, care.unblock_contact, desk_views.ContactDetail, "contacts"),
    Line("GET", f"{_INBOX}/hours", INSIDE, desk.get_hours, desk_views.HoursView, "administration"),
    Line("POST", f"{_INBOX}/hours", ADMIN, desk.set_hours, desk_views.HoursView, "administration"),
    Line("DELETE", f"{_INBOX}/hours", ADMIN, desk.delete_hours, None, "administration", 204),
    Line("GET", f"{_INBOX}/desk", INSIDE, desk.get_inbox_desk, desk_views.InboxDeskView, "administration"),
    Line("POST", f"{_INBOX}/desk", ADMIN, desk.set_inbox_desk, desk_views.InboxDeskView, "administration"),
)
