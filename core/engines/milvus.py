"""Milvus: one HNSW graph per sealed segment, and none for small ones."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks
from core.engines.memory import DOCUMENTED, LINK, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "Milvus"
USUAL_CONSTRUCTION = 360  # its default
METRICS: dict[Metric, str] = {"cosine": "COSINE", "euclidean": "L2", "inner_product": "IP"}
DISTANCES: dict[Metric, str] = {
    "cosine": "The distance of COSINE is the cosine: higher is nearer",
    "euclidean": "The distance of L2 is squared",
    "inner_product": "The distance of IP is the dot product: higher is nearer",
}
# https://milvus.io/docs/hnsw.md, https://milvus.io/docs/limitations.md
LEAST_M, MOST_M, MOST_INT = 2, 2_048, 2**31 - 1
LEAST_DIMS, MOST_DIMS, MOST_K = 2, 32_768, 16_384
# https://github.com/zilliztech/knowhere/blob/main/src/index/hnsw/impl/IndexConditionalWrapper.h
EXACT_FILTERED, EXACT_K = 0.93, 0.5
LEAST_ROWS = 1_024  # https://milvus.io/docs/configure_indexcoord.md
SEGMENTS = (
    "Milvus builds a graph for each sealed segment and searches all segments. What was measured is "
    "one graph: data of several segments need not have the same recall at this ef."
)
TEMPLATE = """\
# {promise}
import numpy as np
from pymilvus import DataType, MilvusClient

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own
client = MilvusClient("http://localhost:19530")

# dim is from 2 to 32,768 (https://milvus.io/docs/metric.md).
schema = client.create_schema()
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim={dim})
client.create_collection("items", schema=schema, consistency_level="Strong")

# A request takes at most 64 MB (https://milvus.io/docs/limitations.md).
step = max(1, 4_000_000 // vectors.shape[1])
for start in range(0, len(vectors), step):
    block = vectors[start : start + step]
    client.insert("items", [{{"id": start + i, "vector": v}} for i, v in enumerate(block)])

# Rows go into growing segments, which have only an interim index
# (https://milvus.io/docs/configure_querynode.md); flush seals them
# (https://milvus.io/docs/product_faq.md,
# https://milvus.io/api-reference/pymilvus/v2.6.x/MilvusClient/Management/flush.md). A sealed
# segment holds up to 1,024 MB (https://milvus.io/docs/configure_datacoord.md), and one of fewer
# than 1,024 rows gets no HNSW (https://milvus.io/docs/configure_indexcoord.md).
client.flush("items")

# Defaults: M 30, from 2 to 2,048; efConstruction 360 (https://milvus.io/docs/hnsw.md). The index
# must be of type HNSW: HNSW_SQ, HNSW_PQ and HNSW_PRQ quantize
# (https://milvus.io/docs/hnsw-sq.md).
index_params = client.prepare_index_params()
index_params.add_index(
    "vector",
    index_type="HNSW",
    metric_type="{metric}",
    params={{"M": {m}, "efConstruction": {ef_construction}}},
)
client.create_index("items", index_params)

# A collection must be loaded before it is searched (https://milvus.io/docs/load-and-release.md).
client.load_collection("items")

# ef below limit is an error
# (https://github.com/zilliztech/knowhere/blob/main/src/index/hnsw/base_hnsw_config.h), and limit is
# at most 16,384 (https://milvus.io/docs/limitations.md).
# {distances}
# (https://milvus.io/docs/metric.md).
# The query is an item of the index here, and left out of its own answer by the filter.
found = client.search(
    "items",
    data=[vectors[0].tolist()],
    filter="id != 0",
    anns_field="vector",
    limit={k},
    search_params={{"params": {{"ef": {ef}}}}},
)
for item in found[0]:
    print(item["id"], item["distance"])
"""


def recipe(setting: Setting) -> Recipe:
    """Create a collection, fill it, index it and search, with the Python client."""
    warnings = [SEGMENTS]
    k = clamped("limit", setting.k, 1, MOST_K, NAME, warnings)
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=setting.dim,
        metric=METRICS[setting.metric],
        distances=DISTANCES[setting.metric],
        m=clamped("M", setting.m, LEAST_M, MOST_M, NAME, warnings),
        ef_construction=clamped(
            "efConstruction",
            construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
            1,
            MOST_INT,
            NAME,
            warnings,
        ),
        ef=clamped("ef", max(setting.ef, k), k, MOST_INT, NAME, warnings),
        k=k,
    )
    if not LEAST_DIMS <= setting.dim <= MOST_DIMS:
        warnings.append(
            f"{NAME} takes {LEAST_DIMS} to {MOST_DIMS:,} dimensions; yours are {setting.dim:,}."
        )
    if setting.n < LEAST_ROWS:
        warnings.append(
            f"{NAME} builds no HNSW for fewer than {LEAST_ROWS:,} rows; yours are {setting.n:,}, "
            "so ef changes nothing and the measured recall does not hold."
        )
    return Recipe(NAME, "python", "nearfield_milvus.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The estimate of its documentation: 4 d, and 4 bytes for each edge of a node.

    The edges of a node are taken to be 2 M, those that layer 0 has room for.
    """
    edges = 2 * clamped("M", setting.m, LEAST_M, MOST_M, NAME, [])
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=float(LINK * edges),
        other=0.0,
        basis=DOCUMENTED,
        formula="4 d + 4 x edges of a node, taken to be 2 M",
        sources=("https://milvus.io/docs/index-explained.md",),
        note="The index alone, loaded once.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """Of a filter that leaves out 93 % all others are compared, else it walks the graph."""
    sources = (
        "https://github.com/zilliztech/knowhere/blob/main/src/index/hnsw/impl/IndexConditionalWrapper.cc",
        "https://github.com/zilliztech/knowhere/blob/main/src/index/hnsw/faiss_hnsw.cc",
    )
    out = case.study.n - case.allowed
    during, k = case.cell.during, case.study.k
    if out >= EXACT_FILTERED * case.study.n or k >= EXACT_K * case.allowed:
        rule = "for 93 % or more are left out"
        if out < EXACT_FILTERED * case.study.n:
            rule = "for they are no more than 2 k"
        return compares_all(
            NAME, case, sources, rule=rule, climb=during, walk="no setting makes Milvus walk it"
        )
    return walks(
        NAME,
        case,
        sources,
        rule="Filters during the traversal",
        climb=during,
        parameter="ef",
        compare="an index of type FLAT compares all",
        more="Milvus passes over some of the rows that are left out, so its cost and recall differ "
        "from these; where fewer than k are found it compares all.",
    )
