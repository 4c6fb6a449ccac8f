"""What is said of the session's index: its settings, what its file does not hold, what is amiss."""

from typing import Any

from core.index import HnswGraph, HnswParams, hnswlib_bytes
from core.index.storage import FLOAT32
from core.studies import RowChanges
from pages.ui.display.text import count, percent, size

NOT_IN_FILE = "not in the file"
LISTED = 5


def settings(params: HnswParams, opened: HnswGraph | None) -> str:
    """M, ef_construction and seed in a phrase, each as far as it is known."""
    if opened is None:
        return f"M {params.m:,}, ef_construction {params.ef_construction:,}, seed {params.seed:,}"
    width = opened.ef_construction
    said = NOT_IN_FILE if width is None else f"{width:,}"
    return f"{opened.source}: M {opened.m:,}, ef_construction {said}"


def not_in_file(opened: HnswGraph) -> str:
    """What else the file does not tell, in a phrase."""
    metric = "metric (as you said), " if opened.metric_stated else ""
    others = (name for name in opened.not_in_file if name not in ("metric", "ef_construction"))
    return f"{NOT_IN_FILE}: {metric}{', '.join(others)}"


def memory(graph: HnswGraph) -> str:
    """What hnswlib takes for the index, with a comma before; "" for one of another library.

    The index that is built here is hnswlib's, and its bytes are those that a user deploys.
    """
    others = graph.source.startswith(("faiss", "usearch"))
    if others or graph.codes is not None or graph.transform is not None:
        return ""
    return f", {size(hnswlib_bytes(graph))} in hnswlib"


def values(params: HnswParams, graph: HnswGraph, opened: HnswGraph | None) -> dict[str, Any]:
    """The settings of an index as plain values; "not in the file" where that is so.

    graph: that was searched; another than `opened` where one was built without some rows.
    """
    found: dict[str, Any] = {
        "source": graph.source,
        "metric": graph.metric,
        "metric_from": "the user" if graph.metric_stated else "the file",
        "m": graph.m,
        "ef_construction": NOT_IN_FILE if graph.ef_construction is None else graph.ef_construction,
        "seed": NOT_IN_FILE,
        "threads": NOT_IN_FILE,
        "insertion_order": NOT_IN_FILE,
        "codes": graph.codes,
        "transform": graph.carried if graph.transform is None else graph.transform.name,
    }
    if opened is None:
        found |= {
            "metric_from": "the settings",
            "seed": params.seed,
            "threads": params.threads,
            "insertion_order": "by row",
        }
    return found


def rebuilding(params: HnswParams, opened: HnswGraph) -> str:
    """With what an index is built where the session's own came from a file."""
    width = f"ef_construction {params.ef_construction:,}"
    if opened.ef_construction is None:
        width += f" ({NOT_IN_FILE}: hnswlib's default)"
    return (
        f"What is built here is built by hnswlib with M {params.m:,}, {width} and seed "
        f"{params.seed:,} unless another value is chosen. Seed, threads and order of insertion of "
        f"the index that was opened are {NOT_IN_FILE}."
    )


def changes(found: RowChanges, graph: HnswGraph, name: str) -> str:
    """How many rows of the index hold other vectors than the data `name`, and which; or ""."""
    if found.count == 0:
        return ""
    labels = [f"{label}" for label in graph.labels[found.rows[:LISTED]].tolist()]
    which = ", ".join(labels) + (", ..." if found.count > LISTED else "")
    ids = f"{'id' if found.count == 1 else 'ids'} {which}"
    return (
        f"{found.count:,} of {found.n:,} rows of the index hold other vectors than the loaded data "
        f"{name} ({ids}): {_evidence(found, graph)}. Searches compare with the index's vectors, "
        "and true neighbors are those of the data, so recall and every figure made from both mix "
        "the two."
    )


def _evidence(found: RowChanges, graph: HnswGraph) -> str:
    """Why the rows are said to differ."""
    if found.other_code is not None:
        return (
            f"their {graph.codes} codes are nearer to other rows, and about 1 in 22 is overlooked"
        )
    most = float(found.moved[found.rows].max())
    rounding = "" if graph.storage == FLOAT32 else f" to {graph.storage.name}"
    return (
        f"they differ by up to {percent(most)} of their length, and rounding{rounding} explains "
        f"{percent(found.tolerance)}"
    )


def none_the_same(named: int, name: str) -> str:
    """What is said once where the labels are row numbers of the data, and no vector is the same."""
    return (
        f"None of the {count(named, 'row')} of the index whose ids are row numbers of {name} holds "
        "that row's vector, so the index's own vectors are the data now. To keep the data and "
        "build an index of it, go back in the browser."
    )
