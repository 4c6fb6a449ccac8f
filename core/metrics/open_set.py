"""Identification with a threshold, where some queries belong to nothing that is stored.

Each query gives one answer, its top 1, with a score, the larger the surer. A query is known where
something stored is relevant to it, else unknown: its answer is an error whatever it says.

| figure | formula                                                                          |
|--------|----------------------------------------------------------------------------------|
| GAP    | (1/M) sum of P over the right answers; P: share of right answers among all       |
|        | answers of at least that score; M: known queries                                 |
| DIR@f  | known queries with the right answer and a score above the bar / known queries;   |
|        | the bar lets at most the share f of the unknown queries pass                     |
| AUC    | chance that a known query's score is above an unknown one's, ties one half       |

An unknown query counts as an error in P and is not in M. GAP is also called micro-AP. Sources:
Perronnin, Liu and Renders, CVPR 2009, and Weyand et al., "Google Landmarks Dataset v2", CVPR 2020
(arXiv 2004.01804) for GAP; Phillips, Grother and Micheals, "Evaluation Methods in Face
Recognition" (Handbook of Face Recognition, 2005) for the detection and identification rate, which
ISO/IEC 19795-1 calls the true positive identification rate. Equal scores are taken together, so
that the order of the queries changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_number, check_numbers, check_whole, got
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.intervals import middle_95

Bools = npt.NDArray[np.bool_]
AT_ONCE = 1 << 21  # weights of resamples that are held at a time
ROUNDING = 1e-9  # of a share times a count that should be whole


@dataclass(frozen=True, eq=False)
class OpenSet:
    """Answers of q queries, checked once; see the module.

    scores: (q,) of each answer. correct: (q,) whether it is relevant. known: (q,) whether anything
    stored is. Raises ParameterError for arrays of other shapes or types, scores that are not
    finite, a right answer to an unknown query, and without known or without unknown queries.
    """

    scores: Float64s
    correct: Bools
    known: Bools

    def __post_init__(self) -> None:
        scores = check_numbers(self.scores, "scores")
        if scores.ndim != 1 or not len(scores) or not np.isfinite(scores).all():
            raise ParameterError(f"scores must be (q,) finite numbers; got {got(scores)}.")
        for name in ("correct", "known"):
            flags = as_array(getattr(self, name), name)
            if flags.shape != scores.shape or flags.dtype.kind != "b":
                raise ParameterError(
                    f"{name} must be {len(scores):,} booleans, one per query; got {got(flags)}."
                )
            object.__setattr__(self, name, flags)
        object.__setattr__(self, "scores", scores)
        if (self.correct & ~self.known).any():
            raise ParameterError("an answer to an unknown query cannot be correct; mark it False.")
        if self.known.all() or not self.known.any():
            raise ParameterError(
                f"known and unknown queries are both needed; got {self.n_known:,} known of "
                f"{len(scores):,}."
            )

    @property
    def n_known(self) -> int:
        """Number of known queries."""
        return int(np.count_nonzero(self.known))

    @property
    def n_unknown(self) -> int:
        """Number of unknown queries."""
        return len(self.known) - self.n_known

    @property
    def rank_one(self) -> float:
        """Share of the known queries whose answer is right, without a threshold."""
        return float(np.count_nonzero(self.correct) / self.n_known)

    def bar(self, far: float) -> float:
        """The lowest score of an answer that passes where the share `far` of the unknown may.

        A query passes at this score or above; at most the share `far` of the unknown queries then
        does. Infinite where no answer passes. NaN for 0 < far < 1 / unknown queries, a rate that so
        few cannot resolve. Raises ParameterError unless far is within [0, 1].
        """
        passing = _passing(far, self.n_unknown)
        if passing is None:
            return float("nan")
        above = self._above(passing)
        return float(self.scores[above].min(initial=np.inf))

    def _above(self, passing: int) -> Bools:
        """Answers of a score that no more than `passing` unknown queries reach."""
        unknown = np.sort(self.scores[~self.known])[::-1]
        if passing >= len(unknown):
            return np.ones(len(self.scores), dtype=bool)
        return np.asarray(self.scores > unknown[passing])


@dataclass(frozen=True)
class OpenSetFigures:
    """Figures of an open set, each with the ends of its 95 % interval; see the module.

    gap, auc: (value, low, high). dir_at_far: the same for each FAR, NaN below resolution.
    """

    gap: tuple[float, float, float]
    auc: tuple[float, float, float]
    rank_one: tuple[float, float, float]
    dir_at_far: dict[float, tuple[float, float, float]]


def global_average_precision(scores: Floats, correct: Bools, known: Bools) -> float:
    """GAP of q answers: scores (q,), correct (q,), known (q,); see the module.

    >>> flags = np.array([True, False, True])
    >>> round(global_average_precision(np.array([0.9, 0.8, 0.7]), flags, flags), 4)
    0.8333
    """
    answers = _answers(scores, correct, known)
    return float(_gap(answers, np.ones((1, len(answers.scores))))[0])


def identification_rate(scores: Floats, correct: Bools, known: Bools, far: float) -> float:
    """DIR@far of q answers: scores (q,), correct (q,), known (q,); see the module.

    NaN for 0 < far < 1 / unknown queries. Raises ParameterError unless far is within [0, 1].
    """
    answers = _answers(scores, correct, known)
    passing = _passing(far, answers.n_unknown)
    if passing is None:
        return float("nan")
    right = answers.correct & answers._above(passing)
    return float(np.count_nonzero(right) / answers.n_known)


def known_auc(scores: Floats, known: Bools) -> float:
    """AUC of known (q,) against unknown queries by the scores (q,) of their answers."""
    answers = _answers(scores, np.zeros(np.shape(known), dtype=bool), known)
    return float(_auc(answers, np.ones((1, len(answers.scores))))[0])


def identification_curve(answers: OpenSet) -> tuple[Float64s, Float64s, Float64s]:
    """(far, rate, bar), each (u + 1,): DIR where 0, 1, ..., u of the u unknown queries may pass.

    bar: the score of the first unknown query that may not pass any more, -inf for the last.
    """
    unknown = np.sort(answers.scores[~answers.known])[::-1]
    right = np.sort(answers.scores[answers.correct])
    bar = np.append(unknown, -np.inf)
    rate = (len(right) - np.searchsorted(right, bar, side="right")) / answers.n_known
    return np.arange(len(unknown) + 1) / len(unknown), rate, bar


def open_set_figures(
    answers: OpenSet,
    *,
    far: Sequence[float] = (0.01, 0.1),
    resamples: int = 400,
    seed: int = 0,
) -> OpenSetFigures:
    """All figures of the module with 95 % intervals by bootstrap over queries.

    far: of the detection and identification rates. resamples: how often the known and the unknown
    queries, each kind among its own, are drawn with replacement, with `seed`; the bar is set anew
    in each, and the rates of one FAR share the draws of the others.
    """
    resamples, seed = check_count(resamples, "resamples"), check_whole(seed, "seed", 0)
    passing = {rate: _passing(rate, answers.n_unknown) for rate in far}
    resolved = [rate for rate, count in passing.items() if count is not None]
    random = np.random.default_rng(seed)
    ones = np.ones((1, len(answers.scores)))
    draws: list[Float64s] = []
    at_once = max(1, AT_ONCE // len(answers.scores))
    for start in range(0, resamples, at_once):
        weights = _weights(answers, min(at_once, resamples - start), random)
        draws.append(_figures(answers, weights, resolved))
    value = _figures(answers, ones, resolved)[:, 0]
    low, high = middle_95(np.concatenate(draws, axis=1).T)
    found = [(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)]
    undefined = (float("nan"),) * 3
    at = dict(zip(resolved, found[3:], strict=True))
    return OpenSetFigures(
        found[0], found[1], found[2], {rate: at.get(rate, undefined) for rate in passing}
    )


def _answers(scores: Floats, correct: Bools, known: Bools) -> OpenSet:
    return OpenSet(check_numbers(scores, "scores"), correct, known)


def _passing(far: float, unknown: int) -> int | None:
    """How many unknown queries may pass, or None below resolution."""
    if not 0 <= check_number(far, "far") <= 1:
        raise ParameterError(f"far must be between 0 and 1; got {far!r}.")
    count = int(np.floor(far * unknown + ROUNDING))
    return None if far > 0 and count == 0 else count


def _weights(answers: OpenSet, draws: int, random: np.random.Generator) -> Float64s:
    """How often each query is drawn, (draws, q); each kind keeps its number."""
    weights = np.empty((draws, len(answers.scores)))
    for kind in (answers.known, ~answers.known):
        count = int(np.count_nonzero(kind))
        weights[:, kind] = random.multinomial(count, np.full(count, 1 / count), size=draws)
    return weights


def _figures(answers: OpenSet, weights: Float64s, far: Sequence[float]) -> Float64s:
    """GAP, AUC, rank one and the rate at each FAR, (3 + f, r), of weights (r, q)."""
    known = weights[:, answers.known].sum(axis=1)
    right = weights[:, answers.correct].sum(axis=1)
    rates = [_rate(answers, weights, each) for each in far]
    return np.stack([_gap(answers, weights), _auc(answers, weights), right / known, *rates])


def _gap(answers: OpenSet, weights: Float64s) -> Float64s:
    order = np.argsort(-answers.scores, kind="stable")
    last = _last_of_ties(answers.scores[order])
    drawn = weights[:, order]
    right = drawn * answers.correct[order]
    hits, asked = np.cumsum(right, axis=1)[:, last], np.cumsum(drawn, axis=1)[:, last]
    precision = hits / np.maximum(asked, 1.0)  # the numerator is 0 where nothing was drawn
    return np.asarray((right * precision).sum(axis=1) / weights[:, answers.known].sum(axis=1))


def _auc(answers: OpenSet, weights: Float64s) -> Float64s:
    order = np.argsort(answers.scores, kind="stable")
    scores, drawn, known = answers.scores[order], weights[:, order], answers.known[order]
    first = np.searchsorted(scores, scores, side="left")
    last = np.searchsorted(scores, scores, side="right")
    below = np.concatenate([np.zeros((len(drawn), 1)), np.cumsum(drawn * ~known, axis=1)], axis=1)
    beaten = (below[:, first] + below[:, last]) / 2
    won = (drawn * known * beaten).sum(axis=1)
    return np.asarray(won / (drawn[:, known].sum(axis=1) * below[:, -1]))


def _rate(answers: OpenSet, weights: Float64s, far: float) -> Float64s:
    """DIR where the bar lets the share `far` of the weight of the unknown queries pass."""
    order = np.argsort(-answers.scores, kind="stable")
    drawn = weights[:, order]
    alarms = np.cumsum(drawn * ~answers.known[order], axis=1)
    alarms = alarms[:, _last_of_ties(answers.scores[order])]
    passes = alarms <= far * alarms[:, -1:] + ROUNDING
    right = (drawn * (passes & answers.correct[order])).sum(axis=1)
    return np.asarray(right / weights[:, answers.known].sum(axis=1))


def _last_of_ties(descending: Float64s) -> npt.NDArray[np.int64]:
    """Index of the last of the equal scores of each, (q,)."""
    return np.searchsorted(-descending, -descending, side="right") - 1
