"""Drafts, publications, and what to write next; and what is remembered of contacts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from miaohui.channels.rest import knowledge_schemas as forms
from miaohui.channels.rest import knowledge_views as views
from miaohui.channels.rest import schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.stamps import parse_stamp
from miaohui.knowledge.editing.types import Content

Version = Annotated[int, Path(ge=1, le=2_000_000_000)]
OtherVersion = Annotated[int, Query(ge=1, le=2_000_000_000, alias="from")]


async def list_drafts(doors: Doors, who: Who) -> Response:
    """All articles that were written or changed and are not yet served."""
    return answer(
        views.DraftList([views.draft(one) for one in await doors.knowledge.editor.list_drafts(who.tenant_id)])
    )


async def create_draft(form: forms.ArticleWords, doors: Doors, who: Who) -> Response:
    """A new article. Visitors see it after the next publication."""
    saved = await doors.knowledge.editor.save(who.tenant_id, who.key, _content(form))
    return answer(views.draft(saved), 201)


async def put_draft(article_id: schemas.Id, form: forms.ArticleWords, doors: Doors, who: Who) -> Response:
    """What an article will be; what is served stays as it is until the next publication."""
    saved = await doors.knowledge.editor.save(who.tenant_id, who.key, _content(form), article_id)
    return answer(views.draft(saved))


async def discard_draft(article_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Forget what was written; what is served stays."""
    await doors.knowledge.editor.discard(who.tenant_id, article_id)
    return Response(status_code=204)


async def remove_article(article_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The article will be served no more from the next publication on."""
    await doors.knowledge.editor.remove(who.tenant_id, who.key, article_id)
    return Response(status_code=204)


async def add_questions(article_id: schemas.Id, form: forms.MoreQuestions, doors: Doors, who: Who) -> Response:
    """Propose sample questions that an article answers; they are learned from when somebody publishes them."""
    saved = await doors.knowledge.editor.add_questions(who.tenant_id, who.key, article_id, form.questions)
    return answer(views.draft(saved))


async def publish(form: forms.Publish, doors: Doors, who: Who) -> Response:
    """Serve the drafts: all of them at once, or none when it fails."""
    note = await doors.knowledge.editor.publish(who.tenant_id, form.article_ids)
    await doors.journal.audit(who, "knowledge.published", str(note.version), {"articles": note.articles})
    return answer(views.version(note))


async def list_versions(doors: Doors, who: Who) -> Response:
    """The versions that can be looked at and gone back to."""
    notes = await doors.knowledge.editor.versions(who.tenant_id)
    return answer(views.VersionList([views.version(one) for one in notes]))


async def get_diff(version: Version, doors: Doors, who: Who, other: OtherVersion) -> Response:
    """What changed from one version to this one, article by article."""
    found = await doors.knowledge.editor.diff(who.tenant_id, other, version)
    return answer(views.DifferenceList([views.difference(one) for one in found]))


async def roll_back(version: Version, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """Serve again what this version served; it becomes a new version."""
    note = await doors.knowledge.editor.rollback(who.tenant_id, version)
    await doors.journal.audit(who, "knowledge.rolled_back", str(version), {"version": note.version})
    return answer(views.version(note))


async def get_health(doors: Doors, who: Who) -> Response:
    """Duplicates, contradicting numbers, expired articles, and those that nothing finds."""
    return answer(views.FindingList([views.finding(one) for one in await doors.knowledge.health(who.tenant_id)]))


async def find_related(form: forms.LongText, doors: Doors, who: Who) -> Response:
    """The articles that a long text is about."""
    found = await doors.knowledge.survey(who.tenant_id, form.text, limit=form.limit)
    return answer(views.RelatedList([views.related(one) for one in found]))


async def list_gaps(doors: Doors, who: Who) -> Response:
    """What was asked and could not be answered, in groups, the most asked first: what to write next."""
    return answer(views.GapList([views.gap(one) for one in await doors.knowledge.gaps.list_(who.tenant_id)]))


async def answer_gap(gap_id: schemas.Id, form: forms.AnswerGap, doors: Doors, who: Who) -> Response:
    """A draft that answers a group of questions; they become its sample questions."""
    saved = await doors.knowledge.gaps.draft(who.tenant_id, who.key, gap_id, form.text)
    return answer(views.draft(saved), 201)


async def dismiss_gap(gap_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """These questions need no answer."""
    await doors.knowledge.gaps.dismiss(who.tenant_id, gap_id)
    return Response(status_code=204)


async def list_facts(contact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """What is remembered of a contact from earlier conversations."""
    await doors.contacts.access(who.tenant_id, contact_id)
    return answer(views.FactList([views.fact(one) for one in await doors.long_term.list_(who.tenant_id, contact_id)]))


async def forget_facts(contact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Everything that is remembered of a contact is gone for good."""
    await doors.contacts.access(who.tenant_id, contact_id)
    await doors.long_term.forget_all(who.tenant_id, contact_id)
    await doors.journal.audit(who, "contact.forgotten", contact_id, {})
    return Response(status_code=204)


async def confirm_fact(fact_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """It is so."""
    return answer(views.fact(await doors.long_term.confirm(who.tenant_id, fact_id)))


async def forget_fact(fact_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It is not so, or nobody's business: its words are gone for good."""
    await doors.long_term.forget(who.tenant_id, fact_id)
    return Response(status_code=204)


def _content(form: forms.ArticleWords) -> Content:
    return Content(
        title=form.title,
        text=form.text,
        locale=form.locale,
        tags=tuple(form.tags),
        questions=tuple(form.questions),
        valid_from_ms=parse_stamp(form.valid_from) if form.valid_from else 0,
        valid_until_ms=parse_stamp(form.valid_until) if form.valid_until else 0,
    )
