"""Elasticsearch: one HNSW graph per Lucene segment, quantized unless the type is hnsw."""

import json
from typing import Any

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, walks
from core.engines.memory import DOCUMENTED, LINK, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "Elasticsearch"
USUAL_CONSTRUCTION = 100  # its default
SIMILARITIES: dict[Metric, str] = {
    "cosine": "cosine",
    "euclidean": "l2_norm",
    "inner_product": "max_inner_product",
}
MOST_M, MOST_CONSTRUCTION, MOST_CANDIDATES, MOST_DIMS = 512, 3_200, 10_000, 4_096
VECTOR, QUERY = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
SEGMENTS = (
    "Elasticsearch searches one graph per shard and segment, each with num_candidates. What was "
    "measured is one graph: force merge to one segment before you compare."
)
EARLY = (
    "From 9.3 on Elasticsearch stops a search that finds little new, so recall can be lower than "
    "measured at this num_candidates."
)
ACORN = (
    "The heuristic acorn, usual from 9.1 on, compares allowed vectors only; it was not measured "
    "here, and may need a larger num_candidates."
)
TEMPLATE = """\
# {promise}
#
# The type is hnsw on purpose: without one, vectors are quantized (int8_hnsw, or bbq_hnsw from 384
# dimensions on since 9.1). Defaults: m 16, ef_construction 100; at most 4,096 dimensions. As for
# the similarity: dot_product takes only vectors of length 1, max_inner_product any; cosine takes
# no zero vector; _score is made from the similarity, and higher is nearer.
# https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/dense-vector
# m is at most 512, ef_construction at most 3,200, and layer 0 holds up to 2 m links:
# https://github.com/apache/lucene/issues/12309
# https://github.com/apache/lucene/pull/872
# From 9.4 on a segment of few vectors (150 by default, flat_index_threshold) has no graph:
# https://github.com/elastic/elasticsearch/pull/141074
PUT items
{create}

# The numbers of each vector: {dim} of them in place of these three.
POST items/_bulk?refresh=true
{bulk}

# Each segment is a graph of its own; fewer segments are faster to search.
# https://www.elastic.co/guide/en/elasticsearch/reference/current/tune-knn-search.html
POST items/_forcemerge?max_num_segments=1

# num_candidates is ef: per shard, not below k and not above 10,000; 1.5 x k unless it is given.
# https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-knn-query
# From 9.3 on searches stop early unless the index is set otherwise.
# https://github.com/elastic/elasticsearch/pull/130564
# Where the query is an item of the index, ask for one more and leave it out by its _id.
# https://www.elastic.co/docs/reference/elasticsearch/index-settings/index-modules
POST items/_search
{search}
"""


def recipe(setting: Setting) -> Recipe:
    """Create an index, fill it, merge it and search, as requests for the console of Kibana."""
    warnings = [SEGMENTS, EARLY]
    if setting.dim > MOST_DIMS:
        warnings.append(
            f"{NAME} takes at most {MOST_DIMS:,} dimensions; yours are {setting.dim:,}."
        )
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=f"{setting.dim:,}",
        create=json.dumps(_create(setting, warnings), indent=2),
        bulk="\n".join(map(json.dumps, ({"index": {"_id": "0"}}, {"vector": VECTOR}))),
        search=json.dumps(_search(setting, warnings), indent=2),
    )
    return Recipe(NAME, "json", "nearfield_elasticsearch.txt", code, tuple(warnings))


def _create(setting: Setting, warnings: list[str]) -> dict[str, Any]:
    graph = {
        "type": "hnsw",
        "m": clamped("m", setting.m, 1, MOST_M, NAME, warnings),
        "ef_construction": clamped(
            "ef_construction",
            construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
            1,
            MOST_CONSTRUCTION,
            NAME,
            warnings,
        ),
    }
    field = {
        "type": "dense_vector",
        "dims": setting.dim,
        "similarity": SIMILARITIES[setting.metric],
        "index_options": graph,
    }
    return {"settings": {"number_of_shards": 1}, "mappings": {"properties": {"vector": field}}}


def _search(setting: Setting, warnings: list[str]) -> dict[str, Any]:
    ef = max(setting.ef, setting.k)
    k = clamped("k", setting.k, 1, MOST_CANDIDATES, NAME, warnings)
    knn = {
        "field": "vector",
        "query_vector": QUERY,
        "k": k,
        "num_candidates": clamped("num_candidates", ef, k, MOST_CANDIDATES, NAME, warnings),
    }
    return {"size": k, "_source": False, "knn": knn}


def memory(setting: Setting, n: int) -> EngineMemory:
    """The estimate of its documentation: float vectors, 4 bytes a number, and 4 m of graph."""
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=float(LINK * clamped("m", setting.m, 1, MOST_M, NAME, [])),
        other=0.0,
        basis=DOCUMENTED,
        formula="4 d + 4 m",
        sources=(
            "https://www.elastic.co/guide/en/elasticsearch/reference/current/tune-knn-search.html",
        ),
        note="For the file system's cache, beside the Java heap; of type hnsw, not quantized. "
        "Layer 0 holds up to 2 m links, so the graph can take more.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """Lucene compares all where that is no more than num_candidates, or less than its walk."""
    sources = (
        "https://www.elastic.co/docs/solutions/search/vector/knn",
        "https://www.elastic.co/docs/reference/elasticsearch/index-settings/index-modules",
    )
    during, allowed = case.cell.during, case.allowed
    if not during.cost < allowed:
        text = (
            f"Having visited more than the {allowed:,} allowed rows on its walk "
            f"(hnsw_filter_heuristic: fanout), it compares the query with all of them: exact, at "
            f"up to {2 * allowed:,} distance computations. {_at_once(allowed)}{ACORN}"
        )
        return FilterAdvice(NAME, f"compares all {allowed:,}", text, sources)
    return walks(
        NAME,
        case,
        sources,
        rule="Filters during the traversal (hnsw_filter_heuristic: fanout)",
        climb=during,
        parameter="num_candidates",
        most=MOST_CANDIDATES,
        compare=f"a num_candidates of {allowed:,} or more compares all",
        more=ACORN,
    )


def _at_once(allowed: int) -> str:
    """How to spare the walk, where that can be asked for."""
    if allowed > MOST_CANDIDATES:
        return ""
    return f"With num_candidates {allowed:,} or more it does so at once. "
