"""Vectors of bytes in hnswlib's files: told from float32, never where the numbers are floats."""

import numpy as np
import pytest

from core.data import load_sample, sample_names
from core.errors import IndexFileError, ParameterError
from core.index import exact_neighbors, holds_bytes, read_index
from core.index.files.byte_vectors import are_bytes
from tests.core.index.index_files import byte_file, faiss_bytes, hnswlib_bytes, rows

RANDOM = np.random.default_rng(4)
N, D = 400, 64


def normal(scale: float = 1.0) -> np.ndarray:
    return (RANDOM.normal(size=(N, D)) * scale).astype(np.float32)


def softmax(sharpness: float) -> np.ndarray:
    logits = RANDOM.normal(size=(N, D)) * sharpness
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def sparse(values: np.ndarray, share: float) -> np.ndarray:
    return np.where(RANDOM.random(values.shape) < share, values, 0).astype(values.dtype)


def rounded(values: np.ndarray) -> np.ndarray:
    """bfloat16: the lower half of each number is 0."""
    return (values.view("<u4") & np.uint32(0xFFFF0000)).view("<f4")


FLOATS = {
    "normal": normal(),
    "tiny": normal(1e-39),  # below the smallest normal number of float32, 1.2e-38
    "small": normal(1e-25),
    "huge": normal(1e30),
    "float16": normal().astype(np.float16).astype(np.float32),
    "bfloat16": rounded(normal()),
    "bfloat16, tiny": rounded(normal(1e-39)),
    "uniform": RANDOM.random((N, D)).astype(np.float32),
    "whole numbers": RANDOM.integers(0, 256, (N, D)).astype(np.float32),
    "signs": np.sign(normal()),
    "one-hot": np.eye(N, D, dtype=np.float32),
    "zero": np.zeros((N, D), dtype=np.float32),
    "sparse": sparse(normal(), 0.02),
    "sparse, tiny": sparse(normal(1e-39), 0.02),
    "softmax": softmax(3),
    "softmax, sharp": softmax(40),  # from 1 down to the smallest numbers of all
    "log-normal": np.exp(RANDOM.normal(size=(N, D)) * 20).clip(0, 3e38).astype(np.float32),
    "one row": normal()[:1],
    "with NaN": np.where(RANDOM.random((N, D)) < 0.3, np.nan, normal()).astype(np.float32),
}
BYTES = {
    "uniform": RANDOM.integers(0, 256, (N, D), dtype=np.uint8),
    "like SIFT": np.minimum(RANDOM.exponential(30, (N, D)), 255).astype(np.uint8),
    "around 128": (128 + RANDOM.normal(size=(N, D)) * 25).clip(0, 255).astype(np.uint8),
    "int8": (RANDOM.normal(size=(N, D)) * 30).clip(-128, 127).astype(np.int8).view(np.uint8),
    "pixels": sparse(RANDOM.integers(0, 256, (N, D), dtype=np.uint8), 0.2),
    "counts": RANDOM.integers(0, 5, (N, D), dtype=np.uint8),
    "one-hot": np.eye(D, dtype=np.uint8),
    "sparse": sparse(RANDOM.integers(1, 256, (N, D), dtype=np.uint8), 0.02),
}


@pytest.mark.parametrize("kind", FLOATS)
def test_floats_of_every_kind_are_floats(kind: str) -> None:
    assert not are_bytes(FLOATS[kind])


@pytest.mark.parametrize("name", sample_names())
def test_the_samples_are_floats(name: str) -> None:
    vectors = load_sample(name).vectors
    assert not are_bytes(vectors)
    assert not are_bytes(vectors * np.float32(1e-36))
    assert not are_bytes(vectors * np.float32(1e30))


@pytest.mark.parametrize("kind", BYTES)
def test_bytes_of_every_kind_are_bytes(kind: str) -> None:
    assert are_bytes(BYTES[kind].view("<f4"))
    assert not are_bytes(BYTES[kind].astype(np.float32))


@pytest.mark.parametrize("dim", [D, 30])  # 30 bytes are no whole number of float32
def test_bytes_are_asked_for_and_read_as_whole_numbers(dim: int) -> None:
    vectors = BYTES["like SIFT"][:, :dim].copy()
    content = byte_file(vectors)
    assert holds_bytes(content)
    with pytest.raises(IndexFileError, match=r"bytes.*pass scalar='uint8' or scalar='int8'"):
        read_index(content, metric="euclidean")
    graph = read_index(content, metric="euclidean", scalar="uint8", dim=dim)
    np.testing.assert_array_equal(graph.vectors, vectors)
    assert graph.notes == ("uint8 vectors read as whole numbers, in float32",)
    floats = read_index(hnswlib_bytes(vectors.astype(np.float32), m=8), metric="euclidean")
    assert graph.fingerprint == floats.fingerprint
    # squares of differences of bytes are whole numbers below 2^24: int32 and float32 agree
    near = exact_neighbors(graph.vectors, graph.vectors[:1], 2, metric="euclidean")
    squares = ((vectors.astype(np.int32) - vectors[0].astype(np.int32)) ** 2).sum(axis=1)
    assert near.distances[0, 1] ** 2 == pytest.approx(np.sort(squares)[1])


def test_signed_bytes_keep_their_sign() -> None:
    vectors = BYTES["int8"].view(np.int8)
    graph = read_index(byte_file(vectors), metric="euclidean", scalar="int8")
    np.testing.assert_array_equal(graph.vectors, vectors)
    assert graph.notes == ("int8 vectors read as whole numbers, in float32",)


def test_floats_that_look_like_bytes_are_read_where_it_is_said() -> None:
    vectors = (BYTES["like SIFT"] // 2).view("<f4")  # bytes below 128: all of them finite
    content = hnswlib_bytes(np.ones_like(vectors))
    content = content.replace(np.ones_like(vectors[0]).tobytes(), vectors[0].tobytes())
    assert holds_bytes(content)
    graph = read_index(content, metric="euclidean", scalar="float32")
    np.testing.assert_array_equal(graph.vectors, np.tile(vectors[0], (N, 1)))
    assert graph.notes == ()


def test_only_floats_hold_no_bytes() -> None:
    assert not holds_bytes(hnswlib_bytes(normal()))
    assert not holds_bytes(faiss_bytes(rows(20)))


def test_a_scalar_is_one_of_three_and_for_hnswlib() -> None:
    with pytest.raises(ParameterError, match="scalar must be one of 'float32', 'uint8', 'int8'"):
        read_index(hnswlib_bytes(rows(9)), metric="euclidean", scalar="u8")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="A faiss file states how its vectors are kept"):
        read_index(faiss_bytes(rows(9)), scalar="uint8")
