"""What every ef gives, for one k or several, from one traversal per query."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.checks import check_counts, check_number
from core.distances import Floats
from core.errors import ParameterError
from core.index.beam_search import check_ef
from core.index.blocks import run_in_blocks
from core.index.checks import (
    check_id_lists,
    check_queries,
    check_returnable,
    check_vectors,
)
from core.index.exact import Neighbors
from core.index.graph import HnswGraph
from core.index.reaching import first_ef, hits_needed
from core.index.scratch import curve_record, kernel_graph, new_scratch
from core.progress import CountProgress

Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class EfCurve:
    """Recall and cost of each query at each ef.

    k: number of true neighbors of each query. ef: (e,) every integer from k to ef_max; of a query
    that leaves a row out the beam at ef = k holds k + 1, so that its first two columns are equal,
    as hnswlib's are. hits: (q, e)
    true neighbors found, strict by id. tied_hits: (q, e) the same where a row as near as the k-th
    true neighbor counts too. distance_computations, hops: (q, e), all layers together.
    """

    k: int
    ef: npt.NDArray[np.int64]
    hits: Counts
    tied_hits: Counts
    distance_computations: Counts
    hops: Counts

    @cached_property
    def recall(self) -> npt.NDArray[np.float64]:
        """recall@k, strict by id: hits / k, (q, e)."""
        return np.asarray(self.hits / self.k)

    @cached_property
    def tie_aware_recall(self) -> npt.NDArray[np.float64]:
        """recall@k where a row counts that is as near as the k-th (1e-6 relative), (q, e)."""
        return np.asarray(self.tied_hits / self.k)

    def smallest_ef(self, recall: float) -> npt.NDArray[np.int64]:
        """The first ef at which each query reaches `recall`, (q,); -1 where none does.

        Recall may fall again at a larger ef for no query: the k nearest rows found only get nearer
        as ef grows, up to ties.
        """
        if not 0 <= check_number(recall, "recall") <= 1:
            raise ParameterError(f"recall must be between 0 and 1; got {recall}.")
        return first_ef(self.ef, self.hits >= hits_needed(recall, self.k))

    def followed_by(self, other: "EfCurve") -> "EfCurve":
        """The curve of these queries and of others on the same graph, for the same ef."""
        if self.k != other.k or not np.array_equal(self.ef, other.ef):
            raise ParameterError(
                f"Only curves of one k and the same ef can be joined; got k = {self.k} up to ef "
                f"{self.ef[-1]} and k = {other.k} up to ef {other.ef[-1]}."
            )
        return EfCurve(
            self.k,
            self.ef,
            np.concatenate([self.hits, other.hits]),
            np.concatenate([self.tied_hits, other.tied_hits]),
            np.concatenate([self.distance_computations, other.distance_computations]),
            np.concatenate([self.hops, other.hops]),
        )


def ef_curve(
    graph: HnswGraph,
    queries: Floats,
    ground_truth: Neighbors | npt.ArrayLike,
    *,
    ef_max: int = 512,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> EfCurve:
    """Recall and cost for every ef from k to `ef_max`, for each of the queries (q, d).

    ground_truth: `Neighbors` or (q, k) row ids of the true neighbors; -1 fills rows that have fewer
    than k, and is never found. exclude: as in `search`. Raises ParameterError where `search` does
    for this k.

    One traversal with a beam of ef_max serves all: a smaller beam expands the same nodes in the
    same order and stops earlier. Every column equals a `search` of its own.
    """
    rows = check_vectors(queries, "queries", graph.dim)
    truth = _check_truth(ground_truth, len(rows), graph.n)
    k = truth.shape[1]
    curves = ef_curves(
        graph,
        rows,
        truth,
        (k,),
        ef_max=ef_max,
        exclude=exclude,
        threads=threads,
        progress=progress,
    )
    return curves[k]


def ef_curves(
    graph: HnswGraph,
    queries: Floats,
    ground_truth: Neighbors | npt.ArrayLike,
    ks: Sequence[int],
    *,
    ef_max: int = 512,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> dict[int, EfCurve]:
    """`ef_curve` for several k, by k, still from one traversal per query.

    ground_truth: (q, at least the largest k), nearest first: its first k columns are the true
    neighbors for k. The other arguments are those of `ef_curve`.
    """
    rows = check_queries(graph, queries)
    truth = _check_truth(ground_truth, len(rows), graph.n)
    ks = _check_ks(ks, truth.shape[1])
    ef_max = check_ef(ef_max, ks[-1], "ef_max")
    excluded = check_returnable(graph, ks[-1], exclude, len(rows))
    from core.index.kernels.answers import curve_block

    arrays = kernel_graph(graph)
    widest = max(ef_max, ks[-1] + 1) if (excluded >= 0).any() else ef_max
    out = np.zeros((len(rows), widest - ks[0] + 1, 2 * len(ks) + 2), np.int32)

    def run(block: slice) -> None:
        curve_block(
            arrays,
            new_scratch(graph, widest + 1),
            curve_record(graph, ks),
            rows[block],
            truth[block],
            excluded[block],
            widest,
            out[block],
        )

    run_in_blocks(len(rows), run, threads=threads, progress=progress)
    return {k: _of_one_k(ks, i, ef_max, excluded >= 0, out) for i, k in enumerate(ks)}


def _of_one_k(
    ks: tuple[int, ...], i: int, ef_max: int, left_out: npt.NDArray[np.bool_], out: Counts
) -> EfCurve:
    """The columns of ef = ks[i] to ef_max, of lines (q, e, 2 s + 2) for the beams from ks[0] on.

    Where a row is left out, the search at ef = k has a beam of k + 1.
    """
    k, first = ks[i], ks[i] - ks[0]
    columns = []
    for place in (i, len(ks) + i, 2 * len(ks), 2 * len(ks) + 1):
        own = out[:, first : first + ef_max - k + 1, place].copy()
        own[left_out, 0] = out[left_out, min(first + 1, out.shape[1] - 1), place]
        columns.append(own)
    return EfCurve(k, np.arange(k, ef_max + 1), *columns)


def _check_ks(ks: Sequence[int], most: int) -> tuple[int, ...]:
    checked = tuple(sorted(set(check_counts(ks, "ks"))))
    if checked[-1] > most:
        raise ParameterError(
            f"ks must be at most {most:,}, the number of true neighbors given; got {list(ks)}."
        )
    return checked


def _check_truth(
    ground_truth: Neighbors | npt.ArrayLike, queries: int, n: int
) -> npt.NDArray[np.int64]:
    ids = ground_truth.ids if isinstance(ground_truth, Neighbors) else ground_truth
    return check_id_lists(ids, "ground_truth", queries, n)
