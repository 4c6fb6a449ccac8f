"""What an index does to every vector before it stores it or searches for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.distances import unit_rows

Vectors = npt.NDArray[np.float32]
ROWS_AT_ONCE = 16_384


class Step(Protocol):
    """One step of a transform, from `dim_in` to `dim_out` dimensions."""

    @property
    def name(self) -> str:
        """What it does, in words: "PCA to 16 dimensions"."""

    @property
    def dim_in(self) -> int:
        """Dimensions of the rows that it takes."""

    @property
    def dim_out(self) -> int:
        """Dimensions of the rows that it gives."""

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """What it is made of, for fingerprints."""

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim_in) as (n, dim_out)."""


@dataclass(frozen=True, eq=False)
class Linear:
    """matrix (dim_out, dim_in) times each row, plus bias (dim_out,); kind: "PCA", "rotation"."""

    kind: str
    matrix: Vectors
    bias: Vectors | None = None

    @property
    def name(self) -> str:
        """Its kind, with the dimensions where it changes them."""
        same = self.dim_in == self.dim_out
        return self.kind if same else f"{self.kind} to {self.dim_out:,} dimensions"

    @property
    def dim_in(self) -> int:
        """Columns of the matrix."""
        return int(self.matrix.shape[1])

    @property
    def dim_out(self) -> int:
        """Rows of the matrix."""
        return int(self.matrix.shape[0])

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The matrix, and the bias if there is one."""
        return (self.matrix,) if self.bias is None else (self.matrix, self.bias)

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim_in) as (n, dim_out)."""
        moved = rows @ self.matrix.T
        return moved if self.bias is None else moved + self.bias


@dataclass(frozen=True, eq=False)
class Centering:
    """mean (dim,), taken from each row."""

    mean: Vectors
    name: str = "centering"

    @property
    def dim_in(self) -> int:
        """Length of the mean."""
        return len(self.mean)

    @property
    def dim_out(self) -> int:
        """Length of the mean."""
        return len(self.mean)

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The mean."""
        return (self.mean,)

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim) without the mean."""
        return rows - self.mean


@dataclass(frozen=True, eq=False)
class Normalization:
    """Each row of `dim` dimensions scaled to length 1; a zero row stays zero."""

    dim: int
    name: str = "L2 normalization"

    @property
    def dim_in(self) -> int:
        """The same as dim_out."""
        return self.dim

    @property
    def dim_out(self) -> int:
        """The same as dim_in."""
        return self.dim

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """None: the rows are all it needs."""
        return ()

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim) of length 1."""
        return unit_rows(rows).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Remapping:
    """places (dim_out,): the dimension that each one is copied from, -1 for a zero."""

    dim_in: int
    places: npt.NDArray[np.int32]

    @property
    def name(self) -> str:
        """What it does, in words."""
        return f"dimensions moved, {self.dim_in:,} to {self.dim_out:,}"

    @property
    def dim_out(self) -> int:
        """How many places there are."""
        return len(self.places)

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The places."""
        return (self.places,)

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim_in) as (n, dim_out)."""
        return np.where(self.places >= 0, rows[:, np.maximum(self.places, 0)], np.float32(0))


@dataclass(frozen=True, eq=False)
class Transform:
    """Steps, at least one, the first of which takes the vectors as a user has them."""

    steps: Sequence[Step]

    @property
    def dim(self) -> int:
        """Dimensions of the vectors that it takes."""
        return self.steps[0].dim_in

    @property
    def name(self) -> str:
        """All steps in words: "centering, PCA to 16 dimensions"."""
        return ", ".join(step.name for step in self.steps)

    @property
    def normalizes(self) -> bool:
        """Whether a vector's length is lost on the way."""
        return any(isinstance(step, Normalization) for step in self.steps)

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """What all steps are made of."""
        return tuple(array for step in self.steps for array in step.arrays)

    def apply(self, rows: Vectors) -> Vectors:
        """Rows (n, dim) as the index stores them, (n, dimensions of the last step), float32.

        >>> turn = Linear("rotation", np.float32([[0, 1], [1, 0]]))
        >>> Transform((Centering(np.float32([1, 1])), turn)).apply(np.float32([[3, 1]])).tolist()
        [[0.0, 2.0]]
        """
        out = np.empty((len(rows), self.steps[-1].dim_out), dtype=np.float32)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            block = rows[start : start + ROWS_AT_ONCE]
            with np.errstate(over="ignore", invalid="ignore"):  # the result is checked
                for step in self.steps:
                    block = step.apply(block)
            out[start : start + len(block)] = block
        return out
