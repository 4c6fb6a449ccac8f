"""Why items are lost: what each unreachable or unfindable row of a census has about it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import first_equal_rows, row_norms
from core.index import Census, HnswGraph, exact_neighbors, search
from core.index.exact import LARGEST_K
from core.progress import CountProgress, Progress, counted, part, unheard

Rows = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

ZERO, HIDDEN = "zero vectors in the way", "nearer items hide it"
COPIES, MEAN = "exact duplicates in the way", "copies of the mean in the way"
SHORT, NO_LINKS = "small norm under inner product", "no incoming links"
REGION, STOPPED = "unreachable region", "search ends before it"
CAUSES = {
    ZERO: "The item is a vector of zeros, or its links or its search lead to such. They are all "
    "equal and have no direction; they are often failed or empty inputs. Many of them fill one "
    "another's links, and under Euclidean distance they lie near everything, so other items' links "
    "lead to them and nowhere else. Leave them out before building.",
    HIDDEN: "So many other items are at least as near to its own vector that no list of this "
    "length can hold it: more exact copies than ef, or longer vectors under inner product. The "
    "index is right; remove copies, or normalize and use cosine.",
    COPIES: "The item has as many exact copies as a node has links, or its links or its search "
    "lead to such a group, whose links lead to one another and nowhere else. Remove duplicates "
    "before building.",
    MEAN: "The item lies close to the mean of the data, or its links or its search lead to many "
    "that do. Items close to the mean are near to everything, so they become hubs, and other "
    "items' links lead to them and are pruned on the way back. They are often failed or empty "
    "inputs: leave them out, or center the data.",
    SHORT: "Under inner product short vectors are the nearest of no other item, so links back to "
    "them are pruned. Normalize and use cosine, or add a dimension that makes all norms equal.",
    NO_LINKS: "Every link back to it was pruned when nearer nodes came in. A larger M keeps more; "
    "inserting it again gives it new ones.",
    REGION: "Only other unreachable items link to it: a region is cut off. This comes of an M too "
    "small for the data, in any order of insertion; a larger M corrects it.",
    STOPPED: "It can be reached, but the search for it ends before: the beam is full of other "
    "items, and no link of theirs leads on to it, as is common after an insertion class after "
    "class. A larger ef goes on; a larger M and a random order of insertion help.",
}
MEAN_SHARE = 0.3  # of the median distance to the mean: nearer rows count as copies of the mean
CHECKED_AT_MOST = 2_000
BLOCK = 8_192  # rows held as float64 at a time


@dataclass(frozen=True, eq=False)
class LostItems:
    """The lost rows of a census, ascending, with (l,) arrays that follow them.

    unreachable: no search can visit it. in_degree: links in on layer 0. duplicates: other rows
    whose vector is exactly equal as the index holds it, under cosine scaled to length 1. norm_rank:
    share of rows with a shorter vector. center_rank: share of rows nearer to the mean of all rows.
    cause: a key of `CAUSES`, the first that applies.
    """

    rows: Rows
    unreachable: npt.NDArray[np.bool_]
    in_degree: Rows
    duplicates: Rows
    norm_rank: Float64s
    center_rank: Float64s
    cause: npt.NDArray[np.str_]


def lost_items(
    graph: HnswGraph,
    census: Census,
    *,
    rows: Rows | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> LostItems:
    """The rows that are unreachable or were not found by their own vector, each with its cause.

    rows: those of them to look at, ascending; all by default.

    The cause of a row is the first of `CAUSES` that applies, by these rules.
    Nearer items hide it: `ef` other live rows are no farther from its vector than itself. These are
    exact copies, and under inner product longer vectors too (measured for up to 2,000 lost rows,
    drawn with `seed`, and for ef up to 10,000).
    Zero vectors, exact duplicates, copies of the mean: the row is in a group of at least M rows, or
    at least half of its links lead to the group, or at least half of the rows that the search for
    it ends with are in the group. The groups: rows of zeros with at least M copies; rows with at
    least M copies; rows nearer to the mean of all rows than 0.3 of the median. A row of zeros has
    that cause however few there are, and before any other.
    Small norm: inner product, and a norm below the median of the rows that are not lost.
    """
    lost = census.lost
    rows = lost if rows is None else rows
    report = progress or unheard
    report(0.0, "the rows")
    in_degree = graph.in_degree(0)[rows]
    center, norms = center_distances(graph), row_norms(graph.vectors)
    report(0.1, "equal rows")
    kind = first_equal_rows(graph.vectors)
    duplicates = np.bincount(kind)[kind] - 1
    unreachable = ~census.reachable[rows]
    searched = counted(part(progress, 0.2, 0.7), "{:,} of {:,} lost items")
    ends = _search_ends(graph, rows, census.ef, searched)
    compared = counted(part(progress, 0.7, 1.0), "{:,} of {:,} compared with all rows")
    zero, copies = norms == 0, duplicates >= graph.m
    applies = {
        ZERO: zero[rows] | _among(graph, rows, ends, zero & copies),
        HIDDEN: _hidden(graph, rows, kind, census.ef, seed, compared),
        COPIES: _among(graph, rows, ends, copies),
        MEAN: _among(graph, rows, ends, center < MEAN_SHARE * np.median(center)),
        SHORT: _short(graph, rows, lost, norms),
        NO_LINKS: unreachable & (in_degree == 0),
        REGION: unreachable,
    }
    return LostItems(
        rows=rows,
        unreachable=unreachable,
        in_degree=in_degree,
        duplicates=duplicates[rows],
        norm_rank=_rank(norms, rows),
        center_rank=_rank(center, rows),
        cause=np.select(list(applies.values()), list(applies), default=STOPPED),
    )


def _rank(values: Float64s, rows: Rows) -> Float64s:
    """Share of all values below those of `rows`."""
    return np.asarray(np.searchsorted(np.sort(values), values[rows], side="left") / len(values))


def center_distances(graph: HnswGraph) -> Float64s:
    """Euclidean distance of each row to the mean of all rows, (n,)."""
    mean = graph.vectors.mean(axis=0, dtype=np.float64)
    return np.concatenate([np.linalg.norm(block - mean, axis=1) for block in _blocks(graph)])


def _blocks(graph: HnswGraph) -> list[npt.NDArray[np.float32]]:
    return [graph.vectors[start : start + BLOCK] for start in range(0, graph.n, BLOCK)]


def _hidden(
    graph: HnswGraph, rows: Rows, kind: Rows, ef: int, seed: int, progress: CountProgress
) -> npt.NDArray[np.bool_]:
    live = np.flatnonzero(~graph.deleted)
    hidden = np.bincount(kind[live])[kind[rows]] > ef  # ef copies and the row itself
    if graph.metric != "inner_product" or len(rows) == 0 or len(live) <= ef or ef > LARGEST_K:
        return np.asarray(hidden)
    some = np.arange(len(rows))
    if len(rows) > CHECKED_AT_MOST:
        some = np.random.default_rng(seed).choice(len(rows), CHECKED_AT_MOST, replace=False)
    vectors = graph.vectors if len(live) == graph.n else graph.vectors[live]
    queries = graph.vectors[rows[some]]
    place = np.searchsorted(live, rows[some])
    near = exact_neighbors(
        vectors, queries, ef, metric=graph.metric, exclude=place, progress=progress
    )
    squares = np.einsum("ij,ij->i", queries, queries, dtype=np.float64)
    rounding = graph.stored_dim * np.finfo(np.float64).eps * (1 + squares)
    hidden[some] |= near.distances[:, -1] <= 1 - squares + rounding
    return np.asarray(hidden)


def _search_ends(graph: HnswGraph, rows: Rows, ef: int, progress: CountProgress) -> Rows:
    """What the search for each lost row by its own vector ends with, -1 for nothing.

    (l, ef) row ids, or as many columns as there are live rows.
    """
    if len(rows) == 0:
        return np.empty((0, ef), dtype=np.int64)
    k = min(ef, graph.n - graph.n_deleted)
    return search(graph.in_own_space(), graph.vectors[rows], k, ef, progress=progress).ids


def _among(
    graph: HnswGraph, rows: Rows, ends: Rows, group: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Whether a row is in the group, or half of its links, or of its search's results, are."""
    if group.sum() < graph.m:
        return np.zeros(len(rows), dtype=bool)
    linked = np.concatenate([[0], np.cumsum(group[graph.base.targets])])
    first, last = graph.base.indptr[rows], graph.base.indptr[rows + 1]
    leading = linked[last] - linked[first]
    held = (np.append(group, False)[ends]).sum(axis=1)
    returned = (ends >= 0).sum(axis=1)
    led = (last > first) & (2 * leading >= last - first)
    return np.asarray(group[rows] | led | ((returned > 0) & (2 * held >= returned)))


def _short(graph: HnswGraph, rows: Rows, lost: Rows, norms: Float64s) -> npt.NDArray[np.bool_]:
    if graph.metric != "inner_product":
        return np.zeros(len(rows), dtype=bool)
    kept = np.delete(norms, lost)
    return np.asarray(norms[rows] < np.median(kept if len(kept) else norms))
