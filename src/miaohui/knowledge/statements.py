"""The SQL of articles, chunks and versions."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, delete, func, or_, select, update

from miaohui.knowledge.tables import CHUNKS, KNOWLEDGE_VERSIONS, REVISIONS

TENANT: BindParameter[str] = bindparam("of_tenant")
_VERSION: BindParameter[int] = bindparam("at_version")
_ARTICLE: BindParameter[str] = bindparam("of_article")

_OF_TENANT = KNOWLEDGE_VERSIONS.c.tenant_id == TENANT
_ACTIVE = _OF_TENANT & (KNOWLEDGE_VERSIONS.c.active == 1)
_IN_MAKING = _OF_TENANT & (KNOWLEDGE_VERSIONS.c.active == -1)
FIND_SERVED = select(KNOWLEDGE_VERSIONS).where(_ACTIVE)
LIST_SERVED = select(KNOWLEDGE_VERSIONS).where(KNOWLEDGE_VERSIONS.c.active == 1)
LIST_VERSIONS = (
    select(KNOWLEDGE_VERSIONS)
    .where(_OF_TENANT, KNOWLEDGE_VERSIONS.c.active >= 0)
    .order_by(KNOWLEDGE_VERSIONS.c.version.desc())
    .limit(bindparam("most"))
)
FIND_VERSION = select(KNOWLEDGE_VERSIONS).where(
    _OF_TENANT, KNOWLEDGE_VERSIONS.c.version == _VERSION, KNOWLEDGE_VERSIONS.c.active >= 0
)
FIND_IN_MAKING = select(KNOWLEDGE_VERSIONS).where(_IN_MAKING)
INSERT_VERSION = KNOWLEDGE_VERSIONS.insert()
DELETE_IN_MAKING = delete(KNOWLEDGE_VERSIONS).where(_IN_MAKING)
RENEW = (
    update(KNOWLEDGE_VERSIONS)
    .where(_IN_MAKING, KNOWLEDGE_VERSIONS.c.version == _VERSION, KNOWLEDGE_VERSIONS.c.actor == bindparam("of_actor"))
    .values(lease_until_ms=bindparam("until_ms"))
    .returning(KNOWLEDGE_VERSIONS.c.version)
)
RETIRE_VERSION = update(KNOWLEDGE_VERSIONS).where(_ACTIVE).values(active=0)
SERVE = (
    update(KNOWLEDGE_VERSIONS)
    .where(_IN_MAKING, KNOWLEDGE_VERSIONS.c.version == _VERSION)
    .values(
        active=1, articles=bindparam("now_articles"), chunks=bindparam("now_chunks"), created_at_ms=bindparam("at_ms")
    )
    .returning(KNOWLEDGE_VERSIONS.c.version)
)
DELETE_OLD_VERSIONS = delete(KNOWLEDGE_VERSIONS).where(
    _OF_TENANT, KNOWLEDGE_VERSIONS.c.active == 0, KNOWLEDGE_VERSIONS.c.version < _VERSION
)

INSERT_REVISION = REVISIONS.insert()
INSERT_CHUNK = CHUNKS.insert()
END_REVISION = (
    update(REVISIONS)
    .where(
        REVISIONS.c.tenant_id == TENANT,
        REVISIONS.c.article_id == _ARTICLE,
        REVISIONS.c.born < _VERSION,
        REVISIONS.c.ended == 0,
    )
    .values(ended=_VERSION)
)
DELETE_UNBORN = delete(REVISIONS).where(REVISIONS.c.tenant_id == TENANT, REVISIONS.c.born > _VERSION)
REVIVE = update(REVISIONS).where(REVISIONS.c.tenant_id == TENANT, REVISIONS.c.ended > _VERSION).values(ended=0)
DELETE_FORGOTTEN = delete(REVISIONS).where(
    REVISIONS.c.tenant_id == TENANT, REVISIONS.c.ended > 0, REVISIONS.c.ended <= _VERSION
)

_SERVED_AT = (
    (REVISIONS.c.tenant_id == TENANT)
    & (REVISIONS.c.born <= _VERSION)
    & or_(REVISIONS.c.ended == 0, REVISIONS.c.ended > _VERSION)
)
LIST_SOURCES = select(REVISIONS.c.article_id, REVISIONS.c.source, REVISIONS.c.digest).where(_SERVED_AT)
LIST_DIGESTS = select(REVISIONS.c.article_id, REVISIONS.c.id, REVISIONS.c.title).where(_SERVED_AT)
GET_ARTICLE = select(REVISIONS).where(_SERVED_AT, REVISIONS.c.article_id == _ARTICLE)
GET_REVISION = select(REVISIONS).where(REVISIONS.c.tenant_id == TENANT, REVISIONS.c.id == bindparam("of_revision"))
LIST_ARTICLES = (
    select(REVISIONS)
    .where(_SERVED_AT, REVISIONS.c.article_id > bindparam("after"))
    .order_by(REVISIONS.c.article_id)
    .limit(bindparam("most"))
)
COUNT_ARTICLES = select(func.count()).select_from(REVISIONS).where(_SERVED_AT)
COUNT_CHUNKS = (
    select(func.count()).select_from(CHUNKS.join(REVISIONS, REVISIONS.c.id == CHUNKS.c.revision_id)).where(_SERVED_AT)
)
_CHUNK_ROWS = select(
    CHUNKS,
    REVISIONS.c.article_id,
    REVISIONS.c.title,
    REVISIONS.c.locale,
    REVISIONS.c.questions,
    REVISIONS.c.names,
    REVISIONS.c.valid_from_ms,
    REVISIONS.c.valid_until_ms,
    REVISIONS.c.tags,
).join(REVISIONS, REVISIONS.c.id == CHUNKS.c.revision_id)
LIST_REVISIONS = (
    select(REVISIONS.c.id, REVISIONS.c.article_id)
    .where(_SERVED_AT, REVISIONS.c.born > bindparam("since"), REVISIONS.c.article_id > bindparam("after"))
    .order_by(REVISIONS.c.article_id)
    .limit(bindparam("most"))
)
LIST_IDS = select(REVISIONS.c.id).where(_SERVED_AT).order_by(REVISIONS.c.article_id)
LIST_WRITTEN = select(REVISIONS.c.article_id, REVISIONS.c.updated_at_ms).where(_SERVED_AT)
LIST_SAMPLES = (
    select(REVISIONS.c.article_id, REVISIONS.c.questions)
    .where(_SERVED_AT, REVISIONS.c.questions != "[]")
    .order_by(REVISIONS.c.article_id)
)
LIST_GONE = select(REVISIONS.c.article_id).where(
    REVISIONS.c.tenant_id == TENANT,
    REVISIONS.c.born <= bindparam("since"),
    REVISIONS.c.ended > bindparam("since"),
    REVISIONS.c.ended <= _VERSION,
)
GET_CHUNK = _CHUNK_ROWS.where(CHUNKS.c.tenant_id == TENANT, CHUNKS.c.id == bindparam("of_chunk"))
LIST_BY_ID = _CHUNK_ROWS.where(CHUNKS.c.tenant_id == TENANT, CHUNKS.c.id.in_(bindparam("ids", expanding=True)))
LIST_OF_REVISIONS = _CHUNK_ROWS.where(
    CHUNKS.c.tenant_id == TENANT, CHUNKS.c.revision_id.in_(bindparam("ids", expanding=True))
).order_by(CHUNKS.c.revision_id, CHUNKS.c.ordinal)
