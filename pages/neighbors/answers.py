"""What the Neighbors page finds, says and lists for one query."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.distances import Metric
from core.index import HnswGraph, Neighbors
from core.metrics import label_purity, local_intrinsic_dimension
from core.studies import NeighborCheck, QueryTruth, neighbor_check, query_truth
from pages.ui import jobs
from pages.ui.controls.beam import largest_ef
from pages.ui.display import items
from pages.ui.display.text import count, lengths_of, number, percent
from pages.ui.jobs import Progress
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

LID_NEIGHBORS = 20
UNREACHED = "none up to "
FATE_WORDS = {
    "found": "found",
    "tie": "tie at the last place",
    "never visited": "missed: never visited",
    "met on an upper layer": "missed: met on an upper layer only",
    "farther as stored": "missed: farther as the index stores it",
}


def check(
    work: Workspace, graph: HnswGraph, query: npt.NDArray[np.float32], item: int, k: int, ef: int
) -> NeighborCheck | None:
    """Neighbors of a query, as quick jobs; `item` is the row it is, or -1 for none."""
    # What does not depend on ef is kept while ef moves.
    truth = _truth.need(work.embeddings.bare, graph, query, None if item < 0 else item, k)
    return None if truth is None else _check.need(work.embeddings.bare, graph, truth, ef)


@jobs.job("Searching", lane="quick")
def _truth(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    query: npt.NDArray[np.float32],
    item: int | None,
    k: int,
) -> QueryTruth:
    """The true neighbors, and the smallest ef that returns each."""
    progress(0.0)
    return query_truth(graph, embeddings.vectors, query, k, ef_max=largest_ef(k), exclude=item)


@jobs.job("Searching", lane="quick")
def _check(
    progress: Progress, embeddings: EmbeddingSet, graph: HnswGraph, truth: QueryTruth, ef: int
) -> NeighborCheck:
    progress(0.0)
    return neighbor_check(graph, embeddings.vectors, truth, ef)


def nearest_words(near: Neighbors, metric: Metric, names: npt.NDArray[np.str_], name: str) -> str:
    """The page's sentence before there is an index."""
    return (
        f"Nearest to {name} is {names[near.ids[0, 0]]} at {metric.replace('_', ' ')} distance "
        f"{number(float(near.distances[0, 0]))}."
    )


def answer(found: NeighborCheck, graph: HnswGraph, names: npt.NDArray[np.str_], name: str) -> str:
    """The page's sentence."""
    nearest = found.exact.ids[0, 0]
    computed = int(found.found.distance_computations[0])
    return (
        f"Nearest to {name} is {names[nearest]} at {graph.metric.replace('_', ' ')} distance "
        f"{number(float(found.exact.distances[0, 0]))}; the index finds {found.n_found} of "
        f"the {found.k} nearest at ef {found.ef:,}, with "
        f"{count(computed, 'distance computation')} ({percent(computed / graph.n)} of brute force)."
    )


def table(found: NeighborCheck, embeddings: EmbeddingSet) -> pd.DataFrame:
    """True neighbors by rank: found or missed, why, and the smallest ef that returns each."""
    ids = found.exact.ids[0]
    fate = [FATE_WORDS[str(each)] for each in found.fate]
    needed = [str(ef) if ef > 0 else f"{UNREACHED}{found.ef_max:,}" for ef in found.smallest_ef]
    frame = items.table(
        embeddings,
        ids,
        distance=found.exact.distances[0].round(5),
        in_the_index=fate,
        smallest_ef=needed,
    )
    frame.insert(0, "rank", np.arange(1, len(ids) + 1))
    return frame


def figures(
    work: Workspace, near: Neighbors, query: npt.NDArray[np.float32], item: int
) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the item's own figures; `item` is -1 for none."""
    embeddings, ids = work.embeddings, near.ids
    shown = []
    if embeddings.labels is not None and item >= 0:
        purity = float(
            label_purity(ids, embeddings.labels, query_labels=embeddings.labels[[item]])[0]
        )
        shown.append(
            (
                "Label purity",
                percent(purity),
                f"Share of the {ids.shape[1]} true neighbors with its label.",
            )
        )
    far = indexes.lengths_near(work, query, item, LID_NEIGHBORS)
    if far is not None:
        lid = local_intrinsic_dimension(far, estimator="levina_bickel")
        shown.append(
            (
                "LID",
                number(float(lid[0])),
                f"Local intrinsic dimension, Levina-Bickel over {far.shape[1]} neighbors, from "
                f"{lengths_of(work.params.metric)}.",
            )
        )
    return shown
