"""The actual errors of a threshold: pairs, confusions of classes, labels and classes in doubt."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import check_count, check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric, unit_rows
from core.metrics.group_errors import GroupErrors
from core.metrics.pair_counts import Int64s, ScoredPairs
from core.metrics.pair_scores import PairScores
from core.progress import CountProgress, unheard
from core.studies.parts.sampling import sample_rows

COMPARED_ROWS = 2_000  # of each of two groups
BLOCK_ROWS = 4_096
NEARLY_ONE_CLASS = 0.8  # pairs between two classes pass nearly as often as pairs within


def wrongly_accepted(nearest: ScoredPairs, score: float, most: int) -> ScoredPairs:
    """The impostor pairs that a threshold accepts, of highest score first, at most so many."""
    return nearest.chosen(nearest.score >= score).first(most)


def wrongly_rejected(farthest: ScoredPairs, score: float, most: int) -> ScoredPairs:
    """The genuine pairs that a threshold rejects, of lowest score first, at most so many."""
    return farthest.chosen(farthest.score < score).first(most)


@dataclass(frozen=True, eq=False)
class PairsBetween:
    """Pairs with one end in each of two groups, the most striking first.

    pairs: of `compared` pairs, which are all, or those of 2,000 rows of each group.
    """

    pairs: ScoredPairs
    compared: int
    is_sample: bool


def pairs_between(
    vectors: Floats,
    labels: npt.NDArray[np.integer[Any]],
    left: npt.NDArray[np.integer[Any]],
    right: npt.NDArray[np.integer[Any]],
    *,
    metric: Metric,
    genuine: bool,
    most: int = 24,
    seed: int = 0,
) -> PairsBetween:
    """The impostor pairs of highest, or the genuine pairs of lowest score between two groups.

    vectors (n, d), labels (n,) of all rows; left, right: row ids of the groups, which may be the
    same. Rows with a label below 0 are in no pair. Of more than 2,000 rows as many are drawn with
    `seed`.
    """
    rows = check_rows(vectors, "vectors")
    codes, most = check_labels(labels, len(rows)), check_count(most, "most")
    left, right = (side[codes[side] >= 0] for side in (left, right))
    one, other = (
        side[sample_rows(len(side), COMPARED_ROWS, seed=seed)] if len(side) else side
        for side in (np.asarray(left, np.int64), np.asarray(right, np.int64))
    )
    both = np.unique(np.concatenate([one, other]))
    if not len(one) or not len(other):
        return PairsBetween(ScoredPairs(both[:0], both[:0], np.empty(0)), 0, False)
    scores = PairScores(np.ascontiguousarray(rows[both]), check_metric(metric))
    first, second = np.searchsorted(both, one), np.searchsorted(both, other)
    found = scores.between(first, second)
    same = codes[one][:, None] == codes[other][None, :]
    repeated = np.isin(one, other)[:, None] & np.isin(other, one)[None, :]
    wanted = (same == genuine) & (one[:, None] != other[None, :])
    wanted &= ~repeated | (one[:, None] < other[None, :])
    places = np.flatnonzero(wanted.ravel())
    keys = found.ravel()[places]
    order = np.argsort(keys if genuine else -keys, kind="stable")[:most]
    i, j = np.unravel_index(places[order], found.shape)
    exact = scores.of_pairs(first[i], second[j])
    best = np.argsort(exact if genuine else -exact, kind="stable")
    pairs = ScoredPairs(one[i][best], other[j][best], exact[best])
    sampled = len(one) < len(left) or len(other) < len(right)
    return PairsBetween(pairs, len(places), sampled)


def confusions(errors: GroupErrors, names: tuple[str, ...]) -> pd.DataFrame:
    """Pairs of different groups with accepted impostors, most accepted pairs first.

    TAR of a group: share of its genuine pairs accepted. ratio: the FMR over the smaller TAR of the
    two, near 1 where pairs between the groups pass as often as pairs within.
    """
    first, second = np.triu_indices(len(errors.pairs), 1)
    kept = errors.accepted[first, second] > 0
    first, second = first[kept], second[kept]
    tar, fmr = 1.0 - errors.fnmr, errors.fmr[first, second]
    within = np.fmin(tar[first], tar[second])
    frame = pd.DataFrame(
        {
            "group": [names[code] for code in first],
            "other group": [names[code] for code in second],
            "accepted impostor pairs": errors.accepted[first, second],
            "of pairs": errors.pairs[first, second],
            "FMR": fmr,
            "TAR within the groups": within,
            "ratio": np.divide(fmr, within, out=np.full(len(fmr), np.nan), where=within > 0),
        }
    )
    by = ["accepted impostor pairs", "FMR"]
    return frame.sort_values(by, ascending=False, kind="stable", ignore_index=True)


def nearly_one_class(found: pd.DataFrame) -> pd.DataFrame:
    """The lines of `confusions` whose classes the threshold hardly tells apart."""
    return found[found["ratio"] >= NEARLY_ONE_CLASS].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class DoubtfulLabels:
    """Rows nearer to the mean of another class than to that of their own, the clearest first.

    rows: (m,). own, other: (m,) labels. own_score, other_score: (m,) score with the mean of the
    other members of the own class, and with that of the other class.
    """

    rows: Int64s
    own: Int64s
    other: Int64s
    own_score: Float64s
    other_score: Float64s


def doubtful_labels(
    vectors: Floats,
    labels: npt.NDArray[np.integer[Any]],
    *,
    metric: Metric = "cosine",
    most: int = 200,
    progress: CountProgress | None = None,
) -> DoubtfulLabels:
    """Rows of `vectors` (n, d) whose label (n,) another class fits better, at most `most`.

    A class is its mean, a row left out of its own; under cosine of unit vectors. Classes of one
    member are left out. The order is by how much nearer the other class is. progress: called with
    the rows that are done, and all.
    """
    given = check_rows(vectors, "vectors")
    codes, most = check_labels(labels, len(given)), check_count(most, "most")
    check_metric(metric)
    names, inverse, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    eligible = (names >= 0) & (sizes > 1)
    members = np.flatnonzero(eligible[inverse])
    if np.count_nonzero(eligible) < 2:
        none = np.empty(0, np.int64)
        return DoubtfulLabels(none, none, none, np.empty(0), np.empty(0))
    slots = (np.cumsum(eligible) - 1)[inverse]
    names, sizes = names[eligible], sizes[eligible]
    sums = np.zeros((len(names), given.shape[1]))
    for start in range(0, len(members), BLOCK_ROWS):
        some = members[start : start + BLOCK_ROWS]
        np.add.at(sums, slots[some], _prepared(given[some], metric))
    own, other = np.empty(len(members)), np.empty(len(members))
    which = np.empty(len(members), np.int64)
    means, report = sums / sizes[:, None], progress or unheard
    for start in range(0, len(members), BLOCK_ROWS):
        report(start, len(members))
        part = slice(start, start + BLOCK_ROWS)
        some = members[part]
        rows, mine = _prepared(given[some], metric), slots[some]
        without = (sums[mine] - rows) / (sizes[mine] - 1)[:, None]
        own[part] = _score(rows, without, metric)
        scores = _scores(rows, means, metric)
        scores[np.arange(len(some)), mine] = -np.inf
        which[part] = scores.argmax(axis=1)
        other[part] = scores[np.arange(len(some)), which[part]]
    doubtful = np.flatnonzero(other > own)
    order = doubtful[np.argsort(own[doubtful] - other[doubtful], kind="stable")][:most]
    found = members[order]
    return DoubtfulLabels(
        rows=found,
        own=codes[found].astype(np.int64),
        other=names[which[order]].astype(np.int64),
        own_score=own[order],
        other_score=other[order],
    )


def _prepared(rows: Floats, metric: Metric) -> Float64s:
    return unit_rows(rows) if metric == "cosine" else rows.astype(np.float64)


def _score(rows: Float64s, means: Float64s, metric: Metric) -> Float64s:
    """Score of each row (m, d) with the mean (m, d) in the same place."""
    if metric == "euclidean":
        difference = rows - means
        return np.asarray(-np.einsum("ij,ij->i", difference, difference) / 2.0)
    target = unit_rows(means) if metric == "cosine" else means
    return np.asarray(np.einsum("ij,ij->i", rows, target))


def _scores(rows: Float64s, means: Float64s, metric: Metric) -> Float64s:
    """Score of each row (m, d) with each mean (T, d), (m, T)."""
    if metric == "euclidean":
        half = np.einsum("ij,ij->i", rows, rows) / 2.0
        of_means = np.einsum("ij,ij->i", means, means) / 2.0
        return np.asarray(rows @ means.T - half[:, None] - of_means)
    target = unit_rows(means) if metric == "cosine" else means
    return np.asarray(rows @ target.T)
