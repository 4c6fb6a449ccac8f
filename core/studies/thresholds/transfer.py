"""A threshold set on one half of the classes and used on the other: promised and got."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels, check_number, check_rows, check_whole
from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.metrics.pair_counts import PairCounts, count_pairs
from core.metrics.score_counts import accepted
from core.progress import Progress, counted, part, unheard
from core.studies.thresholds.class_sample import class_sample

Int64s = npt.NDArray[np.int64]
ROWS, SPLITS = 10_000, 20
BUNDLES = 64  # of classes, where there are more
FEWEST_CLASSES = 4
TRIES = 50  # for each split that differs from those before


@dataclass(frozen=True, eq=False)
class TransferAt:
    """One asked FAR in S splits, all (S,); NaN where the half it was set on cannot resolve it.

    thresholds: scores. far_set, tar_set: on the half on which the threshold was set: the highest
    FAR up to the asked one. far_met, tar_met: on the other half.
    """

    asked: float
    thresholds: Float64s
    far_set: Float64s
    far_met: Float64s
    tar_set: Float64s
    tar_met: Float64s

    @property
    def resolved(self) -> npt.NDArray[np.bool_]:
        """Which splits have enough pairs, (S,)."""
        return np.isfinite(self.far_set)


@dataclass(frozen=True, eq=False)
class Transfer:
    """Rates at L thresholds on both halves of the classes, in S splits.

    thresholds: (L,) scores, ascending; the last accepts nothing. far_set, far_met, tar_set,
    tar_met: (S, L) of all pairs within the half on which a threshold is set, and within the other.
    impostors: (S,) impostor pairs of the former. classes: of two members or more, in all. rows: of
    the `n` rows with a label, drawn with `seed`, which also drew the splits.
    """

    thresholds: Float64s
    far_set: Float64s
    far_met: Float64s
    tar_set: Float64s
    tar_met: Float64s
    impostors: Int64s
    classes: int
    rows: int
    n: int
    seed: int
    metric: Metric

    @property
    def splits(self) -> int:
        """Number of splits."""
        return len(self.far_set)

    @property
    def is_sample(self) -> bool:
        """Whether some rows with a label were left out."""
        return self.rows < self.n

    @property
    def finest_far(self) -> float:
        """The smallest FAR that every split resolves."""
        return float(1.0 / self.impostors.min())

    def at(self, far: float) -> TransferAt:
        """The strictest rule: the lowest threshold whose FAR is at most `far`, within (0, 1]."""
        if not 0 < check_number(far, "far") <= 1:
            raise ParameterError(f"far must be above 0 and at most 1; got {far!r}.")
        place = np.argmax(self.far_set <= far, axis=1)
        line = np.arange(self.splits)
        seen = far * self.impostors >= 1
        rates = (self.far_set, self.far_met, self.tar_set, self.tar_met)
        return TransferAt(
            far,
            np.where(seen, self.thresholds[place], np.nan),
            *(np.where(seen, rate[line, place], np.nan) for rate in rates),
        )


def transfer(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    metric: Metric = "cosine",
    splits: int = SPLITS,
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Transfer:
    """Split the classes of `vectors` (n, d) with integer `labels` (n,) into halves, many times.

    labels: below 0 for a missing one, whose rows are left out; rows alone in their class are
    impostors in their half. splits: different ones, fewer where so few classes have no more. rows:
    where more have a label, about so many are drawn (`class_sample`). Above 64 classes, they are
    first thrown together at random into 64 bundles, and the bundles are split. All pairs are
    counted, in one walk. Raises ParameterError with fewer than four classes of two members, for
    each half needs two.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given)).astype(np.int64)
    splits = check_count(splits, "splits")
    rows = check_whole(rows, "rows", 20)
    report = progress or unheard
    report(0.0, "drawing classes")
    sample = class_sample(codes, rows, seed=seed)
    random = np.random.default_rng(seed)
    bundles, classes = _bundles(codes[sample], random)
    counts = count_pairs(
        given[sample],
        codes[sample],
        metric=metric,
        groups=bundles,
        progress=counted(part(report, 0.05, 0.95), "{:,} of {:,} pairs"),
    )
    halves = _halves(int(bundles.max()) + 1, splits, random)
    here, there = _within(counts, halves), _within(counts, ~halves)
    edges = counts.scale.edges
    return Transfer(
        thresholds=np.append(edges[counts.level_edges], np.inf),
        far_set=here.far,
        far_met=there.far,
        tar_set=here.tar,
        tar_met=there.tar,
        impostors=here.impostors,
        classes=classes,
        rows=len(sample),
        n=int(np.count_nonzero(codes >= 0)),
        seed=seed,
        metric=metric,
    )


def _bundles(codes: Int64s, random: np.random.Generator) -> tuple[Int64s, int]:
    """The bundle of each row, and how many classes have two members; no class is torn apart."""
    _, inverse, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    able = random.permutation(np.flatnonzero(sizes > 1))
    if len(able) < FEWEST_CLASSES:
        raise ParameterError(
            f"at least {FEWEST_CLASSES} classes of two or more members are needed, two for each "
            f"half; got {len(able)}. Choose a label column of more classes."
        )
    many = min(BUNDLES, len(able))
    of_class = np.empty(len(sizes), dtype=np.int64)
    of_class[able] = np.arange(len(able)) % many
    alone = random.permutation(np.flatnonzero(sizes == 1))
    of_class[alone] = np.arange(len(alone)) % many
    return of_class[inverse], len(able)


def _halves(bundles: int, splits: int, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which bundles a threshold is set on, (S, bundles): different halves, half of all in each."""
    found: dict[bytes, npt.NDArray[np.bool_]] = {}
    for _ in range(TRIES * splits):
        if len(found) == splits:
            break
        half = np.zeros(bundles, dtype=bool)
        half[random.permutation(bundles)[: bundles // 2]] = True
        found.setdefault(half.tobytes(), half)
    return np.array(list(found.values()))


@dataclass(frozen=True, eq=False)
class _Rates:
    """Rates within halves, (S, L), and how many impostor pairs each has, (S,)."""

    far: Float64s
    tar: Float64s
    impostors: Int64s


def _within(counts: PairCounts, halves: npt.NDArray[np.bool_]) -> _Rates:
    assert counts.group_genuine is not None
    assert counts.group_impostor is not None
    inside = halves.astype(np.float64)
    shares, totals = [], []
    for kind in (counts.group_impostor, counts.group_genuine):
        both = np.einsum("sg,ghl,sh->sl", inside, kind.astype(np.float64), inside, optimize=True)
        own = np.einsum("sg,ggl->sl", inside, kind.astype(np.float64))
        pairs = accepted((both + own) / 2)  # `both` has each pair of two groups twice
        shares.append(pairs[:, 1:] / pairs[:, :1])
        totals.append(pairs[:, 0])
    return _Rates(shares[0], shares[1], totals[0].astype(np.int64))
