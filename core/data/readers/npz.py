"""NumPy's .npz: a zip of arrays; vectors, labels and queries are told by name and shape."""

import io
import zipfile
import zlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.limits import check_bytes
from core.data.readers.found import Found, Options
from core.data.readers.npy import parse_array
from core.errors import DataError

VECTORS = ("vectors", "embeddings", "embedding", "x", "features", "train", "data", "arr_0")
QUERIES = ("queries", "query", "test")
TRUTH = ("ground_truth", "neighbors")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LARGEST_CODE_POINT = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)

Arrays = dict[str, npt.NDArray[np.generic]]


def read(content: bytes, options: Options) -> Found:
    """The 2-D array of vectors; arrays of n values become metadata."""
    arrays = _arrays(content)
    name = _vectors_name(arrays, options.vector_column)
    vectors = arrays.pop(name)
    queries = _take(arrays, QUERIES)
    truth = _take(arrays, TRUTH) if queries is not None else None
    columns = {key: a for key, a in arrays.items() if vectors.ndim and a.shape == vectors.shape[:1]}
    unused = sorted(arrays.keys() - columns.keys())
    notes = [f"vectors taken from the array {name!r}"]
    if unused:
        notes.append(f"not used: {', '.join(unused)}")
    frame = pd.DataFrame({key: _plain(values, key) for key, values in columns.items()})
    return Found(vectors, frame if columns else None, tuple(notes), queries, truth)


def _arrays(content: bytes) -> Arrays:
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


def _vectors_name(arrays: Arrays, asked: str | None) -> str:
    listing = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "none"
    if asked is not None:
        if asked not in arrays:
            raise DataError(f"There is no array {asked!r} in the file. Its arrays: {listing}.")
        return asked
    for wanted in VECTORS:
        for name, array in arrays.items():
            if name.casefold() == wanted and array.ndim == 2:
                return name
    taken = QUERIES + TRUTH
    tables = [n for n, array in arrays.items() if array.ndim == 2 and n.casefold() not in taken]
    if len(tables) != 1:
        raise DataError(
            f"The file must hold one 2-D array of vectors; got the arrays {listing}. Name the one "
            "with the vectors 'vectors', or say which it is (vector_column)."
        )
    return tables[0]


def _take(arrays: Arrays, names: tuple[str, ...]) -> npt.NDArray[np.generic] | None:
    for name in list(arrays):
        if name.casefold() in names and arrays[name].ndim == 2:
            return arrays.pop(name)
    return None


def _plain(values: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.generic] | list[str]:
    """What pandas can hold: bytes as text, numbers in the machine's own order of bytes."""
    kind = values.dtype.kind
    if kind == "S":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    if kind == "U":
        return _texts(values, name)
    if kind in "iuf":
        wide = values.dtype.itemsize > np.dtype(np.float64).itemsize
        return values.astype(np.float64 if wide else values.dtype.newbyteorder("="))
    if kind in "mM":
        return _dates(values)
    return values if kind == "b" else [str(value) for value in values]


def _texts(values: npt.NDArray[np.generic], name: str) -> list[str]:
    native = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    codes = native.view(np.uint32)
    if ((codes > LARGEST_CODE_POINT) | ((codes >= SURROGATES[0]) & (codes <= SURROGATES[1]))).any():
        raise DataError(f"The array {name!r} holds text that is not Unicode. Save it again.")
    return [str(value) for value in native.tolist()]


def _dates(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    try:
        return pd.Series(values).to_numpy()
    except (ValueError, TypeError):  # without a unit, or beyond the years that pandas counts
        return values.astype(np.int64)
