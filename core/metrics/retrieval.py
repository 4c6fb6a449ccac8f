"""Retrieval with labels: does each item find the others of its class first?

A labeled row is a query against all other rows, ordered by (distance, id). With rel_j in {0, 1}
the relevance of the j-th row, P(j) the precision at j and R the number of relevant rows:

| field             | formula                                                         |
|-------------------|-----------------------------------------------------------------|
| precision_at_1    | rel_1                                                           |
| hit_at_k[k]       | max over j <= k of rel_j (recall@k in metric learning, CMC@k)   |
| recall_at_k[k]    | sum over j <= k of rel_j / R (recall@k of information retrieval) |
| precision_at_k[k] | sum over j <= k of rel_j / k                                    |
| r_precision       | (1/R) sum over j <= R of rel_j                                  |
| map_at_r          | (1/R) sum over j <= R of P(j) rel_j                             |
| map_at_100        | sum over j <= 100 of P(j) rel_j / min(R, 100)                   |
| average_precision | (1/R) sum over j of P(j) rel_j, the whole list                  |
| reciprocal_rank   | 1 / rank of the first relevant row                              |

The recall@k of approximate search is none of these: it asks whether an index finds the true
neighbors, whatever their labels (`core.metrics.recall_at_k`).

Sources: Musgrave, Belongie and Lim, "A Metric Learning Reality Check", arXiv 2003.08505
(R-precision and MAP@R); Weyand et al., "Google Landmarks Dataset v2", arXiv 2004.01804 (mAP@100).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import check_count, check_counts, check_ids, check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric
from core.errors import ParameterError
from core.limits import default_threads
from core.metrics.ranking import BLOCK_CELLS, Ids, Ranking
from core.progress import CountProgress, unheard

Labels = npt.NDArray[np.integer[Any]]
Int64s = npt.NDArray[np.int64]
FEWEST_BLOCKS = 16  # so that progress moves and the threads end together
LANDMARKS = 100


@dataclass(frozen=True, eq=False)
class RetrievalScores:
    """Scores per query; element i of each array belongs to the row `used[i]`.

    precision_at_1, r_precision, map_at_r, map_at_100, average_precision, reciprocal_rank: (q,)
    float64 in [0, 1]. used: (q,) row ids. relevant: (q,) R of each. n_excluded: rows that are no
    query, because their label is missing or no other row has it; rows that were not asked for do
    not count. cutoffs: (c,) k, ascending. found: (q, c) relevant rows among the first k. n: rows.
    """

    precision_at_1: Float64s
    r_precision: Float64s
    map_at_r: Float64s
    map_at_100: Float64s
    average_precision: Float64s
    reciprocal_rank: Float64s
    used: Int64s
    relevant: Int64s
    n_excluded: int
    cutoffs: Int64s
    found: npt.NDArray[np.integer[Any]]
    n: int

    @cached_property
    def hit_at_k(self) -> dict[int, Float64s]:
        """k -> (q,): 1 where one of the first k rows is relevant, else 0."""
        return self._at_each(lambda found, _: (found > 0).astype(np.float64))

    @cached_property
    def recall_at_k(self) -> dict[int, Float64s]:
        """k -> (q,): the share of the relevant rows that stand among the first k."""
        return self._at_each(lambda found, _: found / self.relevant)

    @cached_property
    def precision_at_k(self) -> dict[int, Float64s]:
        """k -> (q,): the share of the first k rows (of all, where they are fewer) relevant."""
        return self._at_each(lambda found, k: found / min(k, self.n - 1))

    def _at_each(self, figure: Any) -> dict[int, Float64s]:
        return {
            k: np.asarray(figure(self.found[:, place], k))
            for place, k in enumerate(self.cutoffs.tolist())
        }


def retrieval_scores(
    vectors: Floats,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    k: int | Sequence[int] = (1, 5, 10),
    queries: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> RetrievalScores:
    """Score each query's list of the other rows, exactly; see the module for the formulas.

    vectors: (n, d); labels: (n,) integer codes. k: of hit@k and its like, one or several; a single
    5 is (5,). queries: (q,) row ids that are to be queries, each once; by default all. A negative
    label is a missing one: such a row is no query and is relevant to no query, but it stays in the
    lists of the others, where it can take a better rank. A row excludes itself by id. Where fewer
    than k other rows exist, all of them are the first k. threads: default all cores. progress:
    called as progress(queries done, queries); an exception that it raises stops the work.

    Ranks are counted, not sorted, and wherever rounding could change one they are settled by exact
    distances. Memory beyond the input: the rows in float64 and a block for each thread. Raises
    ParameterError for vectors that are not finite numbers, labels or queries that do not fit them,
    an unknown metric, or a k that is no whole number of at least 1.
    """
    check_metric(metric)
    cutoffs = np.array(sorted(set(check_counts(k, "k"))), dtype=np.int64)
    vectors = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(vectors)).astype(np.int64)
    workers = default_threads() if threads is None else check_count(threads, "threads")
    asked = _asked(queries, len(vectors))
    relevant = relevant_counts(codes)
    used = asked[relevant[asked] > 0]
    sizes = relevant[used]
    work = _Work(Ranking(vectors, metric), codes, used, sizes, cutoffs)
    if len(used):
        _score_all(work, workers, progress or unheard)
    inside, up_to_r, up_to_100, whole, first = work.scores.T
    return RetrievalScores(
        precision_at_1=(first == 1).astype(np.float64),
        r_precision=inside / sizes,
        map_at_r=up_to_r / sizes,
        map_at_100=up_to_100 / np.minimum(sizes, LANDMARKS),
        average_precision=whole / sizes,
        reciprocal_rank=1.0 / first,
        used=used,
        relevant=sizes,
        n_excluded=len(asked) - len(used),
        cutoffs=cutoffs,
        found=work.found,
        n=len(vectors),
    )


def relevant_counts(labels: Labels) -> Int64s:
    """R of each row, (n,): the other rows with its label; 0 where the label is missing."""
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return np.where(labels >= 0, sizes[inverse] - 1, 0).astype(np.int64)


def _asked(queries: npt.ArrayLike | None, n: int) -> Int64s:
    if queries is None:
        return np.arange(n)
    ids = check_ids(queries, "queries", n, empty=False).astype(np.int64)
    if ids.ndim != 1 or len(np.unique(ids)) != ids.size:
        raise ParameterError(
            f"queries must be (q,) row ids, each once; got shape {ids.shape} with "
            f"{len(np.unique(ids)):,} different ids."
        )
    return ids


class _Work:
    """What is asked, and room for the answers, which threads fill in blocks."""

    def __init__(
        self, ranking: Ranking, codes: Int64s, used: Int64s, sizes: Int64s, cutoffs: Int64s
    ) -> None:
        self.ranking, self.codes, self.used = ranking, codes, used
        self.sizes, self.cutoffs = sizes, cutoffs
        self.found = np.zeros((len(used), len(cutoffs)), dtype=np.int32)
        self.scores = np.zeros((len(used), 5))
        self._order = np.argsort(codes, kind="stable")
        self._sorted = codes[self._order]

    def members(self, code: int) -> Int64s:
        """Row ids of a class, ascending."""
        first, last = np.searchsorted(self._sorted, [code, code + 1])
        return np.asarray(self._order[first:last])


def _score_all(work: _Work, workers: int, report: CountProgress) -> None:
    count, n = len(work.used), len(work.codes)
    most = max(1, BLOCK_CELLS // (workers * n))
    size = min(most, -(-count // max(workers, FEWEST_BLOCKS)))
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
        try:
            scoring = pool.map(lambda block: _score(work, block), blocks)
            for block, _ in zip(blocks, scoring, strict=True):
                report(block.stop, count)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _score(work: _Work, block: slice) -> None:
    from core.metrics.kernels.relevant_ranks import count_before, score_ranks

    queries = work.used[block]
    all_keys, largest = work.ranking.keys(queries), int(work.sizes[block].max())
    room = np.empty((4, largest + 1), dtype=np.int64)
    starts, before, ranks = room[:2].ravel(), room[2], room[3]
    for place, query in enumerate(queries.tolist(), block.start):
        keys, code, r = all_keys[place - block.start], work.codes[query], work.sizes[place]
        nearest = np.sort(keys[work.members(code)])[:-1]  # its own key is infinite
        mine = starts[: 2 * r + 1], before[: r + 1], ranks[:r]
        unsure = count_before(keys, work.codes, code, nearest, work.ranking.tolerance, *mine)
        settled = _exact_ranks(work, query, keys) if unsure else mine[2]
        score_ranks(settled, work.cutoffs, work.found[place], work.scores[place])


def _exact_ranks(work: _Work, query: int, keys: Float64s) -> Int64s:
    """Ranks of the relevant rows of a query, ascending, where rounding could change one."""
    same = work.codes == work.codes[query]
    same[query] = False
    order: Ids = work.ranking.within(query, keys, float(keys[same].max()))
    return np.flatnonzero(same[order]) + 1
