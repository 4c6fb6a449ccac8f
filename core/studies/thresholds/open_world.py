"""Identification with a threshold where some classes are not stored: what a search then answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_number, check_rows, check_whole
from core.distances import Float64s, Floats, Metric, check_metric
from core.errors import ParameterError
from core.index import exact_neighbors
from core.metrics.open_set import OpenSet, OpenSetFigures, open_set_figures
from core.progress import Progress, counted, part, unheard
from core.studies.thresholds.class_sample import class_sample

Int64s = npt.NDArray[np.int64]
ROWS = 10_000
FARS = (0.1, 0.01, 0.001, 0.0001)
QUERY_SHARE = 0.2  # of the members of a stored class
MOST_QUERIES = 4_000  # of each kind


@dataclass(frozen=True, eq=False)
class OpenWorld:
    """The answers to q queries of a gallery that lacks some classes.

    answers: score, rightness and kind of each query. figures: with intervals by bootstrap over
    queries. queries, matches: (q,) row ids of each query and of its top 1 in the gallery. gallery:
    rows in it. known_classes, unknown_classes: labels. rows: of the `n` rows with a label, drawn
    with `seed`, which also drew the classes and the queries. metric: of the scores.
    """

    answers: OpenSet
    figures: OpenSetFigures
    queries: Int64s
    matches: Int64s
    gallery: int
    known_classes: Int64s
    unknown_classes: Int64s
    rows: int
    n: int
    seed: int
    metric: Metric

    @property
    def is_sample(self) -> bool:
        """Whether some rows with a label were left out."""
        return self.rows < self.n


def open_world(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    metric: Metric = "cosine",
    unknown: float = 0.5,
    far: Sequence[float] = FARS,
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> OpenWorld:
    """Hold out classes of `vectors` (n, d) with integer `labels` (n,), and search for all.

    labels: below 0 for a missing one, whose rows are left out. unknown: share of the classes that
    are held out, at least one; one class of two members or more stays. The gallery holds the
    members of the others but for the queries, a fifth of each class and at least one; all members
    of the classes held out are queries; of each kind 4,000 at most are drawn. far: of the
    identification rates. rows: where more have a label, about so many are drawn (`class_sample`).
    Raises ParameterError without two classes of which one has two members, and for a share that
    leaves none.
    """
    check_metric(metric)
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given)).astype(np.int64)
    if not 0 < check_number(unknown, "unknown") < 1:
        raise ParameterError(f"unknown must be above 0 and below 1; got {unknown!r}.")
    rows = check_whole(rows, "rows", 20)
    report = progress or unheard
    report(0.0, "drawing classes")
    sample = class_sample(codes, rows, seed=seed)
    split = _split(codes[sample], unknown, np.random.default_rng(seed))
    gallery, queries = sample[split.gallery], sample[split.queries]
    near = exact_neighbors(
        given[gallery],
        given[queries],
        1,
        metric=metric,
        progress=counted(part(report, 0.05, 0.8), "{:,} of {:,} queries"),
    )
    matches = gallery[near.ids[:, 0]]
    distance = near.distances[:, 0]
    known = np.isin(codes[queries], split.known)
    answers = OpenSet(
        -(distance**2) / 2.0 if metric == "euclidean" else 1.0 - distance,
        np.asarray(codes[matches] == codes[queries]),
        known,
    )
    report(0.85, "resamples of the queries")
    return OpenWorld(
        answers=answers,
        figures=open_set_figures(answers, far=far, seed=seed),
        queries=queries,
        matches=matches,
        gallery=len(gallery),
        known_classes=split.known,
        unknown_classes=split.unknown,
        rows=len(sample),
        n=int(np.count_nonzero(codes >= 0)),
        seed=seed,
        metric=metric,
    )


@dataclass(frozen=True, eq=False)
class _Split:
    """Classes, and positions in the sample."""

    known: Int64s
    unknown: Int64s
    gallery: Int64s
    queries: Int64s


def _split(codes: Int64s, unknown: float, random: np.random.Generator) -> _Split:
    classes, inverse, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    able = random.permutation(np.flatnonzero(sizes > 1))
    alone = np.flatnonzero(sizes == 1)  # can be in no gallery: unknown queries
    held = min(math.ceil(unknown * len(able)), len(able) - 1) if len(able) > 1 else 0
    out = np.concatenate([able[:held], alone])
    if not len(able) or not len(out):
        raise ParameterError(
            "at least two classes are needed, one of them with two or more members; got "
            f"{len(able)} of two members and {len(alone)} of one. Choose a label column whose "
            "values repeat."
        )
    is_out = np.isin(inverse, out)
    own = np.zeros(len(codes), dtype=bool)
    for code in able[held:]:
        members = random.permutation(np.flatnonzero(inverse == code))
        own[members[: max(1, int(QUERY_SHARE * len(members)))]] = True
    queries = np.sort(
        np.concatenate([_some(np.flatnonzero(kind), random) for kind in (own, is_out)])
    )
    return _Split(
        known=np.sort(classes[able[held:]]),
        unknown=np.sort(classes[out]),
        gallery=np.flatnonzero(~own & ~is_out),
        queries=queries,
    )


def _some(places: Int64s, random: np.random.Generator) -> Int64s:
    if len(places) <= MOST_QUERIES:
        return places
    return np.asarray(random.choice(places, MOST_QUERIES, replace=False))


def bars(world: OpenWorld, far: Sequence[float]) -> Float64s:
    """The score from which on answers pass at each FAR, (f,); NaN below resolution."""
    return np.array([world.answers.bar(rate) for rate in far])
