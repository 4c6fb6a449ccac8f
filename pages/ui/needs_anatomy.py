"""Anatomy, census, autopsy and what-if of the session's index, each as a job."""

import numpy as np

from core import studies
from core.data import EmbeddingSet
from core.index import Anatomy, Census, HnswGraph, HnswParams
from core.index import anatomy as measure_graph
from core.index import census as take_census
from core.studies import Autopsy, LostItems, QuerySet, WhatIf
from pages.ui import controls, jobs, workspace
from pages.ui.beam import EF_MAX
from pages.ui.executors import Progress
from pages.ui.workspace import Workspace

SEARCHED_AT_MOST = 200_000
SAMPLE = 20_000
USUAL_EF = 40
AUTOPSY_EF_MAX = 4_096
SEED = 0


def held_ef() -> int:
    """The ef of the census, without drawing its slider."""
    return max(1, min(controls.held("census_ef", int, USUAL_EF), EF_MAX))


def anatomy(work: Workspace, graph: HnswGraph) -> Anatomy | None:
    """Degrees, components, reciprocity and link lengths of every layer."""
    key = ("anatomy", work.fingerprint, work.index_key)
    return jobs.need(key, "Measuring the graph", _anatomy, graph)


def census(work: Workspace, graph: HnswGraph, ef: int, *, whole: bool = False) -> Census | None:
    """Which items no search can visit, and which are not found by their own vector at `ef`.

    Above 200,000 items, 20,000 are searched for, unless the `whole` census is asked for.
    """
    sample = SAMPLE if graph.n > SEARCHED_AT_MOST and not whole else None
    key = ("census", work.fingerprint, work.index_key, ef, sample)
    return jobs.need(key, "Searching every item by its own vector", _census, graph, ef, sample)


def lost(work: Workspace, graph: HnswGraph, census: Census) -> LostItems | None:
    """The lost items of a census, each with its cause."""
    key = ("lost", work.fingerprint, work.index_key, census.ef, len(census.checked))
    return jobs.need(key, "Asking why items are lost", _lost, graph, census)


def autopsy(
    work: Workspace, graph: HnswGraph, k: int, ef: int, *, size: int, item: int | None = None
) -> Autopsy | None:
    """The fate of every true neighbor of `size` queries drawn from the data, or of one item."""
    queries = _queries(work, graph, k, size, item)
    if queries is None:
        return None
    key = ("autopsy", work.fingerprint, work.index_key, k, ef, size, item)
    return jobs.need(key, "Asking what became of every true neighbor", _autopsy, graph, queries, ef)


def what_if(
    work: Workspace, graph: HnswGraph, change: str, params: HnswParams, k: int, ef: int
) -> WhatIf | None:
    """The index before and after one change of how it is built."""
    key = ("what if", work.fingerprint, work.index_key, change, params, k, ef)
    label = f"Rebuilding: {change}"
    return jobs.need(
        key, label, _what_if, work.embeddings, graph, change, work.params, params, k, ef
    )


def _queries(
    work: Workspace, graph: HnswGraph, k: int, size: int, item: int | None
) -> QuerySet | None:
    key = ("query set", work.fingerprint, work.index_key, k, size, item)
    label = "Finding the true neighbors"
    return jobs.need(key, label, _sample, work.embeddings, graph, k, size, item)


def _sample(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    k: int,
    size: int,
    item: int | None,
    *,
    progress: Progress,
) -> QuerySet:
    if item is not None:
        rows = np.array([item])
        query = embeddings.vectors[rows]
        truth = studies.true_neighbors(graph, embeddings.vectors, query, k, exclude=rows)
        return QuerySet(query, truth, rows, None)
    return studies.sample_queries(
        graph, embeddings.vectors, k, size=size, seed=SEED, progress=progress
    )


def _anatomy(graph: HnswGraph, *, progress: Progress) -> Anatomy:
    return measure_graph(graph, seed=SEED, progress=progress)


def _census(graph: HnswGraph, ef: int, sample: int | None, *, progress: Progress) -> Census:
    def report(done: int, total: int) -> None:
        progress(done / max(total, 1), f"{done:,} of {total:,} items")

    return take_census(graph, ef=ef, sample=sample, seed=SEED, progress=report)


def _lost(graph: HnswGraph, census: Census, *, progress: Progress) -> LostItems:
    progress(0.0)
    return studies.lost_items(graph, census)


def _autopsy(graph: HnswGraph, queries: QuerySet, ef: int, *, progress: Progress) -> Autopsy:
    return studies.autopsy(graph, queries, ef, ef_max=AUTOPSY_EF_MAX, progress=progress)


def _what_if(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    change: str,
    params: HnswParams,
    wanted: HnswParams,
    k: int,
    ef: int,
    *,
    progress: Progress,
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
