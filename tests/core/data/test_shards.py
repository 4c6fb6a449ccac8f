"""Vectors in several files: their rows, whatever files they lie in, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.shards import as_rows, open_shards
from core.errors import DataError, ParameterError

ROWS = np.random.default_rng(0).normal(size=(25, 3)).astype(np.float32)
COUNTS = (4, 0, 11, 10)


def save_npy(path: Path, rows: np.ndarray) -> None:
    np.save(path.with_suffix(".npy"), rows)


def save_parquet(path: Path, rows: np.ndarray) -> None:
    flat = pa.array(rows.ravel())
    vectors = pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])
    table = pa.table({"id": pa.array(np.arange(len(rows))), "vector": vectors})
    pq.write_table(table, path.with_suffix(".parquet"), row_group_size=3)


def save_lists(path: Path, rows: np.ndarray) -> None:
    vectors = pa.array(rows.tolist(), pa.list_(pa.float32()))
    pq.write_table(pa.table({"v": vectors}), path.with_suffix(".parquet"), row_group_size=4)


def save_all(folder: Path, save: Callable[[Path, np.ndarray], None], rows: np.ndarray) -> None:
    """In files part-8 to part-11, whose order by name is not that of their numbers."""
    ends = np.cumsum(COUNTS)
    for number, (count, end) in enumerate(zip(COUNTS, ends, strict=True), start=8):
        save(folder / f"part-{number}", rows[end - count : end])


@pytest.mark.parametrize("save", [save_npy, save_parquet])
def test_any_rows_are_those_of_one_array(
    save: Callable[[Path, np.ndarray], None], tmp_path: Path
) -> None:
    save_all(tmp_path, save, ROWS)
    shards = open_shards(tmp_path)
    assert (shards.n, shards.dim, shards.dtype, shards.nbytes) == (25, 3, np.float32, 300)
    assert shards.starts == (0, 4, 15, 25)  # the empty file is none
    for start in range(26):
        for stop in range(start, 26):
            read = shards.read(start, stop)
            assert np.array_equal(read, ROWS[start:stop])
            assert read.flags.c_contiguous
            assert read.flags.owndata


def test_lists_without_a_fixed_size_and_a_column_by_name(tmp_path: Path) -> None:
    save_lists(tmp_path / "one", ROWS[:10])
    save_lists(tmp_path / "two", ROWS[10:])
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    assert np.array_equal(open_shards(paths, column="v").read(8, 13), ROWS[8:13])
    with pytest.raises(DataError, match=r"must be one of v; got 'w'"):
        open_shards(paths, column="w")


@pytest.mark.parametrize(
    ("stored", "read"),
    [(np.float16, np.float32), (np.int8, np.float32), (np.float64, np.float64)],
)
def test_types_are_those_that_readers_make(stored: Any, read: Any, tmp_path: Path) -> None:
    rows = (ROWS * 10).astype(stored)
    np.save(tmp_path / "a.npy", rows)
    shards = open_shards(tmp_path / "a.npy")
    assert shards.read(0, 25).dtype == shards.dtype == read
    assert np.array_equal(shards.read(0, 25), rows.astype(read))


def refused(tmp_path: Path, **arrays: np.ndarray) -> str:
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    with pytest.raises(DataError) as caught:
        open_shards(tmp_path)
    return str(caught.value)


def test_what_is_no_set_of_vectors_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no \.npy and no \.parquet"):
        open_shards(tmp_path)
    with pytest.raises(DataError, match=r"x\.csv is neither"):
        open_shards([tmp_path / "x.csv"])
    with pytest.raises(DataError, match=r"x\.npy cannot be read"):
        open_shards([tmp_path / "x.npy"])
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"x\.parquet cannot be read"):
        open_shards(tmp_path)
    (tmp_path / "x.parquet").unlink()
    assert "hold no rows" in refused(tmp_path, a=ROWS[:0])
    assert "stores its columns one after another" in refused(tmp_path, a=np.asfortranarray(ROWS))
    assert "must hold numbers (rows, dimensions); it has shape (3,)" in refused(tmp_path, a=ROWS[0])
    words = refused(tmp_path, a=ROWS, b=ROWS[:, :2])
    assert "a.npy has 3 of <f4" in words
    assert "b.npy has 2 of <f4" in words
    assert "has 3 of <f8" in refused(tmp_path, b=ROWS.astype(np.float64))
    (tmp_path / "b.npy").unlink()
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:-8])
    with pytest.raises(DataError, match="cut off or damaged"):
        open_shards(tmp_path)


def test_a_file_that_changes_under_the_reader_and_bad_rows_are_named(tmp_path: Path) -> None:
    save_all(tmp_path, save_npy, ROWS)
    rows = ROWS[4:15].copy()
    rows[6, 1] = np.nan
    np.save(tmp_path / "part-10.npy", rows)
    shards = open_shards(tmp_path)
    with pytest.raises(DataError, match=r"part-10\.npy: row 6 of the file is not finite"):
        shards.read(0, 25)
    content = (tmp_path / "part-11.npy").read_bytes()
    (tmp_path / "part-11.npy").write_bytes(content[:-12])
    with pytest.raises(DataError, match="cut off while it was in use"):
        shards.read(15, 25)
    with pytest.raises(ParameterError, match="stop must be between 3 and 25; got 26"):
        shards.read(3, 26)


def test_rows_of_parquet_without_a_whole_vector_are_named(tmp_path: Path) -> None:
    vectors = pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float32()))
    pq.write_table(pa.table({"v": vectors}), tmp_path / "a.parquet")
    shards = open_shards(tmp_path)
    with pytest.raises(DataError, match="every row must be 2 numbers; some are missing"):
        shards.read(0, 3)


def test_an_array_is_read_as_it_is_and_nothing_else_is_taken() -> None:
    rows = as_rows(ROWS)
    assert (rows.n, rows.dim, rows.dtype) == (25, 3, np.float32)
    assert np.shares_memory(rows.read(3, 9), ROWS)
    assert as_rows(ROWS.astype(np.float64)).dtype == np.float64
    assert as_rows(rows) is rows
    bad = ROWS.copy()
    bad[7, 0] = np.inf
    with pytest.raises(ParameterError, match="vectors from row 5 on must be finite"):
        as_rows(bad).read(5, 9)
    with pytest.raises(ParameterError, match=r"got shape \(3,\)"):
        as_rows(ROWS[0])
    with pytest.raises(ParameterError, match="got a list"):
        as_rows([[1.0]])  # type: ignore[arg-type]
