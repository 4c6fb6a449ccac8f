"""Redis: HNSW as an index over hashes, declared with FT.CREATE."""

from core.distances import Metric
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
    Query("*=>[KNN {k} @vector $query EF_RUNTIME $ef AS distance]")
    .sort_by("distance")
    .paging(0, {k})
    .return_fields("distance")
    .dialect(2)
)
found = client.ft("items").search(query, {{"query": vectors[0].tobytes(), "ef": {ef}}})
for item in found.docs:
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
    )
    return Recipe(NAME, "python", "nearfield_redis.py", code, tuple(warnings))
