"""pgvector: HNSW as an index of Postgres, over single or half precision."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, walks
from core.engines.memory import IMPOSSIBLE, SOURCE, EngineMemory, unsized
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "pgvector"
USUAL_CONSTRUCTION = 64  # its default
OPERATORS: dict[Metric, str] = {"cosine": "<=>", "euclidean": "<->", "inner_product": "<#>"}
CLASSES: dict[Metric, str] = {"cosine": "cosine", "euclidean": "l2", "inner_product": "ip"}
# https://github.com/pgvector/pgvector/blob/master/src/hnsw.h
LEAST_M, MOST_M = 2, 100
LEAST_CONSTRUCTION, MOST_CONSTRUCTION = 4, 1_000
MOST_EF, DEFAULT_EF = 1_000, 40
MOST_DIMS, MOST_HALF_DIMS = 2_000, 4_000
EXACT = "SET enable_indexscan = off gives the true neighbors"
PAGE, PAGE_ROOM = 8_192, 8_160  # bytes of a page of Postgres, and those left for tuples
NODES = 10_000  # packed into pages to find what a node takes
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
-- The query is an item of the index here, and left out of its own answer; for that, hnsw.ef_search
-- is at least one more than the LIMIT (https://github.com/pgvector/pgvector#filtering).
SELECT id, {column} {operator} (SELECT {column} FROM items WHERE id = 0) AS distance
FROM items
WHERE id <> 0
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
        promise=measured(setting, NAME, USUAL_CONSTRUCTION, "--", exact=EXACT),
        dim=setting.dim,
        indexed=f"({column})" if half else column,
        column=column,
        operator_class=f"{'halfvec' if half else 'vector'}_{CLASSES[setting.metric]}_ops",
        operator=OPERATORS[setting.metric],
        m=m,
        ef_construction=_ef_construction(setting, m, warnings),
        ef=clamped("hnsw.ef_search", max(setting.ef, setting.k + 1), 1, MOST_EF, NAME, warnings),
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


def memory(setting: Setting, n: int) -> EngineMemory:
    """The pages of an index that is built at once, by the source.

    A node is two tuples: 72 bytes (a head, room for 10 heap rows, where its links are), 8 bytes of
    the vector's head and its numbers; and 4 bytes with (level + 2) m links of 6 bytes each. Both
    are rounded up to 8 bytes, have a pointer of 4 bytes, and stand on one page of 8,192 bytes if
    they fit. Nodes are packed here as `CreateGraphPages` does.
    """
    sources = (
        "https://github.com/pgvector/pgvector/blob/master/src/hnsw.h",
        "https://github.com/pgvector/pgvector/blob/master/src/hnswbuild.c",
    )
    if setting.dim > MOST_HALF_DIMS:
        note = f"No index can be created for more than {MOST_HALF_DIMS:,} dimensions."
        return unsized(NAME, n, IMPOSSIBLE, note)
    m = clamped("m", setting.m, LEAST_M, MOST_M, NAME, [])
    number = 2 if setting.dim > MOST_DIMS else 4
    vectors = float(number * setting.dim)
    total, links = _packed(m, number * setting.dim)
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=vectors,
        links=links,
        other=total - vectors - links,
        basis=SOURCE,
        formula=f"pages of 8,192 bytes, each node {number} d + 80 and 6 m (level + 2) + 4, with "
        "pointers",
        sources=sources,
        note="The index alone, on disk and in shared buffers; the table holds each vector again. A "
        "page that no further node fits on stays partly empty.",
    )


def _packed(m: int, vector_bytes: int) -> tuple[float, float]:
    """Bytes of pages, and of links, per node: every M-th node is on layer 1, and so on."""
    pages, left, links = 1, PAGE_ROOM, 0
    for node in range(1, NODES + 1):
        level = 0
        while node % m ** (level + 1) == 0:
            level += 1
        element, neighbors = _rounded(80 + vector_bytes), _rounded(4 + 6 * m * (level + 2))
        links += 6 * m * (level + 2)
        both = element + neighbors + 8
        if left < element + 4 or left < both <= PAGE_ROOM:
            pages, left = pages + 1, PAGE_ROOM
        left -= element + 4
        if left < neighbors + 4:
            pages, left = pages + 1, PAGE_ROOM
        left -= neighbors + 4
    return PAGE * pages / NODES, links / NODES


def _rounded(size: int) -> int:
    return -(-size // 8) * 8


def filtered(case: FilterCase) -> FilterAdvice:
    """The filter comes after the index scan, so as many rows are left as the beam holds of them."""
    few = round(DEFAULT_EF * case.cell.selectivity, 1)
    return walks(
        NAME,
        case,
        ("https://github.com/pgvector/pgvector#filtering",),
        rule=f"Filters what the index scan returns, of {DEFAULT_EF} rows {few:g} on average",
        climb=case.cell.after,
        parameter="hnsw.ef_search",
        most=MOST_EF,
        compare="an index on the filter's column lets Postgres compare all allowed rows, and a "
        "partial index (WHERE) has a graph of them",
        more="With hnsw.iterative_scan = strict_order (0.8.0 and later) the scan goes on until the "
        "LIMIT is full or hnsw.max_scan_tuples (20,000) are visited.",
    )
