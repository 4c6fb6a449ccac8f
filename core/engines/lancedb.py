"""LanceDB: HNSW only inside the partitions of an IVF index, so a recipe takes one partition."""

from core.distances import Metric
from core.engines.filtering import FilterAdvice, FilterCase, compares_all, walks
from core.engines.memory import UNDOCUMENTED, EngineMemory, unsized
from core.engines.setting import Recipe, Setting, clamped, construction, measured

NAME = "LanceDB"
USUAL_CONSTRUCTION = 300  # its default
DISTANCES: dict[Metric, str] = {"cosine": "cosine", "euclidean": "l2", "inner_product": "dot"}
# https://github.com/lance-format/lance/blob/main/rust/lance-index/src/vector/hnsw/builder.rs; the
# binding hands both over as 32 bits.
LEAST_M, MOST = 4, 2**32 - 1
EXACT_SHARE = 10  # percent of the rows
EXACT = "bypass_vector_index() of a search gives the true neighbors"
PARTITIONS = (
    "LanceDB has HNSW only inside IVF partitions, one graph each, by its own build. The recipe "
    "takes one partition and raw vectors; with more partitions, or with IVF_HNSW_SQ or "
    "IVF_HNSW_PQ, which quantize, the measured recall does not hold. Measure it there."
)
TEMPLATE = """\
# {promise}
import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import HnswFlat

vectors = np.load("vectors.npy").astype(np.float32)  # (n, {dim}); replace by your own
column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
db = lancedb.connect("nearfield.lance")
items = db.create_table("items", pa.table({{"row": np.arange(len(vectors)), "vector": column}}))

# HNSW is a part of an IVF index here, never an index of its own: IVF_HNSW_FLAT holds raw vectors,
# IVF_HNSW_SQ and IVF_HNSW_PQ quantized ones (https://docs.lancedb.com/indexing/vector-index).
# HnswFlat needs lancedb 0.32 (https://github.com/lancedb/lancedb/pull/3366), config= needs 0.34
# (https://github.com/lancedb/lancedb/pull/2882). Each partition is a graph of its own, and 1 works
# well for most tables. Defaults: m 20, ef_construction 300, which should not be below ef
# (https://lancedb.github.io/lancedb/python/python/#lancedb.index.HnswFlat). New versions take no
# m below 4 and no ef_construction below m
# (https://github.com/lance-format/lance/blob/main/rust/lance-index/src/vector/hnsw/builder.rs).
items.create_index(
    "vector",
    config=HnswFlat(
        distance_type="{distance}",
        num_partitions=1,
        m={m},
        ef_construction={ef_construction},
    ),
)

# Rows added later are searched one by one, slowly, until items.optimize() indexes them, and
# nprobes counts the partitions that are searched
# (https://docs.lancedb.com/indexing/vector-index). ef is 1.5 x limit unless it is set
# (https://lancedb.github.io/lancedb/python/python/#lancedb.query.LanceVectorQueryBuilder.ef), and
# one below the limit is an error
# (https://github.com/lance-format/lance/blob/main/rust/lance-index/src/vector/hnsw/builder.rs). l2
# comes back squared, dot as 1 - dot
# (https://github.com/lance-format/lance/tree/main/rust/lance-linalg/src/distance).
found = items.search(vectors[0]).distance_type("{distance}").nprobes(1).ef({ef}).limit({more})
# The query is an item of the index here: one more is asked for, and it is left out by its row.
rows = found.to_arrow().select(["row", "_distance"]).to_pylist()
print([row for row in rows if row["row"] != 0][:{k}])
"""


def recipe(setting: Setting) -> Recipe:
    """Create a table and its index, and search, with the Python client."""
    warnings = [PARTITIONS]
    m = clamped("m", setting.m, LEAST_M, MOST, NAME, warnings)
    code = TEMPLATE.format(
        promise=measured(setting, NAME, USUAL_CONSTRUCTION, exact=EXACT),
        dim=setting.dim,
        distance=DISTANCES[setting.metric],
        m=m,
        ef_construction=clamped(
            "ef_construction",
            construction(setting, NAME, USUAL_CONSTRUCTION, warnings),
            m,
            MOST,
            NAME,
            warnings,
        ),
        ef=max(setting.ef, setting.k + 1),
        k=setting.k,
        more=setting.k + 1,
    )
    return Recipe(NAME, "python", "nearfield_lancedb.py", code, tuple(warnings))


def memory(setting: Setting, n: int) -> EngineMemory:  # noqa: ARG001
    """Not documented."""
    note = "The index is on disk, and read into a cache."
    return unsized(NAME, n, UNDOCUMENTED, note)


def filtered(case: FilterCase) -> FilterAdvice:
    """Below a tenth of the rows all are compared, else it walks as hnswlib does."""
    sources = (
        "https://docs.lancedb.com/search/filtering",
        "https://github.com/lance-format/lance/blob/main/rust/lance-index/src/vector/hnsw/builder.rs",
        "https://github.com/lance-format/lance/blob/main/rust/lance-index/src/vector/graph.rs",
    )
    during = case.cell.during
    if case.allowed < case.study.n * EXACT_SHARE // 100:
        return compares_all(
            NAME,
            case,
            sources,
            rule="below a tenth of the partition",
            climb=during,
            walk="no setting makes LanceDB walk it",
        )
    return walks(
        NAME,
        case,
        sources,
        rule="Filters during the traversal (prefilter, as it is unless you ask for postfilter)",
        climb=during,
        parameter="ef",
        compare="bypass_vector_index() compares all",
    )
