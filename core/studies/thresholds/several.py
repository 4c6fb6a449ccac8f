"""What several thresholds, or scores normalized by a cohort, would win over one threshold.

Each class's members are cut into two halves: on the one everything is set (thresholds, clusters,
the cohort), of the other are the figures. A trial has an enrolled row, whose class is what is
claimed, and a probe; each pair of rows gives two trials. With s a trial's score, e its enrolled row
and p its probe, mean and sd those of a row's scores with its cohort:

| way              | accepted iff                                                           |
|------------------|------------------------------------------------------------------------|
| one threshold    | s >= t                                                                 |
| per class        | s >= t of the class of e                                               |
| per cluster      | s >= t of the k-means cluster that e lies in                           |
| z-norm           | z(e) = (s - mean_e) / sd_e >= t                                        |
| s-norm           | (z(e) + z(p)) / 2 >= t                                                 |
| adaptive s-norm  | the same, mean and sd over the N scores of each cohort that are highest |

The thresholds of classes, and of clusters, are those at which each of them has the same FRR, or the
same FAR, on the setting half. The cohort of a row is the setting half but for its own class, as the
cohort of a deployment holds nobody who is enrolled. Sources: Auckenthaler, Carey and Lloyd-Thomas
2000 for z-norm; Kenny 2010 for s-norm; Matejka et al., Interspeech 2017, for adaptive s-norm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.checks import (
    check_choice,
    check_count,
    check_labels,
    check_rows,
    check_whole,
)
from core.distances import Float64s, Floats, Metric, check_metric, unit_rows
from core.errors import ParameterError
from core.intervals import middle_95
from core.metrics.opis_score import utility
from core.metrics.pair_scores import PairScores
from core.metrics.score_counts import accepted
from core.progress import Progress, unheard
from core.studies.thresholds.class_sample import class_sample

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
ONE = "one threshold"
PER_CLASS, PER_CLUSTER = "per class", "per cluster"
Z_NORM, S_NORM, ADAPTIVE = "z-norm", "s-norm", "adaptive s-norm"
WAYS = (ONE, PER_CLASS, PER_CLUSTER, Z_NORM, S_NORM, ADAPTIVE)
Equal = Literal["FRR", "FAR"]
ROWS = 4_000
FARS = (0.1, 0.01, 0.001, 0.0001)
CLASS_CELLS = 1 << 21  # bins of all classes
FEWEST_BINS, MOST_BINS = 1 << 9, 1 << 13
AT_ONCE = 256  # rows whose scores are held at a time
ROUNDING = 1e-12  # of a share of trials that should be whole
OPIS_FARS: Float64s = np.linspace(0.01, 0.10, 46)
FAR_KNOTS: Float64s = np.append(0.0, np.geomspace(1e-5, 1.0, 200))
FRR_KNOTS: Float64s = np.linspace(0.0, 1.0, 201)
FEWEST = 10  # trials of the setting half that a group's own threshold rests on
RESAMPLES = 200
FEWEST_MEMBERS = 4  # of a class: two for each half
LEAST_SD = 1e-9  # of the largest, for a row as near to all of its cohort


@dataclass(frozen=True, eq=False)
class WayFigures:
    """What one way gives on held-out members at one overall FAR; T classes.

    far: the highest overall FAR up to the asked one. frr: of all trials. class_far, class_frr,
    class_utility: (T,) of the trials whose enrolled row is in the class. frr_interval, frr_gain:
    95 % by bootstrap over classes; frr_gain: how much lower than with one threshold.
    """

    way: str
    far: float
    frr: float
    class_far: Float64s
    class_frr: Float64s
    class_utility: Float64s
    frr_interval: tuple[float, float]
    frr_gain: tuple[float, float]

    @property
    def worst(self) -> int:
        """Index of the class of lowest utility."""
        return int(np.argmin(self.class_utility))


@dataclass(frozen=True)
class WayOpis:
    """Mean over classes and over overall FARs from 1 % to 10 % of (utility - mean utility)^2.

    interval, gain: 95 % by bootstrap over classes; gain: how much lower than with one threshold.
    """

    value: float
    interval: tuple[float, float]
    gain: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Several:
    """Figures of each way on held-out members; T classes.

    opis: by way. at: by FAR, then by way, `ONE` first. classes, members: (T,) labels, and held-out
    members. held_out, set_on: row ids of both halves, ascending. impostors: trials, the same for
    each way. rows: of the `n` rows in classes of four members or more, drawn with `seed`. left_out:
    classes of fewer members. equal, clusters, top: of the ways that have them.
    """

    opis: dict[str, WayOpis]
    at: dict[float, dict[str, WayFigures]]
    classes: Int64s
    members: Int64s
    held_out: Int64s
    set_on: Int64s
    impostors: int
    rows: int
    n: int
    left_out: int
    equal: Equal
    clusters: int
    top: int
    seed: int

    @property
    def is_sample(self) -> bool:
        """Whether some rows were left out."""
        return self.rows < self.n


def several(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    metric: Metric = "cosine",
    equal: Equal = "FRR",
    clusters: int = 8,
    top: int = 200,
    far: Sequence[float] = FARS,
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Several:
    """Score the held-out members of `vectors` (n, d) with integer `labels` (n,) in each way.

    labels: below 0 for a missing one, whose rows are left out, as are classes of fewer than four
    members. equal: the rate that is the same for every class, and every cluster, on the setting
    half where each has a threshold of its own. clusters: of k-means on the setting half, at most as
    many as its rows. top: N of the adaptive s-norm, at most the rows of the smallest cohort. far:
    overall FARs, of which those below one impostor trial are left out. rows: where more remain,
    about so many are drawn (`class_sample`), half of which are held out. seed: of the sample, the
    halves, k-means and the resamples. Raises ParameterError with fewer than two such classes.
    """
    check_metric(metric)
    given = check_rows(vectors, "vectors")
    given_codes = check_labels(labels, len(given)).astype(np.int64)
    codes = _large_classes(given_codes)
    check_choice(equal, "equal", get_args(Equal))
    clusters, top = check_count(clusters, "clusters"), check_whole(top, "top", 2)
    rows = check_whole(rows, "rows", 20)
    report = progress or unheard
    report(0.0, "drawing the halves")
    sample = class_sample(codes, rows, seed=seed)
    sample = sample[np.argsort(codes[sample], kind="stable")]
    kept = _large_classes(codes[sample]) >= 0  # a stratified sample may leave fewer
    sample = sample[kept]
    setting = _halves(codes[sample], np.random.default_rng(seed))
    data = _Data(given[sample], codes[sample], setting, metric)
    clusters, top = min(clusters, int(setting.sum())), min(top, data.smallest_cohort)
    report(0.1, "thresholds of classes and clusters")
    of_cluster = _clusters(data, clusters, seed)
    report(0.3, "cohorts")
    transforms = _transforms(data, of_cluster, equal, top)
    drawn = _resamples(len(data.classes), seed)
    results = {}
    for place, way in enumerate(WAYS):
        report(0.5 + 0.5 * place / len(WAYS), way)
        results[way] = _Result(_count(data, transforms[way]), far, drawn)
    one = results[ONE]
    return Several(
        opis={way: result.opis_beside(one) for way, result in results.items()},
        at={
            rate: {way: result.figures(way, rate, one) for way, result in results.items()}
            for rate in one.far
        },
        classes=data.classes,
        members=np.bincount(data.held_class, minlength=len(data.classes)),
        held_out=np.sort(sample[~setting]),
        set_on=np.sort(sample[setting]),
        impostors=one.impostors,
        rows=len(sample),
        n=int(np.count_nonzero(codes >= 0)),
        left_out=_class_count(given_codes) - _class_count(codes),
        equal=equal,
        clusters=clusters,
        top=top,
        seed=seed,
    )


def _class_count(codes: Int64s) -> int:
    return len(np.unique(codes[codes >= 0]))


def _large_classes(codes: Int64s) -> Int64s:
    """The codes, -1 for those of classes with too few members."""
    names, inverse, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    large = (names >= 0) & (sizes >= FEWEST_MEMBERS)
    if np.count_nonzero(large) < 2:
        raise ParameterError(
            f"at least two classes of {FEWEST_MEMBERS} or more members are needed, two for each "
            f"half; got {np.count_nonzero(large)}. Choose a label column of larger classes."
        )
    return np.where(large[inverse], codes, -1)


def _halves(codes: Int64s, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which rows things are set on, (n,): half of each class, the odd one held out."""
    setting = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        members = random.permutation(np.flatnonzero(codes == code))
        setting[members[: len(members) // 2]] = True
    return setting


class _Data:
    """The rows of both halves, class after class, and their scores."""

    def __init__(
        self,
        vectors: Floats,
        codes: Int64s,
        setting: npt.NDArray[np.bool_],
        metric: Metric,
    ) -> None:
        self.vectors, self.metric = vectors, metric
        self.classes, slots = np.unique(codes, return_inverse=True)
        self.set_rows, self.held_rows = np.flatnonzero(setting), np.flatnonzero(~setting)
        self.set_class: Int64s = slots[self.set_rows]
        self.held_class: Int64s = slots[self.held_rows]
        self._scores = PairScores(np.ascontiguousarray(vectors), metric)

    @property
    def smallest_cohort(self) -> int:
        return len(self.set_rows) - int(np.bincount(self.set_class).max())

    def held(self, rows: Int64s) -> Float64s:
        """Scores of some of the m held-out rows with all of them, (r, m)."""
        return self._held[rows]

    @cached_property
    def _held(self) -> Float64s:
        return self._scores.between(self.held_rows, self.held_rows)

    def cohort(self) -> Float64s:
        """Scores of the held-out with the setting rows, (m, s), NaN within a class."""
        scores = self._scores.between(self.held_rows, self.set_rows)
        scores[self.held_class[:, None] == self.set_class[None, :]] = np.nan
        return scores

    def of_setting(self) -> Float64s:
        """Scores of the setting rows with one another, (s, s)."""
        return self._scores.between(self.set_rows, self.set_rows)


@dataclass(frozen=True, eq=False)
class _Cluster:
    """The cluster of each setting and of each held-out row."""

    setting: Int64s
    held: Int64s


def _clusters(data: _Data, clusters: int, seed: int) -> _Cluster:
    from sklearn.cluster import KMeans  # late: the app opens without it

    rows = unit_rows(data.vectors) if data.metric == "cosine" else data.vectors
    model = KMeans(clusters, n_init=1, random_state=seed).fit(
        np.asarray(rows[data.set_rows], dtype=np.float64)
    )
    held = model.predict(np.asarray(rows[data.held_rows], dtype=np.float64))
    return _Cluster(np.asarray(model.labels_, np.int64), np.asarray(held, np.int64))


class _Shifted:
    """Scores moved by the group of the enrolled row, so that one threshold serves all groups."""

    def __init__(self, of_row: Int64s, thresholds: Float64s) -> None:
        """of_row: (m,) groups. thresholds: (groups, knots), ascending along the knots."""
        self._of_row, self._thresholds = of_row, thresholds

    def __call__(self, rows: Int64s, scores: Float64s) -> Float64s:
        moved = np.empty_like(scores)
        groups = self._of_row[rows]
        for group in np.unique(groups):
            lines, knots = groups == group, self._thresholds[group]
            own = scores[lines]
            place = np.interp(own, knots, np.arange(len(knots), dtype=np.float64))
            beyond = np.minimum(own - knots[0], 0) + np.maximum(own - knots[-1], 0)
            moved[lines] = place + beyond
        return moved


class _Normed:
    """Scores in standard deviations above the mean of the cohort, of one or of both ends."""

    def __init__(self, mean: Float64s, sd: Float64s, *, symmetric: bool) -> None:
        """mean, sd: (m,) of each held-out row's scores with its cohort."""
        self._mean, self._symmetric = mean, symmetric
        self._sd = np.maximum(sd, LEAST_SD * (float(sd.max()) or 1.0))

    def __call__(self, rows: Int64s, scores: Float64s) -> Float64s:
        enrolled = (scores - self._mean[rows, None]) / self._sd[rows, None]
        if not self._symmetric:
            return np.asarray(enrolled)
        return np.asarray((enrolled + (scores - self._mean) / self._sd) / 2.0)


def _as_it_is(_rows: Int64s, scores: Float64s) -> Float64s:
    return scores


Transform = _Shifted | _Normed


def _transforms(
    data: _Data, of_cluster: _Cluster, equal: Equal, top: int
) -> dict[str, Transform | None]:
    """How each way changes the scores of a held-out row with all others; None: as they are."""
    classes, clusters = _thresholds(data, of_cluster, equal)
    cohort = data.cohort()
    mean, sd = np.nanmean(cohort, axis=1), np.nanstd(cohort, axis=1)
    cohort[np.isnan(cohort)] = -np.inf
    nearest = -np.partition(-cohort, top - 1, axis=1)[:, :top]
    return {
        ONE: None,
        PER_CLASS: _Shifted(data.held_class, classes),
        PER_CLUSTER: _Shifted(of_cluster.held, clusters),
        Z_NORM: _Normed(mean, sd, symmetric=False),
        S_NORM: _Normed(mean, sd, symmetric=True),
        ADAPTIVE: _Normed(nearest.mean(axis=1), nearest.std(axis=1), symmetric=True),
    }


def _thresholds(data: _Data, of_cluster: _Cluster, equal: Equal) -> tuple[Float64s, Float64s]:
    """Thresholds of the classes and of the clusters on the setting half, each (groups, knots)."""
    same = data.set_class[:, None] == data.set_class[None, :]
    scores = data.of_setting()
    if equal == "FAR":
        scores[same] = np.nan
        quantiles, fewest = 1.0 - FAR_KNOTS[::-1], FEWEST / np.maximum(FAR_KNOTS[::-1], 1e-300)
    else:
        scores[~same] = np.nan
        np.fill_diagonal(scores, np.nan)
        quantiles, fewest = FRR_KNOTS, np.full(len(FRR_KNOTS), float(FEWEST))
    clusters = int(of_cluster.setting.max()) + 1
    return (
        _of_groups(scores, data.set_class, len(data.classes), quantiles, fewest),
        _of_groups(scores, of_cluster.setting, clusters, quantiles, fewest),
    )


def _of_groups(
    scores: Float64s, groups: Int64s, count: int, quantiles: Float64s, fewest: Float64s
) -> Float64s:
    """Quantiles of the scores of each group's rows, (count, knots), ascending.

    scores: (s, s) of enrolled rows, whose groups (s,) are given, NaN where they do not count.
    fewest: (knots,) scores that a group needs; below, it follows all scores from its last own knot.
    """
    of_all = _quantiles(scores, quantiles)
    found = np.tile(of_all, (count, 1))
    for group in range(count):
        lines = scores[groups == group]
        told = np.count_nonzero(np.isfinite(lines)) >= fewest
        if told.any():
            own = _quantiles(lines, quantiles[told])
            found[group, told] = own
            found[group, ~told] = of_all[~told] + (own[-1] - of_all[told][-1])
    return np.maximum.accumulate(found, axis=1)


def _quantiles(scores: Float64s, quantiles: Float64s) -> Float64s:
    """Quantiles of the scores of any shape; NaN are left out."""
    return np.asarray(np.quantile(scores[np.isfinite(scores)], quantiles))


@dataclass(frozen=True, eq=False)
class _WayCounts:
    """Trials by the class of the enrolled row, accepted at each of the ascending borders.

    genuine, impostor: (T, bins + 1). Borders have a meaning within a way alone, so thresholds are
    named by the overall FAR that they give.
    """

    genuine: Float64s
    impostor: Float64s


def _count(data: _Data, transform: Transform | None) -> _WayCounts:
    """Count the trials of one way in even bins from the median of the impostors on.

    No threshold of interest lies below it; what does is in the first bin.
    """
    change = transform or _as_it_is
    held, owner = len(data.held_rows), data.held_class
    classes = len(data.classes)
    bins = int(np.clip(CLASS_CELLS // classes, FEWEST_BINS, MOST_BINS))
    counts = np.zeros((2, classes, bins), dtype=np.int64)
    low, width = _range(data, change, bins)
    for start in range(0, held, AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, held))
        values = change(rows, data.held(rows))
        place = np.clip((values - low) / width, 0, bins - 1).astype(np.int64)
        same = owner[rows, None] == owner[None, :]
        cell = place + owner[rows, None] * bins
        counts[1] += np.bincount(cell[~same], minlength=counts[1].size).reshape(classes, bins)
        same[np.arange(len(rows)), rows] = False
        counts[0] += np.bincount(cell[same], minlength=counts[0].size).reshape(classes, bins)
    genuine, impostor = (accepted(kind).astype(np.float64) for kind in counts)
    return _WayCounts(genuine, impostor)


def _range(
    data: _Data, change: Callable[[Int64s, Float64s], Float64s], bins: int
) -> tuple[float, float]:
    """Where the bins begin and how wide they are, from the trials of some rows."""
    held, owner = len(data.held_rows), data.held_class
    rows = np.unique(np.linspace(0, held - 1, min(held, AT_ONCE)).astype(np.int64))
    values = change(rows, data.held(rows))
    impostors = values[owner[rows, None] != owner[None, :]]
    values[np.arange(len(rows)), rows] = -np.inf
    low, high = float(np.median(impostors)), float(values.max())
    return low, max(high - low, 1e-9 * max(1.0, abs(low))) / bins


def _resamples(classes: int, seed: int) -> Float64s:
    """How often each class is drawn: once, and in each resample, (1 + r, T)."""
    random = np.random.default_rng(seed)
    drawn = random.multinomial(classes, np.full(classes, 1 / classes), size=RESAMPLES)
    return np.vstack([np.ones(classes), drawn])


class _Result:
    """Figures of one way, of all classes and of each resample of them."""

    def __init__(self, counts: _WayCounts, far: Sequence[float], drawn: Float64s) -> None:
        self._counts, self._drawn = counts, drawn
        self.impostors = int(counts.impostor[:, 0].sum())
        self.far = tuple(rate for rate in far if rate * self.impostors >= 1)
        self._genuine, self._impostor = counts.genuine[:, 0], counts.impostor[:, 0]
        alarms, hits = drawn @ counts.impostor, drawn @ counts.genuine  # (1 + r, bins + 1)
        self._border = _borders(alarms, self.far)
        self._frr = 1.0 - np.take_along_axis(hits, self._border, axis=1) / hits[:, :1]
        self._opis = self._opis_at(_borders(alarms, OPIS_FARS))

    def opis_beside(self, one: "_Result") -> WayOpis:
        """OPIS, and what it is lower by than with one threshold."""
        return WayOpis(
            float(self._opis[0]),
            _ends(self._opis[1:]),
            _ends(one._opis[1:] - self._opis[1:]),
        )

    def figures(self, way: str, far: float, one: "_Result") -> WayFigures:
        """Figures at a FAR, and what the FRR is lower by than with one threshold."""
        at = self.far.index(far)
        border = self._border[0, at]
        alarms = self._counts.impostor[:, border] / self._impostor
        hits = self._counts.genuine[:, border] / self._genuine
        frr = self._frr[:, at]
        return WayFigures(
            way=way,
            far=float(self._counts.impostor[:, border].sum() / self.impostors),
            frr=float(frr[0]),
            class_far=alarms,
            class_frr=1.0 - hits,
            class_utility=utility(hits, 1.0 - alarms),
            frr_interval=_ends(frr[1:]),
            frr_gain=_ends(one._frr[1:, at] - frr[1:]),
        )

    def _opis_at(self, borders: Int64s) -> Float64s:
        """OPIS of the classes as often as they are drawn, (1 + r,), from borders (1 + r, g)."""
        found = np.empty(len(borders))
        for draw, (border, weights) in enumerate(zip(borders, self._drawn, strict=True)):
            hits = self._counts.genuine[:, border] / self._genuine[:, None]
            alarms = self._counts.impostor[:, border] / self._impostor[:, None]
            of_class = utility(hits, 1.0 - alarms)
            shares = weights / weights.sum()
            found[draw] = np.mean(shares @ (of_class - shares @ of_class) ** 2)
        return found


def _borders(alarms: Float64s, far: npt.ArrayLike) -> Int64s:
    """The laxest border of an overall FAR of at most each `far` (f,), an index each, (r, f).

    alarms: (r, bins + 1) impostor trials accepted at each border.
    """
    shares = np.asarray(far, dtype=np.float64)
    return np.array(
        [
            np.searchsorted(-each, -(shares * each[0] + ROUNDING * each[0]), side="left")
            for each in alarms
        ]
    ).reshape(len(alarms), len(shares))


def _ends(draws: Float64s) -> tuple[float, float]:
    low, high = middle_95(draws)
    return float(low), float(high)
