"""faiss: IndexHNSWFlat, the library's HNSW over unquantized vectors."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, walks
from core.engines.memory import FILE, LINK, EngineMemory, float_bytes, upper_layers
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
# These queries are items of the index: ask for one more, and leave each out of its own answer by
# id. For queries that are no items ask for {k}, and keep them all.
index.hnsw.efSearch = {ef}
distances, ids = index.search(queries, {more})
others = np.argsort(ids == np.arange(len(ids))[:, None], axis=1, kind="stable")[:, :{k}]
ids = np.take_along_axis(ids, others, axis=1)
distances = np.take_along_axis(distances, others, axis=1)
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
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_faiss.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The arrays of IndexHNSWFlat, in memory as in the file that `write_index` writes.

    The vectors (4 d); for each vector a level (4 bytes), where its links begin (8 bytes), 2 M links
    on layer 0 and M on each layer above, used or not. What comes once takes below 1,000 bytes.
    """
    m = clamped("M", setting.m, LEAST_M, MOST, NAME, [])
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=LINK * m * (2 + upper_layers(m)),
        other=4 + 8,
        basis=FILE,
        formula="4 d + 8 M + 12 + 4 M / (M - 1)",
        sources=("https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.h",),
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """A selector decides what is returned, not where the walk ends.

    The walk ends as that of a plain search with this efSearch. Every allowed vector that it meets
    can be returned, also one that has left the beam: so it finds no less than filtering the beam.
    """
    return walks(
        NAME,
        case,
        (
            "https://github.com/facebookresearch/faiss/blob/main/faiss/impl/HNSW.cpp",
            "https://github.com/facebookresearch/faiss/wiki/Setting-search-parameters-for-one-query",
        ),
        rule="SearchParametersHNSW(sel=IDSelector) walks as a search without a filter",
        climb=case.cell.after,
        parameter="efSearch",
        compare="IndexFlat takes the same selector and compares all",
        more="What faiss returns is at least as good: also allowed vectors that left the beam.",
    )
