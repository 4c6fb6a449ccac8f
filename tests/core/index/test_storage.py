"""What rounding may move, held against the rounding itself."""

import numpy as np
import pytest

from core.index import read_index
from core.index.storage import BFLOAT16, FLOAT16, FLOAT32, INT8, Storage, storage_of
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, usearch_bytes

ROWS = np.random.default_rng(2).normal(size=(400, 96)).astype(np.float32)
UNIT = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)


def moved(rounded: np.ndarray) -> np.ndarray:
    return np.linalg.norm(rounded - UNIT, axis=1) / np.linalg.norm(UNIT, axis=1)


def cut_to_16_bits(rows: np.ndarray) -> np.ndarray:
    return (rows.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


@pytest.mark.parametrize(
    ("storage", "rounded", "least"),
    [
        (FLOAT16, UNIT.astype(np.float16).astype(np.float32), 0.2),
        (BFLOAT16, cut_to_16_bits(UNIT), 0.3),
        (INT8, np.trunc(UNIT * 127) / 127, 0.3),
        (INT8, np.rint(UNIT * 127) / 127, 0.2),
    ],
)
def test_the_tolerance_holds_all_rounding_and_not_much_more(
    storage: Storage, rounded: np.ndarray, least: float
) -> None:
    bound = storage.tolerance(96)
    assert moved(rounded).max() <= bound
    assert moved(rounded).max() >= least * bound


def test_the_kind_is_seen_in_the_numbers() -> None:
    assert storage_of(ROWS) == FLOAT32
    assert storage_of(ROWS.astype(np.float16).astype(np.float32)) == FLOAT16
    assert storage_of(np.rint(ROWS * 10)) == FLOAT32  # whole numbers were never rounded
    late = ROWS.astype(np.float16).astype(np.float32).repeat(30, axis=0)
    late[-1, -1] = 0.1
    assert storage_of(late) == FLOAT32
    assert storage_of(np.full((2, 2), 1e30, dtype=np.float32)) == FLOAT32  # beyond float16


@pytest.mark.parametrize(
    ("dtype", "storage"), [("f32", FLOAT32), ("f16", FLOAT16), ("bf16", BFLOAT16), ("i8", INT8)]
)
def test_a_usearch_file_says_what_it_stores(dtype: str, storage: Storage) -> None:
    assert read_index(usearch_bytes(UNIT, metric="cos", dtype=dtype)).storage == storage


def test_what_a_file_does_not_tell() -> None:
    rest = ("seed", "threads", "insertion order", "build time")
    ours = read_index(hnswlib_bytes(ROWS), metric="euclidean")
    assert ours.not_in_file == ("metric", *rest)
    assert ours.ef_construction == 30
    assert read_index(faiss_bytes(ROWS)).not_in_file == rest
    assert read_index(usearch_bytes(ROWS)).not_in_file == ("ef_construction", *rest)
