"""hnswlib: the library that the graph was built with."""

from core.distances import Metric
from core.engines.setting import Recipe, Setting, construction, measured

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
index.set_ef({ef})
ids, distances = index.knn_query(queries, k={k})
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
    )
    return Recipe(NAME, "python", "nearfield_hnswlib.py", code, tuple(warnings))
