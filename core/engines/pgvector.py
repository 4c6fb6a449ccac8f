"""pgvector: HNSW as an index of Postgres, over single or half precision."""

from core.distances import Metric
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "pgvector"
USUAL_CONSTRUCTION = 64  # its default
OPERATORS: dict[Metric, str] = {"cosine": "<=>", "euclidean": "<->", "inner_product": "<#>"}
CLASSES: dict[Metric, str] = {"cosine": "cosine", "euclidean": "l2", "inner_product": "ip"}
# https://github.com/pgvector/pgvector/blob/master/src/hnsw.h
LEAST_M, MOST_M = 2, 100
LEAST_CONSTRUCTION, MOST_CONSTRUCTION = 4, 1_000
MOST_EF = 1_000
MOST_DIMS, MOST_HALF_DIMS = 2_000, 4_000
TEMPLATE = """\
-- {promise}
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE items (id bigint PRIMARY KEY, embedding vector({dim}));

-- One line for each item: its id, a tab and its {dim} numbers as [0.1,0.2,0.3]. The server reads
-- this file; \\copy of psql reads one on your side
-- (https://www.postgresql.org/docs/current/sql-copy.html).
COPY items (id, embedding) FROM '/path/to/items.tsv';

-- Defaults: m 16, ef_construction 64. A vector has an index up to 2,000 dimensions, a halfvec up to
-- 4,000. It is faster to create after the data are loaded, and far faster while the graph fits into
-- maintenance_work_mem; a notice says when it no longer does
-- (https://github.com/pgvector/pgvector#hnsw). m is from 2 to 100, ef_construction from 4 to 1,000
-- (https://github.com/pgvector/pgvector/blob/master/src/hnsw.h) and at least 2 m
-- (https://github.com/pgvector/pgvector/blob/master/src/hnswbuild.c).
SET maintenance_work_mem = '1GB';
CREATE INDEX ON items USING hnsw ({indexed} {operator_class})
    WITH (m = {m}, ef_construction = {ef_construction});

-- ef is hnsw.ef_search: 40 by default, from 1 to 1,000
-- (https://github.com/pgvector/pgvector/blob/master/src/hnsw.h). It holds for this session, and no
-- more rows than this come back (https://github.com/pgvector/pgvector#troubleshooting).
SET hnsw.ef_search = {ef};
-- A WHERE is applied after the index is scanned, so fewer rows than the LIMIT may come back; from
-- 0.8.0 on an iterative scan goes on until there are enough: SET hnsw.iterative_scan = strict_order
-- (https://github.com/pgvector/pgvector#iterative-index-scans).

-- Only ORDER BY the operator itself, ascending and with a LIMIT, can use the index, and a small
-- table may be scanned without it: EXPLAIN shows which. NULL is not indexed, nor a zero vector for
-- cosine (https://github.com/pgvector/pgvector#troubleshooting).
-- <-> is the distance, <=> 1 - cos, <#> the negative dot product
-- (https://github.com/pgvector/pgvector#querying).
SELECT id, {column} {operator} (SELECT {column} FROM items WHERE id = 0) AS distance
FROM items
ORDER BY {column} {operator} (SELECT {column} FROM items WHERE id = 0)
LIMIT {k};
"""


def recipe(setting: Setting) -> Recipe:
    """Create a table, fill it, index it and search, in SQL."""
    warnings: list[str] = []
    half = setting.dim > MOST_DIMS
    column = f"embedding::halfvec({setting.dim})" if half else "embedding"
    m = clamped("m", setting.m, LEAST_M, MOST_M, NAME, warnings)
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION, "--"),
        dim=setting.dim,
        indexed=f"({column})" if half else column,
        column=column,
        operator_class=f"{'halfvec' if half else 'vector'}_{CLASSES[setting.metric]}_ops",
        operator=OPERATORS[setting.metric],
        m=m,
        ef_construction=_ef_construction(setting, m, warnings),
        ef=clamped("hnsw.ef_search", max(setting.ef, setting.k), 1, MOST_EF, NAME, warnings),
        k=setting.k,
    )
    _warn(setting, warnings)
    return Recipe(NAME, "sql", "nearfield_pgvector.sql", code, tuple(warnings))


def _ef_construction(setting: Setting, m: int, warnings: list[str]) -> int:
    least = max(LEAST_CONSTRUCTION, 2 * m)
    name = f"ef_construction (at m {m})"
    return clamped(
        name,
        construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        least,
        MOST_CONSTRUCTION,
        NAME,
        warnings,
    )


def _warn(setting: Setting, warnings: list[str]) -> None:
    if setting.k > MOST_EF:
        warnings.append(
            f"{NAME} returns at most {MOST_EF:,} rows of a search, hnsw.ef_search, unless "
            f"hnsw.iterative_scan is on; you ask for {setting.k:,}."
        )
    if setting.dim > MOST_HALF_DIMS:
        warnings.append(
            f"{NAME} indexes at most {MOST_HALF_DIMS:,} dimensions (halfvec); yours are "
            f"{setting.dim:,}, so no index can be created."
        )
    elif setting.dim > MOST_DIMS:
        warnings.append(
            f"{NAME} indexes a vector of at most {MOST_DIMS:,} dimensions; yours are "
            f"{setting.dim:,}, so the index holds half precision (halfvec), and the measured "
            "recall may not hold."
        )
