"""usearch: HNSW with its own names, and half precision unless float32 is asked for."""

from core.distances import Metric
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "usearch"
USUAL_CONSTRUCTION = 128  # its default
METRICS: dict[Metric, str] = {"cosine": "cos", "euclidean": "l2sq", "inner_product": "ip"}
# Layer 0 holds twice the connectivity, counted in 32 bits
# (https://github.com/unum-cloud/usearch/blob/main/include/usearch/index.hpp).
LEAST_CONNECTIVITY, MOST_CONNECTIVITY = 2, (2**32 - 1) // 2
TEMPLATE = """\
# {promise}
import numpy as np
from usearch.index import Index

vectors = np.ascontiguousarray(np.load("vectors.npy"), np.float32)  # (n, {dim})
queries = vectors[:1000]  # (q, {dim}); replace by your own

# Without a dtype vectors are kept as bf16 or f16 where the machine is fast at them; what was
# measured is f32 (https://github.com/unum-cloud/usearch/blob/main/python/usearch/index.py).
# Defaults: connectivity 16, expansion_add 128, expansion_search 64; layer 0 holds twice the
# connectivity, which is at least 2, and an expansion of 0 becomes the default
# (https://github.com/unum-cloud/usearch/blob/main/include/usearch/index.hpp).
index = Index(
    ndim={dim},
    metric="{metric}",
    dtype="f32",
    connectivity={m},
    expansion_add={ef_construction},
    expansion_search={ef},
)
# All cores add by default, in no fixed order; threads=1 adds one by one
# (https://github.com/unum-cloud/usearch/blob/main/python/usearch/index.py).
index.add(np.arange(len(vectors)), vectors, threads=1)
index.save("index.usearch")

# A search runs with max(expansion_search, count)
# (https://github.com/unum-cloud/usearch/blob/main/include/usearch/index.hpp). "cos" is 1 - cos,
# "l2sq" the squared distance, "ip" 1 - dot
# (https://github.com/unum-cloud/usearch/blob/main/include/usearch/index_plugins.hpp).
matches = index.search(queries, {k})
ids, distances = matches.keys, matches.distances
"""


def recipe(setting: Setting) -> Recipe:
    """Build, save and search with the Python binding."""
    warnings: list[str] = []
    m = clamped("connectivity", setting.m, LEAST_CONNECTIVITY, MOST_CONNECTIVITY, NAME, warnings)
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=setting.dim,
        metric=METRICS[setting.metric],
        m=m,
        ef_construction=construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        ef=setting.ef,
        k=setting.k,
    )
    return Recipe(NAME, "python", "nearfield_usearch.py", code, tuple(warnings))
