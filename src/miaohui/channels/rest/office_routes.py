"""The routes of how a company is set up, and of what contacts may ask of it, in one list."""

from __future__ import annotations

from miaohui.channels.policy import needs
from miaohui.channels.rest import limits, office, people, privacy, visits
from miaohui.channels.rest import office_views as views
from miaohui.channels.rest.line import ADMIN, INSIDE, VISITOR, Line

_INBOX = "/v1/inboxes/{inbox_id}"
_PERSON = "/v1/people/{person_id}"
_CONTACT = "/v1/contacts/{contact_id}"
_GUARD = "/v1/admin/guard"
_TRY = "/v1/admin/tools/{name}/try"
_ATTEMPTS = "/v1/turns/{turn_id}/attempts"
_WRITES = needs("knowledge:write")

OFFICE_ROUTES: tuple[Line, ...] = (
    Line("GET", _INBOX, ADMIN, office.get_inbox, views.InboxDetail, "administration"),
    Line("PATCH", _INBOX, ADMIN, office.change_inbox, views.InboxDetail, "administration"),
    Line("GET", "/v1/company", ADMIN, office.get_company, views.CompanyView, "administration"),
    Line("PATCH", "/v1/company", ADMIN, office.change_company, views.CompanyView, "administration"),
    Line("GET", _GUARD, ADMIN, office.get_guard, views.GuardView, "administration"),
    Line("GET", f"{_GUARD}/words", ADMIN, office.get_guard_words, views.GuardWordsView, "administration"),
    Line(
        "PUT",
        f"{_GUARD}/words",
        ADMIN,
        office.put_guard_words,
        views.GuardWordsView,
        "administration",
        errors=(409,),
    ),
    Line("GET", "/v1/admin/limits", ADMIN, limits.get_limits, views.LimitsView, "administration"),
    Line("PUT", "/v1/admin/limits", ADMIN, limits.put_limits, views.LimitsView, "administration", errors=(409,)),
    Line("POST", f"{_GUARD}/try", ADMIN, office.try_guard, views.JudgedView, "administration"),
    Line("POST", _TRY, ADMIN, office.try_a_tool, views.ToolTried, "engines"),
    Line("GET", _ATTEMPTS, INSIDE, office.list_attempts, views.EngineAttempts, "turns"),
    Line("POST", "/v1/knowledge/imports", _WRITES, office.import_files, views.ImportView, "knowledge"),
    Line(
        "POST",
        "/v1/knowledge/imports/file",
        _WRITES,
        office.import_file,
        views.ImportView,
        "knowledge",
        errors=(413, 429),
        reads="application/octet-stream",
    ),
    Line("GET", "/v1/people", ADMIN, people.list_people, views.PersonList, "administration"),
    Line("POST", "/v1/people", ADMIN, people.add_person, views.PersonView, "administration", 201),
    Line("PATCH", _PERSON, ADMIN, people.change_person, views.PersonView, "administration", errors=(409,)),
    Line("POST", f"{_PERSON}/password", ADMIN, people.set_password, None, "administration", 204, errors=(409, 429)),
    Line("POST", "/v1/widget/page", VISITOR, visits.tell_page, None, "widget", 204, errors=(429,)),
    Line("GET", f"{_CONTACT}/visit", INSIDE, visits.get_visit, views.VisitView, "contacts"),
    Line("GET", f"{_CONTACT}/export", ADMIN, privacy.export_contact, views.ContactExport, "contacts"),
    Line("POST", f"{_CONTACT}/erase", ADMIN, privacy.erase_contact, views.Erased, "contacts"),
)
