"""How good it was and how good it would be: ratings, reviews, notices, drafts, turns told again, cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import quality_schemas, quality_views, schemas
from miaohui.channels.rest.desk import Limit, PageCursor
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.conversations.types import Filter
from miaohui.turns.rehearsal import Changes

MOST_TOLD = 200
"""Who is told of a new notice at once, of those who wait; who comes later is told then."""


async def rate_service(
    conversation_id: schemas.Id, form: quality_schemas.RateService, doors: Doors, who: Who
) -> Response:
    """How content the visitor is with the whole conversation; said again, it replaces what was said."""
    conversation = await doors.conversations.access(who, conversation_id)
    rating = await doors.desk.aftercare.rate(conversation, who, form.score, form.comment)
    return answer(quality_views.rating(rating))


async def get_rating(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """What the visitor found of it."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(quality_views.rating(await doors.desk.aftercare.find_rating(who.tenant_id, conversation.id)))


async def list_reviews(
    doors: Doors,
    who: Who,
    done: Annotated[bool | None, Query()] = None,
    cursor: PageCursor = "",
    limit: Limit = 50,
) -> Response:
    """Conversations that were drawn for a review: a share of all, and all with a low rating."""
    page = await doors.desk.aftercare.list_reviews(who.tenant_id, done=done, cursor=cursor, limit=limit)
    return answer(quality_views.ReviewPage([quality_views.review(one) for one in page.data], page.next_cursor))


async def write_review(
    conversation_id: schemas.Id, form: quality_schemas.WriteReview, doors: Doors, who: Who
) -> Response:
    """What to think of a conversation, whether or not it was drawn. Visitors never see it."""
    conversation = await doors.conversations.access(who, conversation_id)
    review = await doors.desk.aftercare.review(conversation, who, form.score, form.note)
    await doors.journal.audit(who, "conversation.reviewed", conversation.id, {"score": form.score})
    return answer(quality_views.review(review))


async def list_notices(doors: Doors, who: Who) -> Response:
    """What everybody is told now."""
    holding = await doors.desk.notices.list_holding(who.tenant_id)
    return answer(quality_views.NoticeList([quality_views.notice(one) for one in holding]))


async def put_up_notice(form: quality_schemas.PutUpNotice, doors: Doors, who: Who) -> Response:
    """Tell who waits, who comes and who opens the widget, until it ends: for incidents."""
    notice = await doors.desk.notices.put_up(
        who, {str(locale): text for locale, text in form.texts.items()}, form.minutes, form.inbox_id
    )
    wanted = Filter(status="open", assignee_id="none", inbox_id=form.inbox_id)
    waiting = await doors.conversations.list_(who, wanted, limit=MOST_TOLD)
    told = await doors.desk.notices.tell(waiting.data, notice)
    await doors.journal.audit(who, "notice.put_up", notice.id, {"minutes": form.minutes, "told": told})
    return answer(quality_views.notice(notice), 201)


async def take_down_notice(notice_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It holds no longer; what was told stays."""
    await doors.desk.notices.take_down(who.tenant_id, notice_id)
    await doors.journal.audit(who, "notice.taken_down", notice_id, {})
    return Response(status_code=204)


async def suggest(conversation_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """A draft of what an agent might answer, by the same engines and from the same knowledge. It is sent to nobody."""
    conversation = await doors.conversations.access(who, conversation_id)
    return answer(quality_views.rehearsed(await doors.rehearsal.suggest(conversation)))


async def ask_again(turn_id: schemas.Id, form: quality_schemas.AskAgain, doors: Doors, who: Who) -> Response:
    """What the same question would be answered by another route, in other words, from another version."""
    return answer(quality_views.rehearsed(await doors.rehearsal.again(who, turn_id, _changes(form))))


async def keep_case(turn_id: schemas.Id, form: quality_schemas.KeepCase, doors: Doors, who: Who) -> Response:
    """Turn a correction into a case that is tried before anything is changed."""
    case = await doors.rehearsal.keep(who, turn_id, form.wanted, form.holds, form.lacks)
    await doors.journal.audit(who, "case.kept", case.id, {"turn": turn_id})
    return answer(quality_views.case(case), 201)


async def list_cases(doors: Doors, who: Who, cursor: PageCursor = "", limit: Limit = 50) -> Response:
    """Cases, the last written first."""
    page = await doors.rehearsal.list_cases(who.tenant_id, cursor=cursor, limit=limit)
    return answer(quality_views.CasePage([quality_views.case(one) for one in page.data], page.next_cursor))


async def try_case(case_id: schemas.Id, form: quality_schemas.AskAgain, doors: Doors, who: Who) -> Response:
    """Ask it again, as things are now or as they would be."""
    return answer(quality_views.case(await doors.rehearsal.try_case(who, case_id, _changes(form))))


async def drop_case(case_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It need not hold any more."""
    await doors.rehearsal.drop_case(who.tenant_id, case_id)
    await doors.journal.audit(who, "case.dropped", case_id, {})
    return Response(status_code=204)


def _changes(form: quality_schemas.AskAgain) -> Changes:
    return Changes(route=form.route, persona=form.persona, knowledge_version=form.knowledge_version)
