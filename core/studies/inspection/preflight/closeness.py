"""Rows close to one another: near copies, queries among the rows, items near the mean.

Lengths are those of the space that a metric searches: between unit vectors under cosine, else
Euclidean. Two rows are near where the length between them is at most 2 % of the median length to
the 10th nearest neighbor, over 500 rows drawn. All pairs are looked at, not those of a sample: a
turn onto a few directions makes no length longer, so near rows are near there too, where a tree
finds them; each pair is then measured in full.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from core.data import EmbeddingSet, first_equal_rows, is_first
from core.distances import Float64s, Metric, length_metric, lengths, paired_distances, unit_rows
from core.metrics.spectrum import blocks_of
from core.progress import Progress, unheard
from core.studies.inspection.preflight.finding import Finding, Ids
from core.studies.inspection.preflight.remedies import Remedy
from core.studies.parts.near_length import NTH, near_length

SEED = 0
DIRECTIONS = 10  # that the tree is made of
FIRST_LOOK = 9  # rows that are measured for each; more where none of these is near
ROUNDING = 1e-5  # of the largest coordinate: float32 rows under a turn
CENTRAL = 0.2  # of the median length from the mean
FEWEST_DIMENSIONS = 8  # in fewer, some rows lie near the mean by chance
Vectors = npt.NDArray[np.float32]


def closeness_findings(
    embeddings: EmbeddingSet, metric: Metric, progress: Progress | None = None
) -> list[Finding]:
    """Near copies, queries among the rows, and items near the mean, by `metric`."""
    report, found = progress or unheard, [items_near_the_mean(embeddings, metric)]
    report(0.05, "how far neighbors are")
    bound = near_length(embeddings.vectors, metric)
    if np.isfinite(bound):
        report(0.3, "near copies")
        found.append(_near_copies(embeddings, _Space(embeddings.vectors, metric, bound)))
    if embeddings.queries is not None:
        report(0.8, "queries among the rows")
        within = bound if np.isfinite(bound) else 0.0
        space = _Space(embeddings.vectors, metric, within)
        found.append(_queries_among_rows(embeddings, embeddings.queries, space))
    return [finding for finding in found if finding is not None]


class _Space:
    """The rows, turned onto a few directions, and what is near in full."""

    def __init__(self, vectors: Vectors, metric: Metric, bound: float) -> None:
        self.vectors, self.metric, self.bound = vectors, length_metric(metric), bound
        random = np.random.default_rng(SEED)
        width = min(DIRECTIONS, vectors.shape[1])
        self._axes = np.linalg.qr(random.normal(size=(vectors.shape[1], width)))[0]
        unit = self.metric == "cosine"
        self._origin = np.zeros(1) if unit else vectors.mean(axis=0, dtype=np.float64)
        self._unit = unit

    def turned(self, rows: Vectors) -> Float64s:
        """(n, up to 10) coordinates, between which no length is longer than in full."""
        parts = [(unit_rows(b) if self._unit else b - self._origin) for b in blocks_of(rows)]
        return np.concatenate([part @ self._axes for part in parts])

    def radius(self, turned: Float64s) -> float:
        return self.bound + ROUNDING * float(np.abs(turned).max(initial=0.0))

    def between(self, left: Vectors, right: Vectors) -> Float64s:
        """The length between each row of `left` and the same row of `right`."""
        step = max(1, 2**20 // left.shape[1])
        parts = [
            paired_distances(left[i : i + step], right[i : i + step], self.metric)
            for i in range(0, len(left), step)
        ]
        return lengths(np.concatenate([np.empty(0), *parts]), self.metric)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Near pairs: places `left` of the asked rows, `right` of the searched, and the lengths."""

    left: Ids
    right: Ids
    lengths: Float64s


def _near_pairs(space: _Space, asked: Vectors, searched: Vectors, *, same: bool) -> _Pairs:
    """Of each asked row its near rows among the first 9 candidates, or one beyond them if none is.

    same: the asked rows are the searched ones; a row is not near itself.
    """
    turned = space.turned(searched)
    questions = turned if same else space.turned(asked)
    tree, radius = KDTree(turned), max(space.radius(turned), space.radius(questions))
    look = min(FIRST_LOOK, len(searched))
    _, places = tree.query(questions, k=look, distance_upper_bound=radius, workers=-1)
    places = np.atleast_2d(places.reshape(len(questions), look))
    left, column = np.nonzero(places < len(searched))
    right = places[left, column]
    found = _measured(space, asked, searched, left, right, same=same)
    crowded = np.flatnonzero((places < len(searched)).all(axis=1))
    unserved = np.setdiff1d(crowded, found.left) if look < len(searched) else crowded[:0]
    more = [found]
    for place in unserved:
        others = np.array(tree.query_ball_point(questions[place], radius), np.int64)
        own = np.full(len(others), place)
        pairs = _measured(space, asked, searched, own, others, same=same)
        nearest = slice(0, 0) if not len(pairs.left) else pairs.lengths.argsort(kind="stable")[:1]
        more.append(_Pairs(pairs.left[nearest], pairs.right[nearest], pairs.lengths[nearest]))
    return _Pairs(
        np.concatenate([each.left for each in more]),
        np.concatenate([each.right for each in more]),
        np.concatenate([each.lengths for each in more]),
    )


def _measured(
    space: _Space, asked: Vectors, searched: Vectors, left: Ids, right: Ids, *, same: bool
) -> _Pairs:
    """Those of the candidate pairs that are near in full."""
    if same:
        left, right = left[left != right], right[left != right]
    measured = space.between(asked[left], searched[right])
    near = measured <= space.bound
    return _Pairs(left[near], right[near], measured[near])


def _near_copies(embeddings: EmbeddingSet, space: _Space) -> Finding | None:
    """Rows near an earlier one, directly or by a chain; exact copies and zero vectors apart."""
    firsts = is_first(first_equal_rows(embeddings.vectors))
    rows = np.flatnonzero(firsts & embeddings.vectors.any(axis=1))
    vectors = embeddings.vectors[rows]
    pairs = _near_pairs(space, vectors, vectors, same=True)
    if not len(pairs.left):
        return None
    links = scipy.sparse.coo_array(
        (np.ones(len(pairs.left), bool), (pairs.left, pairs.right)), shape=(len(rows),) * 2
    )
    _, group = connected_components(links, directed=False)
    first_of_group = np.unique(group, return_index=True)[1][group]
    later = np.flatnonzero(first_of_group != np.arange(len(rows)))
    partner, distance = _nearest(pairs, later, len(rows))
    copies = rows[later]
    return Finding(
        "near copies",
        "row",
        copies,
        embeddings.n,
        np.union1d(copies, rows[partner]),
        partners=rows[partner],
        distances=distance,
        value=space.bound,
        remedy=Remedy("leave out rows", "near copies", copies),
    )


def _nearest(pairs: _Pairs, wanted: Ids, n: int) -> tuple[Ids, Float64s]:
    """The nearest other end, and the length to it, of each of the `wanted` places."""
    left = np.concatenate([pairs.left, pairs.right])
    right = np.concatenate([pairs.right, pairs.left])
    measured = np.tile(pairs.lengths, 2)
    order = np.lexsort((right, measured, left))
    first = np.full(n, -1)
    starts = np.unique(left[order], return_index=True)
    first[starts[0]] = order[starts[1]]
    place = first[wanted]
    return right[place], measured[place]


def _queries_among_rows(
    embeddings: EmbeddingSet, queries: Vectors, space: _Space
) -> Finding | None:
    """Queries equal to a row, or near one: they find themselves."""
    pairs = _near_pairs(space, queries, embeddings.vectors, same=False)
    asked = np.unique(pairs.left)
    if not len(asked):
        return None
    order = np.lexsort((pairs.right, pairs.lengths, pairs.left))
    nearest = order[np.unique(pairs.left[order], return_index=True)[1]]
    remedy = Remedy("leave out queries", "queries among the rows", asked)
    return Finding(
        "queries among the rows",
        "query",
        asked,
        len(queries),
        np.unique(pairs.right[nearest]),
        partners=pairs.right[nearest],
        distances=pairs.lengths[nearest],
        value=space.bound,
        remedy=remedy if len(asked) < len(queries) else None,
    )


def items_near_the_mean(embeddings: EmbeddingSet, metric: Metric) -> Finding | None:
    """Rows at most a fifth of the median length from the mean; under cosine, from its direction.

    Only in 8 dimensions or more: in fewer some lie there by chance. Zero vectors have a finding of
    their own.
    """
    vectors = embeddings.vectors
    if embeddings.dim < FEWEST_DIMENSIONS or embeddings.n < 2 * NTH:
        return None
    unit = length_metric(metric) == "cosine"
    prepared = partial(unit_rows) if unit else partial(np.asarray, dtype=np.float64)
    center = sum(prepared(block).sum(axis=0) for block in blocks_of(vectors)) / len(vectors)
    if unit:
        center = unit_rows(center[None])[0]
    apart = np.concatenate(
        [np.linalg.norm(prepared(block) - center, axis=1) for block in blocks_of(vectors)]
    )
    limit = CENTRAL * float(np.median(apart))
    rows = np.flatnonzero((apart < limit) & vectors.any(axis=1))
    if not len(rows):
        return None
    rows = rows[np.argsort(apart[rows], kind="stable")]
    remedy = Remedy("leave out rows", "items near the mean", np.sort(rows))
    return Finding(
        "items near the mean",
        "row",
        rows,
        embeddings.n,
        rows,
        distances=apart[rows],
        value=limit,
        remedy=remedy,
    )
