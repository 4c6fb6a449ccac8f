"""An error about a link, a count or a vector names the very byte at which it stands."""

import re

import numpy as np
import pytest

from core.errors import IndexFileError
from core.index import read_index
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, usearch_bytes

N = 10
VECTORS = np.random.default_rng(2).normal(size=(N, 3)).astype(np.float32)
FILES = {
    "hnswlib": hnswlib_bytes(VECTORS, m=2),
    "faiss": faiss_bytes(VECTORS, m=2),
    "usearch": usearch_bytes(VECTORS, m=2),
}


def places_named(content: bytes, value: bytes, message: str) -> int:
    """At how many bytes `value` leads to an error with `message` that names this very byte."""
    named = 0
    for place in range(len(content) - len(value)):
        changed = content[:place] + value + content[place + len(value) :]
        try:
            read_index(changed, metric="euclidean")
        except IndexFileError as error:
            found = re.search(message + r" at byte ([\d,]+):", str(error))
            named += found is not None and int(found[1].replace(",", "")) == place
    return named


@pytest.mark.parametrize("kind", FILES)
def test_every_link_is_named_where_it_stands(kind: str) -> None:
    graph = read_index(FILES[kind], metric="euclidean")
    for where, links, width in (("layer 0", graph.base, 4), ("the upper layers", graph.upper, 2)):
        degrees = links.degrees
        if kind == "faiss":  # no counts: a number in the first free place is a link as well
            degrees = np.minimum(degrees + 1, width)
        found = places_named(FILES[kind], (4000).to_bytes(4, "little"), f"link on {where}")
        assert found == degrees.sum() > 0


@pytest.mark.parametrize("kind", ["hnswlib", "usearch"])
def test_every_count_of_links_is_named_where_it_stands(kind: str) -> None:
    graph = read_index(FILES[kind], metric="euclidean")
    for where, records in (("layer 0", N), ("the upper layers", int(graph.levels.sum()))):
        message = f"link count on {where}"
        assert places_named(FILES[kind], (300).to_bytes(2, "little"), message) == records > 0


@pytest.mark.parametrize("kind", FILES)
def test_a_vector_that_is_not_finite_is_named_where_it_begins(kind: str) -> None:
    infinity = np.float32(np.inf).tobytes()
    assert places_named(FILES[kind], infinity, "vector") == N
