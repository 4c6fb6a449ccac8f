"""hnswlib: the library that the graph was built with."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, walks
from core.engines.memory import FILE, LINK, EngineMemory, float_bytes, upper_layers
from core.engines.setting import LEAST_M, Recipe, Setting, construction, measured

NAME = "hnswlib"
USUAL_CONSTRUCTION = 200  # its default
SPACES: dict[Metric, str] = {"cosine": "cosine", "euclidean": "l2", "inner_product": "ip"}
TEMPLATE = """\
# {promise}
import hnswlib
import numpy as np

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own
queries = vectors[:1000]  # (q, {dim}); replace by your own

# "l2" returns squared distances, "cosine" 1 - cos, "ip" 1 - dot
# (https://github.com/nmslib/hnswlib#supported-distances).
index = hnswlib.Index(space="{space}", dim={dim})
# Defaults: M 16, ef_construction 200, random_seed 100. max_elements is a hard limit until
# index.resize_index(more) (https://github.com/nmslib/hnswlib#python-bindings).
index.init_index(max_elements=len(vectors), M={m}, ef_construction={ef_construction})
# Pass ids: automatic ones may overwrite items after a load. One thread builds the same graph each
# time, several do not (https://github.com/nmslib/hnswlib/issues/317).
index.add_items(vectors, np.arange(len(vectors)), num_threads=1)
index.save_index("index.bin")

# ef is no part of the saved file: the default of 10 is back after each load_index, so set it again
# (https://github.com/nmslib/hnswlib/blob/master/ALGO_PARAMS.md). A search runs with max(ef, k).
# These queries are items of the index: ask for one more, and leave each out of its own answer by
# id. For queries that are no items ask for {k}, and keep them all.
index.set_ef({ef})
ids, distances = index.knn_query(queries, k={more})
others = np.argsort(ids == np.arange(len(ids))[:, None], axis=1, kind="stable")[:, :{k}]
ids = np.take_along_axis(ids, others, axis=1)
distances = np.take_along_axis(distances, others, axis=1)
"""


def recipe(setting: Setting) -> Recipe:
    """Build, save and search with hnswlib's Python binding."""
    warnings: list[str] = []
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION),
        space=SPACES[setting.metric],
        dim=setting.dim,
        m=setting.m,
        ef_construction=construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
        ef=setting.ef,
        k=setting.k,
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_hnswlib.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The file that `save_index` writes, and what `load_index` adds to it.

    Layer 0 is one record for each vector: a count of links (2 bytes), a flag and a spare byte, 2 M
    links, the vector and its label (8 bytes). Then each vector has the size of its upper links (4
    bytes) and, for each upper layer, a count (4 bytes) and M links. The header takes 96 bytes.
    """
    m, above = max(setting.m, LEAST_M), upper_layers(max(setting.m, LEAST_M))
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=LINK * m * (2 + above),
        other=4 + 8 + 4 + 4 * above,
        basis=FILE,
        formula="4 d + 8 M + 16 + (4 M + 4) / (M - 1)",
        sources=("https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h",),
        note="An index in memory takes about 100 bytes per vector more than its file: a lock (40 "
        "bytes), a pointer, and the tables of levels and labels.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """A function decides during the traversal; the study does what hnswlib does."""
    return walks(
        NAME,
        case,
        (
            "https://github.com/nmslib/hnswlib#python-bindings",
            "https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h",
        ),
        rule="knn_query(filter=...) filters during the traversal",
        climb=case.cell.during,
        parameter="ef",
        compare="BFIndex takes the same filter and compares all",
        more="A filter in Python is called under the interpreter's lock, so ask for num_threads=1.",
    )
