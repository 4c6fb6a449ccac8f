"""faiss: IndexHNSWFlat, the library's HNSW over unquantized vectors."""

from core.distances import Metric
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "faiss"
USUAL_CONSTRUCTION = 40  # its default
METRICS: dict[Metric, str] = {
    "cosine": "METRIC_INNER_PRODUCT",
    "euclidean": "METRIC_L2",
    "inner_product": "METRIC_INNER_PRODUCT",
}
PREPARE: dict[Metric, str] = {
    "cosine": """\
# faiss has no cosine: it is the inner product of vectors of length 1, so scale both, in place. On
# these METRIC_L2 gives the same order
# (https://github.com/facebookresearch/faiss/wiki/MetricType-and-distances).
faiss.normalize_L2(vectors)
faiss.normalize_L2(queries)

""",
    "euclidean": "",
    "inner_product": "",
}
DISTANCES: dict[Metric, str] = {
    "cosine": "The distances are cosines: higher is nearer",
    "euclidean": "The distances are squared",
    "inner_product": "The distances are dot products: higher is nearer",
}
# With M 1 the layers have no sizes, and adding ends the process; M is an int of C++
# (https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.cpp).
LEAST_M, MOST = 2, 2**31 - 1
TEMPLATE = """\
# {promise}
import faiss
import numpy as np

vectors = np.ascontiguousarray(np.load("vectors.npy"), np.float32)  # (n, {dim})
queries = vectors[:1000].copy()  # (q, {dim}); replace by your own

{prepare}# Layer 0 holds up to 2 M links, of which a new item may take all at once
# (https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.cpp), in hnswlib only M
# (https://github.com/nmslib/hnswlib/blob/master/hnswlib/hnswalg.h). M from 4 to 64 is advised
# (https://github.com/facebookresearch/faiss/wiki/Guidelines-to-choose-an-index).
index = faiss.IndexHNSWFlat({dim}, {m}, faiss.{metric})
# Defaults: efConstruction 40, efSearch 16
# (https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.h). Set efConstruction before
# adding, as https://github.com/facebookresearch/faiss/blob/main/tutorial/python/6-HNSW.py does.
index.hnsw.efConstruction = {ef_construction}
# From 1.14.2 on, links are pruned to 80 % of their room (prune_headroom 0.2), for faster adding
# (https://github.com/facebookresearch/faiss/pull/4847). 0 fills it, as what was measured does, and
# does nothing in older versions.
index.hnsw.prune_headroom = 0
# ids are the order of adding: no add_with_ids (wrap in IndexIDMap), and nothing can be removed
# (https://github.com/facebookresearch/faiss/wiki/Guidelines-to-choose-an-index).
index.add(vectors)
faiss.write_index(index, "index.faiss")

# A search runs with max(efSearch, k)
# (https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.cpp).
# {distances}
# (https://github.com/facebookresearch/faiss/wiki/MetricType-and-distances).
index.hnsw.efSearch = {ef}
distances, ids = index.search(queries, {k})
"""


def recipe(setting: Setting) -> Recipe:
    """Build, save and search with the Python binding."""
    warnings: list[str] = []
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        dim=setting.dim,
        prepare=PREPARE[setting.metric],
        metric=METRICS[setting.metric],
        distances=DISTANCES[setting.metric],
        m=clamped("M", setting.m, LEAST_M, MOST, NAME, warnings),
        ef_construction=construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        ef=setting.ef,
        k=setting.k,
    )
    return Recipe(NAME, "python", "nearfield_faiss.py", code, tuple(warnings))
