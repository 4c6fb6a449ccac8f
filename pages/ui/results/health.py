"""Anatomy, census, autopsy and what-if of the session's index, each as a job."""

import numpy as np

from core import studies
from core.data import EmbeddingSet
from core.index import Anatomy, Census, HnswGraph, HnswParams
from core.index import anatomy as measure_graph
from core.index import census as take_census
from core.progress import counted
from core.studies import Autopsy, LostItems, QuerySet, WhatIf
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace

LOST = "lost items"  # the name of their colors on the map
SEARCHED_AT_MOST = 200_000
SAMPLE = 20_000
AUTOPSY_EF_MAX = 4_096
SEED = 0


def anatomy(graph: HnswGraph) -> Anatomy | None:
    """Degrees, components, reciprocity and link lengths of every layer."""
    return _anatomy.need(graph)


def census(graph: HnswGraph, ef: int, *, whole: bool = False) -> Census | None:
    """Which items no search can visit, and which are not found by their own vector at `ef`.

    Above 200,000 items, 20,000 are searched for, unless the `whole` census is asked for.
    """
    sample = SAMPLE if graph.n > SEARCHED_AT_MOST and not whole else None
    return _census.need(graph, ef, sample)


def lost(graph: HnswGraph, census: Census) -> LostItems | None:
    """The lost items of a census, each with its cause."""
    return _lost.need(graph, census)


def autopsy(
    work: Workspace, graph: HnswGraph, k: int, ef: int, *, size: int, item: int | None = None
) -> Autopsy | None:
    """The fate of every true neighbor of `size` queries drawn from the data, or of one item."""
    queries = _queries(work, graph, k, size, item)
    if queries is None:
        return None
    return _autopsy.need(graph, queries, ef)


def what_if(
    work: Workspace, graph: HnswGraph, change: str, params: HnswParams, k: int, ef: int
) -> WhatIf | None:
    """The index before and after one change of how it is built."""
    return _what_if.need(work.embeddings, graph, change, work.params, params, k, ef)


def _queries(
    work: Workspace, graph: HnswGraph, k: int, size: int, item: int | None
) -> QuerySet | None:
    return _sample.need(work.embeddings, graph, k, size, item)


@jobs.job("Finding the true neighbors")
def _sample(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    k: int,
    size: int,
    item: int | None,
) -> QuerySet:
    if item is not None:
        return studies.row_queries(graph, embeddings.vectors, np.array([item]), k)
    return studies.sample_queries(
        graph, embeddings.vectors, k, size=size, seed=SEED, progress=progress
    )


@jobs.job("Measuring the graph")
def _anatomy(progress: Progress, graph: HnswGraph) -> Anatomy:
    return measure_graph(graph, seed=SEED, progress=progress)


@jobs.job("Searching every item by its own vector")
def _census(progress: Progress, graph: HnswGraph, ef: int, sample: int | None) -> Census:
    report = counted(progress, "{:,} of {:,} items")
    return take_census(graph, ef=ef, sample=sample, seed=SEED, progress=report)


@jobs.job("Asking why items are lost")
def _lost(progress: Progress, graph: HnswGraph, census: Census) -> LostItems:
    progress(0.0)
    return studies.lost_items(graph, census)


@jobs.job("Asking what became of every true neighbor")
def _autopsy(progress: Progress, graph: HnswGraph, queries: QuerySet, ef: int) -> Autopsy:
    return studies.autopsy(graph, queries, ef, ef_max=AUTOPSY_EF_MAX, progress=progress)


@jobs.job("Rebuilding: {change}")
def _what_if(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    change: str,
    params: HnswParams,
    wanted: HnswParams,
    k: int,
    ef: int,
) -> WhatIf:
    vectors = embeddings.vectors
    if graph.codes is not None or graph.transform is not None:
        # both sides store the same, so that only the links differ
        graph, vectors = graph.in_own_space(), graph.vectors
    return studies.what_if(
        graph,
        vectors,
        params,
        change,
        ef=ef,
        k=k,
        m=wanted.m,
        ef_construction=wanted.ef_construction,
        seed=SEED,
        progress=progress,
    )


def adopt_change(result: WhatIf) -> None:
    """Work on the rebuilt index's settings from now on; for a button's callback."""
    workspace.choose_params(m=result.params.m, ef_construction=result.params.ef_construction)
