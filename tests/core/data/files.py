"""Small files of every format, made with the libraries that users make theirs with."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
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


def as_arff(frame: pd.DataFrame) -> bytes:
    """The bytes of an ARFF file as Weka writes it."""
    kinds = ["NUMERIC" if column.dtype.kind in "iuf" else "STRING" for _, column in frame.items()]
    head = [f"@ATTRIBUTE {n} {kind}" for n, kind in zip(frame.columns, kinds, strict=True)]
    return "\n".join(
        ["@RELATION r", *head, "@DATA", frame.to_csv(index=False, header=False)]
    ).encode()


def frame_of_columns(**more: Any) -> pd.DataFrame:
    columns = {f"dim_{i}": VECTORS[:, i] for i in range(3)}
    return pd.DataFrame({**columns, "label": WORDS, **more})


def frame_of_lists() -> pd.DataFrame:
    return pd.DataFrame({"label": WORDS, "embedding": VECTORS.tolist()})


def as_safetensors(**arrays: Any) -> bytes:
    """Written by hand from the format's page, for the library is not among the tests' needs."""
    header, data = {}, b""
    names = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "uint8": "U8"}
    for name, array in arrays.items():
        kind = names[str(array.dtype)]
        place = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": place}
        data += array.tobytes()
    return safetensors_of(header, data)


def safetensors_of(header: Any, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def as_vecs(array: npt.NDArray[Any]) -> bytes:
    """One of the vecs family: each row behind its number of dimensions."""
    dims = np.full((len(array), 1), array.shape[1], "<i4")
    return np.hstack([dims.view("u1"), np.ascontiguousarray(array).view("u1")]).tobytes()


def as_bin(array: npt.NDArray[Any]) -> bytes:
    """One of the bin family: rows and dimensions, then all values."""
    return np.array(array.shape, "<u4").tobytes() + array.tobytes()


def as_word2vec(words: Any, array: npt.NDArray[np.float32], *, between: bytes = b"\n") -> bytes:
    rows = [
        (word if isinstance(word, bytes) else word.encode()) + b" " + row.tobytes() + between
        for word, row in zip(words, array, strict=True)
    ]
    return f"{len(array)} {array.shape[1]}\n".encode() + b"".join(rows)


def as_zip(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def as_sqlite(*statements: str, rows: dict[str, list[tuple[Any, ...]]] | None = None) -> bytes:
    """A database made by `statements`; rows: to insert, by table."""
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in statements:
            database.execute(statement)
        for table, values in (rows or {}).items():
            places = ", ".join("?" * len(values[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({places})", values)
        database.commit()
        return database.serialize()


def as_xlsx(cells: str, *, texts: str = "", styles: str = "", more: str = "") -> bytes:
    """A workbook whose first sheet has the rows `cells`, as Excel writes them.

    texts: the shared strings. styles: formats of cells. more: of the workbook.
    """
    return as_zip(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": f"<workbook>{more}</workbook>".encode(),
            "xl/sharedStrings.xml": f"<sst>{texts}</sst>".encode(),
            "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>".encode(),
            "xl/worksheets/sheet1.xml": (
                f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()
            ),
        }
    )


def xlsx_of_rows(rows: list[list[Any]]) -> bytes:
    """A workbook of texts (inline) and numbers."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    return as_xlsx("".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows))
