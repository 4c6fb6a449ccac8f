"""Two indexes side by side: items, links, and the queries whose answers moved, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_whole
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, SearchResult, search
from core.index.checks import check_queries
from core.metrics import rank_biased_overlap
from core.progress import Progress, counted, part, unheard
from core.studies.inspection.row_changes import FLOAT_ROUNDING, rows_moved
from core.ties import tie_limit

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Float64s = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64] | npt.NDArray[np.uint64]
NO_ROW = -1
QUERIES = 1_000
SAME_STEP = 4.0  # ties between two indexes: their float32 distances of equal vectors may differ
GONE, NEW, CHANGED = "item gone", "item new", "vector changed"
LEFT, REACHED, TIE = "no longer reached", "reached only now", "distance tie"
REASONS: Mapping[str, str] = {
    GONE: "an item of the first answer is not in the second index, or is deleted there",
    NEW: "an item of the second answer is not in the first index, or is deleted there",
    CHANGED: "an item of one of the answers has another vector in the other index",
    LEFT: "the second search misses an item that both hold, which is near enough: its links lead "
    "elsewhere",
    REACHED: "the first search misses an item that both hold, which is near enough: new links lead "
    "there",
    TIE: "items equally near have changed places",
}


@dataclass(frozen=True)
class LayerLinks:
    """The links of one layer, as pairs of items by label.

    before, after: links of the first and of the second index. kept: those that are in both.
    possible: links of the first whose two items stand on this layer of the second, too, and are
    deleted in neither: the others cannot be kept.
    """

    layer: int
    before: int
    after: int
    kept: int
    possible: int

    @property
    def kept_share(self) -> float:
        """Share of the first index's links that the second has; NaN where it has none."""
        return self.kept / self.before if self.before else float("nan")


@dataclass(frozen=True, eq=False)
class IndexDiff:
    """What changed from one index to another, items being told by label.

    k, ef: of the searches. before, after: items that a search can return. lost, gained, changed:
    labels, ascending, of items that only the first has, that only the second has, and that both
    have with another vector. links: a line for each layer, the base first. asked: (q,) label of
    each query where it is an item of both, which is left out of its own answer, and rows: (q,) its
    row in the first index; None for queries from elsewhere. labels: (u,) of all items of either
    index. first, second: (q, k) the answers as places in `labels`, -1 where fewer are reached.
    first_distances, second_distances: (q, k).
    reasons: (q, 6) whether each of `REASONS` applies to a query, in that order; several may.
    """

    k: int
    ef: int
    before: int
    after: int
    lost: Labels
    gained: Labels
    changed: Labels
    links: tuple[LayerLinks, ...]
    asked: Labels | None
    rows: Rows | None
    labels: Labels
    first: Rows
    second: Rows
    first_distances: Float64s
    second_distances: Float64s
    reasons: Bools

    @property
    def queries(self) -> int:
        """Number of queries."""
        return len(self.first)

    @cached_property
    def moved(self) -> Bools:
        """Whether the answer of each query is another, its order included, (q,)."""
        return np.asarray((self.first != self.second).any(axis=1))

    @cached_property
    def overlap(self) -> Float64s:
        """Strict overlap of the answers, |both| / k, (q,); empty places count as shared if both."""
        both = (self.first[:, :, None] == self.second[:, None, :]) & (self.first >= 0)[:, :, None]
        shared = both.any(axis=2).sum(axis=1)
        longest = np.maximum((self.first >= 0).sum(axis=1), (self.second >= 0).sum(axis=1))
        return np.where(longest > 0, shared / np.maximum(longest, 1), 1.0)

    @cached_property
    def rank_overlap(self) -> Float64s:
        """Rank-biased overlap of the answers (`core.metrics.rank_biased_overlap`), (q,)."""
        found = rank_biased_overlap(self.first, self.second)
        return np.where(self.moved, found, 1.0)

    @cached_property
    def reason(self) -> npt.NDArray[np.str_]:
        """The first of `REASONS` that applies to each query, (q,); "" where it has not moved."""
        names = np.array([*REASONS, ""])
        none = len(REASONS)
        return np.asarray(names[np.where(self.moved, self.reasons.argmax(axis=1), none)])

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many queries moved for each reason, the first that applies; no zeros."""
        found = {name: int(np.count_nonzero(self.reason == name)) for name in REASONS}
        return {name: count for name, count in found.items() if count}

    @property
    def is_empty(self) -> bool:
        """Whether items, vectors, links and answers are the same."""
        items = len(self.lost) + len(self.gained) + len(self.changed)
        links = all(each.before == each.kept == each.after for each in self.links)
        return not items and links and not self.moved.any()


def diff_indexes(
    a: HnswGraph,
    b: HnswGraph,
    queries: Floats | None = None,
    k: int = 10,
    ef: int = 64,
    *,
    size: int = QUERIES,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> IndexDiff:
    """Compare two indexes by the labels of their items, and by what they answer.

    queries: (q, d) that both are asked; without them `size` items that both hold with one vector
    are drawn with `seed`, each left out of its own answer. Where a label stands for several items
    of an index, the first of one is the first of the other, and so on. threads: of the searches.
    progress: called as progress(share done, words).

    A vector counts as changed where the difference is longer than 0.0001 of the longer of the two,
    and more where one index stores fewer digits (`Storage.tolerance`); under cosine only directions
    count. Distances tie within 4e-6 of their size, and what such storage moves. Raises
    ParameterError where the two have other metrics or dimensions, share no item to search for, or
    hold fewer than k.
    """
    k, ef = check_count(k, "k"), check_count(ef, "ef")
    size, seed = check_count(size, "size"), check_whole(seed, "seed", 0)
    report = progress or unheard
    _check_alike(a, b)
    report(0.0, "comparing items")
    items = _Items.of(a, b)
    asked = _asked(a, b, items, queries, size, seed)
    report(0.1, "comparing links")
    links = _links(a, b, items)
    answers = [
        search(
            graph,
            asked.vectors,
            k,
            ef,
            exclude=exclude,
            threads=threads,
            progress=counted(part(report, start, start + 0.35), "{:,} of {:,} queries"),
        )
        for graph, exclude, start in (
            (asked.a, asked.rows_of_a, 0.3),
            (asked.b, asked.rows_of_b, 0.65),
        )
    ]
    first = _named(answers[0].ids, items.of_a)
    second = _named(answers[1].ids, items.of_b)
    live_a, live_b = items.live(a, items.of_a), items.live(b, items.of_b)
    return IndexDiff(
        k=k,
        ef=ef,
        before=a.n - a.n_deleted,
        after=b.n - b.n_deleted,
        lost=items.labels[live_a & ~live_b],
        gained=items.labels[live_b & ~live_a],
        changed=items.labels[live_a & live_b & items.changed],
        links=links,
        asked=asked.labels,
        rows=asked.rows_of_a,
        labels=items.labels,
        first=first,
        second=second,
        first_distances=answers[0].distances,
        second_distances=answers[1].distances,
        reasons=_reasons(
            first, second, answers, (live_a, live_b), items.changed, 2 * _rounding(a, b)
        ),
    )


@dataclass(frozen=True, eq=False)
class _Items:
    """The items of both indexes, as places in one list, in order of their labels.

    labels: (u,). of_a (n_a,), of_b (n_b,): the place of each row. changed: (u,) whether both hold
    it, with another vector.
    """

    labels: Labels
    of_a: Rows
    of_b: Rows
    changed: Bools

    @staticmethod
    def of(a: HnswGraph, b: HnswGraph) -> "_Items":
        """Items are one where their label is, and which of the items of that label they are."""
        wide = np.uint64 if np.uint64 in (a.labels.dtype, b.labels.dtype) else np.int64
        labels = np.concatenate([a.labels.astype(wide), b.labels.astype(wide)])
        turns = np.concatenate([_turns(a.labels), _turns(b.labels)])
        order = np.lexsort((turns, labels))
        new = np.ones(len(order), dtype=bool)
        same = (labels[order][1:] == labels[order][:-1]) & (turns[order][1:] == turns[order][:-1])
        new[1:] = ~same
        places = np.empty(len(order), np.int64)
        places[order] = np.cumsum(new) - 1
        of_a, of_b = places[: a.n], places[a.n :]
        changed = np.zeros(int(new.sum()), dtype=bool)
        in_b = _inverse(of_b, len(changed))
        both = np.flatnonzero(in_b[of_a] != NO_ROW)
        apart = _apart(a, b, both, in_b[of_a[both]])
        changed[of_a[both[apart]]] = True
        return _Items(labels[order][new], of_a, of_b, changed)

    def live(self, graph: HnswGraph, of: Rows) -> Bools:
        """Whether a search of the graph, whose rows are at these places, can return each, (u,)."""
        live = np.zeros(len(self.labels), dtype=bool)
        live[of[~graph.deleted]] = True
        return live


@dataclass(frozen=True, eq=False)
class _Asked:
    """Queries for both graphs, and the rows that they are there, or None."""

    a: HnswGraph
    b: HnswGraph
    vectors: Floats
    labels: Labels | None = None
    rows_of_a: Rows | None = None
    rows_of_b: Rows | None = None


def _asked(
    a: HnswGraph, b: HnswGraph, items: _Items, queries: Floats | None, size: int, seed: int
) -> _Asked:
    if queries is not None:
        check_queries(a, queries)
        return _Asked(a, b, queries)
    if a.stored_dim != b.stored_dim or not _one_transform(a, b):
        raise ParameterError(
            "queries are needed: the two indexes transform their vectors in two ways, so that the "
            "items of one are no queries of the other. Pass vectors as they were added."
        )
    in_a, in_b = (_inverse(of, len(items.labels)) for of in (items.of_a, items.of_b))
    live = items.live(a, items.of_a) & items.live(b, items.of_b) & ~items.changed
    both = np.flatnonzero(live)
    if len(both) == 0:
        raise ParameterError(
            "queries are needed: the two indexes share no item with one vector to search for."
        )
    some = np.sort(np.random.default_rng(seed).permutation(both)[:size])
    own_a, own_b = a.in_own_space(), b.in_own_space()
    rows = in_a[some]
    return _Asked(own_a, own_b, own_a.vectors[rows], items.labels[some], rows, in_b[some])


def _one_transform(a: HnswGraph, b: HnswGraph) -> bool:
    names = [None if graph.transform is None else graph.transform.name for graph in (a, b)]
    if names[0] != names[1]:
        return False
    arrays = [() if graph.transform is None else graph.transform.arrays for graph in (a, b)]
    return all(np.array_equal(one, other) for one, other in zip(*arrays, strict=True))


def _links(a: HnswGraph, b: HnswGraph, items: _Items) -> tuple[LayerLinks, ...]:
    found = []
    count = len(items.labels)
    for layer in range(max(a.max_level, b.max_level) + 1):
        ours, theirs = (
            _pairs(graph, of, layer, count) for graph, of in ((a, items.of_a), (b, items.of_b))
        )
        on_both = np.zeros(count, dtype=bool)
        if layer <= min(a.max_level, b.max_level):
            here = items.live(a, items.of_a) & items.live(b, items.of_b)
            on_both[items.of_b[b.nodes(layer)]] = True
            on_both &= here
        possible = int(np.count_nonzero(on_both[ours // count] & on_both[ours % count]))
        kept = len(np.intersect1d(ours, theirs))
        found.append(LayerLinks(layer, len(ours), len(theirs), kept, possible))
    return tuple(found)


def _pairs(graph: HnswGraph, of: Rows, layer: int, count: int) -> Rows:
    """The links of a layer, each as one number made of the places of its two items, distinct."""
    if layer > graph.max_level:
        return np.empty(0, np.int64)
    sources, targets = graph.links(layer)
    return np.unique(of[sources] * count + of[targets])


def _reasons(
    first: Rows,
    second: Rows,
    answers: list[SearchResult],
    live: tuple[Bools, Bools],
    changed: Bools,
    rounding: float,
) -> Bools:
    """Which reasons apply to each query, (q, 6).

    An item that both could return, with one vector in both, left the answer because the second
    search missed it, unless the second answer ends nearer than it: then others pushed it out, and
    they have reasons of their own. Where the second ends as far, the tie is the reason.
    """
    left, entered = ~_among(first, second), ~_among(second, first)
    (found_a, found_b), (live_a, live_b) = answers, live
    ends_a, ends_b = (_end(found) for found in (found_a, found_b))
    gone = left & ~live_b[first]
    new = entered & ~live_a[second]
    held_left, held_entered = left & live_b[first], entered & live_a[second]
    other_left, other_entered = held_left & changed[first], held_entered & changed[second]
    same_left, same_entered = held_left & ~changed[first], held_entered & ~changed[second]
    missed, tied_left = _missed(same_left, found_a.distances, ends_b, rounding)
    reached, tied_entered = _missed(same_entered, found_b.distances, ends_a, rounding)
    other = (other_left | other_entered).any(axis=1)
    found = np.stack(
        [
            gone.any(axis=1),
            new.any(axis=1),
            other,
            missed.any(axis=1),
            reached.any(axis=1),
            (tied_left | tied_entered).any(axis=1),
        ],
        axis=1,
    )
    shuffled = (first != second).any(axis=1) & ~(left | entered).any(axis=1)
    moved_vectors = ((first >= 0) & changed[first]).any(axis=1)
    found[:, 2] |= shuffled & moved_vectors
    found[:, 5] |= shuffled & ~moved_vectors
    return np.asarray(found)


def _missed(
    held: Bools, distances: Float64s, ends: Float64s, rounding: float
) -> tuple[Bools, Bools]:
    """Which of the items were near enough for the other answer, and which are as far as its end.

    rounding: what storage moves a distance by, as a share of it and of 1.
    """
    with np.errstate(invalid="ignore"):
        slack = SAME_STEP * (tie_limit(ends) - ends) + rounding * (1 + np.abs(ends))
    slack = np.where(np.isfinite(slack), slack, 0.0)[:, None]
    nearer = held & (distances < ends[:, None] - slack)
    tied = held & ~nearer & (distances <= ends[:, None] + slack)
    return nearer, tied


def _end(found: SearchResult) -> Float64s:
    """Distance of the last answer of each query, infinity where a place is empty, (q,)."""
    last = found.distances[:, -1]
    return np.where(found.ids[:, -1] >= 0, last, np.inf)


def _among(ids: Rows, others: Rows) -> Bools:
    """Whether each id stands in the same row of `others`, (q, k); empty places count as there."""
    return np.asarray((ids[:, :, None] == others[:, None, :]).any(axis=2) | (ids < 0))


def _named(ids: Rows, places: Rows) -> Rows:
    """Row ids as places of items; -1 stays."""
    return np.where(ids >= 0, places[np.maximum(ids, 0)], NO_ROW)


def _turns(labels: Labels) -> Rows:
    """Which of the items of its label each row is, from 0; labels: ascending."""
    _, first, counts = np.unique(labels, return_index=True, return_counts=True)
    return np.asarray(np.arange(len(labels)) - np.repeat(first, counts))


def _inverse(places: Rows, count: int) -> Rows:
    """The row at each place, -1 for none, (count,)."""
    rows = np.full(count, NO_ROW)
    rows[places] = np.arange(len(places))
    return rows


def _apart(a: HnswGraph, b: HnswGraph, rows: Rows, others: Rows) -> Bools:
    """Whether rows of the two hold other vectors, as they compare them."""
    if a.stored_dim != b.stored_dim:
        return np.ones(len(rows), dtype=bool)
    directions = a.metric == "cosine" or a.storage.scaled or b.storage.scaled
    moved = rows_moved(a.vectors, rows, b.vectors, others, directions=directions)
    return np.asarray(moved > FLOAT_ROUNDING + _rounding(a, b))


def _rounding(a: HnswGraph, b: HnswGraph) -> float:
    """How far storage in fewer digits may have moved a row, as a share of its length.

    Nothing where both store them alike: what is rounded alike is equal.
    """
    if a.storage == b.storage:
        return 0.0
    return sum(graph.storage.tolerance(graph.stored_dim) for graph in (a, b))


def _check_alike(a: HnswGraph, b: HnswGraph) -> None:
    if a.metric != b.metric:
        raise ParameterError(
            f"The two indexes measure by {a.metric} and by {b.metric}, so that their distances "
            "cannot be compared. Name one metric for both where the files state none."
        )
    if a.dim != b.dim:
        raise ParameterError(
            f"The two indexes take queries of {a.dim:,} and of {b.dim:,} dimensions, so that no "
            "query can be asked of both."
        )
