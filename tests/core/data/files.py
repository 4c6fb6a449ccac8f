"""Small files of every format, made with the libraries that users make theirs with."""

import io
import json
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import feather

VECTORS = np.array([[0.5, 1, 2], [3, 4, 5], [-6, 7, 8], [9, 10, 11.25]], dtype=np.float32)
WORDS = ("cat", "dog", "cat", "bird")


def as_npy(array: npt.NDArray[Any], *, pickled: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=pickled)
    return buffer.getvalue()


def as_npz(**arrays: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def as_hdf5(*, libver: Any = "earliest", **arrays: Any) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        for name, array in arrays.items():
            file[name] = array
    return buffer.getvalue()


def as_csv(frame: pd.DataFrame, *, sep: str = ",", header: bool = True) -> bytes:
    return frame.to_csv(index=False, sep=sep, header=header).encode()


def as_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def as_feather(frame: pd.DataFrame, **how: Any) -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(pa.Table.from_pandas(frame, preserve_index=False), buffer, **how)
    return buffer.getvalue()


def as_arrow_stream(table: pa.Table, *, rows: int | None = None) -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as stream:
        stream.write_table(table, max_chunksize=rows)
    return buffer.getvalue()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def as_lines(*values: Any) -> bytes:
    return b"\n".join(map(as_json, values))


def as_jsonl(frame: pd.DataFrame) -> bytes:
    return "\n".join(json.dumps(row) for row in frame.to_dict("records")).encode()


def frame_of_columns(**more: Any) -> pd.DataFrame:
    columns = {f"dim_{i}": VECTORS[:, i] for i in range(3)}
    return pd.DataFrame({**columns, "label": WORDS, **more})


def frame_of_lists() -> pd.DataFrame:
    return pd.DataFrame({"label": WORDS, "embedding": VECTORS.tolist()})
