"""Which metric built an index, asked of its links: on data, sizes and libraries that differ."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.distances import Metric
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, MetricFit, build_hnsw, metric_fit, read_index
from core.index.metric_evidence import metric_words, with_metric
from tests.core.index.datasets import clustered, uneven_norms
from tests.core.index.graphs import hand_graph
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, usearch_bytes

OTHER: dict[Metric, Metric] = {"euclidean": "inner_product", "inner_product": "euclidean"}
Vectors = np.ndarray


def normal(n: int, dim: int) -> Vectors:
    return np.random.default_rng(5).normal(size=(n, dim)).astype(np.float32)


def scaled(n: int, dim: int, spread: float) -> Vectors:
    """Log-normal lengths around 1."""
    random = np.random.default_rng(6)
    lengths = np.exp(spread * random.normal(size=(n, 1)))
    rows = random.normal(size=(n, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True) * lengths).astype(np.float32)


DATA: dict[str, Callable[[int, int], Vectors]] = {
    "normal": normal,
    "clustered": clustered,
    "far from the origin": lambda n, dim: normal(n, dim) + 5,
    "lengths within 30 %": lambda n, dim: scaled(n, dim, 0.3),
    "lengths apart": lambda n, dim: scaled(n, dim, 1.0),
}


@pytest.mark.parametrize("m", [4, 16, 48])
@pytest.mark.parametrize("shape", [(200, 16), (2000, 8), (2000, 64)])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("built", OTHER)
def test_the_metric_that_built_the_links_is_told(
    built: Metric, data: str, shape: tuple[int, int], m: int
) -> None:
    graph = build_hnsw(DATA[data](*shape), HnswParams(built, m=m, ef_construction=60))
    right, wrong = metric_fit(graph), metric_fit(replace(graph, metric=OTHER[built]))
    assert not right.contradicted
    assert right.fits == built
    assert wrong.contradicted
    assert wrong.fits == built
    assert (wrong.stated_only, wrong.other_only) == (right.other_only, right.stated_only)


def test_a_large_index_is_asked_by_a_sample() -> None:
    graph = build_hnsw(normal(20_000, 16), HnswParams("inner_product", m=8, ef_construction=40))
    found = metric_fit(replace(graph, metric="euclidean"))
    assert found.checked == 1_000
    assert found.fits == "inner_product"
    assert metric_fit(graph).fits == "inner_product"


def test_rows_of_one_length_fit_every_metric() -> None:
    rows = normal(500, 8)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for metric in ("euclidean", "inner_product"):
        found = metric_fit(build_hnsw(rows * 3, HnswParams(metric)))
        assert found.all_agree
        assert not found.contradicted
    assert metric_fit(build_hnsw(normal(500, 8), HnswParams("cosine"))).all_agree


def test_lengths_that_hardly_differ_leave_no_doubt_of_the_stated_one() -> None:
    rows = scaled(300, 16, 0.004)  # a row's nearest is the same under both but for a handful
    for built, other in OTHER.items():
        graph = build_hnsw(rows, HnswParams(built, m=8))
        assert metric_fit(graph).fits == built
        assert metric_fit(replace(graph, metric=other)).fits == other


@pytest.mark.parametrize("make", [clustered, lambda: uneven_norms()])
def test_files_that_hold_their_metric_are_not_contradicted(make: Callable[[], Vectors]) -> None:
    rows = make()[:1500]
    for content in (
        faiss_bytes(rows, m=8),
        faiss_bytes(rows, inner_product=True, m=8),
        usearch_bytes(rows, metric="l2sq", m=8),
        usearch_bytes(rows, metric="ip", m=8),
        usearch_bytes(rows, metric="cos", m=8),
    ):
        graph = read_index(content)
        assert not metric_fit(graph).contradicted
        assert not graph.metric_stated
        assert not any("contradict" in note for note in graph.notes)
        if graph.metric != "cosine":
            wrong = metric_fit(replace(graph, metric=OTHER[graph.metric]))
            assert wrong.fits == graph.metric


def test_by_hand() -> None:
    # Under Euclidean distance 0 and 1, 2 and 3 are nearest to each other; under inner product 3,
    # the longest, is nearest to all others, and 2 to it. The links are those of the line.
    line = np.array([[1.0], [2.0], [10.0], [11.5]], dtype=np.float32)
    graph = hand_graph([{0: [1], 1: [0], 2: [3], 3: [2]}], entry=0, vectors=line)
    assert graph.metric == "euclidean"
    assert metric_fit(graph) == MetricFit("euclidean", "inner_product", 4, 2, 0)
    other = metric_fit(replace(graph, metric="inner_product"))
    assert other == MetricFit("inner_product", "euclidean", 4, 0, 2)
    assert not other.contradicted  # 2 against 0 is 1 / 4 by chance


@pytest.mark.parametrize(
    ("few", "many", "contradicted"),
    [
        (0, 10, True),  # 1 / 1,024
        (0, 9, False),  # 1 / 512
        (30, 70, True),  # 3.9e-5
        (4, 14, False),  # 0.015
        (400, 600, False),  # not twice as many
        (0, 0, False),
        (70, 30, False),
    ],
)
def test_what_chance_explains(few: int, many: int, contradicted: bool) -> None:
    found = MetricFit("euclidean", "inner_product", 1000, few, many)
    assert found.contradicted is contradicted
    assert (metric_words(found) != "") is contradicted


def test_deleted_rows_and_rows_without_links_are_left_out() -> None:
    rows = scaled(400, 8, 0.5)
    graph = build_hnsw(rows, HnswParams("inner_product", m=8))
    deleted = np.zeros(400, dtype=bool)
    deleted[np.argsort(-np.linalg.norm(rows, axis=1))[:40]] = True
    wrong = replace(graph, metric="euclidean", deleted=deleted)
    assert metric_fit(wrong).checked == 360
    assert not metric_fit(replace(graph, deleted=deleted)).contradicted
    alone = hand_graph([{0: [], 1: []}], entry=0, vectors=rows[:2])
    assert metric_fit(alone).checked == 0
    assert metric_fit(hand_graph([{0: []}], entry=0, vectors=rows[:1])).all_agree


def test_rows_that_are_not_finite_are_left_out() -> None:
    rows = scaled(300, 8, 0.5)
    graph = build_hnsw(rows, HnswParams("inner_product", m=8))
    rows = rows.copy()
    rows[7], rows[9, 0] = np.nan, np.inf
    found = metric_fit(replace(graph, vectors=rows, metric="euclidean"))
    assert found.checked == 298
    assert found.fits == "inner_product"
    assert metric_fit(replace(graph, vectors=np.full((300, 8), np.nan))).checked == 0


def test_huge_numbers_are_compared_without_a_warning() -> None:
    rows = scaled(300, 8, 0.5) * np.float32(1e37)
    graph = build_hnsw(scaled(300, 8, 0.5), HnswParams("euclidean"))
    assert metric_fit(replace(graph, vectors=rows)).checked == 300


def opened(built: str, metric: Metric) -> HnswGraph:
    return read_index(hnswlib_bytes(uneven_norms()[:1000], space=built, m=8), metric=metric)


def test_a_contradicted_metric_is_noted_and_may_be_changed() -> None:
    wrong, right = opened("ip", "euclidean"), opened("ip", "inner_product")
    assert not any("contradict" in note for note in right.notes)
    (note,) = wrong.notes
    assert note.startswith("The links contradict the metric euclidean: of 1,000 rows, ")
    assert note.endswith("most likely built with inner product: open it with that metric.")
    mended = with_metric(wrong, "inner_product")
    assert mended.fingerprint == right.fingerprint
    assert mended.notes == ()
    assert with_metric(mended, "euclidean").notes == (note,)
    (note,) = opened("l2", "inner_product").notes
    assert "most likely built with euclidean" in note


def test_only_a_metric_that_the_file_does_not_hold_can_be_changed() -> None:
    rows = uneven_norms()[:100]
    with pytest.raises(ParameterError, match="of a graph whose file holds no metric"):
        with_metric(read_index(faiss_bytes(rows)), "inner_product")
    with pytest.raises(ParameterError, match="must be euclidean or inner_product"):
        with_metric(opened("ip", "euclidean"), "cosine")
