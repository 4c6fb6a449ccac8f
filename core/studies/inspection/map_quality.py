"""How far a map can be trusted: neighbors that it invents, tears apart and keeps.

With n rows, U_k(i) the rows that are among the k nearest of row i on the map but not in truth,
V_k(i) those that are so in truth but not on the map, r(i, j) the true rank of j from i and r'(i, j)
that on the map (1 is the nearest), each row has

    trustworthiness  1 - c sum over j in U_k(i) of (r(i, j) - k)
    continuity       1 - c sum over j in V_k(i) of (r'(i, j) - k),   c = 2 / (k (2 n - 3 k - 1))

and the means over all rows are the two figures of Venna and Kaski (2001, Neighborhood preservation
in nonlinear projection methods: an experimental study, ICANN, LNCS 2130). c makes the worst map 0
for k < n / 2. Of rows at equal distances the lower id is the nearer, also on the map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids, check_labels, check_rows
from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.index import exact_neighbors, exact_ranks, neighbors_and_ranks
from core.intervals import normal_half_width
from core.progress import CountProgress, unheard
from core.studies.parts.sampling import sample_rows

FEWEST_IN_GROUP = 30  # measured rows; the mean of fewer says little
FAR = 10  # times k: the map rank beyond which a thread is torn
FAR_SHARE = 0.1  # of all rows, where that is fewer
MAP_NEIGHBORS, MAP_RANKS = 0.05, 0.15  # of the work: the two passes over the map

Ids = npt.NDArray[np.int64]
Figure = Literal["kept", "trust", "continuity"]
FIGURES: tuple[Figure, ...] = ("kept", "trust", "continuity")


@dataclass(frozen=True, eq=False)
class MapQuality:
    """What a map is worth at each of the rows (q,) that were measured, ascending, of n.

    kept: (q,) share of the k true nearest that are among the k nearest on the map. trust,
    continuity: (q,) terms of the two figures, in [0, 1]; 1 - trust is how much of a row's
    neighborhood on the map is false, 1 - continuity how far its true one is torn apart. The rows
    are all, or a sample of them drawn with `seed`.
    """

    rows: Ids
    kept: Float64s
    trust: Float64s
    continuity: Float64s
    k: int
    n: int
    seed: int

    @property
    def is_sample(self) -> bool:
        """Whether some rows of the data were not measured."""
        return len(self.rows) < self.n

    def of(self, figure: Figure) -> Float64s:
        """(q,) one of the figures."""
        return {"kept": self.kept, "trust": self.trust, "continuity": self.continuity}[figure]

    def mean(self, figure: Figure) -> float:
        """Mean over the rows; of all rows it is the figure of the map."""
        return float(self.of(figure).mean())

    def half_width(self, figure: Figure) -> float:
        """Half of the 95 % interval (normal) of the mean; 0 where every row was measured."""
        return float(normal_half_width(self.of(figure))) if self.is_sample else 0.0


def map_quality(
    vectors: Floats,
    coordinates: Floats,
    k: int = 15,
    *,
    metric: Metric,
    rows_at_most: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> MapQuality:
    """Trustworthiness, continuity and the share of true neighbors kept, of each row.

    vectors: (n, d), near by `metric`. coordinates: (n, any) on the map, near by Euclidean distance.
    rows_at_most: where there are more rows, so many are drawn with `seed`; by default all are
    measured.
    threads: default all cores. progress: called as progress(rows done, rows), where rows count by
    the share of their work that is done; an exception that it raises stops the work.

    One pass over the products of the rows measured with all rows gives their true neighbors and the
    true ranks of those that the map shows near; two over the map, which is small, the rest. All of
    100,000 x 384 rows and their PCA take 246 s of processors, two minutes on two free cores
    (benchmarks/map_quality.py).
    Memory beyond the input: one float32 copy of the vectors, some megabytes, and (q, 6 k) ids.
    Raises ParameterError where the arguments are not of the same rows, or k is not below n / 2.
    """
    points, places = check_rows(vectors, "vectors"), check_rows(coordinates, "coordinates")
    n = len(points)
    _check(n, len(places), check_count(k, "k"))
    rows = sample_rows(n, n if rows_at_most is None else rows_at_most, seed=seed)
    on_map, here = (places, points) if len(rows) == n else (places[rows], points[rows])
    shown = exact_neighbors(
        places,
        on_map,
        k,
        metric="euclidean",
        exclude=rows,
        threads=threads,
        progress=_part(progress, 0.0, MAP_NEIGHBORS),
    ).ids
    near, ranks = neighbors_and_ranks(
        points,
        here,
        k,
        shown,
        metric=metric,
        exclude=rows,
        threads=threads,
        progress=_part(progress, MAP_NEIGHBORS, 1.0 - MAP_RANKS),
    )
    missed = _unless_in(near.ids, shown)
    map_ranks = exact_ranks(
        places,
        on_map,
        missed,
        metric="euclidean",
        exclude=rows,
        threads=threads,
        progress=_part(progress, 1.0 - MAP_RANKS, 1.0),
    )
    kept = 1.0 - (missed >= 0).mean(axis=1)
    return MapQuality(rows, kept, _terms(ranks, n), _terms(map_ranks, n), k, n, seed)


def _part(progress: CountProgress | None, start: float, end: float) -> CountProgress:
    """The report of one of several passes over the same rows, as rows of the whole."""
    if progress is None:
        return unheard
    return lambda done, total: progress(round(start * total + (end - start) * done), total)


def _check(n: int, placed: int, k: int) -> None:
    if n != placed:
        raise ParameterError(
            f"vectors and coordinates must be of the same rows; got {n:,} and {placed:,}."
        )
    if 2 * k >= n:
        raise ParameterError(
            f"k must be below half of the {n:,} rows, for the worst map to have 0; got {k:,}. "
            "Lower k."
        )


def _terms(ranks: Ids, n: int) -> Float64s:
    """(q,) 1 - c sum of (rank - k) over the ranks (q, k) beyond k, of n rows."""
    k = ranks.shape[1]
    beyond = np.maximum(ranks - k, 0).sum(axis=1)
    return np.asarray(1.0 - 2.0 * beyond / (k * (2 * n - 3 * k - 1)))


def _unless_in(ids: Ids, known: Ids) -> Ids:
    """`ids` (q, k) with -1 in place of those that their line of `known` (q, k) holds."""
    found = np.zeros(ids.shape, dtype=bool)
    for column in known.T:
        found |= ids == column[:, None]
    return np.where(found, -1, ids)


@dataclass(frozen=True)
class GroupQuality:
    """The means of the rows of one group.

    count: its measured rows. half_width: half of the 95 % interval of `kept`, 0 where all rows of
    the data were measured.
    """

    name: str
    count: int
    kept: float
    trust: float
    continuity: float
    half_width: float


def quality_by_group(
    quality: MapQuality,
    codes: npt.NDArray[np.integer[Any]],
    names: Sequence[str],
    *,
    fewest: int = FEWEST_IN_GROUP,
) -> tuple[GroupQuality, ...]:
    """The quality in each group, the group that keeps the fewest neighbors first.

    codes: (n,) of every row of the data into `names`; a negative code is no group. fewest: groups
    with fewer measured rows are left out.
    """
    here = check_labels(codes, quality.n, "codes")[quality.rows]
    groups = []
    for code, name in enumerate(names):
        inside = here == code
        if np.count_nonzero(inside) < max(fewest, 1):
            continue
        kept, trust, continuity = (quality.of(figure)[inside] for figure in FIGURES)
        half = float(normal_half_width(kept)) if quality.is_sample else 0.0
        means = float(kept.mean()), float(trust.mean()), float(continuity.mean())
        groups.append(GroupQuality(name, len(kept), *means, half))
    return tuple(sorted(groups, key=lambda group: group.kept))


@dataclass(frozen=True)
class MapComparison:
    """One figure of two maps of the same data: means over the same rows.

    difference: right - left. half_width: half of the 95 % interval of the difference, row by row; 0
    where every row was measured.
    """

    figure: Figure
    left: float
    right: float
    difference: float
    half_width: float

    @property
    def is_certain(self) -> bool:
        """Whether the difference is beyond its interval."""
        return abs(self.difference) > self.half_width


def compare_maps(left: MapQuality, right: MapQuality) -> tuple[MapComparison, ...]:
    """Each figure of two maps side by side, with the difference over the same rows.

    Raises ParameterError where they were not measured on the same rows with the same k.
    """
    if left.k != right.k or left.n != right.n or not np.array_equal(left.rows, right.rows):
        raise ParameterError(
            "two maps are compared on the same rows with the same k; got "
            f"{len(left.rows):,} and {len(right.rows):,} rows, k = {left.k} and {right.k}. Take "
            "as many rows, and the same k and seed, for both."
        )
    found = []
    for figure in FIGURES:
        apart = right.of(figure) - left.of(figure)
        half = float(normal_half_width(apart)) if left.is_sample else 0.0
        means = left.mean(figure), right.mean(figure)
        found.append(MapComparison(figure, *means, float(apart.mean()), half))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Threads:
    """What a map makes of one item's neighbors: row ids.

    near: true neighbors that the map has near, nearest in truth first. torn: true neighbors that it
    put far away, in the same order. false: those of the nearest on the map, nearest first, that are
    no true neighbors.
    """

    near: Ids
    torn: Ids
    false: Ids


def threads_of(
    coordinates: Floats,
    item: int,
    true_ids: npt.ArrayLike,
    k: int,
    *,
    far: int | None = None,
) -> Threads:
    """Which of an item's k true neighbors its map has near, and which of its k nearest are false.

    coordinates: (n, 2 or 3). true_ids: (m,) row ids, nearest first, without the item. The first k
    are near or torn; all of them are no false neighbors, so that of a longer list only those are
    false that are far in truth. A list that holds fewer than k counts as it is.
    far: the rank on the map beyond which a true neighbor is torn: by default 10 k, or a tenth of
    the n rows where that is fewer, but at least k. That is a choice: a true neighbor at rank k + 1,
    which continuity counts with 1, is still beside the item.

    >>> line = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    >>> found = threads_of(line, 0, [3, 1], 2)
    >>> found.near.tolist(), found.torn.tolist(), found.false.tolist()
    ([1], [3], [2])
    """
    drawn = check_rows(coordinates, "coordinates")
    true = np.asarray(check_ids(true_ids, "true_ids", len(drawn), empty=False), dtype=np.int64)
    n, asked = len(drawn), check_count(k, "k")
    beyond = max(asked, min(FAR * asked, int(FAR_SHARE * n))) if far is None else far
    here, first = drawn[[item]], true[:asked]
    shown = exact_neighbors(drawn, here, min(asked, n - 1), metric="euclidean", exclude=[item]).ids[
        0
    ]
    ranks = exact_ranks(drawn, here, first[None], metric="euclidean", exclude=[item])[0]
    false = shown[~np.isin(shown, true)]
    return Threads(first[ranks <= beyond], first[ranks > beyond], false)
