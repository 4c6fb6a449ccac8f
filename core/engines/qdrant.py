"""Qdrant: one HNSW graph per segment, and no graph at all for little data."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks_its_own_way
from core.engines.memory import DOCUMENTED, NOT_STATED, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "Qdrant"
USUAL_CONSTRUCTION = 100  # its default
DISTANCES: dict[Metric, str] = {
    "cosine": "COSINE",
    "euclidean": "EUCLID",
    "inner_product": "DOT",
}
SCORES: dict[Metric, str] = {
    "cosine": "Vectors are normalized at upload; the score is the cosine: higher is nearer",
    "euclidean": "The score is the distance, not squared: lower is nearer",
    "inner_product": "The score is the dot product: higher is nearer",
}
# https://github.com/qdrant/qdrant/blob/master/lib/segment/src/types.rs; sizes are 64 bits.
LEAST_CONSTRUCTION, MOST = 4, 2**64 - 1
MOST_DIMS = 65_536
FULL_SCAN_KB = 10_000
SEGMENT_KB = 256_000  # what a core adds to the largest segment by default
SEGMENTS = (
    "Qdrant builds a graph for each segment and searches them all. What was measured is one "
    "graph: the recipe asks for one segment, but Qdrant may keep more."
)
EXACT = "SearchParams(exact=True) gives the true neighbors"
TEMPLATE = """\
# {promise}
import numpy as np
from qdrant_client import QdrantClient, models

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own
client = QdrantClient(url="http://localhost:6333")

# {score}
# (https://qdrant.tech/documentation/manage-data/collections/,
# https://github.com/qdrant/qdrant/blob/master/lib/segment/src/spaces/simple.rs).
# Defaults: m 16, ef_construct 100
# (https://github.com/qdrant/qdrant/blob/master/config/config.yaml); layer 0 holds up to 2 m
# (https://github.com/qdrant/qdrant/blob/master/lib/segment/src/index/hnsw_index/config.rs), and
# ef_construct is at least 4
# (https://github.com/qdrant/qdrant/blob/master/lib/segment/src/types.rs).
client.create_collection(
    "items",
    vectors_config=models.VectorParams(size={dim}, distance=models.Distance.{distance}),
    # Two thresholds count kilobytes of vectors (1 KB is a vector of 256), 10,000 each by default:
    # below indexing_threshold a segment gets no graph, below full_scan_threshold its graph is not
    # walked. Such a segment is searched exactly
    # (https://github.com/qdrant/qdrant/blob/master/config/config.yaml).
    hnsw_config=models.HnswConfigDiff(m={m}, ef_construct={ef_construction}),
    # Each segment has an index of its own
    # (https://api.qdrant.tech/api-reference/collections/get-collection). By default the cores
    # decide how many there are and how large they get, in kilobytes
    # (https://github.com/qdrant/qdrant/blob/master/config/config.yaml).
    optimizers_config=models.OptimizersConfigDiff(
        default_segment_number=1, max_segment_size={segment_size}
    ),
)
client.upload_collection("items", vectors, ids=range(len(vectors)), wait=True)

# Graphs are built in the background: search when the status is green, not yellow or grey
# (https://api.qdrant.tech/api-reference/collections/get-collection).
print(client.get_collection("items").status)

# hnsw_ef is ef_construct unless it is given
# (https://github.com/qdrant/qdrant/blob/master/lib/segment/src/index/hnsw_index/config.rs), and a
# search runs with max(hnsw_ef, limit)
# (https://github.com/qdrant/qdrant/blob/master/lib/segment/src/index/hnsw_index/graph_layers.rs).
# The query is an item of the index here: ask for one more, and leave it out of its own answer.
found = client.query_points(
    "items",
    query=vectors[0],
    limit={more},
    search_params=models.SearchParams(hnsw_ef={ef}),
)
for item in [point for point in found.points if point.id != 0][:{k}]:
    print(item.id, item.score)
"""


def recipe(setting: Setting) -> Recipe:
    """Create a collection, fill it and search, with the Python client."""
    warnings = [SEGMENTS]
    size = -(-4 * setting.n * setting.dim // 1024)
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION, exact=EXACT),
        dim=setting.dim,
        distance=DISTANCES[setting.metric],
        score=SCORES[setting.metric],
        m=setting.m,
        ef_construction=clamped(
            "ef_construct",
            construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
            LEAST_CONSTRUCTION,
            MOST,
            NAME,
            warnings,
        ),
        segment_size=max(SEGMENT_KB, 2 * size),
        ef=setting.ef,
        k=setting.k,
        more=setting.k + 1,
    )
    if setting.dim > MOST_DIMS:
        warnings.append(
            f"{NAME} takes at most {MOST_DIMS:,} dimensions; yours are {setting.dim:,}."
        )
    if size < FULL_SCAN_KB:
        warnings.append(
            f"{NAME} searches segments below {FULL_SCAN_KB:,} KB exactly; your vectors take "
            f"{size:,} KB, so with its defaults no graph is walked, whatever hnsw_ef."
        )
    return Recipe(NAME, "python", "nearfield_qdrant.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The rough formula of its documentation: half as much again as the vectors, 1.5 x 4 d."""
    vectors = float_bytes(setting)
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=vectors,
        links=NOT_STATED,
        other=0.5 * vectors,
        basis=DOCUMENTED,
        formula="1.5 x 4 d",
        sources=("https://qdrant.tech/documentation/operations/capacity-planning/",),
        note="A rough estimate: the half more is for links, versions of points and segments in "
        "optimization, whatever m is. Payload comes on top.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """Below full_scan_threshold all are compared; above it only allowed points are walked through.

    Points that the filter leaves out are not walked through, so the graph can fall apart: an index
    of the payload field, made before the graph, adds links among the points of each value.
    """
    sources = (
        "https://github.com/qdrant/qdrant/blob/master/config/config.yaml",
        "https://qdrant.tech/documentation/manage-data/indexing/#filterable-hnsw-index",
        "https://github.com/qdrant/qdrant/blob/master/lib/segment/src/types.rs",
    )
    size = case.kilobytes
    if size < FULL_SCAN_KB:
        return compares_all(
            NAME,
            case,
            sources,
            rule=f"whose {size:,} KB are below full_scan_threshold, {FULL_SCAN_KB:,} KB",
            climb=case.cell.during,
            walk=f"set full_scan_threshold below {size:,}, though its walk is through allowed "
            "points only",
        )
    return walks_its_own_way(
        NAME,
        case,
        sources,
        rule="Walks through the allowed points only",
        compare=f"set full_scan_threshold above {size:,} KB",
        more="Index the payload field before the data are added: that adds links among the points "
        "of each value (payload_m of them). For several fields at once ask for acorn, which from "
        "1.16 on passes through points that are left out, where at most 40 % are allowed.",
    )
