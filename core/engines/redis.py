"""Redis: HNSW as an index over hashes, declared with FT.CREATE."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks
from core.engines.memory import LINK, SOURCE, EngineMemory, float_bytes
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "Redis"
USUAL_CONSTRUCTION = 200  # its default
METRICS: dict[Metric, str] = {"cosine": "COSINE", "euclidean": "L2", "inner_product": "IP"}
# https://github.com/RedisAI/VectorSimilarity/blob/main/src/VecSim/algorithms/hnsw/hnsw.h
LEAST_M, MOST_M = 2, (2**16 - 1) // 2
TEMPLATE = """\
# {promise}
import numpy as np
import redis
from redis.commands.search.query import Query

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own
client = redis.Redis()

# The number after HNSW counts names and values. Defaults: M 16 (layer 0 may hold 2 M),
# EF_CONSTRUCTION 200, EF_RUNTIME 10; EPSILON 0.01 is for range queries only
# (https://redis.io/docs/latest/develop/ai/search-and-query/vectors/#hnsw-index). M is at least 2,
# and 2 M at most 65,535
# (https://github.com/RedisAI/VectorSimilarity/blob/main/src/VecSim/algorithms/hnsw/hnsw.h).
# COSINE is 1 - cos, IP 1 - dot
# (https://redis.io/docs/latest/develop/ai/search-and-query/vectors/#distance-metrics);
# L2 comes back squared (https://github.com/RediSearch/RediSearch/issues/3416).
client.execute_command(
    *"FT.CREATE items ON HASH PREFIX 1 item: SCHEMA vector VECTOR HNSW {count} "
    "{attributes}".split()
)

# The bytes must be {dim} numbers of FLOAT32, or the item is not indexed
# (https://redis.io/docs/latest/develop/ai/search-and-query/vectors/#hash): FT.INFO counts these
# under hash_indexing_failures (https://redis.io/docs/latest/commands/ft.info/).
pipe = client.pipeline(transaction=False)
for row, vector in enumerate(vectors):
    pipe.hset(f"item:{{row}}", mapping={{"vector": vector.tobytes()}})
    if row % 1_000 == 999:
        pipe.execute()
pipe.execute()

# Search when all is indexed: percent_indexed is 1 then
# (https://redis.io/docs/latest/commands/ft.info/).
print(client.ft("items").info()["percent_indexed"])

# LIMIT is 10 unless it is given, whatever KNN asks for, and the order is that of the distance only
# with SORTBY; dialect 2 or later is needed. In a cluster each shard looks for its own nearest, for
# fewer than asked where $SHARD_K_RATIO is below 1
# (https://redis.io/docs/latest/develop/ai/search-and-query/vectors/).
query = (
    Query("*=>[KNN {more} @vector $query EF_RUNTIME $ef AS distance]")
    .sort_by("distance")
    .paging(0, {more})
    .return_fields("distance")
    .dialect(2)
)
found = client.ft("items").search(query, {{"query": vectors[0].tobytes(), "ef": {ef}}})
# The query is an item of the index here: one more is asked for, and it is left out by its name.
for item in [item for item in found.docs if item.id != "item:0"][:{k}]:
    print(item.id, item.distance)
"""


def recipe(setting: Setting) -> Recipe:
    """Create an index, fill it and search, with redis-py."""
    warnings: list[str] = []
    attributes = {
        "TYPE": "FLOAT32",
        "DIM": setting.dim,
        "DISTANCE_METRIC": METRICS[setting.metric],
        "M": clamped("M", setting.m, LEAST_M, MOST_M, NAME, warnings),
        "EF_CONSTRUCTION": construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        "EF_RUNTIME": setting.ef,
    }
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=setting.dim,
        count=2 * len(attributes),
        attributes=" ".join(f"{name} {value}" for name, value in attributes.items()),
        ef=setting.ef,
        k=setting.k,
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_redis.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The library's own estimate, `EstimateElementSize`, for 64 bits.

    The vector (4 d); 2 M links; a head of the node (32 bytes); a mark of visits (2 bytes), label
    and flags (9 bytes), a lock (1 byte) and a place in the table of labels (8 bytes).
    """
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=float(LINK * 2 * clamped("M", setting.m, LEAST_M, MOST_M, NAME, [])),
        other=32 + 2 + 9 + 1 + 8,
        basis=SOURCE,
        formula="4 d + 8 M + 52",
        sources=(
            "https://github.com/RedisAI/VectorSimilarity/blob/main/src/VecSim/index_factories/hnsw_factory.cpp",
        ),
        note="The index alone: each hash or JSON document holds its vector again. The estimate "
        "leaves out the upper layers and the lists of links that point one way.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """A decision tree of the library chooses between all allowed rows and batches of nearest ones.

    The batches go on from one another, nearest rows first, until k of them are allowed: that is
    about what filtering afterwards costs.
    """
    sources = (
        "https://redis.io/docs/latest/develop/ai/search-and-query/vectors/",
        "https://github.com/RedisAI/VectorSimilarity/blob/main/src/VecSim/algorithms/hnsw/hnsw.h",
    )
    study, after = case.study, case.cell.after
    if compares_at_once(study.n, case.cell.selectivity, study.k, study.dim, study.m):
        return compares_all(
            NAME,
            case,
            sources,
            rule="as its decision tree chooses (ADHOC_BF)",
            climb=after,
            walk="HYBRID_POLICY BATCHES walks it",
        )
    return walks(
        NAME,
        case,
        sources,
        rule="Takes the nearest rows in batches until k of them are allowed (BATCHES)",
        climb=after,
        parameter="a beam of",
        compare="HYBRID_POLICY ADHOC_BF compares all",
    )


def compares_at_once(n: int, share: float, k: int, dim: int, m: int) -> bool:
    """What Redis chooses before its first batch, `preferAdHocSearch`: whether all are compared.

    n: vectors of the index. share: of them that the filter lets through.
    """
    if n <= 30_000:
        few = n <= 5_500 or share <= 0.17 or k > 12
        return few or (dim > 55 and m > 10)
    if share < 0.07:
        return n <= 750_000 or (k > 7 and share <= 0.03)
    if dim <= 75:
        return False
    if k <= 12:
        return share <= 0.21 and (m > 57 or n <= 75_000)
    if m <= 10:
        return share <= 0.17
    return n <= 300_000 or share <= 0.17
