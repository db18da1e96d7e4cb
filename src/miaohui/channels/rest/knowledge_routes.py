"""The routes of the knowledge base's writing side and of what is remembered of contacts, in one list."""

from __future__ import annotations

from miaohui.channels.policy import check_proposes, needs
from miaohui.channels.rest import knowledge_views as views
from miaohui.channels.rest import knowledge_writing as writing
from miaohui.channels.rest.line import INSIDE, SERVING, Line

_KNOWLEDGE = "/v1/knowledge"
_DRAFT = f"{_KNOWLEDGE}/drafts/{{article_id}}"
_ARTICLE = f"{_KNOWLEDGE}/articles/{{article_id}}"
_VERSION = f"{_KNOWLEDGE}/versions/{{version}}"
_GAP = f"{_KNOWLEDGE}/gaps/{{gap_id}}"
_FACTS = "/v1/contacts/{contact_id}/facts"
_READS, _WRITES, _PROPOSES = needs("knowledge:read"), needs("knowledge:write"), check_proposes

KNOWLEDGE_ROUTES: tuple[Line, ...] = (
    Line("GET", f"{_KNOWLEDGE}/drafts", _READS, writing.list_drafts, views.DraftList, "knowledge"),
    Line("POST", f"{_KNOWLEDGE}/drafts", _PROPOSES, writing.create_draft, views.DraftView, "knowledge", 201),
    Line("PUT", _DRAFT, _PROPOSES, writing.put_draft, views.DraftView, "knowledge", errors=(409,)),
    Line("DELETE", _DRAFT, _WRITES, writing.discard_draft, None, "knowledge", 204),
    Line("DELETE", _ARTICLE, _WRITES, writing.remove_article, None, "knowledge", 204),
    Line("POST", f"{_ARTICLE}/questions", _PROPOSES, writing.add_questions, views.DraftView, "knowledge"),
    Line("POST", f"{_KNOWLEDGE}/publish", _WRITES, writing.publish, views.VersionView, "knowledge"),
    Line("GET", f"{_KNOWLEDGE}/versions", _READS, writing.list_versions, views.VersionList, "knowledge"),
    Line("GET", f"{_VERSION}/diff", _READS, writing.get_diff, views.DifferenceList, "knowledge"),
    Line("POST", f"{_VERSION}/rollback", _WRITES, writing.roll_back, views.VersionView, "knowledge"),
    Line("GET", f"{_KNOWLEDGE}/health", _READS, writing.get_health, views.FindingList, "knowledge"),
    Line("POST", f"{_KNOWLEDGE}/related", _READS, writing.find_related, views.RelatedList, "knowledge"),
    Line("GET", f"{_KNOWLEDGE}/gaps", _READS, writing.list_gaps, views.GapList, "knowledge"),
    Line("POST", f"{_GAP}/draft", _PROPOSES, writing.answer_gap, views.DraftView, "knowledge", 201),
    Line("DELETE", _GAP, _WRITES, writing.dismiss_gap, None, "knowledge", 204),
    Line("GET", _FACTS, INSIDE, writing.list_facts, views.FactList, "contacts"),
    Line("DELETE", _FACTS, SERVING, writing.forget_facts, None, "contacts", 204),
    Line("POST", "/v1/facts/{fact_id}/confirm", SERVING, writing.confirm_fact, views.FactView, "contacts"),
    Line("DELETE", "/v1/facts/{fact_id}", SERVING, writing.forget_fact, None, "contacts", 204),
)
