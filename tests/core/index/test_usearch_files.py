"""usearch's files: keys, levels, links and vectors of every kind, and removed items."""

import numpy as np
import pytest
from usearch.index import Index

from core.errors import IndexFileError, ParameterError
from core.index import exact_neighbors, index_file_kind, reachable_rows, read_index, search
from core.spaces import unit_rows
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
    vectors, queries = rows(500), rows(30)
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
    with pytest.raises(IndexFileError, match="in the head at byte"):
        read_index(saved(bits.save))
    several = Index(ndim=6, metric="l2sq", multi=True)
    several.add(np.zeros(4, dtype=np.uint64), rows(4))
    with pytest.raises(IndexFileError, match="several items for one key"):
        read_index(saved(several.save))
