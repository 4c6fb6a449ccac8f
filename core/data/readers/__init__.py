"""One module per format, `read(content, options) -> Found`; a new one is a module and a line."""

from collections.abc import Callable

from core.data.readers import delimited, hdf5, jsonl, npy, npz, parquet
from core.data.readers.found import Found, Options

READERS: dict[str, Callable[[bytes, Options], Found]] = {
    ".npy": npy.read,
    ".npz": npz.read,
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".txt": delimited.read,
    ".vec": delimited.read,
    ".parquet": parquet.read,
    ".jsonl": jsonl.read,
    ".h5": hdf5.read,
    ".hdf5": hdf5.read,
}
SUPPORTED_ENDINGS = tuple(READERS)

__all__ = ["READERS", "SUPPORTED_ENDINGS", "Found", "Options"]
