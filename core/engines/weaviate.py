"""Weaviate: one HNSW graph per shard, unquantized if that is said."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks
from core.engines.memory import DOCUMENTED, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "Weaviate"
USUAL_CONSTRUCTION = 128  # its default
DISTANCES: dict[Metric, str] = {
    "cosine": "COSINE",
    "euclidean": "L2_SQUARED",
    "inner_product": "DOT",
}
# https://github.com/weaviate/weaviate/blob/main/entities/vectorindex/hnsw/config.go
FLAT_CUTOFF = 40_000
LEAST, MOST_CONNECTIONS, MOST_CONSTRUCTION = 4, 2_047, 2**63 - 1
TEMPLATE = """\
# {promise}
import numpy as np
import weaviate
from weaviate.classes.config import Configure, VectorDistances
from weaviate.classes.query import MetadataQuery

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own

with weaviate.connect_to_local() as client:
    items = client.collections.create(
        "Items",
        # Each shard has a vector index of its own
        # (https://docs.weaviate.io/weaviate/concepts/cluster), and there are as many shards as
        # nodes by default (https://docs.weaviate.io/weaviate/config-refs/collections).
        sharding_config=Configure.sharding(desired_count=1),
        vector_config=Configure.Vectors.self_provided(
            # What was measured is float32. A server quantizes by default if DEFAULT_QUANTIZATION
            # says so (https://docs.weaviate.io/deploy/configuration/env-vars), and Weaviate Cloud
            # does (https://docs.weaviate.io/cloud/manage-clusters/default-settings).
            quantizer=Configure.VectorIndex.Quantizer.none(),
            # Defaults: maxConnections 32 (layer 0 may hold twice as many), efConstruction 128,
            # ef -1. Only ef can be changed later, and its -1 means an ef that follows the limit of
            # each query: limit x dynamicEfFactor 8, from dynamicEfMin 100 to dynamicEfMax 500
            # (https://docs.weaviate.io/weaviate/config-refs/indexing/vector-index). maxConnections
            # was 64 before (https://github.com/weaviate/weaviate/pull/5248), and is at most 2,047
            # (https://github.com/weaviate/weaviate/pull/8497).
            vector_index_config=Configure.VectorIndex.hnsw(
                # "cosine" is 1 - cos, "l2-squared" the square of the length, "dot" the negative
                # dot product (https://docs.weaviate.io/weaviate/config-refs/distances).
                distance_metric=VectorDistances.{distance},
                max_connections={m},
                ef_construction={ef_construction},
                ef={ef},
            ),
        ),
    )
    with items.batch.fixed_size(batch_size=200) as batch:
        for row, vector in enumerate(vectors):
            batch.add_object(properties={{"row": row}}, vector=vector.tolist())

    # With ASYNC_INDEXING the graph is built after the objects are stored
    # (https://docs.weaviate.io/weaviate/config-refs/indexing/vector-index#asynchronous-indexing).
    # What a strict filter leaves is searched without the graph
    # (https://docs.weaviate.io/weaviate/concepts/filtering#flat-search-cutoff), by default below a
    # flatSearchCutoff of 40,000 objects
    # (https://docs.weaviate.io/weaviate/config-refs/indexing/vector-index).
    found = items.query.near_vector(
        near_vector=vectors[0].tolist(),
        limit={more},
        return_metadata=MetadataQuery(distance=True),
    )
    # The query is an item of the index here: one more is asked for, and it is left out by its row.
    others = [item for item in found.objects if item.properties["row"] != 0]
    for item in others[:{k}]:
        print(item.properties["row"], item.metadata.distance)
"""


def recipe(setting: Setting) -> Recipe:
    """Create a collection, fill it and search, with the Python client."""
    warnings: list[str] = []
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=setting.dim,
        distance=DISTANCES[setting.metric],
        m=clamped("maxConnections", setting.m, LEAST, MOST_CONNECTIONS, NAME, warnings),
        ef_construction=clamped(
            "efConstruction",
            construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
            LEAST,
            MOST_CONSTRUCTION,
            NAME,
            warnings,
        ),
        ef=max(setting.ef, setting.k + 1),
        k=setting.k,
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_weaviate.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The more accurate estimate of its documentation: 4 d and 10 bytes for each connection."""
    m = clamped("maxConnections", setting.m, LEAST, MOST_CONNECTIONS, NAME, [])
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=10.0 * m,
        other=0.0,
        basis=DOCUMENTED,
        formula="4 d + 10 x maxConnections",
        sources=("https://docs.weaviate.io/weaviate/concepts/resources",),
        note="At rest; with the garbage collector its rule of thumb is twice the vectors, 8 d. "
        "Layer 0 may hold twice maxConnections.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """Below flatSearchCutoff all are compared, else it walks: acorn, or sweeping."""
    sources = (
        "https://docs.weaviate.io/weaviate/concepts/filtering",
        "https://docs.weaviate.io/weaviate/config-refs/indexing/vector-index",
    )
    during = case.cell.during
    if case.allowed < FLAT_CUTOFF:
        return compares_all(
            NAME,
            case,
            sources,
            rule=f"fewer than flatSearchCutoff, {FLAT_CUTOFF:,}",
            climb=during,
            walk=f"set flatSearchCutoff to {case.allowed:,} or less, with filterStrategy sweeping",
        )
    return walks(
        NAME,
        case,
        sources,
        rule="Filters during the traversal (filterStrategy: sweeping)",
        climb=during,
        parameter="ef",
        compare=f"set flatSearchCutoff above {case.allowed:,}",
        more="The strategy acorn, usual from 1.34 on, compares allowed objects only, and was not "
        "measured here.",
    )
