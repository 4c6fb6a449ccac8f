"""What each system takes in memory: against saved files, and worked by hand from its formula."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.engines import ENGINES, MEMORY, EngineMemory, Setting, pgvector
from core.engines.memory import FILE, upper_layers
from core.index import read_index
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, usearch_bytes

SETTING = Setting("cosine", 20_000, 384, 16, 200, 10, 64, 0.987, 500)
WRITERS: dict[str, Any] = {
    "hnswlib": hnswlib_bytes,
    "faiss": faiss_bytes,
    "usearch": usearch_bytes,
}
# What comes once: hnswlib's header; names, sizes and level probabilities of the others.
ONCE = {"hnswlib": 96, "faiss": 1_000, "usearch": 200}
N = 4_000


def of(name: str, **changes: Any) -> EngineMemory:
    setting = replace(SETTING, **changes)
    return MEMORY[name](setting, setting.n)


@pytest.mark.parametrize("dim", [3, 40])
@pytest.mark.parametrize("m", [2, 5, 16])
@pytest.mark.parametrize("name", WRITERS)
def test_the_file_that_a_library_saves_has_the_size_of_the_formula(
    name: str, m: int, dim: int
) -> None:
    vectors = np.random.default_rng(m).normal(size=(N, dim)).astype(np.float32)
    content = WRITERS[name](vectors, m=m)
    expected = of(name, n=N, dim=dim, m=m)
    assert expected.basis == FILE
    # The layers above the base are drawn: their number is a sum of N draws of mean 1 / (M - 1) and
    # variance M / (M - 1)^2, and each takes 4 M + 4 bytes (faiss: 4 M). Allowed: five deviations.
    spread = (4 * m + 4) * math.sqrt(N * m) / (m - 1)
    assert abs(len(content) - ONCE[name] - expected.total) <= 5 * spread + ONCE[name]
    # What does not depend on the draw is exact: the same with the layers that were drawn.
    above = layers_above(name, content, m)
    if name == "hnswlib":
        drawn = expected.vectors + 8 * m + 16
        assert len(content) == 96 + N * drawn + (4 * m + 4) * above
    elif name == "usearch":
        once = len(content) - N * (expected.vectors + 8 * m + 16) - (4 * m + 4) * above
        assert 0 < once < ONCE[name]
    else:
        once = len(content) - N * (expected.vectors + 8 * m + 12) - 4 * m * above
        assert 0 < once < ONCE[name]


def layers_above(name: str, content: bytes, m: int) -> int:
    """How many upper layers all nodes stand on together, from the file alone."""
    graph = read_index(content, metric="euclidean" if name == "hnswlib" else None)
    assert graph.m == m
    return int(graph.levels.sum())


def test_hnswlib_at_the_usual_ms() -> None:
    # 4 x 384 + 8 M + 16 + (4 M + 4) / (M - 1): 1,536 + 64 + 16 + 36 / 7, 1,536 + 128 + 16 + 68 / 15
    # and 1,536 + 256 + 16 + 132 / 31
    found = {m: of("hnswlib", m=m).per_vector for m in (8, 16, 32)}
    assert {m: round(size) for m, size in found.items()} == {8: 1621, 16: 1685, 32: 1812}
    parts = of("hnswlib")
    assert parts.vectors == 1536
    assert parts.links == pytest.approx(4 * 16 * (2 + 1 / 15))
    assert parts.other == pytest.approx(16 + 4 / 15)


@pytest.mark.parametrize("m", [2, 7, 32])
def test_upper_layers_are_the_sum_of_the_level_law(m: int) -> None:
    assert upper_layers(m) == pytest.approx(sum(float(m) ** -level for level in range(1, 200)))


BY_HAND = {
    "Elasticsearch": 4 * 384 + 4 * 16,
    "faiss": 4 * 384 + 8 * 16 + 12 + 4 * 16 / 15,
    "Milvus": 4 * 384 + 4 * 32,
    "OpenSearch": 1.1 * (4 * 384 + 8 * 16),
    "Qdrant": 1.5 * 4 * 384,
    "Redis": 4 * 384 + 8 * 16 + 52,
    "usearch": 4 * 384 + 8 * 16 + 16 + 68 / 15,
    "Weaviate": 4 * 384 + 10 * 16,
    "hnswlib": 4 * 384 + 8 * 16 + 16 + 68 / 15,
    "pgvector": 2048,  # four nodes of 1,616 + 200 + 8 bytes on a page of 8,192
}


@pytest.mark.parametrize("name", ENGINES)
def test_each_system_by_hand(name: str) -> None:
    found = of(name)
    assert (found.engine, found.n) == (name, 20_000)
    assert all(url.startswith("https://") for url in found.sources)
    if name == "LanceDB":
        assert math.isnan(found.per_vector)
        assert math.isnan(found.total)
        assert (found.basis, found.formula) == ("not documented", "not documented")
        return
    assert found.per_vector == pytest.approx(BY_HAND[name])
    assert found.total == pytest.approx(20_000 * BY_HAND[name])
    assert found.sources
    assert found.basis != "not documented"
    assert MEMORY[name](SETTING, 10_000_000).total == pytest.approx(10_000_000 * BY_HAND[name])


def test_examples_of_the_documentations() -> None:
    """The figures that the pages themselves work out."""
    # Weaviate: 1e6 x (1536 B + (64 x 10)) = 2.2 GB
    assert of("Weaviate", n=10**6, m=64).total == pytest.approx(2.176e9)
    # OpenSearch: 1.1 x (4 x 256 + 8 x 16) x 1,000,000 ~= 1.267 GB
    assert of("OpenSearch", n=10**6, dim=256).total == pytest.approx(1.2672e9)
    # Milvus: 1,000,000 x 128 dimensions, 32 links: 128 MB + 512 MB
    assert of("Milvus", n=10**6, dim=128, m=16).total == pytest.approx(640e6)
    # Qdrant: 1,000,000 x 1024 x 4 bytes x 1.5 = 6,144,000,000 bytes
    assert of("Qdrant", n=10**6, dim=1024).total == pytest.approx(6.144e9)
    # Elasticsearch: num_vectors x 4 x 16 of graph by default
    assert of("Elasticsearch", m=16).links == 64


def test_an_m_that_a_system_does_not_take_is_the_one_of_its_recipe() -> None:
    assert of("pgvector", m=300) == of("pgvector", m=100)
    assert of("Weaviate", m=1).links == 10 * 4
    assert of("hnswlib", m=1) == of("hnswlib", m=2)
    assert of("faiss", m=1) == of("faiss", m=2)


def naive_pages(m: int, dim: int, nodes: int) -> int:
    """The pages of a pgvector index, node by node as the source fills them."""
    pages, used = 1, 0
    for node in range(1, nodes + 1):
        level = 0
        while node % m ** (level + 1) == 0:
            level += 1
        element = math.ceil((72 + 8 + 4 * dim) / 8) * 8
        neighbors = math.ceil((4 + 6 * m * (level + 2)) / 8) * 8
        free = 8160 - used - 4  # PageGetFreeSpace leaves room for a pointer
        combined = element + neighbors + 4
        if free < element or (combined <= 8156 and free < combined):
            pages, used = pages + 1, 0
        used += element + 4
        if 8160 - used - 4 < neighbors:
            pages, used = pages + 1, 0
        used += neighbors + 4
    return pages


@pytest.mark.parametrize(
    ("m", "dim"), [(16, 8), (16, 384), (16, 768), (48, 100), (16, 1990), (100, 1900)]
)
def test_pages_of_pgvector_are_filled_as_its_source_does(m: int, dim: int) -> None:
    pages = naive_pages(m, dim, pgvector.NODES)
    assert of("pgvector", m=m, dim=dim).per_vector == pytest.approx(8192 * pages / pgvector.NODES)


def test_pgvector_by_dimension() -> None:
    # A node of 1,536 dimensions takes 6,224 + 200 + 8 bytes: one on a page.
    assert of("pgvector", dim=1536).per_vector == 8192
    # 8,080 + 4 bytes of 2,000 dimensions and 200 + 4 of links do not fit on one page.
    assert of("pgvector", dim=2000).per_vector == pytest.approx(16_384)
    half = of("pgvector", dim=3000)  # half precision above 2,000
    assert (half.vectors, half.per_vector) == (6000, 8192)
    none = of("pgvector", dim=4001)
    assert math.isnan(none.per_vector)
    assert none.basis == "no index is possible"
    assert none.note == "No index can be created for more than 4,000 dimensions."
