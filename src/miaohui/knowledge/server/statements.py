"""The SQL of the search tables. They hold nothing that the records do not, so they stand outside the migrations.

`pgvector` from 0.8 is used where the server has it; without it candidates come from words alone. Terms carry their
tenant, so that one inverted index serves all of them and none sees another's. What a row is scored by lies beside it,
out of line: looking at thousands of rows reads a few hundred pages, and only the best are read whole.
"""

from __future__ import annotations

from sqlalchemy import text

from miaohui.kit.pgvector import INSTALL

FORM_WITH_VECTORS, FORM_WITHOUT = 2, 3
"""To be raised when rows would be made differently from the same chunks."""
CANDIDATES = 80
NEIGHBOURS = 20
_ENDLESS = 9_223_372_036_854_775_807

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('search ' || :of_tenant)) IS NULL AS locked")
FORM = text("CREATE TABLE IF NOT EXISTS search_form (form int)")
FIND_FORM = text("SELECT form FROM search_form")
SET_FORM = text("INSERT INTO search_form VALUES (:form)")
DROP = (
    text("DROP TABLE IF EXISTS search_chunks, search_articles, search_terms, search_stats"),
    text("DELETE FROM search_form"),
)
_CHUNKS = """
CREATE TABLE search_chunks (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, born int, ended int, valid_from_ms bigint,
    valid_until_ms bigint, chinese boolean, for_all boolean, tenant_id varchar(40), language varchar(16),
    chunk_id varchar(40), article_id varchar(40), revision_id varchar(40),
    tags text[], audiences text[], inboxes text[],
    words tsvector, weights bytea, vector {vector}
) WITH (toast_tuple_target = 256)
"""
_UNCOUNTED = ("words", "weights", "vector")
"""Nothing is planned by what stands in these, and reading it would be most of an ANALYZE."""
_READ_AT_ONCE = (
    "search_chunks ALTER weights",
    "search_chunks ALTER vector",
    "search_articles ALTER whole",
    "search_articles ALTER anchors",
)
_REST = (
    *(text(f"ALTER TABLE search_chunks ALTER {column} SET STATISTICS 0") for column in _UNCOUNTED),
    text("""
CREATE INDEX ix_search_chunks_words ON search_chunks USING gin (words)
    WITH (gin_pending_list_limit = 1024)
"""),
    text("CREATE INDEX ix_search_chunks_revision ON search_chunks (tenant_id, revision_id)"),
    text("""
CREATE TABLE search_articles (
    tenant_id varchar(40), revision_id varchar(40) PRIMARY KEY, article_id varchar(40), born int, ended int,
    whole bytea, anchors bytea
) WITH (toast_tuple_target = 256)
"""),
    *(text(f"ALTER TABLE {column} SET STORAGE EXTERNAL") for column in _READ_AT_ONCE),
    text("CREATE INDEX ix_search_articles_ended ON search_articles (tenant_id, ended)"),
    text("""
CREATE TABLE search_terms (
    tenant_id varchar(40), term bigint, body int, whole int, anchor int, PRIMARY KEY (tenant_id, term)
)
"""),
    text("""
CREATE TABLE search_stats (
    tenant_id varchar(40) PRIMARY KEY, version int, chunks int, articles int, anchors int, body_length float8,
    whole_length float8
)
"""),
)

_SHOWN = """
s.tenant_id = :of_tenant AND s.born <= :at_version AND (s.ended = 0 OR s.ended > :at_version)
AND s.valid_from_ms <= :now_ms AND s.valid_until_ms > :now_ms
AND (s.for_all OR (
    (cardinality(s.audiences) = 0 OR :audience = ANY(s.audiences))
    AND (cardinality(s.inboxes) = 0 OR :inbox = ANY(s.inboxes))
))
AND (cardinality(CAST(:languages AS text[])) = 0 OR s.language = ANY(CAST(:languages AS text[])))
AND (cardinality(CAST(:of_tags AS text[])) = 0 OR s.tags && CAST(:of_tags AS text[]))
"""
_ASKED = """
of_tenant text, at_version int, now_ms bigint, audience text, inbox text, languages text[], of_tags text[]
"""
_GIVEN = ":of_tenant, :at_version, :now_ms, :audience, :inbox, :languages, :of_tags"
# The planner takes each of these conditions for rare and rather reads every row; so it is told how to go about it.
# Terms are a tenant's own: what finds the tenant's rows as well would find all of them for each term.
_WORDS = text(
    """
CREATE OR REPLACE FUNCTION search_words(terms text[], worths float8[], {asked})
RETURNS TABLE (place bigint, worth float8) LANGUAGE sql STABLE ROWS {most}
SET enable_seqscan = off SET enable_indexscan = off SET enable_material = off
AS $$
SELECT found.place, sum(wanted.weight) AS worth
FROM unnest(search_words.terms, search_words.worths) AS wanted(term, weight)
CROSS JOIN LATERAL (
    SELECT s.place FROM search_chunks s WHERE s.words @@ CAST(wanted.term AS tsquery) AND {shown} OFFSET 0
) AS found
GROUP BY found.place ORDER BY worth DESC, found.place LIMIT {most}
$$
""".replace("{shown}", _SHOWN.replace("s.tenant_id", "s.tenant_id || ''").replace(":", "search_words."))
    .replace("{asked}", _ASKED)
    .replace("{most}", str(CANDIDATES))
)
_NEAR = (
    text("CREATE INDEX ix_search_chunks_near ON search_chunks USING hnsw (vector halfvec_ip_ops)"),
    text(
        """
CREATE OR REPLACE FUNCTION search_near(asked halfvec, {asked})
RETURNS SETOF bigint LANGUAGE sql STABLE ROWS {most}
SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 200
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
SELECT s.place FROM search_chunks s WHERE {shown} ORDER BY s.vector <#> search_near.asked LIMIT {most}
$$
""".replace("{shown}", _SHOWN.replace(":", "search_near."))
        .replace("{asked}", _ASKED)
        .replace("{most}", str(NEIGHBOURS))
    ),
)
WITH_VECTORS = (*INSTALL, text(_CHUNKS.replace("{vector}", "halfvec(256)")), *_REST, _WORDS, *_NEAR)
WITHOUT = (text(_CHUNKS.replace("{vector}", "bytea")), *_REST, _WORDS)

KNOWN = text(
    "SELECT revision_id FROM search_articles WHERE tenant_id = :of_tenant AND revision_id = ANY(CAST(:ids AS text[]))"
)
ADD_ARTICLE = text(
    "INSERT INTO search_articles VALUES (:of_tenant, :revision, :article, :born, :ended, :whole, :anchors)"
)
_ADD_CHUNK = """
INSERT INTO search_chunks (
    tenant_id, chunk_id, article_id, revision_id, born, ended, valid_from_ms, valid_until_ms, chinese, language,
    tags, audiences, inboxes, for_all, words, weights, vector
) VALUES (
    :of_tenant, :chunk, :article, :revision, :born, :ended, :valid_from,
    coalesce(nullif(CAST(:valid_until AS bigint), 0), {endless}), :chinese, :language,
    CAST(:tags AS text[]), CAST(:audiences AS text[]), CAST(:inboxes AS text[]),
    cardinality(CAST(:audiences AS text[])) + cardinality(CAST(:inboxes AS text[])) = 0,
    array_to_tsvector(CAST(:words AS text[])), :weights, {vector}
)
""".replace("{endless}", str(_ENDLESS))
ADD_CHUNK_WITH_VECTOR = text(_ADD_CHUNK.replace("{vector}", "CAST(:vector AS halfvec)"))
ADD_CHUNK_WITHOUT = text(_ADD_CHUNK.replace("{vector}", "NULL"))
COUNT = text("""
INSERT INTO search_terms
SELECT :of_tenant, t.term, t.body, t.whole, t.anchor
FROM unnest(CAST(:terms AS bigint[]), CAST(:bodies AS int[]), CAST(:wholes AS int[]), CAST(:anchors AS int[]))
    AS t(term, body, whole, anchor)
ON CONFLICT (tenant_id, term) DO UPDATE SET body = search_terms.body + excluded.body,
    whole = search_terms.whole + excluded.whole, anchor = search_terms.anchor + excluded.anchor
""")
SIZE = text("""
INSERT INTO search_stats VALUES (:of_tenant, 0, :chunks, :articles, :anchors, :body_length, :whole_length)
ON CONFLICT (tenant_id) DO UPDATE SET chunks = search_stats.chunks + excluded.chunks,
    articles = search_stats.articles + excluded.articles, anchors = search_stats.anchors + excluded.anchors,
    body_length = search_stats.body_length + excluded.body_length,
    whole_length = search_stats.whole_length + excluded.whole_length
""")
END_ARTICLES = text("""
UPDATE search_articles s SET ended = r.ended FROM article_revisions r
WHERE r.id = s.revision_id AND r.tenant_id = :of_tenant AND s.tenant_id = :of_tenant AND s.ended <> r.ended
    AND r.ended <= :at_version
""")
END_CHUNKS = text("""
UPDATE search_chunks s SET ended = r.ended FROM article_revisions r
WHERE r.id = s.revision_id AND r.tenant_id = :of_tenant AND s.tenant_id = :of_tenant AND s.ended <> r.ended
    AND r.ended <= :at_version
""")
FORGET_CHUNKS = text("""
DELETE FROM search_chunks WHERE tenant_id = :of_tenant AND ended > 0 AND ended <= :old RETURNING weights
""")
FORGET_ARTICLES = text("""
DELETE FROM search_articles WHERE tenant_id = :of_tenant AND ended > 0 AND ended <= :old RETURNING whole, anchors
""")
SERVE = text("""
INSERT INTO search_stats VALUES (:of_tenant, :at_version, 0, 0, 0, 0, 0)
ON CONFLICT (tenant_id) DO UPDATE SET version = :at_version
""")
CLEAN = text("SELECT gin_clean_pending_list('ix_search_chunks_words') AS pages")
ANALYZE = (text("ANALYZE search_chunks"), text("ANALYZE search_articles"), text("ANALYZE search_terms"))
COUNTS = text("""
SELECT s.version, s.chunks, s.articles, s.anchors, s.body_length, s.whole_length, t.term, t.body, t.whole, t.anchor
FROM search_stats s
LEFT JOIN search_terms t ON t.tenant_id = s.tenant_id AND t.term = ANY(CAST(:terms AS bigint[]))
WHERE s.tenant_id = :of_tenant
""")
MISSING = text("""
SELECT r.id, r.born, r.ended FROM article_revisions r LEFT JOIN search_articles s ON s.revision_id = r.id
WHERE r.tenant_id = :of_tenant AND r.born <= :at_version AND (r.ended = 0 OR r.ended > :at_version)
    AND s.revision_id IS NULL
ORDER BY r.id LIMIT :most
""")
_COSINE = "-(s.vector <#> CAST(:vector AS halfvec))"
_BY = """
WITH held AS MATERIALIZED (
    SELECT s.chunk_id, s.article_id, s.revision_id, s.chinese, s.weights, {cosine} AS cosine
    FROM search_chunks s {which}
)
SELECT chunk_id, article_id, revision_id, chinese, cosine, weights, CAST(NULL AS bytea) AS anchors FROM held
UNION ALL
SELECT NULL, a.article_id, a.revision_id, false, 0, a.whole, a.anchors
FROM (SELECT DISTINCT revision_id FROM held) h JOIN search_articles a ON a.revision_id = h.revision_id
"""
_BY_WORDS = _BY.replace(
    "{which}", "JOIN search_words(:terms, :worths, {given}) AS best ON best.place = s.place".replace("{given}", _GIVEN)
)
BY_WORDS_WITH_VECTORS = text(_BY_WORDS.replace("{cosine}", _COSINE))
BY_WORDS = text(_BY_WORDS.replace("{cosine}", "CAST(0 AS float8)"))
_NEAREST = _BY.replace("{cosine}", _COSINE)
_INDEXED = "JOIN search_near(CAST(:vector AS halfvec), {given}) AS near(place) ON near.place = s.place"
_EXACT = "WHERE {shown} ORDER BY (s.vector <#> CAST(:vector AS halfvec)) + 0 LIMIT {most}"
NEAREST = text(_NEAREST.replace("{which}", _INDEXED.replace("{given}", _GIVEN)))
NEAREST_OF_ALL = text(_NEAREST.replace("{which}", _EXACT.replace("{shown}", _SHOWN).replace("{most}", str(NEIGHBOURS))))
