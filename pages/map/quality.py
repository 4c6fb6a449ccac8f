"""How well a map keeps neighbors, measured: at a sample of rows at once, at all of them later."""

from core import limits
from core.data import EmbeddingSet
from core.distances import Metric
from core.progress import counted
from core.projection import Projection
from core.studies import MapQuality, map_quality
from pages.map.layouts import Shown
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

NEIGHBORS = 15
SEED = 0
FIRST_WORK = 240_000_000_000  # some seconds
FEWEST_MEASURED = 200
BESIDE_DIMENSIONS = 384  # what a distance costs more than its product, in dimensions
USUAL_DIMENSIONS = 384  # those that the limit of rows is for
WORDS = "{:,} of {:,} rows"


def is_measured(n: int) -> bool:
    """Whether the data has so many rows that a map could lose neighbors."""
    return n > 2 * NEIGHBORS


def first_rows(n: int, dim: int) -> int:
    """How many rows are measured of n at once: so many as some seconds allow, at least 200.

    >>> first_rows(5_000, 384), first_rows(117_659, 384), first_rows(1_000_000, 1_536)
    (5000, 2656, 200)
    """
    return min(n, max(FEWEST_MEASURED, FIRST_WORK // (n * (dim + BESIDE_DIMENSIONS))))


def rows_at_last(n: int, dim: int) -> int:
    """How many rows are measured of n in the end: all, or as many as the deployment bears.

    >>> rows_at_last(250_000, 384), rows_at_last(1_000_000, 384)
    (250000, 62500)
    """
    most = limits.MAP_QUALITY_ROWS.value
    work = most * most * (USUAL_DIMENSIONS + BESIDE_DIMENSIONS)
    return min(n, max(first_rows(n, dim), work // (n * (dim + BESIDE_DIMENSIONS))))


def of(shown: Shown) -> MapQuality | None:
    """The quality of the map that is drawn, as it is known so far.

    None also where `is_told` says that there is none, and for data so small that a map could hardly
    lose a neighbor.
    """
    return at_hand(shown.part, shown.own) if is_told(shown) else None


def is_told(shown: Shown) -> bool:
    """Whether there is something to tell of how far the map can be trusted.

    Not while it converges, or where rows of what was projected have no place; nor of vectors that
    are drawn as they are, near by the distance that is seen.
    """
    is_part = shown.placed is not None and shown.part.embeddings.n < len(shown.placed)
    has_all = shown.placed is None or is_part
    own, work = shown.own, shown.part
    is_data = (
        own.method == "given"
        and not own.columns
        and own.coordinates.shape[1] == work.embeddings.dim
    )
    return shown.is_final and has_all and not (is_data and work.params.metric == "euclidean")


def at_hand(work: Workspace, projection: Projection) -> MapQuality | None:
    """The quality at all rows once it is measured, that at a sample before; None before that."""
    if not is_measured(work.embeddings.n):
        return None
    asked = work.embeddings.bare, projection, work.params.metric
    done = _all.finished(*asked)
    if done is not None and isinstance(done.result, MapQuality):
        return done.result
    return _first.need(*asked)


def at_same_rows(
    work: Workspace, left: Projection, right: Projection
) -> tuple[MapQuality, MapQuality] | None:
    """The quality of two maps of the same data at the same rows, as many as both are known at."""
    one, other = at_hand(work, left), at_hand(work, right)
    if one is None or other is None:
        return None
    if len(one.rows) != len(other.rows):
        bare, metric = work.embeddings.bare, work.params.metric
        sampled = _first.need(bare, left, metric), _first.need(bare, right, metric)
        one, other = sampled
    return None if one is None or other is None else (one, other)


def refine(work: Workspace, projection: Projection, known: MapQuality) -> bool:
    """Measure the rows that are not known yet in the background; its progress is drawn here.

    Tells whether there is more than `known` now.
    """
    if len(known.rows) >= rows_at_last(*work.embeddings.vectors.shape):
        return False
    return _all.need(work.embeddings.bare, projection, work.params.metric) is not None


@jobs.job("Measuring how far the map can be trusted")
def _first(
    progress: Progress, embeddings: EmbeddingSet, projection: Projection, metric: Metric
) -> MapQuality:
    rows = first_rows(*embeddings.vectors.shape)
    return _measured(progress, embeddings, projection, metric, rows)


@jobs.job("Measuring how far the map can be trusted at all rows", lane="long")
def _all(
    progress: Progress, embeddings: EmbeddingSet, projection: Projection, metric: Metric
) -> MapQuality:
    rows = rows_at_last(*embeddings.vectors.shape)
    return _measured(progress, embeddings, projection, metric, rows)


def _measured(
    progress: Progress,
    embeddings: EmbeddingSet,
    projection: Projection,
    metric: Metric,
    rows: int,
) -> MapQuality:
    return map_quality(
        embeddings.vectors,
        projection.coordinates,
        NEIGHBORS,
        metric=metric,
        rows_at_most=rows,
        seed=SEED,
        progress=counted(progress, WORDS),
    )
