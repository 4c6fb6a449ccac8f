"""OpenSearch: HNSW of Faiss, one graph per Lucene segment."""

import json
from typing import Any

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks
from core.engines.memory import DOCUMENTED, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "OpenSearch"
USUAL_CONSTRUCTION = 100  # its default
SPACES: dict[Metric, str] = {
    "cosine": "cosinesimil",
    "euclidean": "l2",
    "inner_product": "innerproduct",
}
ADVISED_M, MOST_K, MOST_DIMS = 100, 10_000, 16_000
VECTOR, QUERY = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
# https://github.com/opensearch-project/k-NN/blob/main/src/main/java/org/opensearch/knn/common/KNNConstants.java
EXACT_NUMBERS = 2_048_000
SEGMENTS = (
    "OpenSearch searches one graph per shard and segment, each with ef_search. What was measured "
    "is one graph: force merge to one segment before you compare."
)
TEMPLATE = """\
# {promise}
#
# For OpenSearch 2.19 or later, the first with cosinesimil in the engine faiss. Defaults: engine
# faiss, m 16 (advised: 2 to 100), ef_construction 100, ef_search 100 (indexes made before 2.12
# keep 512), vectors unquantized. The engine lucene ignores the ef_search of the index, so this
# takes faiss, which stores vectors at length 1 under cosinesimil.
# https://docs.opensearch.org/latest/mappings/supported-field-types/knn-methods-engines/
# cosinesimil takes no zero vector; the distance of l2 is squared, of innerproduct negative; _score
# is made from it, and higher is nearer.
# https://docs.opensearch.org/latest/mappings/supported-field-types/knn-spaces/
# approximate_threshold 0 builds a graph for every segment. 0 is the default now, but was 15,000
# vectors in 2.18: smaller segments had no graph.
# https://docs.opensearch.org/latest/vector-search/settings/
# https://github.com/opensearch-project/k-NN/pull/2229
PUT items
{create}

# The numbers of each vector: {dim} of them in place of these three, at most 16,000.
# https://docs.opensearch.org/latest/vector-search/vector-search-techniques/approximate-knn/
POST items/_bulk?refresh=true
{bulk}

# Each segment is a graph of its own: merge, then load the graph, or the first searches do.
# https://docs.opensearch.org/latest/vector-search/performance-tuning-indexing/
# https://docs.opensearch.org/latest/vector-search/performance-tuning-search/
POST items/_forcemerge?max_num_segments=1

GET _plugins/_knn/warmup/items

# The ef_search of a query goes before that of the index (from 2.16 on).
# https://docs.opensearch.org/latest/query-dsl/specialized/k-nn/
# k is what a shard returns, at most 10,000; size is what you get. Where the query is an item of the
# index, ask for one more and leave it out by its _id.
# https://docs.opensearch.org/latest/vector-search/vector-search-techniques/approximate-knn/
GET items/_search
{search}
"""


def recipe(setting: Setting) -> Recipe:
    """Create an index, fill it, merge it and search, as requests for the console (Dev Tools)."""
    warnings = [SEGMENTS]
    if setting.m > ADVISED_M:
        warnings.append(f"{NAME} advises an m of at most {ADVISED_M}; {setting.m:,} was kept.")
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
    return Recipe(NAME, "json", "nearfield_opensearch.txt", code, tuple(warnings))


def _create(setting: Setting, warnings: list[str]) -> dict[str, Any]:
    index = {
        "knn": True,
        "number_of_shards": 1,
        "knn.algo_param.ef_search": max(setting.ef, setting.k),
        "knn.advanced.approximate_threshold": 0,
    }
    method = {
        "name": "hnsw",
        "engine": "faiss",
        "space_type": SPACES[setting.metric],
        "parameters": {
            "m": setting.m,
            "ef_construction": construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        },
    }
    field = {"type": "knn_vector", "dimension": setting.dim, "method": method}
    return {"settings": {"index": index}, "mappings": {"properties": {"vector": field}}}


def _search(setting: Setting, warnings: list[str]) -> dict[str, Any]:
    k = clamped("k", setting.k, 1, MOST_K, NAME, warnings)
    knn = {
        "vector": QUERY,
        "k": k,
        "method_parameters": {"ef_search": max(setting.ef, setting.k)},
    }
    return {"size": k, "_source": False, "query": {"knn": {"vector": knn}}}


def memory(setting: Setting, n: int) -> EngineMemory:
    """The estimate of its documentation: 1.1 x (4 d + 8 m)."""
    vectors, links = float_bytes(setting), 8.0 * setting.m
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=vectors,
        links=links,
        other=0.1 * (vectors + links),
        basis=DOCUMENTED,
        formula="1.1 x (4 d + 8 m)",
        sources=(
            "https://docs.opensearch.org/latest/mappings/supported-field-types/knn-methods-engines/",
        ),
        note="Beside the Java heap; each replica takes as much again.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """Of a filter that lets few numbers through all are compared; faiss's walk takes a selector."""
    sources = (
        "https://docs.opensearch.org/latest/vector-search/filter-search-knn/efficient-knn-filtering/",
        "https://github.com/opensearch-project/k-NN/blob/main/src/main/java/org/opensearch/knn/index/query/KNNWeight.java",
    )
    threshold = "index.knn.advanced.filtered_exact_search_threshold"
    numbers = case.allowed * case.study.dim
    if numbers <= EXACT_NUMBERS:
        return compares_all(
            NAME,
            case,
            sources,
            rule=f"whose {numbers:,} numbers are no more than {EXACT_NUMBERS:,}",
            climb=case.cell.after,
            walk=f"set {threshold} below {case.allowed:,}",
        )
    return walks(
        NAME,
        case,
        sources,
        rule="Walks as a search without a filter, for faiss selects what is returned",
        climb=case.cell.after,
        parameter="ef_search",
        compare=f"set {threshold} to {case.allowed:,}",
        more="Where fewer than k are found it compares all allowed rows.",
    )
