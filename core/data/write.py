"""A set as a file that is read back the same."""

from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.embedding_set import EmbeddingSet, find_label_column
from core.data.labels import CLASS_NAMES, LABEL_NAMES

Array = npt.NDArray[np.generic]
OWN_NAMES: tuple[str, ...] = (
    "file",
    "allow_pickle",
)  # arguments of numpy's writer, so no array can be called so


def write_npz(embeddings: EmbeddingSet, file: BinaryIO) -> None:
    """Write the set as an `.npz` that `read_embeddings` reads back, with its columns and metric.

    file: open for writing, in binary.

    Numbers stay numbers, all else becomes text, "" where it is missing. A reader looks for labels
    in a column of a usual name (see `propose_label`): where they stand in another one, they are
    repeated as `label`, and a column of a usual name that holds none gets " (column)" behind its
    name. So does a column named as an array that is already there.
    """
    arrays: dict[str, Array] = {"vectors": embeddings.vectors}
    if embeddings.queries is not None:
        arrays["queries"] = embeddings.queries
    if embeddings.ground_truth is not None:
        arrays["ground_truth"] = embeddings.ground_truth
    if embeddings.metric is not None:
        arrays["metric"] = np.array(embeddings.metric)
    frame, labels = embeddings.metadata, embeddings.label_column
    set_aside = OWN_NAMES
    if labels != find_label_column(frame, None):
        set_aside += LABEL_NAMES
        if labels is None:
            set_aside += CLASS_NAMES
        else:
            arrays["label"] = _as_array(frame[labels])
    for name in frame.columns:
        arrays[_free_name(name, arrays, set_aside)] = _as_array(frame[name])
    np.savez_compressed(file, allow_pickle=False, **arrays)


def _free_name(name: str, arrays: dict[str, Array], set_aside: tuple[str, ...]) -> str:
    while name in arrays or name.casefold() in set_aside:
        name = f"{name} (column)"
    return name


def _as_array(column: "pd.Series[Any]") -> Array:
    if column.dtype.kind in "iufb" and not column.isna().any():
        return np.asarray(column.to_numpy())
    if column.dtype.kind in "iuf":
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.array(
        [
            "" if missing else str(value)
            for value, missing in zip(column, column.isna(), strict=True)
        ],
        dtype=np.str_,
    )
