"""Whatever the bytes are, only a DataError comes out."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import EmbeddingSet, read_embeddings
from core.errors import DataError
from tests.core.data.test_read import FILES


def read_or_refuse(content: bytes, name: str) -> EmbeddingSet | None:
    try:
        found = read_embeddings(content, name=name)
    except DataError:
        return None
    assert np.isfinite(found.vectors).all()
    assert found.vectors.ndim == 2
    return found


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60)
@given(content=st.binary(max_size=300))
def test_random_bytes(name: str, content: bytes) -> None:
    read_or_refuse(content, name)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_files(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(content), name)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=30)
@given(data=st.data())
def test_files_cut_off(name: str, data: st.DataObject) -> None:
    content = FILES[name]
    length = data.draw(st.integers(0, len(content) - 1))
    found = read_or_refuse(content[:length], name)
    if name in ("a.npy", "a.npz", "a.parquet", "a.h5", "a.hdf5"):
        assert found is None


@settings(max_examples=80)
@given(text=st.text(alphabet='0123456789.,;\t\n"[]{}ae-:x', max_size=120))
def test_any_text(text: str) -> None:
    for name in ("a.csv", "a.tsv", "a.jsonl"):
        read_or_refuse(text.encode(), name)


def test_doubled_columns_of_parquet() -> None:
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["x", "x"])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    with pytest.raises(DataError, match="Column names must differ; 'x'"):
        read_embeddings(sink.getvalue().to_pybytes(), name="a.parquet")


def test_fixed_size_lists_of_parquet() -> None:
    flat = pa.array(np.arange(6, dtype=np.float32))
    table = pa.table({"emb": pa.FixedSizeListArray.from_arrays(flat, 3), "label": ["a", "b"]})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    found = read_embeddings(sink.getvalue().to_pybytes(), name="a.parquet")
    assert found.vectors.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found.class_names == ("a", "b")
