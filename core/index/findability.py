"""The census: which rows are reachable, and which are found by their own vector."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.index.beam_search import check_ef
from core.index.blocks import run_in_blocks
from core.index.checks import check_k
from core.index.graph import HnswGraph
from core.index.reach import reachable_rows
from core.index.scratch import kernel_graph, new_scratch, no_record
from core.intervals import wilson_interval
from core.progress import CountProgress

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Census:
    """What became of each row; deleted rows are not counted.

    reachable: (n,) whether some search could visit the row, however large its ef. checked: (c,)
    rows searched for by their own vector with a beam of `ef`, ascending: all live rows, or a sample
    drawn with `seed`. found: (c,) whether the beam held the row at the end. first: (c,) whether it,
    or a row exactly as near, came first.
    """

    reachable: npt.NDArray[np.bool_]
    deleted: npt.NDArray[np.bool_]
    checked: Rows
    found: npt.NDArray[np.bool_]
    first: npt.NDArray[np.bool_]
    ef: int
    seed: int

    @property
    def n(self) -> int:
        """Number of rows, deleted ones included."""
        return len(self.reachable)

    @property
    def is_sample(self) -> bool:
        """Whether some live rows were not searched for."""
        return len(self.checked) < self.n - int(self.deleted.sum())

    @cached_property
    def unreachable(self) -> Rows:
        """Live rows that no search can visit, ascending."""
        return np.flatnonzero(~self.reachable & ~self.deleted)

    @cached_property
    def unfindable(self) -> Rows:
        """Rows searched for and not found, ascending."""
        return self.checked[~self.found]

    @cached_property
    def lost(self) -> Rows:
        """Rows that are unreachable, or that were searched for and not found, ascending."""
        return np.union1d(self.unreachable, self.unfindable)

    @property
    def unfindable_share(self) -> float:
        """Share of the rows searched for that were not found; NaN where there were none."""
        return float(np.mean(~self.found)) if len(self.found) else float("nan")

    @property
    def self_recall(self) -> float:
        """Share of the rows searched for that came first themselves, or an exact copy of them.

        Under inner product a longer vector may be nearer to a row than the row itself.
        """
        return float(np.mean(self.first)) if len(self.first) else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share not found (Wilson, JASA 22, 1927); no width for all rows."""
        share = self.unfindable_share
        return wilson_interval(share, len(self.found)) if self.is_sample else (share, share)


def census(
    graph: HnswGraph,
    *,
    ef: int = 40,
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> Census:
    """For each live row: whether a search can reach it, and whether its own vector finds it.

    sample: how many rows are searched for; None for all. progress: as in `search`.
    """
    rows = rows_to_check(graph, ef, sample, seed)
    found, first = search_own(graph, rows, ef, threads=threads, progress=progress)
    return Census(reachable_rows(graph), graph.deleted, rows, found, first, ef, seed)


def rows_to_check(graph: HnswGraph, ef: int, sample: int | None, seed: int) -> Rows:
    """The live rows that a census searches for, ascending: all, or `sample` drawn with `seed`."""
    check_ef(check_k(ef, "ef"), 1)
    live = np.flatnonzero(~graph.deleted)
    if sample is None or check_k(sample, "sample") >= len(live):
        return live
    return np.sort(np.random.default_rng(seed).choice(live, sample, replace=False))


def search_own(
    graph: HnswGraph,
    rows: Rows,
    ef: int,
    *,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the own vector of each row finds it, and finds it first, both (r,); see `Census`."""
    from core.index.kernels.own import own_block

    found, first = (np.zeros(len(rows), dtype=bool) for _ in range(2))
    if not len(rows):
        return found, first
    arrays = kernel_graph(graph)

    def run(block: slice) -> None:
        scratch = new_scratch(graph, ef + 1)
        own_block(arrays, scratch, no_record(), rows[block], ef, found[block], first[block])

    run_in_blocks(len(rows), run, threads=threads, progress=progress)
    return found, first
