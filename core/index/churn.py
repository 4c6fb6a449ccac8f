"""An index whose rows are updated, deleted and inserted again, round by round."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.checks import check_number, check_whole
from core.distances import Floats
from core.errors import ParameterError
from core.index.build import add_rows, new_index, shared_rows
from core.index.checks import check_vectors
from core.index.graph import HnswGraph
from core.index.hnswlib_file import read_own_file
from core.index.params import HnswParams
from core.index.records import to_graph
from core.progress import CountProgress, counted_from

How = Literal["update", "replace", "delete"]
HOWS: tuple[How, ...] = get_args(How)
Rows = npt.NDArray[np.int64]


def churn_hnsw(
    vectors: Floats,
    params: HnswParams,
    *,
    rounds: int,
    share: float,
    seed: int = 0,
    how: How = "replace",
    progress: CountProgress | None = None,
) -> Iterator[HnswGraph]:
    """The graph of `vectors` (n, d) as `build_hnsw` makes it, and that after each of the rounds.

    A round takes `share` of the n rows, drawn with `seed`, as `churned_rows` lists them. "update":
    they are inserted again in place, with the vectors that they have. "replace": they are marked as
    deleted, and then inserted again into the slots that this freed. "delete": they are marked as
    deleted, and stay so. The graphs are made one by one, when the caller takes the next; row i of
    each is row i of `vectors`. progress: called as progress(rows done, rows to do), the build
    included; an exception that it raises stops the work. With one thread, equal input gives equal
    graphs.

    A slot keeps its level, so a replaced row takes over that of the slot where it lands: hnswlib
    picks any that is free (https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h#L954).
    Replacing makes rows unreachable: Xiao et al., arXiv 2407.07871.

    >>> vectors = np.eye(4, dtype=np.float32)
    >>> graphs = churn_hnsw(vectors, HnswParams(m=2), rounds=2, share=0.25, how="delete")
    >>> [graph.n_deleted for graph in graphs]
    [0, 1, 2]
    """
    rows = check_vectors(vectors, "vectors")
    drawn = churned_rows(len(rows), how, rounds=rounds, share=share, seed=seed)
    return _graphs(_Churn(rows, params, how, progress), drawn)


def churned_rows(n: int, how: How, *, rounds: int, share: float, seed: int = 0) -> Rows:
    """The rows that each round takes, (rounds, c), in the order in which it takes them.

    c is `share` of n, rounded. "delete" takes no row twice, and must leave one.
    """
    count = _check(n, how, rounds, share)
    random = np.random.default_rng(seed)
    if how == "delete":
        return random.permutation(n)[: rounds * count].reshape(rounds, count)
    drawn = [random.choice(n, count, replace=False) for _ in range(rounds)]
    return np.array(drawn, dtype=np.int64).reshape(rounds, count)


def _check(n: int, how: str, rounds: int, share: float) -> int:
    """How many rows a round takes."""
    if how not in HOWS:
        raise ParameterError(f"how must be one of {', '.join(HOWS)}; got {how!r}.")
    rounds = check_whole(rounds, "rounds", 0)
    if not 0 <= check_number(share, "share") <= 1:
        raise ParameterError(f"share must be between 0 and 1; got {share!r}.")
    count = round(share * n)
    if how == "delete" and rounds * count >= n:
        raise ParameterError(
            f"{rounds:,} rounds that delete {count:,} rows each leave none of {n:,}. Lower rounds "
            "or share."
        )
    return count


@dataclass(frozen=True)
class _Churn:
    """The rows (n, d), the settings of the index, what a round does to it, and its progress."""

    rows: npt.NDArray[np.float32]
    params: HnswParams
    how: How
    progress: CountProgress | None


def _graphs(churn: _Churn, drawn: Rows) -> Iterator[HnswGraph]:
    n, total = len(churn.rows), len(churn.rows) + drawn.size
    index = new_index(churn.rows.shape, churn.params, reuse_slots=churn.how == "replace")
    labels = np.arange(n)
    report = counted_from(churn.progress, 0, total)
    add_rows(index, churn.rows, labels, threads=churn.params.threads, progress=report)
    yield _graph(index, churn)
    for number, taken in enumerate(drawn):
        report = counted_from(churn.progress, n + number * len(taken), total)
        labels = _round(index, churn, labels, taken, report)
        yield _graph(index, churn)


def _round(index: Any, churn: _Churn, labels: Rows, taken: Rows, report: CountProgress) -> Rows:
    """Do to the rows `taken` what a round does; the labels of all rows after it, (n,).

    A replaced row gets a label that was never used. Under its old one hnswlib 0.8.0 would lose it:
    where the row lands in another slot, its old slot still has the label, and the row that takes
    that slot later erases the label from the lookup, though the label means the new slot by then;
    the next `mark_deleted` then knows no such label (https://github.com/nmslib/hnswlib/pull/541).
    """
    again, threads = churn.how == "replace", churn.params.threads
    if churn.how != "update":
        for label in labels[taken].tolist():
            index.mark_deleted(label)
    if churn.how == "delete":
        report(len(taken), len(taken))
        return labels
    labels = labels.copy()
    labels[taken] += len(labels) * again
    add_rows(
        index,
        churn.rows,
        taken,
        threads=threads,
        labels=labels[taken],
        reuse_slots=again,
        progress=report,
    )
    return labels


def _graph(index: Any, churn: _Churn) -> HnswGraph:
    """The graph as the index is now; a label is the row id plus a multiple of n."""
    with tempfile.TemporaryDirectory(prefix="nearfield-") as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        records = read_own_file(path, churn.params.metric, churn.rows.shape[1])
    by_row = replace(records, labels=records.labels % len(churn.rows))
    return to_graph(by_row, shared_rows(churn.rows, churn.params.metric))
