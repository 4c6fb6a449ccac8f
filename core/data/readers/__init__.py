"""One module per format, `read(content, options) -> Found`; a new one is a module and a line."""

from collections.abc import Callable

from core.data.readers import arrow_ipc, csv_text, hdf5, json_text, npy, npz, parquet
from core.data.readers.found import Found, Options

READERS: dict[str, Callable[[bytes, Options], Found]] = {
    ".npy": npy.read,
    ".npz": npz.read,
    ".csv": csv_text.read_csv,
    ".tsv": csv_text.read_tsv,
    ".parquet": parquet.read,
    ".feather": arrow_ipc.read,
    ".arrow": arrow_ipc.read,
    ".json": json_text.read,
    ".jsonl": json_text.read,
    ".ndjson": json_text.read,
    ".h5": hdf5.read,
    ".hdf5": hdf5.read,
}
SUPPORTED_ENDINGS = tuple(READERS)

__all__ = ["READERS", "SUPPORTED_ENDINGS", "Found", "Options"]
