"""Which metric an index was built with, judged from its own links."""

from dataclasses import dataclass, replace
from math import comb

import numpy as np
import numpy.typing as npt

from core.distances import Metric, check_metric, metric_name, paired_distances
from core.errors import ParameterError
from core.index.exact import exact_neighbors
from core.index.graph import HnswGraph, ranges

Rows = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

CHECKED_AT_MOST = 1_000
HELD_AGAINST = 10_000
LINKS_AT_ONCE = 8_192
UNIT = 1e-3  # rows of length 1 stay within this after rounding to 16 bits
ROUNDING = 1e-9  # of distances in float64, as a share
CHANCE = 1e-3  # that links fit the wrong metric so much better
TIMES = 2
OTHERS: dict[Metric, tuple[Metric, ...]] = {
    "cosine": ("euclidean", "inner_product"),
    "euclidean": ("inner_product",),
    "inner_product": ("euclidean",),
}


@dataclass(frozen=True)
class MetricFit:
    """How well the links of an index fit the metric that it was opened with, and another one.

    stated: the metric of the graph. checked: rows examined, drawn with a seed. all_agree: all rows
    have one length, so that the metrics put them into the same order and it does not matter which
    is stated. other: the metric that fits best of those that are left. stated_only, other_only:
    rows whose links lead to the nearest row under this metric, and not to that under the other.
    """

    stated: Metric
    other: Metric | None
    checked: int
    stated_only: int
    other_only: int
    all_agree: bool = False

    @property
    def contradicted(self) -> bool:
        """Whether the links fit the other metric so much better that chance does not explain it.

        At least twice as many rows speak for the other one, and a sign test gives them a chance of
        at most 0.001 if both fitted equally well.
        """
        few, many = self.stated_only, self.other_only
        return many > 0 and many >= TIMES * few and _sign_test(few, few + many) <= CHANCE

    @property
    def fits(self) -> Metric:
        """The metric to open the index with."""
        return self.other if self.other is not None and self.contradicted else self.stated


def metric_fit(graph: HnswGraph, *, seed: int = 0) -> MetricFit:
    """Hold the links of layer 0 against the metrics that the index may have been built with.

    HNSW links each row to the nearest row that its search for neighbors finds, whatever the
    heuristic leaves out of the others (Malkov & Yashunin, arXiv 1603.09320, algorithm 4: the
    nearest candidate is always kept). So for each of up to 1,000 rows the nearest of its links is
    compared with the nearest of all rows (of 10,000 drawn, where there are more) under each metric;
    the rows that speak for one metric only are counted. Deleted rows, and rows that are not
    finite, are left out.

    A graph under "cosine" holds rows of length 1, under which all metrics agree, and so is one
    under another metric whose rows all have length 1: nothing needs to be compared.
    """
    live = np.flatnonzero(~graph.deleted)
    if len(live) < 2 or _one_length(graph, live):
        return MetricFit(graph.metric, None, 0, 0, 0, all_agree=True)
    random = np.random.default_rng(seed)
    rows = _drawn(random, live, CHECKED_AT_MOST)
    rows = rows[np.diff(graph.base.indptr)[rows] > 0]
    rows = _finite(graph, rows)
    among = np.union1d(rows, _finite(graph, _drawn(random, live, HELD_AGAINST)))
    if len(rows) == 0 or len(among) < 2:
        return MetricFit(graph.metric, None, 0, 0, 0)
    own = _nearest_linked(graph, rows, among, graph.metric)
    best = MetricFit(graph.metric, None, len(rows), 0, 0)
    for metric in OTHERS[graph.metric]:
        linked = _nearest_linked(graph, rows, among, metric)
        gained, lost = int((linked & ~own).sum()), int((own & ~linked).sum())
        if best.other is None or gained - lost > best.other_only - best.stated_only:
            best = MetricFit(graph.metric, metric, len(rows), lost, gained)
    return best


def metric_words(fit: MetricFit) -> str:
    """What is wrong with the stated metric and what to do, or nothing.

    >>> metric_words(MetricFit("euclidean", "inner_product", 1000, 12, 640))[:60]
    'The links contradict the metric euclidean: of 1,000 rows, 64'
    """
    if not fit.contradicted or fit.other is None:
        return ""
    stated, other = (metric_name(metric) for metric in (fit.stated, fit.other))
    return (
        f"The links contradict the metric {stated}: of {fit.checked:,} rows, {fit.other_only:,} "
        f"link to their nearest row under {other} only, and {fit.stated_only:,} under {stated} "
        f"only. The index was most likely built with {other}: open it with that metric."
    )


def with_metric_note(graph: HnswGraph) -> HnswGraph:
    """The graph with what `metric_words` says of it among its notes, where it says something."""
    words = metric_words(metric_fit(graph))
    return replace(graph, notes=(*graph.notes, words)) if words else graph


def with_metric(graph: HnswGraph, metric: Metric) -> HnswGraph:
    """The graph of a file that holds no metric, opened with another one; arrays are shared.

    Raises ParameterError where the file holds its metric, or for "cosine", which needs rows of
    length 1: read the file again.
    """
    metric = check_metric(metric)
    if not graph.metric_stated or metric == "cosine":
        raise ParameterError(
            f"metric must be euclidean or inner_product, of a graph whose file holds no metric; "
            f"got {metric!r} for a graph of a {graph.source}. Read the file again with metric=."
        )
    said = metric_words(metric_fit(graph))
    notes = tuple(note for note in graph.notes if note != said)
    return with_metric_note(replace(graph, metric=metric, notes=notes))


def _nearest_linked(
    graph: HnswGraph, rows: Rows, among: Rows, metric: Metric
) -> npt.NDArray[np.bool_]:
    """Whether a link of each row is as near as the nearest other row of `among`, (r,)."""
    place = np.searchsorted(among, rows)
    near = exact_neighbors(
        graph.vectors[among], graph.vectors[rows], 1, metric=metric, exclude=place
    ).distances[:, 0]
    return np.asarray(
        _nearest_link(graph, rows, metric) <= near + ROUNDING * (1.0 + np.abs(near - 1.0))
    )


def _nearest_link(graph: HnswGraph, rows: Rows, metric: Metric) -> Float64s:
    """Distance of each row to the nearest end of its links on layer 0, (r,)."""
    starts, counts = graph.base.indptr[rows], graph.base.degrees[rows]
    sources = np.repeat(rows, counts)
    targets = graph.base.targets[ranges(starts, counts)]
    distances = np.empty(len(targets))
    for start in range(0, len(targets), LINKS_AT_ONCE):
        part = slice(start, start + LINKS_AT_ONCE)
        left, right = graph.vectors[sources[part]], graph.vectors[targets[part]]
        distances[part] = paired_distances(left, right, metric)
    distances[graph.deleted[targets] | ~np.isfinite(distances)] = np.inf
    return np.asarray(np.minimum.reduceat(distances, np.cumsum(counts) - counts))


def _one_length(graph: HnswGraph, live: Rows) -> bool:
    """Whether the live rows have length 1, or some other length that is the same for all."""
    shortest, longest = np.inf, 0.0
    for start in range(0, len(live), LINKS_AT_ONCE):
        block = graph.vectors[live[start : start + LINKS_AT_ONCE]].astype(np.float64)
        lengths = np.linalg.norm(block, axis=1)
        lengths = lengths[np.isfinite(lengths)]
        shortest = lengths.min(initial=shortest)
        longest = lengths.max(initial=longest)
        if longest - shortest > UNIT * longest:
            return False
    return True


def _finite(graph: HnswGraph, rows: Rows) -> Rows:
    """The rows without an infinity or a NaN, which have no nearest row."""
    return rows[np.isfinite(graph.vectors[rows]).all(axis=1)]


def _drawn(random: np.random.Generator, rows: Rows, most: int) -> Rows:
    return rows if len(rows) <= most else np.sort(random.choice(rows, most, replace=False))


def _sign_test(few: int, total: int) -> float:
    """Chance that a fair coin thrown `total` times shows heads at most `few` times."""
    return float(sum(comb(total, heads) for heads in range(few + 1)) / 2**total)
