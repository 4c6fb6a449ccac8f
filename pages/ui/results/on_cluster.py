"""Large work of a page on the cluster that the deployment names, small work on this server.

near = on_cluster.run(progress, units, vectors, lambda executor, told: ...)

Results are equal to the last bit wherever they are made, so nothing that names a result knows of
it. Where the cluster cannot be used the work is done here, and its progress says why.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from core.cluster import of_deployment
from core.distances import Floats
from core.errors import ClusterError, MissingExtraError, ParameterError
from core.index import HnswParams
from core.limits import default_threads, scheduler_address
from core.progress import Progress
from core.studies.parts.cells import CellLostError
from pages.ui.results import expected

T = TypeVar("T")
WAY_SECONDS = 2.0  # of asking workers, handing over and gathering
WAY_BYTES = 100_000_000  # a second, into a folder on a network of 1 Gbit/s
WORTH = 2  # times as long as the way: then a cluster twice as fast as this server is sooner


def takes(units: float, vectors: Floats) -> bool:
    """Whether a cluster is named, and work of so many units on `vectors` (n, d) is worth the way.

    units: of `expected`. Worth it is what would take this server twice as long as the way there:
    2 s, and 1 s for each 100 MB of vectors.
    """
    try:
        named = scheduler_address() is not None
    except ParameterError:
        named = True  # said by `run`
    return named and _seconds_here(units, vectors) >= WORTH * _way_seconds(vectors)


def run(
    progress: Progress,
    units: float,
    vectors: Floats,
    work: Callable[[Executor | None, Progress], T],
    *,
    start: float = 0.0,
) -> T:
    """What `work` gives, which is called with what runs its parts, None for this server.

    units, vectors: as in `takes`. start: the share of the progress at which the work begins.
    """
    if not takes(units, vectors):
        return work(None, progress)
    try:
        executor = connected(progress, start)
    except (ClusterError, MissingExtraError, ParameterError) as error:
        return work(None, _here(progress, start, error))
    try:
        return work(executor, lambda share, words: progress(share, f"on the cluster, {words}"))
    except (ClusterError, CellLostError, OSError) as error:  # of the folder that workers see
        return work(None, _here(progress, start, error))


def connected(progress: Progress, start: float = 0.0) -> Executor | None:
    """The cluster of the deployment, None without one; raises ClusterError. start: as for `run`."""
    progress(start, "connecting to the cluster")
    return of_deployment()


def _here(progress: Progress, start: float, error: Exception) -> Progress:
    """The report of work that goes on here, which says why as long as it lasts."""

    def told(share: float, words: str) -> None:
        done = f"{words}; " if words else ""
        progress(share, f"{done}on this server, for the cluster cannot be used: {error}")

    told(start, "")
    return told


def _seconds_here(units: float, vectors: Floats) -> float:
    rows, dim = vectors.shape
    rate = expected.seconds_per_unit(None, rows, dim, HnswParams())
    return rate * units / default_threads()


def _way_seconds(vectors: Floats) -> float:
    return WAY_SECONDS + vectors.nbytes / WAY_BYTES
