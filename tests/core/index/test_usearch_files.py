"""usearch's files: keys, levels, links and vectors of every kind, and removed items."""

import numpy as np
import pytest
from usearch.index import Index

from core.distances import paired_distances, unit_rows
from core.errors import IndexFileError, ParameterError
from core.index import (
    HnswGraph,
    exact_neighbors,
    index_file_kind,
    reachable_rows,
    read_index,
    search,
)
from core.index.files.small_floats import small_floats
from tests.core.index.index_files import rows, saved, usearch_bytes, usearch_index

METRICS = {"l2sq": "euclidean", "cos": "cosine", "ip": "inner_product"}
# What a number of a row of length 1 may lose: half a step of its last kept bit.
ROUNDING = {"f64": 0.0, "f32": 0.0, "f16": 2**-11, "bf16": 2**-8}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n", [1, 2, 800])
def test_items_are_the_library_s_own(metric: str, n: int) -> None:
    vectors = rows(n)
    keys = np.random.default_rng(n).permutation(n).astype(np.uint64) * 9 + 2
    content = usearch_bytes(vectors, metric=metric, keys=keys)
    graph = read_index(content)
    order = np.argsort(keys)
    assert index_file_kind(content) == "usearch"
    assert (graph.metric, graph.m, graph.n, graph.dim) == (METRICS[metric], 4, n, 6)
    assert graph.labels.tolist() == keys[order].tolist()
    expected = unit_rows(vectors) if metric == "cos" else vectors
    np.testing.assert_allclose(graph.vectors, expected[order], rtol=1e-6)
    levels = usearch_index(vectors, metric=metric, keys=keys).levels_stats
    assert graph.nodes_per_layer.tolist() == [level.nodes for level in levels]
    links = [len(graph.links(layer)[0]) for layer in range(graph.max_level + 1)]
    assert links == [level.edges for level in levels]


@pytest.mark.parametrize("metric", METRICS)
def test_a_search_as_wide_as_the_index_finds_all_that_can_be_reached(metric: str) -> None:
    random = np.random.default_rng(7)  # of its own: under inner product some rows lie out of reach
    vectors, queries = (random.normal(size=(n, 6)).astype(np.float32) for n in (500, 30))
    graph = read_index(usearch_bytes(vectors, metric=metric, m=16))
    assert reachable_rows(graph).all()
    found = search(graph, queries, 10, 500)
    exact = exact_neighbors(graph.vectors, queries, 10, metric=graph.metric)
    assert found.ids.tolist() == exact.ids.tolist()


@pytest.mark.parametrize("dtype", ROUNDING)
def test_vectors_of_every_precision_become_float32(dtype: str) -> None:
    vectors = unit_rows(rows(200)).astype(np.float32)
    graph = read_index(usearch_bytes(vectors, dtype=dtype))
    np.testing.assert_allclose(graph.vectors, vectors, rtol=ROUNDING[dtype], atol=1e-7)
    notes = () if dtype == "f32" else (f"{dtype} vectors converted to float32",)
    assert graph.notes == notes
    assert graph.source.endswith(f"{dtype} vectors")


def test_8_bit_vectors_keep_their_direction() -> None:
    vectors = unit_rows(rows(200)).astype(np.float32)
    graph = read_index(usearch_bytes(vectors, metric="cos", dtype="i8"))
    # A number is off by at most a step of 1/127, so a row of 6 by sqrt(6)/127 in length.
    assert np.linalg.norm(graph.vectors - vectors, axis=1).max() <= 2 * np.sqrt(6) / 127


def test_removed_items_are_walked_through_and_never_returned() -> None:
    vectors = rows(400)
    removed = list(range(0, 400, 10))
    graph = read_index(usearch_bytes(vectors, removed=removed, m=8))
    assert graph.n_deleted == len(removed)
    found = search(graph, vectors, 5, 100)
    assert not graph.deleted[found.ids].any()
    live = np.setdiff1d(np.arange(400), removed)
    assert graph.labels[~graph.deleted].tolist() == live.tolist()
    assert graph.notes == ("deleted rows, walked through and never returned: 40",)


def test_keys_beyond_63_bits_stay() -> None:
    keys = np.array([3, 2**63 + 5, 2**64 - 2], dtype=np.uint64)
    assert read_index(usearch_bytes(rows(3), keys=keys)).labels.tolist() == keys.tolist()


def test_a_file_without_vectors_takes_them_from_beside() -> None:
    vectors = rows(100)
    index = usearch_index(vectors, metric="cos")
    whole = read_index(usearch_bytes(vectors, metric="cos"))
    content = saved(index.save)
    bare = content[8 + 100 * 6 * 4 :]  # the vectors stand first: two u32, then 100 rows of f32
    with pytest.raises(ParameterError, match="pass vectors=, 100 rows of 6 dimensions"):
        read_index(bare)
    graph = read_index(bare, vectors=vectors)
    np.testing.assert_allclose(graph.vectors, whole.vectors, rtol=1e-6)
    assert graph.base.targets.tolist() == whole.base.targets.tolist()


def test_what_is_not_supported_or_contradicts_is_named() -> None:
    content = usearch_bytes(rows(20))
    with pytest.raises(IndexFileError, match="which was built with 'euclidean'"):
        read_index(content, metric="cosine")
    with pytest.raises(IndexFileError, match="vectors have 6 dimensions"):
        read_index(content, dim=3)
    bits = Index(ndim=64, metric="hamming", dtype="b1")
    bits.add(np.arange(5), np.random.default_rng(0).integers(0, 255, (5, 8)).astype(np.uint8))
    with pytest.raises(IndexFileError, match=r"in the head at byte .* it is hamming; cosine,"):
        read_index(saved(bits.save))
    with pytest.raises(IndexFileError, match="The usearch index holds no items"):
        read_index(saved(Index(ndim=6, metric="l2sq").save))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", ["u8", "i8", "e5m2", "e4m3", "e3m2", "e2m3", "bf16", "f16"])
def test_every_kind_of_number_is_ranked_as_the_library_ranks_it(dtype: str, metric: str) -> None:
    vectors = np.abs(rows(300, 8)) if dtype == "u8" else rows(300, 8)  # u8 has no sign
    index = usearch_index(vectors, metric=metric, dtype=dtype, m=16)
    graph = read_index(saved(index.save))
    queries = graph.vectors[:40]  # numbers that the kind holds, so that both ask for the same
    stored = np.stack([index.get(int(key)) for key in graph.labels[:40]])
    if dtype in ("e5m2", "e4m3", "e3m2", "e2m3"):
        stored = small_floats(dtype)[stored]
    if dtype == "bf16":
        stored = stored.astype(np.float32)
    expected = stored.astype(np.float32) / (127 if dtype == "i8" else 1)
    if metric == "cos":
        expected = unit_rows(expected)
    np.testing.assert_allclose(queries, expected, rtol=1e-6, atol=1e-7)
    if dtype in ("e5m2", "e4m3", "e3m2", "e2m3"):
        return  # the library takes such queries only as bytes of its own
    asked = stored.astype(np.float32) if dtype == "u8" else stored  # u8 rows are taken for bits
    found = index.search(asked, 5, exact=True)
    ours = exact_neighbors(graph.vectors, queries, 5, metric=graph.metric).distances
    theirs = _distances(graph, queries, np.asarray(found.keys).astype(np.int64))
    np.testing.assert_allclose(theirs, ours, rtol=2e-2, atol=2e-2)


def _distances(graph: HnswGraph, queries: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """True distances of the rows that the library found, sorted, (q, k)."""
    each = [
        paired_distances(np.repeat(query[None], len(row), axis=0), graph.vectors[row], graph.metric)
        for query, row in zip(queries, ids, strict=True)
    ]
    return np.sort(np.stack(each), axis=1)


def test_small_floats_are_those_of_the_standard() -> None:
    # OCP MX 1.0: e4m3 ends at 448, without infinity; e5m2 at 57,344; e3m2 at 28, e2m3 at 7.5.
    assert small_floats("e4m3")[[0x08, 0x7E, 0x80]].tolist() == [2**-6, 448, 0]
    assert np.isnan(small_floats("e4m3")[[0x7F, 0xFF]]).all()
    assert small_floats("e5m2")[[0x01, 0x7B, 0x7C, 0xFC]].tolist() == [
        2**-16,
        57344,
        np.inf,
        -np.inf,
    ]
    assert np.isnan(small_floats("e5m2")[[0x7D, 0x7F, 0xFE]]).all()
    assert small_floats("e3m2")[[0x1F, 0x3F, 0x01]].tolist() == [28, -28, 2**-4]
    assert small_floats("e2m3")[[0x1F, 0x3F, 0x01]].tolist() == [7.5, -7.5, 2**-3]


def test_an_index_that_allows_several_items_for_a_key_is_read() -> None:
    vectors = rows(30)
    several = Index(ndim=6, metric="l2sq", dtype="f32", multi=True)
    several.add(np.arange(30, dtype=np.uint64), vectors, threads=1)
    graph = read_index(saved(several.save))
    np.testing.assert_array_equal(graph.vectors, vectors)
    assert graph.notes == ()
    keys = np.array([4, 9, 4, 4, 7] * 6, dtype=np.uint64)
    several = Index(ndim=6, metric="l2sq", dtype="f32", multi=True)
    several.add(keys, vectors, threads=1)
    graph = read_index(saved(several.save))
    assert graph.labels.tolist() == [4] * 18 + [7] * 6 + [9] * 6
    order = np.argsort(keys, kind="stable")
    np.testing.assert_array_equal(graph.vectors, vectors[order])
    assert graph.notes == (
        "labels that stand for more than one item: 3, for 30 items in all, each a row of its own; "
        "label 4 stands for 18 items",
    )
    several.remove(4)
    graph = read_index(saved(several.save))
    assert graph.n_deleted == 18
    assert "more than one item: 2, for 12 items" in graph.notes[1]
