"""The routes about how good it was, in one list."""

from __future__ import annotations

from miaohui.channels.rest import quality, quality_views
from miaohui.channels.rest.line import ADMIN, INSIDE, PERSON, READER, SERVING, WRITER, Line

_CONVERSATION = "/v1/conversations/{conversation_id}"
_TURN = "/v1/turns/{turn_id}"
_NOTICE = "/v1/desk/notices/{notice_id}"
_CASE = "/v1/desk/cases/{case_id}"

QUALITY_ROUTES: tuple[Line, ...] = (
    Line("POST", f"{_CONVERSATION}/satisfaction", WRITER, quality.rate_service, quality_views.RatingView, "desk"),
    Line("GET", f"{_CONVERSATION}/satisfaction", READER, quality.get_rating, quality_views.RatingView, "desk"),
    Line("GET", "/v1/desk/reviews", INSIDE, quality.list_reviews, quality_views.ReviewPage, "desk"),
    Line("POST", f"{_CONVERSATION}/review", PERSON, quality.write_review, quality_views.ReviewView, "desk"),
    Line("GET", "/v1/desk/notices", INSIDE, quality.list_notices, quality_views.NoticeList, "desk"),
    Line(
        "POST", "/v1/desk/notices", ADMIN, quality.put_up_notice, quality_views.NoticeView, "desk", 201, errors=(404,)
    ),
    Line("DELETE", _NOTICE, ADMIN, quality.take_down_notice, None, "desk", 204),
    Line("POST", f"{_CONVERSATION}/suggestion", PERSON, quality.suggest, quality_views.RehearsedView, "desk"),
    Line("POST", f"{_TURN}/again", PERSON, quality.ask_again, quality_views.RehearsedView, "turns"),
    Line("POST", f"{_TURN}/case", PERSON, quality.keep_case, quality_views.CaseView, "turns", 201),
    Line("GET", "/v1/desk/cases", INSIDE, quality.list_cases, quality_views.CasePage, "turns"),
    Line("POST", f"{_CASE}/try", PERSON, quality.try_case, quality_views.CaseView, "turns"),
    Line("DELETE", _CASE, SERVING, quality.drop_case, None, "turns", 204),
)
