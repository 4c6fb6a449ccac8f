"""What the Neighbours page finds, says and lists for one query."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.index import (
    HnswGraph,
    Neighbors,
    SearchResult,
    search,
    smallest_ef,
    trace_search,
)
from core.metrics import k_occurrence, label_purity, local_intrinsic_dimension
from core.studies import true_distances, true_neighbors
from pages.ui import jobs
from pages.ui.controls.beam import largest_ef
from pages.ui.display import items
from pages.ui.display.text import count, lengths_of, number, percent
from pages.ui.jobs import Progress
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

TIE = 1e-6  # relative
LID_NEIGHBORS = 20
UNREACHED = "none up to "


@dataclass(frozen=True, eq=False)
class Hood:
    """Exact neighbors and the index's answer for one query.

    needed: (k,) smallest ef that returns each true neighbor, -1 for none up to ef_max. visited:
    (k,) whether the search computed its distance. altered: whether the index compares something
    else than the vectors that were added, codes or transformed ones. Distances are those between
    the vectors as they were added, as far as they are known.
    """

    exact: Neighbors
    found: SearchResult
    needed: npt.NDArray[np.int64]
    visited: npt.NDArray[np.bool_]
    ef: int
    ef_max: int
    altered: bool = False


def hood(
    work: Workspace, graph: HnswGraph, query: npt.NDArray[np.float32], item: int, k: int, ef: int
) -> Hood | None:
    """Neighbors of a query, as quick jobs; `item` is the row it is, or -1 for a pasted vector."""
    # What does not depend on ef is kept while ef moves.
    truth = _truth.need(work.embeddings, graph, query[None], item, k)
    if truth is None:
        return None
    exact, needed = truth
    vectors = work.embeddings.vectors
    return _hood.need(graph, vectors, query[None], item, ef, exact, needed)


@jobs.job("Searching")
def _truth(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> tuple[Neighbors, npt.NDArray[np.int64]]:
    """The true neighbors, and the smallest ef that returns each."""
    progress(0.0)
    exact = true_neighbors(graph, embeddings.vectors, query, k, exclude=[item])
    needed = smallest_ef(graph, query, exact.ids, largest_ef(k), exclude=[item])
    return exact, needed[0]


@jobs.job("Searching")
def _hood(
    progress: Progress,
    graph: HnswGraph,
    vectors: npt.NDArray[np.float32],
    query: npt.NDArray[np.float32],
    item: int,
    ef: int,
    exact: Neighbors,
    needed: npt.NDArray[np.int64],
) -> Hood:
    progress(0.0)
    k = exact.ids.shape[1]
    found = search(graph, query, k, ef, exclude=[item])
    if graph.codes is not None or graph.transform is not None:
        found = replace(found, distances=true_distances(graph, vectors, query, found))
    trace = trace_search(graph, query[0], k, ef, exclude=item if item >= 0 else None)
    seen = np.isin(exact.ids[0], trace.visited)
    stored = graph.codes is not None or graph.transform is not None
    return Hood(exact, found, needed, seen, ef, largest_ef(k), stored)


def answer(found: Hood, graph: HnswGraph, names: npt.NDArray[np.str_], name: str) -> str:
    """The page's sentence."""
    ids, k = found.exact.ids[0], len(found.exact.ids[0])
    kept = int(np.isin(ids, found.found.ids[0]).sum())
    computed = int(found.found.distance_computations[0])
    return (
        f"Nearest to {name} is {names[ids[0]]} at {graph.metric.replace('_', ' ')} distance "
        f"{number(float(found.exact.distances[0, 0]))}; the index finds {kept} of the {k} nearest "
        f"at ef {found.ef:,}, with {count(computed, 'distance computation')} "
        f"({percent(computed / graph.n)} of brute force)."
    )


def table(found: Hood, embeddings: EmbeddingSet) -> pd.DataFrame:
    """True neighbors by rank: found or missed, why, and the smallest ef that returns each."""
    ids = found.exact.ids[0]
    kept = np.isin(ids, found.found.ids[0])
    # A true neighbor that layer 0 visits stays in the beam: it can only be met above it, or tie;
    # unless its code, or what a transform left of it, lies farther than the vector itself.
    met = "farther as the index stores it" if found.altered else "met on an upper layer only"
    reason = np.where(found.visited, f"missed: {met}", "missed: never visited")
    fate = np.where(kept, "found", np.where(_tied(found), "tie at the last place", reason))
    needed = [str(ef) if ef > 0 else f"{UNREACHED}{found.ef_max:,}" for ef in found.needed]
    frame = items.table(
        embeddings,
        ids,
        distance=found.exact.distances[0].round(5),
        in_the_index=fate,
        smallest_ef=needed,
    )
    frame.insert(0, "rank", np.arange(1, len(ids) + 1))
    return frame


def _tied(found: Hood) -> npt.NDArray[np.bool_]:
    """True neighbors as far as the last answer, which took their place, (k,)."""
    distances, answered = found.exact.distances[0], found.found.distances[0].max()
    slack = TIE * abs(distances[-1]) + TIE**2
    return np.asarray((distances >= distances[-1] - slack) & (answered <= distances[-1] + slack))


def figures(work: Workspace, found: Hood, item: int) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the item's own figures."""
    embeddings, ids = work.embeddings, found.exact.ids
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
    if item < 0:
        return shown
    by_length = indexes.neighborhoods_by_length(work, LID_NEIGHBORS)
    if by_length is not None and item in by_length.rows:
        near = by_length.neighbors.distances[by_length.rows == item]
        lid = local_intrinsic_dimension(near, estimator="levina_bickel")
        shown.append(
            (
                "LID",
                number(float(lid[0])),
                f"Local intrinsic dimension, Levina-Bickel over {near.shape[1]} neighbors, from "
                f"{lengths_of(work.params.metric)}.",
            )
        )
    hoods = indexes.neighborhoods(work, LID_NEIGHBORS)
    if hoods is not None:
        k = hoods.neighbors.ids.shape[1]
        occurrence = int(k_occurrence(hoods.neighbors.ids, embeddings.n)[item])
        among = f"{len(hoods.rows):,} sampled items" if hoods.is_sample else "all items"
        shown.append(
            (
                "k-occurrence",
                f"{occurrence:,}",
                f"In how many lists of {k} nearest, of {among}, it stands; the mean is {k}.",
            )
        )
    return shown
