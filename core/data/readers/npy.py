"""NumPy's .npy: one array of vectors, or of records."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.readers.arrays import as_frame, assign_roles, to_found
from core.data.readers.columns import split_table
from core.data.readers.content import head
from core.data.readers.found import Content, Found, Options
from core.data.readers.npy_array import parse_array

MAGIC = b"\x93NUMPY"


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether the bytes begin as NumPy's do."""
    return head(content, len(MAGIC)) == MAGIC


def read(content: Content, options: Options) -> Found:
    """One array of vectors, (n, d); (n, 1, d) is squeezed, and said so.

    An array of records is a table of its fields.
    """
    array = parse_array(content, "The file")
    if array.dtype.names is not None and array.ndim == 1:
        return _of_records(array, options)
    if array.ndim == 3 and array.shape[1] == 1 and len(array) > 1:
        note = f"shape {array.shape} taken as ({len(array)}, {array.shape[2]})"
        return Found(array[:, 0], notes=(note,))
    return Found(array)


def _of_records(records: npt.NDArray[Any], options: Options) -> Found:
    """Records of which one field is a vector, or whose fields are the numbers of one."""
    fields: dict[str, npt.NDArray[np.generic]] = {
        name: np.asarray(records[name]) for name in records.dtype.names or ()
    }
    shapes = {name: field.shape for name, field in fields.items()}
    if any(len(shape) > 1 for shape in shapes.values()):
        return to_found(fields, assign_roles(shapes, options))
    return split_table(as_frame(fields), options)
