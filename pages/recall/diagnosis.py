"""Whether the graph that a curve was measured on is broken: the census behind it, as a job."""

from core.index import Census, HnswGraph
from core.studies import Diagnosis, EfTradeoff, diagnose, quick_census
from pages.ui import jobs
from pages.ui.jobs import Progress


def diagnosis(graph: HnswGraph, study: EfTradeoff, *, reached: bool) -> Diagnosis | None:
    """What speaks for a broken graph, or None while its census is taken.

    graph: that the curve was measured on. reached: whether the curve reaches its target.
    """
    ef = int(study.ef[-1])
    taken = _census.need(graph, ef)
    if taken is None:
        return None
    return diagnose(study, taken, metric=graph.metric, reached=reached)


@jobs.job("Looking for items that are lost")
def _census(progress: Progress, graph: HnswGraph, ef: int) -> Census:
    progress(0.0)
    return quick_census(graph, ef)
