"""The SQL of the search tables. They hold nothing that the records do not, so they stand outside the migrations.

`pgvector` is used where the server has it; without it candidates come from words alone. Terms carry their tenant, so
that one inverted index serves all of them and none sees another's.
"""

from __future__ import annotations

from sqlalchemy import text

HAS_VECTOR = text("SELECT count(*) AS there FROM pg_available_extensions WHERE name = 'vector'")
EXTENSION = text("CREATE EXTENSION IF NOT EXISTS vector")
_CHUNKS = """
CREATE TABLE IF NOT EXISTS search_chunks (
    tenant_id varchar(40), chunk_id varchar(40) PRIMARY KEY, article_id varchar(40), revision_id varchar(40),
    born int, ended int, valid_from_ms bigint, valid_until_ms bigint, chinese boolean, language varchar(16),
    tags text[], audiences text[], inboxes text[],
    words tsvector, weights bytea, vector {vector}
)
"""
CHUNKS_WITH_VECTORS = text(_CHUNKS.replace("{vector}", "vector(256)"))
CHUNKS_WITHOUT = text(_CHUNKS.replace("{vector}", "bytea"))
NEAR = text("CREATE INDEX IF NOT EXISTS ix_search_chunks_near ON search_chunks USING hnsw (vector vector_ip_ops)")
REST = (
    text("CREATE INDEX IF NOT EXISTS ix_search_chunks_words ON search_chunks USING gin (words)"),
    text("CREATE INDEX IF NOT EXISTS ix_search_chunks_revision ON search_chunks (tenant_id, revision_id)"),
    text("""
CREATE TABLE IF NOT EXISTS search_articles (
    tenant_id varchar(40), revision_id varchar(40) PRIMARY KEY, article_id varchar(40), born int, ended int,
    whole bytea, anchors bytea
)
"""),
    text("CREATE INDEX IF NOT EXISTS ix_search_articles_id ON search_articles (tenant_id, article_id)"),
    text("""
CREATE TABLE IF NOT EXISTS search_terms (
    tenant_id varchar(40), term text, body int, whole int, anchor int, PRIMARY KEY (tenant_id, term)
)
"""),
    text("""
CREATE TABLE IF NOT EXISTS search_stats (
    tenant_id varchar(40) PRIMARY KEY, version int, chunks int, articles int, anchors int, body_length float8,
    whole_length float8
)
"""),
)
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('search ' || :of_tenant)) IS NULL AS locked")
KNOWN = text(
    "SELECT revision_id FROM search_articles WHERE tenant_id = :of_tenant AND revision_id = ANY(CAST(:ids AS text[]))"
)
ADD_ARTICLE = text(
    "INSERT INTO search_articles VALUES (:of_tenant, :revision, :article, :born, :ended, :whole, :anchors)"
)
_ADD_CHUNK = """
INSERT INTO search_chunks VALUES (
    :of_tenant, :chunk, :article, :revision, :born, :ended, :valid_from, :valid_until, :chinese,
    :language, CAST(:tags AS text[]), CAST(:audiences AS text[]), CAST(:inboxes AS text[]),
    array_to_tsvector(CAST(:words AS text[])), :weights, {vector}
)
"""
ADD_CHUNK_WITH_VECTOR = text(_ADD_CHUNK.replace("{vector}", "CAST(:vector AS vector)"))
ADD_CHUNK_WITHOUT = text(_ADD_CHUNK.replace("{vector}", "NULL"))
COUNT = text("""
INSERT INTO search_terms
SELECT :of_tenant, t.term, t.body, t.whole, t.anchor
FROM unnest(CAST(:terms AS text[]), CAST(:bodies AS int[]), CAST(:wholes AS int[]), CAST(:anchors AS int[]))
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
WHERE r.id = s.revision_id AND s.tenant_id = :of_tenant AND s.ended <> r.ended AND r.ended <= :at_version
""")
END_CHUNKS = text("""
UPDATE search_chunks s SET ended = r.ended FROM article_revisions r
WHERE r.id = s.revision_id AND s.tenant_id = :of_tenant AND s.ended <> r.ended AND r.ended <= :at_version
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
STATS = text("SELECT * FROM search_stats WHERE tenant_id = :of_tenant")
COUNTS = text("""
SELECT term, body, whole, anchor FROM search_terms
WHERE tenant_id = :of_tenant AND term = ANY(CAST(:terms AS text[]))
""")
MISSING = text("""
SELECT r.id, r.born, r.ended FROM article_revisions r LEFT JOIN search_articles s ON s.revision_id = r.id
WHERE r.tenant_id = :of_tenant AND r.born <= :at_version AND (r.ended = 0 OR r.ended > :at_version)
    AND s.revision_id IS NULL
ORDER BY r.id LIMIT :most
""")
_BY_WORDS = """
WITH best AS (
    SELECT found.chunk_id, sum(wanted.weight) AS worth
    FROM unnest(CAST(:terms AS text[]), CAST(:worths AS float8[])) AS wanted(term, weight)
    CROSS JOIN LATERAL (
        SELECT s.chunk_id FROM search_chunks s
        WHERE s.words @@ CAST(wanted.term AS tsquery) AND s.tenant_id = :of_tenant AND s.born <= :at_version
            AND (s.ended = 0 OR s.ended > :at_version) AND s.valid_from_ms <= :now_ms
            AND (s.valid_until_ms = 0 OR s.valid_until_ms > :now_ms)
            AND (cardinality(s.audiences) = 0 OR :audience = ANY(s.audiences))
            AND (cardinality(s.inboxes) = 0 OR :inbox = ANY(s.inboxes))
            AND (cardinality(CAST(:languages AS text[])) = 0 OR s.language = ANY(CAST(:languages AS text[])))
            AND (cardinality(CAST(:of_tags AS text[])) = 0 OR s.tags && CAST(:of_tags AS text[]))
    ) AS found
    GROUP BY found.chunk_id ORDER BY worth DESC LIMIT :most
)
SELECT s.chunk_id, s.article_id, s.weights, s.chinese, {cosine} AS cosine
FROM best JOIN search_chunks s ON s.chunk_id = best.chunk_id
"""
BY_WORDS_WITH_VECTORS = text(_BY_WORDS.replace("{cosine}", "-(s.vector <#> CAST(:vector AS vector))"))
BY_WORDS = text(_BY_WORDS.replace("{cosine}", "CAST(0 AS float8)"))
BY_VECTOR = text("""
SELECT s.chunk_id, s.article_id, s.weights, s.chinese, -(s.vector <#> CAST(:vector AS vector)) AS cosine
FROM search_chunks s
WHERE s.tenant_id = :of_tenant AND s.born <= :at_version AND (s.ended = 0 OR s.ended > :at_version)
    AND s.valid_from_ms <= :now_ms
    AND (s.valid_until_ms = 0 OR s.valid_until_ms > :now_ms)
    AND (cardinality(s.audiences) = 0 OR :audience = ANY(s.audiences))
    AND (cardinality(s.inboxes) = 0 OR :inbox = ANY(s.inboxes))
    AND (cardinality(CAST(:languages AS text[])) = 0 OR s.language = ANY(CAST(:languages AS text[])))
    AND (cardinality(CAST(:of_tags AS text[])) = 0 OR s.tags && CAST(:of_tags AS text[]))
ORDER BY s.vector <#> CAST(:vector AS vector) LIMIT :most
""")
ARTICLES = text("""
SELECT article_id, whole, anchors FROM search_articles s
WHERE s.tenant_id = :of_tenant AND s.born <= :at_version AND (s.ended = 0 OR s.ended > :at_version)
    AND s.article_id = ANY(CAST(:ids AS text[]))
""")
