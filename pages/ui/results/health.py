"""Anatomy, census, autopsy and what-if of the session's index, each as a job."""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from core import studies
from core.data import EmbeddingSet
from core.index import Anatomy, Census, HnswGraph, HnswParams
from core.index import anatomy as measure_graph
from core.index import census as take_census
from core.index.checks import check_queries
from core.progress import Progress as Report
from core.progress import counted
from core.studies import Autopsy, LostItems, QuerySet, WhatIf
from pages.ui import jobs
from pages.ui.controls import queries
from pages.ui.jobs import Progress
from pages.ui.results import expected, on_cluster
from pages.ui.results.query_sources import QuerySource, query_source
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace

LOST = "lost items"  # the name of their colors on the map
SEARCHED_AT_MOST = 200_000
SAMPLE = 20_000
AUTOPSY_EF_MAX = 4_096
WHAT_IF_QUERIES = 1_000
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


@dataclass(frozen=True, eq=False)
class AutopsyOf:
    """An autopsy and the queries that it is of; of one item, a row of the index, without them."""

    result: Autopsy
    source: QuerySource | None


def autopsy(
    work: Workspace, graph: HnswGraph, k: int, ef: int, *, size: int, item: int | None = None
) -> AutopsyOf | None:
    """The fate of every true neighbor of up to `size` queries, or of one item of the index.

    The queries are those of the Recall page: held-out rows, unless it was told otherwise.
    """
    if item is not None:
        one = _of_one.need(work.embeddings.bare, graph, k, item)
        found = None if one is None else _autopsy.need(graph, one, ef)
        return None if found is None else AutopsyOf(found, None)
    source = query_source(work, graph, queries.held(work).source)
    if source is None:
        return None
    asked = _asked.need(source, min(k, source.deepest), min(size, source.available))
    if asked is None:
        return None
    found = _autopsy.need(source.graph, asked, ef)
    return None if found is None else AutopsyOf(found, source)


@dataclass(frozen=True, eq=False)
class WhatIfOf:
    """An index before and after a change, and the queries that were searched for in both."""

    result: WhatIf
    source: QuerySource


def what_if(
    work: Workspace, graph: HnswGraph, change: str, params: HnswParams, k: int, ef: int
) -> WhatIfOf | None:
    """The index before and after one change of how it is built.

    The queries are those of the Recall page. For held-out rows both indexes are without them.
    """
    source = query_source(work, graph, queries.held(work).source)
    if source is None:
        return None
    found = _what_if.need(source, change, work.params, params, min(k, source.deepest), ef)
    return None if found is None else WhatIfOf(found, source)


@jobs.job("Finding the true neighbors")
def _of_one(
    progress: Progress, embeddings: EmbeddingSet, graph: HnswGraph, k: int, item: int
) -> QuerySet:
    progress(0.0)
    return studies.row_queries(graph, embeddings.vectors, np.array([item]), k)


@jobs.job("Finding the true neighbors of the queries")
def _asked(progress: Progress, source: QuerySource, k: int, count: int) -> QuerySet:
    return source.query_set(k, stop=count, progress=progress)


@jobs.job("Measuring the graph")
def _anatomy(progress: Progress, graph: HnswGraph) -> Anatomy:
    return measure_graph(graph, seed=SEED, progress=progress)


@jobs.job("Searching every item by its own vector")
def _census(progress: Progress, graph: HnswGraph, ef: int, sample: int | None) -> Census:
    def take(executor: Executor | None, told: Report) -> Census:
        if executor is not None:
            return studies.census_in_blocks(
                graph, ef=ef, sample=sample, seed=SEED, executor=executor, progress=told
            )
        report = counted(told, "{:,} of {:,} items")
        return take_census(graph, ef=ef, sample=sample, seed=SEED, progress=report)

    units = expected.take_census(graph.n, graph.m, sample or graph.n, ef)
    return on_cluster.run(progress, units, graph.vectors, take)


@jobs.job("Asking why items are lost")
def _lost(progress: Progress, graph: HnswGraph, census: Census) -> LostItems:
    return studies.lost_items(graph, census, progress=progress)


@jobs.job("Asking what became of every true neighbor")
def _autopsy(progress: Progress, graph: HnswGraph, queries: QuerySet, ef: int) -> Autopsy:
    return studies.autopsy(graph, queries, ef, ef_max=AUTOPSY_EF_MAX, progress=progress)


@jobs.job("Rebuilding: {change}")
def _what_if(
    progress: Progress,
    source: QuerySource,
    change: str,
    params: HnswParams,
    wanted: HnswParams,
    k: int,
    ef: int,
) -> WhatIf:
    graph, vectors = source.graph, source.indexed
    elsewhere = source.vectors(stop=WHAT_IF_QUERIES)
    if graph.codes is not None or graph.transform is not None:
        # both sides store the same, so that only the links differ
        elsewhere = None if elsewhere is None else check_queries(graph, elsewhere)
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
        query_vectors=elsewhere,
        seed=SEED,
        progress=progress,
    )


def adopt_change(result: WhatIf) -> None:
    """Work on the rebuilt index's settings from now on; for a button's callback."""
    workspace.choose_params(m=result.params.m, ef_construction=result.params.ef_construction)
