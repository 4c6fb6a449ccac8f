"""What a workspace brings of the rows of its data is held against these before it is used.

A workspace may come from a file that somebody has changed. What names rows that are not there is
left out, and said once.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_ids
from core.data import EmbeddingSet
from core.errors import CoreError, ParameterError
from pages.ui.session.slot import tell_lost

Rows = npt.NDArray[np.int64]


def rows_of(embeddings: EmbeddingSet, rows: Any, what: str) -> Rows | None:
    """The row ids (r,), if all are rows of the data; else None, and it is said that `what` is lost.

    what: begins a sentence, such as "The selection 'red'".
    """
    try:
        ids = check_ids(rows, "it", embeddings.n, empty=False)
        if ids.ndim != 1:
            raise ParameterError(f"it must be one list of row ids; got {ids.ndim} dimensions.")
    except CoreError as error:
        _tell(embeddings, what, str(error))
        return None
    return ids.astype(np.int64, copy=False)


def is_for_each_row(embeddings: EmbeddingSet, values: Any, what: str) -> bool:
    """Whether the values (n, ...) are as many as the data has rows; else it is said."""
    length = len(values) if np.ndim(values) else 0
    if length == embeddings.n:
        return True
    _tell(embeddings, what, f"it has {length:,} places for {embeddings.n:,} rows.")
    return False


def _tell(embeddings: EmbeddingSet, what: str, why: str) -> None:
    tell_lost(
        f"{what} was left out, for it does not fit {embeddings.name}: {why} The file that it came "
        "in was changed, or belongs to other data."
    )
