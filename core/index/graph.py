"""The one graph model: plain arrays, immutable, whatever the index came from."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_whole
from core.distances import Metric
from core.errors import ParameterError
from core.index.storage import FLOAT32, Storage
from core.index.transform import Transform

Ids = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
BUILT = "built by hnswlib"
NEVER_IN_A_FILE = ("seed", "threads", "insertion order", "build time")


@dataclass(frozen=True)
class Adjacency:
    """Compressed rows of links: row i links to `targets[indptr[i] : indptr[i + 1]]`, in order.

    indptr: (rows + 1,) int64. targets: (links,) int32 row ids of the graph.
    """

    indptr: Offsets
    targets: Ids

    @property
    def degrees(self) -> npt.NDArray[np.int64]:
        """Number of links of each row, (rows,)."""
        return np.diff(self.indptr)


@dataclass(frozen=True, eq=False)
class HnswGraph:
    """An HNSW index as arrays. Row ids are 0..n-1; all arrays are read-only.

    vectors: (n, w) float32 as the index compares them: rows of length 1 under "cosine", decoded
    where it stores codes, carried through `transform` where there is one.
    levels: (n,) top layer of each row. labels: (n,) external labels, ascending,
    int64, or uint64 where one needs it.
    deleted: (n,) rows that a search walks through and never returns.
    base: links of layer 0, one row per node. upper: links of the layers above, one row per
    (node, layer) pair: the row of node i on layer l is `upper_start[i] + l - 1`.
    ef_construction: None where the source does not state it. source, notes: where the graph comes
    from and what was converted on the way, in words. storage: what its vectors were rounded to.
    metric_stated: whether the file holds no metric, and whoever opened it said this one. These four
    are no part of its content.
    codes: the codes that `vectors` were decoded from, "PQ 8 x 4 bit", or None where the index
    stores the vectors themselves. transform: what a query of `dim` dimensions, and every vector
    before it was stored, goes through; None where it is compared as it is. carried: the name of a
    transform that queries must have gone through before they get here, or None.
    """

    vectors: npt.NDArray[np.float32]
    metric: Metric
    m: int
    ef_construction: int | None
    entry_point: int
    levels: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64]
    deleted: npt.NDArray[np.bool_]
    base: Adjacency
    upper: Adjacency
    upper_start: npt.NDArray[np.int64]
    source: str = BUILT
    notes: tuple[str, ...] = ()
    storage: Storage = FLOAT32
    metric_stated: bool = False
    codes: str | None = None
    transform: Transform | None = None
    carried: str | None = None

    def __post_init__(self) -> None:
        for array in self._arrays():
            array.setflags(write=False)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """Number of dimensions of a query, and of a vector as it was added."""
        return self.stored_dim if self.transform is None else self.transform.dim

    @property
    def stored_dim(self) -> int:
        """Number of columns of `vectors`; differs from `dim` where the transform changes it."""
        return int(self.vectors.shape[1])

    @property
    def not_in_file(self) -> tuple[str, ...]:
        """What the file does not state of how the index was built; nothing for one built here."""
        if self.source == BUILT:
            return ()
        metric = ("metric",) if self.metric_stated else ()
        width = ("ef_construction",) if self.ef_construction is None else ()
        return (*metric, *width, *NEVER_IN_A_FILE)

    @property
    def max_level(self) -> int:
        """The highest layer; 0 where there is only the base."""
        return int(self.levels[self.entry_point])

    @property
    def n_deleted(self) -> int:
        """Number of rows marked as deleted."""
        return int(np.count_nonzero(self.deleted))

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays, vectors included."""
        return sum(array.nbytes for array in self._arrays())

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that name the content: all arrays, metric, entry point, M, ef_construction.

        Whatever a figure of the graph depends on is in it; `source` and `notes` are not.
        """
        through = self.transform and self.transform.name
        settings = (self.metric, self.entry_point, self.m, self.ef_construction, through)
        digest = hashlib.blake2b(repr(settings).encode(), digest_size=16)
        for array in self._arrays():
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def in_own_space(self) -> "HnswGraph":
        """The same graph for queries that are carried through the transform already."""
        if self.transform is None:
            return self
        return replace(self, transform=None, carried=self.transform.name)

    def nodes(self, layer: int) -> npt.NDArray[np.int64]:
        """Row ids of the nodes on `layer`, ascending."""
        self._check_layer(layer)
        return np.flatnonzero(self.levels >= layer)

    def links(self, layer: int) -> tuple[Ids, Ids]:
        """All links of `layer` as (sources, targets), row ids, grouped by source ascending."""
        nodes = self.nodes(layer).astype(np.int32)
        if layer == 0:
            return np.repeat(nodes, self.base.degrees), self.base.targets
        rows = self.upper_start[nodes] + layer - 1
        starts, counts = self.upper.indptr[rows], self.upper.degrees[rows]
        return np.repeat(nodes, counts), self.upper.targets[ranges(starts, counts)]

    def out_degree(self, layer: int) -> npt.NDArray[np.int64]:
        """Links that leave each row on `layer`, (n,); 0 for rows that are not on it."""
        sources, _ = self.links(layer)
        return np.bincount(sources, minlength=self.n)

    def in_degree(self, layer: int) -> npt.NDArray[np.int64]:
        """Links that arrive at each row on `layer`, (n,); 0 for rows that are not on it."""
        _, targets = self.links(layer)
        return np.bincount(targets, minlength=self.n)

    @cached_property
    def nodes_per_layer(self) -> npt.NDArray[np.int64]:
        """Number of nodes on each layer, (max_level + 1,), the base first."""
        per_level = np.bincount(self.levels, minlength=self.max_level + 1)
        return np.asarray(np.cumsum(per_level[::-1])[::-1])

    def _check_layer(self, layer: int) -> None:
        if check_whole(layer, "layer", 0) > self.max_level:
            raise ParameterError(
                f"layer must be between 0 and {self.max_level}, the highest layer; got {layer}."
            )

    def _arrays(self) -> tuple[npt.NDArray[Any], ...]:
        return (
            self.vectors,
            self.levels,
            self.labels,
            self.deleted,
            self.base.indptr,
            self.base.targets,
            self.upper.indptr,
            self.upper.targets,
            self.upper_start,
            *(() if self.transform is None else self.transform.arrays),
        )


def ranges(starts: Offsets, counts: Offsets) -> Offsets:
    """The integers of all ranges [start, start + count), one after the other.

    >>> ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))
