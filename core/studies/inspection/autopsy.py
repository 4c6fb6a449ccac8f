"""Autopsy: what became of each true neighbor of a query, and which ef would return it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.distances import Floats, paired_distances
from core.index import HnswGraph, SearchResult, reachable_from, search, smallest_ef, visits
from core.index.checks import check_queries
from core.index.reach import strong_parts
from core.index.reaching import NONE_REACHES
from core.progress import Progress, unheard
from core.studies.inspection.quantization import quantization_loss
from core.studies.parts.query_sets import QuerySet
from core.ties import are_tied

Places = npt.NDArray[np.int64]
FATES = ("found", "tie", "unreachable", "never visited", "visited and evicted")
FOUND, TIE, UNREACHABLE, NEVER_VISITED, EVICTED = range(5)
REMEDIES = ("larger ef", "better graph", "deduplication", "finer codes")
QUERIES_AT_ONCE = 256
WORTHWHILE = 8  # times the ef: beyond it another graph serves better


@dataclass(frozen=True, eq=False)
class Autopsy:
    """The fate of every true neighbor of a query set at one ef.

    fate: (q, k) places in `FATES`, for the neighbors of `queries.truth`. smallest_ef: (q, k) the
    least ef that returns each, -1 where none up to `ef_max` does. stored_farther: (q, k) whether k
    rows are nearer than it as the index stores them, so that even an exact search of its codes or
    transformed vectors misses it; None where the index stores the vectors as they were added. Of
    rows exactly as near, only as many as there is room for are returned, and which ones may change
    with ef: then smallest_ef is the first that does.
    """

    queries: QuerySet
    ef: int
    ef_max: int
    fate: npt.NDArray[np.int8]
    smallest_ef: Places
    stored_farther: npt.NDArray[np.bool_] | None = None

    @cached_property
    def counts(self) -> Places:
        """True neighbors of each fate, (5,)."""
        return np.bincount(self.fate.ravel(), minlength=len(FATES))

    @cached_property
    def recall(self) -> npt.NDArray[np.float64]:
        """recall@k at ef, strict by id, (q,)."""
        return np.asarray((self.fate == FOUND).mean(axis=1))

    @cached_property
    def help(self) -> dict[str, int]:
        """How many of the missed each remedy would return.

        Ties: deduplication. Of the others, those that even an exact search of what is stored
        misses: finer codes (only where other things than the vectors are stored); those that some
        ef up to ef_max returns: a larger ef; the rest: a better graph.
        """
        missed = (self.fate != FOUND) & (self.fate != TIE)
        stored = 0
        if self.stored_farther is not None:
            stored = int((missed & self.stored_farther).sum())
            missed &= ~self.stored_farther
        larger = int((missed & (self.smallest_ef != NONE_REACHES)).sum())
        counts = (larger, int(missed.sum()) - larger, int(self.counts[TIE]), stored)
        offered = REMEDIES if self.stored_farther is not None else REMEDIES[:3]
        return dict(zip(offered, counts, strict=False))

    @property
    def remedy(self) -> str | None:
        """What would help most, a key of `help`; None where nothing is missed.

        A larger ef is no remedy where half of what it returns needs more than 8 times the ef: that
        asks for a better graph.
        """
        best = max(self.help, key=self.help.__getitem__)
        if best == "larger ef" and self.help[best]:
            return best if np.median(self.ef_of_missed) <= WORTHWHILE * self.ef else "better graph"
        return best if self.help[best] else None

    @property
    def ef_of_missed(self) -> Places:
        """(m,) the least ef of each missed neighbor that some ef returns; ties left out."""
        return self.smallest_ef[(self.fate > TIE) & (self.smallest_ef > 0)]

    @property
    def missed(self) -> Places:
        """(m, 2) place of the query and of the neighbor in its list, for all that are not found.

        Ties too. Those that no ef returns come first, then by falling ef; of equals by query and
        rank.
        """
        query, rank = np.nonzero(self.fate)
        needed = self.smallest_ef[query, rank]
        falling = -np.where(needed < 0, np.iinfo(np.int64).max, needed)
        return np.stack([query, rank], axis=1)[np.lexsort((rank, query, falling))]

    @property
    def commonest_miss(self) -> npt.NDArray[np.str_]:
        """(q,) the commonest fate of what each query misses, "" where it misses nothing."""
        missed = [(self.fate == fate).sum(axis=1) for fate in range(1, len(FATES))]
        names = np.array(FATES[1:])[np.argmax(missed, axis=0)]
        return np.where(np.any(missed, axis=0), names, "")


def autopsy(
    graph: HnswGraph,
    queries: QuerySet,
    ef: int,
    *,
    ef_max: int = 4096,
    progress: Progress | None = None,
) -> Autopsy:
    """Search at `ef`, and find out why each true neighbor that is missing was not returned.

    tie: it is as near as the last row returned (1e-6 relative). unreachable: no walk on layer 0
    leads to it from the row that this query's descent ended at, so no ef returns it. never
    visited: layer 0 did not compute its distance. visited and evicted: it did; as fewer than k rows
    are nearer than a true neighbor, only float32 rounding can push it out, or that the index
    stores codes or transformed vectors, as which others are nearer.
    ef_max: the largest ef tried; lowered to the number of rows where there are fewer.
    progress: called as progress(share done, words); an exception that it raises stops the work.
    """
    report = progress or unheard
    k = queries.truth.ids.shape[1]
    ef_max = max(ef, k, min(ef_max, graph.n))
    report(0.0, f"searching at ef {ef:,}")
    answer = search(graph, queries.vectors, k, ef, exclude=queries.rows)
    fate = _fates(graph, queries, answer, ef)
    wanted = np.where(fate == UNREACHABLE, -1, queries.truth.ids)
    smallest = _smallest_ef(graph, queries, wanted, ef_max, report)
    farther = None
    if graph.codes is not None or graph.transform is not None:
        farther = ~_listed(queries.truth.ids, quantization_loss(graph, queries, k).ids)
    return Autopsy(queries, ef, ef_max, fate, smallest, farther)


def _fates(
    graph: HnswGraph, queries: QuerySet, answer: SearchResult, ef: int
) -> npt.NDArray[np.int8]:
    truth = queries.truth
    missed = ~_listed(truth.ids, answer.ids)
    fate = np.where(missed, NEVER_VISITED, FOUND).astype(np.int8)
    some = np.flatnonzero(missed.any(axis=1))
    if len(some) == 0:
        return fate
    k, exclude = truth.ids.shape[1], None if queries.rows is None else queries.rows[some]
    walk = visits(graph, queries.vectors[some], truth.ids[some], k, ef, exclude=exclude)
    reachable = _reachable(graph, walk.start, truth.ids[some])
    tied = _tied(graph, queries.vectors[some], truth.ids[some], answer.ids[some, -1:])
    own = fate[some]
    own[missed[some] & walk.visited] = EVICTED
    own[missed[some] & ~reachable] = UNREACHABLE
    own[missed[some] & tied] = TIE
    fate[some] = own
    return fate


def _tied(graph: HnswGraph, queries: Floats, rows: Places, last: Places) -> npt.NDArray[np.bool_]:
    """Whether rows (q, k) are as near as the last answer (q, 1); never where that is -1, none.

    Both are measured from the vectors that the index stores: under "cosine" those are rounded, and
    true distances from the data would differ from them by more than a tie allows.
    """
    asked = check_queries(graph, queries)
    columns = [
        paired_distances(asked, graph.vectors[column], graph.metric)
        for column in (*rows.T, *last.T)
    ]
    distances = np.stack(columns, axis=1)
    return are_tied(distances[:, :-1], np.where(last >= 0, distances[:, -1:], np.nan))


def _listed(ids: Places, answers: Places) -> npt.NDArray[np.bool_]:
    """Whether each of ids (q, k) stands in the same row of answers (q, k)."""
    return np.asarray((ids[:, :, None] == answers[:, None, :]).any(axis=2))


def _reachable(graph: HnswGraph, start: Places, rows: Places) -> npt.NDArray[np.bool_]:
    """Whether layer 0 leads from each start (q,) to rows (q, r).

    Starts that reach one another reach the same rows, so one walk per component serves all.
    """
    component = strong_parts(graph.base).labels[start]
    reachable = np.zeros(rows.shape, dtype=bool)
    for part in np.unique(component):
        members = component == part
        reached = reachable_from(graph, int(start[members][0]))
        reachable[members] = reached[rows[members]]
    return reachable


def _smallest_ef(
    graph: HnswGraph, queries: QuerySet, wanted: Places, ef_max: int, report: Progress
) -> Places:
    """The first ef that returns each of `wanted` (q, k), in blocks between which work can stop."""
    blocks = []
    for start in range(0, len(wanted), QUERIES_AT_ONCE):
        report(start / len(wanted), f"every ef up to {ef_max:,}: {start:,} of {len(wanted):,}")
        block = slice(start, start + QUERIES_AT_ONCE)
        exclude = None if queries.rows is None else queries.rows[block]
        blocks.append(
            smallest_ef(graph, queries.vectors[block], wanted[block], ef_max, exclude=exclude)
        )
    return np.concatenate(blocks)
