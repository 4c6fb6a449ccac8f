"""usearch: HNSW with its own names, and half precision unless float32 is asked for."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, walks
from core.engines.memory import FILE, LINK, EngineMemory, float_bytes, upper_layers
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
# These queries are items of the index: ask for one more, and leave each out of its own answer by
# id. For queries that are no items ask for {k}, and keep them all.
matches = index.search(queries, {more})
ids, distances = matches.keys, matches.distances
others = np.argsort(ids == np.arange(len(ids))[:, None], axis=1, kind="stable")[:, :{k}]
ids = np.take_along_axis(ids, others, axis=1)
distances = np.take_along_axis(distances, others, axis=1)
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
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_usearch.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:
    """The file that `save` writes, and what `load` adds to it.

    The vectors (4 d); for each a level (2 bytes) in a list of all, and a record: key (8 bytes),
    level again (2 bytes), a count (4 bytes) and 2 M links on layer 0, a count and M links on each
    layer above. What comes once takes below 200 bytes.
    """
    m = clamped("connectivity", setting.m, LEAST_CONNECTIVITY, MOST_CONNECTIVITY, NAME, [])
    return EngineMemory(
        engine=NAME,
        n=n,
        vectors=float_bytes(setting),
        links=LINK * m * (2 + upper_layers(m)),
        other=2 + 8 + 2 + 4 + 4 * upper_layers(m),
        basis=FILE,
        formula="4 d + 8 M + 16 + (4 M + 4) / (M - 1)",
        sources=("https://github.com/unum-cloud/usearch/blob/main/include/usearch/index.hpp",),
        note="An index in memory takes about 100 bytes per vector more than its file: pointers and "
        "the table of keys.",
    )


def filtered(case: FilterCase) -> FilterAdvice:
    """A predicate decides during the traversal, in C++, C and Rust; the Python binding has none."""
    return walks(
        NAME,
        case,
        (
            "https://github.com/unum-cloud/usearch#filtering-and-predicate-functions",
            "https://github.com/unum-cloud/usearch/blob/main/include/usearch/index.hpp",
        ),
        rule="A predicate filters during the traversal",
        climb=case.cell.during,
        parameter="expansion_search",
        compare="compare the allowed rows outside of the index",
        more="The search of the Python binding takes no predicate.",
    )
