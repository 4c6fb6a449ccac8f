"""All pairs of labeled rows as cells: on a cluster, and for more rows than fit into memory."""

from collections.abc import Iterator, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels
from core.data.shards import VectorRows, VectorShards, as_rows, open_shards
from core.distances import Floats, Metric, check_metric
from core.metrics import PairCounts
from core.metrics.class_pairs import ClassOrder, Labels
from core.metrics.pair_parts import PairGathering, PairTask, PairTile, Span, count_tile, pair_task
from core.progress import Progress, counted, part
from core.studies.parts.cells import Cell, run_cells
from core.studies.parts.run_folder import RunFolder
from core.studies.parts.shared import Shared, Sharing

TILE_BYTES = 2**24  # of the rows of one side; with products and tables a tile takes ten times that
SORTED = 0.1  # share of the work that is done when the rows lie class after class
Tile = tuple[Span, Span]


def count_pairs_in_blocks(
    vectors: Floats | VectorRows,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    groups: npt.NDArray[np.integer[Any]] | None = None,
    keep_singletons: bool = True,
    of_rows: bool = True,
    block_rows: int | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PairCounts:
    """`count_pairs` of rectangles of rows, added up: equal to that of all rows.

    vectors: (n, d), or what `open_shards` gives. They are copied once, class after class, into the
    folder of the run (see `RunFolder`), of which two blocks at a time are in memory.
    labels, metric, groups, keep_singletons: as in `count_pairs`.
    of_rows: whether pairs are counted by row, which takes about 500 bytes for each; else
    `row_genuine` and `row_impostor` have no rows.
    block_rows: of each side of a rectangle; default so many as take 16 MB.
    executor: runs the rectangles, each on one thread; default as many threads as `workers`, or as
    this machine has cores. workers, progress: as in `run_cells`.

    Of pairs that lie level with the least striking one of those kept, others may be kept.
    """
    check_metric(metric)
    given = as_rows(vectors)
    order = ClassOrder(check_labels(labels, given.n), given.n, keep_singletons=keep_singletons)
    if groups is not None:
        check_labels(groups, given.n, "groups")
    at_once = TILE_BYTES // (given.dim * given.dtype.itemsize)
    at_once = check_count(max(1, at_once) if block_rows is None else block_rows, "block_rows")
    with RunFolder() as folder, Sharing() as sharing:
        told = part(progress, 0.0, SORTED)
        rows = _by_class(given, order, folder.path / "rows.npy", at_once, told)
        task = pair_task(rows, order, metric, groups=groups, of_rows=of_rows)
        gathering = PairGathering(task, order)
        shared = sharing.share(task)
        run_cells(
            [Cell(tile, _name(tile), _tile, (shared, tile)) for tile in task.tiles(at_once)],
            executor=executor,
            workers=workers,
            done=_Added(gathering),
            progress=part(progress, SORTED, 1.0),
        )
        return gathering.result()


def _name(tile: Tile) -> str:
    (start, _), (column, _) = tile
    return f"pairs of rows {start:,} and {column:,} on"


def _tile(progress: Progress, shared: Shared[PairTask], tile: Tile) -> PairTile:
    return count_tile(shared.value, *tile, progress=counted(progress, "{:,} of {:,} blocks"))


def _by_class(
    given: VectorRows, order: ClassOrder, path: Path, at_once: int, progress: Progress
) -> VectorShards:
    """The rows in a file, class after class, read block by block and put where they belong."""
    place = np.full(given.n, -1)
    place[order.order] = np.arange(order.n)
    shape = order.n, given.dim
    written = np.lib.format.open_memmap(path, "w+", given.dtype, shape)
    for start in range(0, given.n, at_once):
        progress(start / given.n, f"sorting by class: {start:,} of {given.n:,} rows")
        stop = min(start + at_once, given.n)
        to = place[start:stop]
        kept = np.flatnonzero(to >= 0)
        if len(kept):
            kept = kept[np.argsort(to[kept])]
            written[to[kept]] = given.read(start, stop)[kept]
    written.flush()
    del written
    return open_shards(path)


@dataclass(eq=False)
class _Added(MutableMapping[Any, Any]):
    """Finished tiles, of which nothing is kept but their sum."""

    gathering: PairGathering

    def __post_init__(self) -> None:
        self._keys = set[Any]()

    def __setitem__(self, key: Any, tile: PairTile) -> None:
        self.gathering.add(tile)
        self._keys.add(key)

    def __getitem__(self, key: Any) -> None:
        if key not in self._keys:
            raise KeyError(key)

    def __delitem__(self, key: Any) -> None:
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
