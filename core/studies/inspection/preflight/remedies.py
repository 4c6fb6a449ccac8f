"""A set and a remedy to a new, named set: what was done stands in its name and its notes.

Rows keep their metadata; queries follow where values change. A ground truth stays where it is still
true: its ids are renumbered where no true neighbor was left out, and it stays where neither order
nor ties under the metric that the file states can change; else it is left out, and that is said.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.distances import Float64s, unit_rows
from core.errors import ParameterError
from core.metrics.spectrum import BLOCK_VALUES, eigenvalues_of, second_moment

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Action = Literal[
    "leave out rows",
    "leave out queries",
    "leave out dimensions",
    "scale to length 1",
    "subtract the mean",
    "remove directions",
    "keep directions",
    "clip",
    "multiply",
]
DEAD = 1e-10  # of the largest eigenvalue: float32 leaves some 1e-14, a real direction far more
CLIPPED = 6.0  # robust deviations from the median: 1.4826 times the median absolute deviation
KEPT_BY: dict[Action, tuple[str, ...]] = {
    # metrics under which the order of neighbors is as before
    "scale to length 1": ("cosine",),
    "subtract the mean": ("euclidean",),
    "keep directions": ("cosine", "euclidean", "inner_product"),
    "multiply": ("cosine", "euclidean", "inner_product"),
}


@dataclass(frozen=True, eq=False)
class Remedy:
    """One step that makes a new version of a set.

    action: what is done. why: the kind of finding that it is for. ids: rows, queries or dimensions
    that are left out, or dimensions that are clipped. factor: for "multiply". directions: how many
    principal directions are removed ("remove directions"), or kept ("keep directions").
    """

    action: Action
    why: str
    ids: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    factor: float = 1.0
    directions: int = 0


def treated(embeddings: EmbeddingSet, remedy: Remedy) -> EmbeddingSet:
    """The set after a remedy: another set, whose name and notes say what was done.

    Raises ParameterError where the remedy would leave nothing, or names rows that are not there.
    """
    if remedy.action == "leave out rows":
        return _without_rows(embeddings, remedy)
    if remedy.action == "leave out queries":
        return _without_queries(embeddings, remedy)
    return _with_values(embeddings, remedy)


def _without_rows(embeddings: EmbeddingSet, remedy: Remedy) -> EmbeddingSet:
    kept = _kept(embeddings.n, remedy.ids, "rows")
    done = f"without {len(remedy.ids):,} {remedy.why}"
    notes = [f"{len(remedy.ids):,} of {embeddings.n:,} rows left out: {remedy.why}"]
    frame = embeddings.metadata.iloc[kept].reset_index(drop=True)
    column = embeddings.label_column
    truth, said = _renumbered(embeddings, kept)
    return replace(
        embeddings,
        vectors=_frozen(embeddings.vectors[kept]),
        metadata=frame,
        _codes=None if column is None else class_codes(frame[column]),
        ground_truth=truth,
        name=f"{embeddings.name}, {done}",
        notes=(*embeddings.notes, *notes, *said),
    )


def _renumbered(embeddings: EmbeddingSet, kept: Ids) -> tuple[Ids | None, list[str]]:
    """The ground truth in the new row ids, or None with the reason."""
    if embeddings.ground_truth is None:
        return None, []
    places = np.full(embeddings.n, -1)
    places[kept] = np.arange(len(kept))
    truth = places[embeddings.ground_truth]
    if (truth < 0).any():
        lists = int((truth < 0).any(axis=1).sum())
        return None, [
            f"the ground truth was left out: {lists:,} of its {len(truth):,} lists hold rows "
            "that were left out"
        ]
    return _frozen(truth), []


def _without_queries(embeddings: EmbeddingSet, remedy: Remedy) -> EmbeddingSet:
    if embeddings.queries is None:
        raise ParameterError(f"{embeddings.name} has no queries to leave out.")
    count, done = len(embeddings.queries), len(remedy.ids)
    kept = _kept(count, remedy.ids, "queries")
    truth = embeddings.ground_truth
    return replace(
        embeddings,
        queries=_frozen(embeddings.queries[kept]),
        ground_truth=None if truth is None else _frozen(truth[kept]),
        name=f"{embeddings.name}, without {done:,} {remedy.why}",
        notes=(*embeddings.notes, f"{done:,} of {count:,} queries left out: {remedy.why}"),
    )


def _with_values(embeddings: EmbeddingSet, remedy: Remedy) -> EmbeddingSet:
    change, done, note = _change(embeddings, remedy)
    queries, truth = embeddings.queries, embeddings.ground_truth
    notes = [*embeddings.notes, note]
    if truth is not None and embeddings.metric not in KEPT_BY.get(remedy.action, ()):
        truth = None
        notes.append("the ground truth was left out: the new values may have other neighbors")
    return replace(
        embeddings,
        vectors=_frozen(change(embeddings.vectors)),
        queries=None if queries is None else _frozen(change(queries)),
        ground_truth=truth,
        name=f"{embeddings.name}, {done}",
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _Change:
    """float32 rows (n, d) to float32 rows (n, d'): y = clip(x scaled) minus `origin`, times `axes`.

    unit: scaled to length 1 first. low, high: (d,) limits. factor: of all values.
    """

    origin: Float64s | None = None
    axes: Float64s | None = None
    kept: Ids | None = None
    low: Vectors | None = None
    high: Vectors | None = None
    unit: bool = False
    factor: float = 1.0

    def __call__(self, vectors: Vectors) -> Vectors:
        width = self.axes.shape[1] if self.axes is not None else vectors.shape[1]
        width = len(self.kept) if self.kept is not None else width
        changed = np.empty((len(vectors), width), np.float32)
        step = max(1, BLOCK_VALUES // vectors.shape[1])
        for start in range(0, len(vectors), step):
            changed[start : start + step] = self._block(vectors[start : start + step])
        return changed

    def _block(self, block: Vectors) -> npt.NDArray[np.floating[Any]]:
        if self.kept is not None:
            return block[:, self.kept]
        if self.low is not None and self.high is not None:
            return np.clip(block, self.low, self.high)
        rows = unit_rows(block) if self.unit else block.astype(np.float64) * self.factor
        rows = rows if self.origin is None else rows - self.origin
        return rows if self.axes is None else rows @ self.axes


def _change(embeddings: EmbeddingSet, remedy: Remedy) -> tuple[_Change, str, str]:
    """How values change, what was done in the name, and the note."""
    vectors, dim = embeddings.vectors, embeddings.dim
    if remedy.action == "leave out dimensions":
        count = len(remedy.ids)
        kept = _kept(dim, remedy.ids, "dimensions")
        done = f"without {count:,} {remedy.why}"
        return _Change(kept=kept), done, f"{count:,} of {dim:,} dimensions left out: {remedy.why}"
    if remedy.action == "scale to length 1":
        return _Change(unit=True), "normalized", "every vector scaled to length 1"
    if remedy.action == "clip":
        low, high = _limits(vectors, remedy.ids)
        clipped = f"{len(remedy.ids):,} dimension{'' if len(remedy.ids) == 1 else 's'}"
        return (
            _Change(low=low, high=high),
            f"{clipped} clipped",
            f"{clipped} clipped at {CLIPPED:g} robust deviations from their medians",
        )
    if remedy.action == "multiply":
        done = f"times {remedy.factor:g}"
        return _Change(factor=remedy.factor), done, f"every value multiplied by {remedy.factor:g}"
    return _turned(embeddings, remedy)


def _turned(embeddings: EmbeddingSet, remedy: Remedy) -> tuple[_Change, str, str]:
    """The changes that take the mean or principal directions."""
    vectors, count = embeddings.vectors, remedy.directions
    mean = vectors.mean(axis=0, dtype=np.float64)
    if remedy.action == "subtract the mean":
        return _Change(origin=mean), "centered", "the mean vector subtracted from every vector"
    if remedy.action == "keep directions":
        axes = _axes(second_moment(vectors))[:, :count]
        note = f"vectors turned onto the {count:,} directions that they use"
        return _Change(axes=axes), f"in {count:,} directions", note
    axes = _axes(second_moment(vectors, about=mean))[:, :count]
    directions = f"{count:,} direction{'' if count == 1 else 's'}"
    rest = np.eye(embeddings.dim) - axes @ axes.T
    return (
        _Change(origin=mean, axes=rest),
        f"without its mean and {directions}",
        f"the mean and the {directions} of the largest variance removed from every vector",
    )


def live_directions(moment: Float64s) -> int:
    """How many directions of a second moment (d, d) hold more than rounding leaves of float32."""
    values = eigenvalues_of(moment)
    return int((values > values[0] * DEAD).sum()) if values[0] > 0 else 0


def _axes(moment: Float64s) -> Float64s:
    """Eigenvectors as columns, the largest eigenvalue first, each turned the same way each time."""
    axes = np.linalg.eigh(moment)[1][:, ::-1]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    return axes * np.where(largest < 0, -1.0, 1.0)


def middle_and_spread(values: npt.NDArray[np.floating[Any]]) -> tuple[float, float]:
    """The median, and 1.4826 times the median absolute deviation from it."""
    middle = float(np.median(values))
    return middle, 1.4826 * float(np.median(np.abs(values - middle)))


def _limits(vectors: Vectors, dimensions: Ids) -> tuple[Vectors, Vectors]:
    low = np.full(vectors.shape[1], -np.inf, np.float32)
    high = np.full(vectors.shape[1], np.inf, np.float32)
    for place in dimensions:
        middle, spread = middle_and_spread(vectors[:, place])
        low[place], high[place] = middle - CLIPPED * spread, middle + CLIPPED * spread
    return low, high


def _kept(count: int, left_out: Ids, what: str) -> Ids:
    """The ids that stay, ascending."""
    if left_out.size and (left_out.min() < 0 or left_out.max() >= count):
        raise ParameterError(
            f"The remedy names {what} that are not there: there are {count:,}. It was made for "
            "another version of the data."
        )
    kept = np.setdiff1d(np.arange(count), left_out)
    if not len(kept):
        raise ParameterError(f"The remedy would leave no {what} at all, so it was not used.")
    return kept


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    made = np.ascontiguousarray(array)
    made = made.copy() if made.base is not None else made
    made.setflags(write=False)
    return made
