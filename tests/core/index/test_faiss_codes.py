"""Codes in faiss files: decoded as faiss decodes them, and searched with faiss's own answers."""

from typing import Any

import faiss
import numpy as np
import pytest

from core.distances import unit_rows
from core.errors import IndexFileError, ParameterError
from core.index import HnswGraph, exact_neighbors, read_index, search
from core.index.files.faiss_codes import SCALARS, scalar_decoder, unpacked
from core.metrics import recall_at_k
from core.studies import true_neighbors
from tests.core.index.index_files import serialized

SQ = faiss.ScalarQuantizer
DIM, K = 16, 10
RANDOM = np.random.default_rng(3)
CENTERS = RANDOM.normal(size=(12, DIM))
VECTORS = (CENTERS[RANDOM.integers(0, 12, 1500)] + 0.7 * RANDOM.normal(size=(1500, DIM))).astype(
    "f4"
)
QUERIES = (VECTORS[:80] + 0.3 * RANDOM.normal(size=(80, DIM))).astype(np.float32)
TYPES = [
    "8bit", "4bit", "8bit_uniform", "4bit_uniform", "fp16", "bf16", "6bit", "8bit_direct",
    "8bit_direct_signed", "1bit_tqmse", "2bit_tqmse", "3bit_tqmse", "4bit_tqmse", "8bit_tqmse",
    *(f"{bits}bit_eden" for bits in range(1, 9)),
]  # fmt: skip
NAMES = {
    "8bit": "SQ 8 bit",
    "4bit_uniform": "SQ 4 bit uniform",
    "8bit_direct_signed": "SQ 8 bit direct signed",
    "8bit_tqmse": "SQ 8 bit TurboQuant",
    "7bit_eden": "SQ 7 bit EDEN",
    "bf16": "SQ bf16",
}
PQS = [(8, 4), (4, 8), (8, 5), (4, 10), (16, 3)]
METRICS = [faiss.METRIC_L2, faiss.METRIC_INNER_PRODUCT]


def data_for(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows and queries that the type can hold.

    Whole numbers where it stores the numbers; length 1 for TurboQuant, whose table is fixed.
    """
    if name.endswith("tqmse"):
        return unit_rows(VECTORS).astype(np.float32), unit_rows(QUERIES).astype(np.float32)
    shift = {"8bit_direct": 128, "8bit_direct_signed": 0}.get(name)
    if shift is None:
        return VECTORS, QUERIES
    low, high = shift - 128, shift + 127
    rows, queries = (np.clip(np.round(25 * x + shift), low, high) for x in (VECTORS, QUERIES))
    return rows.astype(np.float32), queries.astype(np.float32)


def scalar_index(name: str, metric: int, rows: np.ndarray) -> Any:
    index = faiss.IndexHNSWSQ(DIM, getattr(SQ, f"QT_{name}"), 8, metric)
    index.train(rows)
    index.add(rows)
    return index


def product_index(parts: int, bits: int, metric: int) -> Any:
    index = faiss.IndexHNSWPQ(DIM, parts, 8, bits, metric)
    index.train(VECTORS)
    index.add(VECTORS)
    return index


def answers(index: Any, queries: np.ndarray, ef: int, k: int = K) -> np.ndarray:
    index.hnsw.efSearch = ef
    return np.asarray(index.search(queries, k)[1])


def assert_same_answers(graph: HnswGraph, index: Any, queries: np.ndarray) -> None:
    """The same ids for the same ef, per query.

    Where an id differs, its decoded distance and ours must agree to the rounding of float32: which
    of two such rows comes first is settled by the order of faiss's additions. Codes of few bits
    give many rows equal vectors; then only a search of everything has one answer, up to ties.
    """
    distinct = len(np.unique(graph.vectors, axis=0)) == graph.n
    for ef in (K, 17, 40, 150) if distinct else (graph.n,):
        found, theirs = search(graph, queries, K, ef), answers(index, queries, ef)
        same = found.ids == theirs
        far = np.abs(found.distances - distances(graph, queries, theirs))
        scale = np.abs(found.distances).max(axis=1, keepdims=True) + 1
        assert (same | (far <= 4e-6 * scale)).all(), ef
        assert same.mean() > (0.97 if distinct else 0.3), ef


def distances(graph: HnswGraph, queries: np.ndarray, ids: np.ndarray) -> np.ndarray:
    rows = graph.vectors[ids].astype(np.float64)
    asked = queries[:, None].astype(np.float64)
    if graph.metric == "euclidean":
        return np.linalg.norm(rows - asked, axis=2)
    return 1 - (rows * asked).sum(axis=2)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("metric", METRICS, ids=["L2", "IP"])
def test_scalar_codes_are_searched_as_faiss_does(name: str, metric: int) -> None:
    rows, queries = data_for(name)
    index = scalar_index(name, metric, rows)
    graph = read_index(serialized(index))
    assert graph.codes == NAMES.get(name, graph.codes)
    own = faiss.downcast_index(index.storage).reconstruct_n(0, len(rows))
    np.testing.assert_allclose(graph.vectors, own, rtol=1e-6, atol=1e-6)
    assert_same_answers(graph, index, queries)


@pytest.mark.parametrize(("parts", "bits"), PQS)
@pytest.mark.parametrize("metric", METRICS, ids=["L2", "IP"])
def test_product_codes_are_searched_as_faiss_does(parts: int, bits: int, metric: int) -> None:
    index = product_index(parts, bits, metric)
    graph = read_index(serialized(index))
    assert graph.codes == f"PQ {parts} x {bits} bit"
    own = faiss.downcast_index(index.storage).reconstruct_n(0, len(VECTORS))
    np.testing.assert_array_equal(graph.vectors, own)
    assert_same_answers(graph, index, QUERIES)


@pytest.mark.parametrize("codes", ["PQ", "SQ"])
def test_recall_is_faiss_s_own_against_the_true_vectors(codes: str) -> None:
    """A graph of codes that were replaced by their vectors would find nearly everything."""
    index = product_index(4, 8, METRICS[0])
    if codes == "SQ":
        index = scalar_index("4bit", METRICS[0], VECTORS)
    graph = read_index(serialized(index))
    truth = true_neighbors(graph, VECTORS, QUERIES, K)
    expected = exact_neighbors(VECTORS, QUERIES, K, metric="euclidean")
    assert truth.ids.tolist() == expected.ids.tolist()
    for ef in (10, 40, 400):
        ours = recall_at_k(search(graph, QUERIES, K, ef).ids, truth.ids)
        theirs = recall_at_k(answers(index, QUERIES, ef), truth.ids)
        assert ours.tolist() == theirs.tolist()
    assert ours.mean() < {"PQ": 0.75, "SQ": 0.95}[codes]
    beside = read_index(serialized(index), vectors=VECTORS)
    assert beside.fingerprint == graph.fingerprint  # they are the truth, not what is searched


@pytest.mark.parametrize("codes", ["PQ", "SQ"])
def test_vectors_beside_codes_must_be_theirs(codes: str) -> None:
    index = product_index(4, 8, METRICS[1])
    if codes == "SQ":
        index = scalar_index("4bit", METRICS[0], VECTORS)
    content = serialized(index)
    for other in (VECTORS[::-1], VECTORS[np.random.default_rng(1).permutation(len(VECTORS))]):
        with pytest.raises(ParameterError, match=f"vectors are not those that the {codes} "):
            read_index(content, vectors=other)
    stale = VECTORS.copy()
    stale[::5] = VECTORS[1::5]  # a fifth of the rows belong to others
    with pytest.raises(ParameterError, match=r"8[0-9] % lie nearest to their own code"):
        read_index(content, vectors=stale)
    assert read_index(content, vectors=VECTORS).n == len(VECTORS)


@pytest.mark.parametrize("bits", range(1, 25))
def test_numbers_of_any_width_are_unpacked(bits: int) -> None:
    numbers = np.random.default_rng(bits).integers(0, 2**bits, size=(7, 11))
    packed = [
        sum(int(number) << (bits * place) for place, number in enumerate(row)) for row in numbers
    ]
    width = (11 * bits + 7) // 8
    codes = np.array([list(value.to_bytes(width, "little")) for value in packed], dtype=np.uint8)
    assert unpacked(codes, bits, 11).tolist() == numbers.tolist()


def test_codes_decode_by_hand() -> None:
    """8 bit: low + (code + 0.5) / 255 * width = -1 + 255.5 / 255 * 2; 4 bit: of 15."""
    trained = np.array([-1, 0, 2, 30], dtype=np.float32)  # low of two dimensions, then the widths
    eight = scalar_decoder(SCALARS[0], 2, trained)(np.array([[255, 127]], dtype=np.uint8))
    np.testing.assert_allclose(eight, [[-1 + 511 / 255, 30 * 127.5 / 255]], rtol=1e-6)
    four = scalar_decoder(SCALARS[1], 2, trained)(np.array([[0xE0]], dtype=np.uint8))
    np.testing.assert_allclose(four, [[-1 + 1 / 15, 30 * 14.5 / 15]], rtol=1e-6)


@pytest.mark.parametrize(("number", "name"), [(9, "QT_0bit"), (17, "QT_4bit_tq"), (99, "type 99")])
def test_codes_that_are_not_decoded_are_named(number: int, name: str) -> None:
    content = bytearray(serialized(scalar_index("8bit", faiss.METRIC_L2, VECTORS)))
    place = content.index(b"IxSQ") + 4 + 33
    content[place : place + 4] = number.to_bytes(4, "little")
    with pytest.raises(IndexFileError, match=f"type of scalar quantizer at byte {place:,}: {name}"):
        read_index(bytes(content))
