"""The SQL of the search tables. They hold nothing that the records do not, so they stand outside the migrations.

`pgvector` from 0.8 is used where the server has it; without it candidates come from words alone. Terms carry their
tenant, so that one inverted index serves all of them and none sees another's. What a row is scored by lies beside it,
out of line: looking at thousands of rows reads a few hundred pages, and only the best are read whole.
"""

from __future__ import annotations

from sqlalchemy import text

from miaohui.kit.pgvector import INSTALL

FORM_WITH_VECTORS, FORM_WITHOUT = 6, 7
"""To be raised when rows would be made differently from the same chunks."""
CANDIDATES = 120
NEIGHBOURS = 20
_PATIENT = {"seconds": 3600}
"""What goes over a whole table may take so long."""
_ENDLESS = 9_223_372_036_854_775_807

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('search ' || :of_tenant)) IS NULL AS locked")
FORM = text("CREATE TABLE IF NOT EXISTS search_form (form int)")
FIND_FORM = text("SELECT form FROM search_form")
SET_FORM = text("INSERT INTO search_form VALUES (:form)")
DROP = (
    text(
        "DROP TABLE IF EXISTS search_chunks, search_bodies, search_articles, search_terms, search_stats, search_meant"
    ),
    text("DELETE FROM search_form"),
)
# A question looks at thousands of these rows, all over the table: they are kept as narrow as they can be.
_CHUNKS = text("""
CREATE TABLE search_chunks (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, born int, ended int, valid_from_ms bigint,
    valid_until_ms bigint, for_all boolean, tenant_id varchar(40), language varchar(16), revision_id varchar(40),
    tags text[], audiences text[], inboxes text[], words tsvector
) WITH (toast_tuple_target = 128)
""")
# And at a few of these, which are read in one go.
_BODIES = """
CREATE TABLE search_bodies (
    place bigint PRIMARY KEY, chinese boolean, chunk_id varchar(40), article_id varchar(40), revision_id varchar(40),
    weights bytea, vector {vector}
) WITH (toast_tuple_target = 8160)
"""
_UNCOUNTED = ("search_chunks ALTER words", "search_bodies ALTER weights", "search_bodies ALTER vector")
"""Nothing is planned by what stands in these, and reading it would be most of an ANALYZE."""
_READ_AT_ONCE = (
    "search_bodies ALTER weights",
    "search_bodies ALTER vector",
    "search_articles ALTER whole",
    "search_articles ALTER anchors",
)
_REST = (
    *(text(f"ALTER TABLE {column} SET STATISTICS 0") for column in _UNCOUNTED),
    text("""
CREATE INDEX ix_search_chunks_words ON search_chunks USING gin (words)
    WITH (gin_pending_list_limit = 1024)
"""),
    text("CREATE INDEX ix_search_chunks_revision ON search_chunks (tenant_id, revision_id)"),
    text("""
CREATE TABLE search_articles (
    tenant_id varchar(40), revision_id varchar(40) PRIMARY KEY, article_id varchar(40), born int, ended int,
    whole bytea, anchors bytea
) WITH (toast_tuple_target = 8160)
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

MORE = (
    text("CREATE INDEX IF NOT EXISTS ix_search_articles_article ON search_articles (tenant_id, article_id)"),
    text("""
CREATE TABLE IF NOT EXISTS search_taught (
    tenant_id varchar(40), version int, digest char(64), taught bytea, PRIMARY KEY (tenant_id, version)
)
"""),
    text("ALTER TABLE search_taught ALTER taught SET STORAGE EXTERNAL"),
)
"""What came later: made where it is not there, so that nothing that is searchable has to be made anew."""
MORE_WITH_VECTORS = (
    text("""
CREATE TABLE IF NOT EXISTS search_meanings (
    tenant_id varchar(40), model varchar(200), digest bytea, vector halfvec, PRIMARY KEY (tenant_id, model, digest)
)
"""),
    text("CREATE TABLE IF NOT EXISTS search_meant (place bigint PRIMARY KEY, tenant_id varchar(40), digest bytea)"),
    text("CREATE INDEX IF NOT EXISTS ix_search_meant_digest ON search_meant (tenant_id, digest)"),
    text("""
CREATE TABLE IF NOT EXISTS search_claims (tenant_id varchar(40) PRIMARY KEY, owner varchar(40), until_ms bigint)
"""),
)

SHOWN = """
(s.tenant_id = :of_tenant) IS TRUE AND s.born <= :at_version AND (s.ended = 0 OR s.ended > :at_version)
AND s.valid_from_ms <= :now_ms AND s.valid_until_ms > :now_ms
AND (s.for_all OR (
    (s.audiences IS NULL OR :audience = ANY(s.audiences)) AND (s.inboxes IS NULL OR :inbox = ANY(s.inboxes))
))
AND (cardinality(CAST(:languages AS text[])) = 0 OR s.language = ANY(CAST(:languages AS text[])))
AND (cardinality(CAST(:of_tags AS text[])) = 0 OR s.tags && CAST(:of_tags AS text[]))
"""
ASKED = """
of_tenant text, at_version int, now_ms bigint, audience text, inbox text, languages text[], of_tags text[]
"""
GIVEN = ":of_tenant, :at_version, :now_ms, :audience, :inbox, :languages, :of_tags"
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
""".replace("{shown}", SHOWN.replace(":", "search_words."))
    .replace("{asked}", ASKED)
    .replace("{most}", str(CANDIDATES))
)
_NEAR = text(
    """
CREATE OR REPLACE FUNCTION search_near(asked halfvec, {asked})
RETURNS SETOF bigint LANGUAGE sql STABLE ROWS {most}
SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 400
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
SELECT b.place FROM search_bodies b JOIN search_chunks s ON s.place = b.place WHERE {shown}
ORDER BY b.vector <#> search_near.asked LIMIT {most}
$$
""".replace("{shown}", SHOWN.replace(":", "search_near."))
    .replace("{asked}", ASKED)
    .replace("{most}", str(NEIGHBOURS))
)
# Made once there is much to find: row by row it takes ten times as long. Nobody waits for who makes it.
FIND_NEAR_INDEX = text("""
SELECT i.indisvalid AS valid, EXISTS (
    SELECT FROM pg_stat_progress_create_index p WHERE p.relid = i.indrelid AND p.index_relid IN (0, i.indexrelid)
) AS being_made
FROM pg_index i WHERE i.indexrelid = to_regclass('ix_search_bodies_near')
""")
MAKE_NEAR_INDEX = text("""
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_search_bodies_near ON search_bodies USING hnsw (vector halfvec_ip_ops)
""").execution_options(**_PATIENT)
DROP_NEAR_INDEX = text("DROP INDEX CONCURRENTLY IF EXISTS ix_search_bodies_near").execution_options(**_PATIENT)
WITH_VECTORS = (*INSTALL, _CHUNKS, text(_BODIES.replace("{vector}", "halfvec(256)")), *_REST, _WORDS, _NEAR)
WITHOUT = (_CHUNKS, text(_BODIES.replace("{vector}", "bytea")), *_REST, _WORDS)

KNOWN = text(
    "SELECT revision_id FROM search_articles WHERE tenant_id = :of_tenant AND revision_id = ANY(CAST(:ids AS text[]))"
)
ADD_ARTICLE = text(
    "INSERT INTO search_articles VALUES (:of_tenant, :revision, :article, :born, :ended, :whole, :anchors)"
)
_ADD_CHUNK = """
WITH made AS (
    INSERT INTO search_chunks (
        tenant_id, revision_id, born, ended, valid_from_ms, valid_until_ms, language, tags, audiences, inboxes, for_all,
        words
    ) VALUES (
        :of_tenant, :revision, :born, :ended, :valid_from, coalesce(nullif(CAST(:valid_until AS bigint), 0), {endless}),
        :language, nullif(CAST(:tags AS text[]), '{}'), nullif(CAST(:audiences AS text[]), '{}'),
        nullif(CAST(:inboxes AS text[]), '{}'),
        cardinality(CAST(:audiences AS text[])) + cardinality(CAST(:inboxes AS text[])) = 0,
        array_to_tsvector(CAST(:words AS text[]))
    ) RETURNING place
)
INSERT INTO search_bodies (place, chunk_id, article_id, revision_id, chinese, weights, vector)
SELECT place, :chunk, :article, :revision, :chinese, :weights, {vector} FROM made
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
FORGET_BODIES = text("""
DELETE FROM search_bodies b USING search_chunks s
WHERE b.place = s.place AND s.tenant_id = :of_tenant AND s.ended > 0 AND s.ended <= :old RETURNING b.weights
""")
FORGET_MEANT = text("""
DELETE FROM search_meant t USING search_chunks s
WHERE t.place = s.place AND s.tenant_id = :of_tenant AND s.ended > 0 AND s.ended <= :old
""")
FORGET_MEANINGS = text("""
DELETE FROM search_meanings v WHERE v.tenant_id = :of_tenant
    AND NOT EXISTS (SELECT FROM search_meant t WHERE t.tenant_id = v.tenant_id AND t.digest = v.digest)
""")
FORGET_CHUNKS = text("DELETE FROM search_chunks WHERE tenant_id = :of_tenant AND ended > 0 AND ended <= :old")
FORGET_ARTICLES = text("""
DELETE FROM search_articles WHERE tenant_id = :of_tenant AND ended > 0 AND ended <= :old RETURNING whole, anchors
""")
SERVE = text("""
INSERT INTO search_stats VALUES (:of_tenant, :at_version, 0, 0, 0, 0, 0)
ON CONFLICT (tenant_id) DO UPDATE SET version = :at_version
""")
FIND_TAUGHT = text("SELECT taught FROM search_taught WHERE tenant_id = :of_tenant AND version = :at_version")
FIND_DIGEST = text("""
SELECT version, digest FROM search_taught WHERE tenant_id = :of_tenant AND version <= :at_version
ORDER BY version DESC LIMIT 1
""")
KEEP_TAUGHT = text("""
INSERT INTO search_taught VALUES (:of_tenant, :at_version, :digest, :taught)
ON CONFLICT (tenant_id, version) DO UPDATE SET digest = excluded.digest, taught = excluded.taught
""")
CARRY_TAUGHT = text("""
INSERT INTO search_taught SELECT tenant_id, :at_version, digest, taught FROM search_taught
WHERE tenant_id = :of_tenant AND version = :since ON CONFLICT DO NOTHING
""")
FORGET_TAUGHT = text("DELETE FROM search_taught WHERE tenant_id = :of_tenant AND version < :old")
CLEAN = text("SELECT gin_clean_pending_list('ix_search_chunks_words') AS pages").execution_options(**_PATIENT)
ANALYZE = tuple(
    text(f"ANALYZE {table}").execution_options(**_PATIENT)
    for table in ("search_chunks", "search_bodies", "search_articles", "search_terms")
)
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
_COSINE = "-(b.vector <#> CAST(:vector AS halfvec))"
_BY = """
WITH held AS MATERIALIZED (
    SELECT b.chunk_id, b.article_id, b.revision_id, b.chinese, b.weights, {cosine} AS cosine
    FROM search_bodies b {which}
)
SELECT chunk_id, article_id, revision_id, chinese, cosine, weights, CAST(NULL AS bytea) AS anchors FROM held
UNION ALL
SELECT NULL, a.article_id, a.revision_id, false, 0, a.whole, a.anchors
FROM (SELECT DISTINCT revision_id FROM held) h JOIN search_articles a ON a.revision_id = h.revision_id
"""
_BY_WORDS = _BY.replace(
    "{which}", "JOIN search_words(:terms, :worths, {given}) AS best ON best.place = b.place".replace("{given}", GIVEN)
)
BY_WORDS_WITH_VECTORS = text(_BY_WORDS.replace("{cosine}", _COSINE))
BY_WORDS = text(_BY_WORDS.replace("{cosine}", "CAST(0 AS float8)"))
_NEAREST = _BY.replace("{cosine}", _COSINE)
_INDEXED = "JOIN search_near(CAST(:vector AS halfvec), {given}) AS near(place) ON near.place = b.place"
_EXACT = """
JOIN search_chunks s ON s.place = b.place WHERE {shown}
ORDER BY (b.vector <#> CAST(:vector AS halfvec)) + 0 LIMIT {most}
"""
_OF_ARTICLES = """
JOIN search_chunks s ON s.place = b.place WHERE {shown} AND s.revision_id IN (
    SELECT revision_id FROM search_articles WHERE tenant_id = :of_tenant AND article_id = ANY(CAST(:articles AS text[]))
) LIMIT {most}
""".replace("{shown}", SHOWN).replace("{most}", str(CANDIDATES))
OF_ARTICLES_WITH_VECTORS = text(_BY.replace("{which}", _OF_ARTICLES).replace("{cosine}", _COSINE))
OF_ARTICLES = text(_BY.replace("{which}", _OF_ARTICLES).replace("{cosine}", "CAST(0 AS float8)"))
NEAREST = text(_NEAREST.replace("{which}", _INDEXED.replace("{given}", GIVEN)))
NEAREST_OF_ALL = text(_NEAREST.replace("{which}", _EXACT.replace("{shown}", SHOWN).replace("{most}", str(NEIGHBOURS))))
