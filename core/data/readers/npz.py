"""NumPy's .npz: a zip of arrays; vectors, labels and queries are recognized by name and shape."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.data.limits import check_bytes
from core.data.readers.arrays import assign_roles, to_found
from core.data.readers.found import Found, Options
from core.data.readers.npy import parse_array
from core.data.stated_metric import KEYS, stated_metric
from core.errors import DataError

PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read(content: bytes, options: Options) -> Found:
    """The 2-D array of vectors; arrays of n values become metadata, a text of `KEYS` the metric."""
    arrays = _arrays(content)
    stated = stated_metric([(key, _text(arrays.pop(key))) for key in KEYS if _is_text(arrays, key)])
    shapes = {name: array.shape for name, array in arrays.items()}
    found = to_found(arrays, assign_roles(shapes, options.vector_column), stated.notes)
    return replace(found, metric=stated.metric)


def _is_text(arrays: Mapping[str, npt.NDArray[np.generic]], key: str) -> bool:
    """Whether there is an array of this name that holds one text and no axis."""
    return key in arrays and arrays[key].shape == () and arrays[key].dtype.kind in "US"


def _text(array: npt.NDArray[np.generic]) -> str:
    value = array.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _arrays(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members)
            return {
                member.filename.removesuffix(".npy"): parse_array(
                    archive.read(member), f"The array {member.filename!r}"
                )
                for member in members
                if member.filename.endswith(".npy")
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise DataError(
            f"The file is not a readable .npz archive: {error}. It is cut off or damaged; copy or "
            "save it again with numpy.savez."
        ) from error


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    check_bytes(sum(member.file_size for member in members), "The unpacked file")
    foreign = [member.filename for member in members if member.compress_type not in PACKINGS]
    if foreign:  # other packings grow in memory past the size that the member states
        raise DataError(
            f"{foreign[0]!r} is packed in a way that numpy does not use. Save the file again with "
            "numpy.savez."
        )
