"""What a value holds: bytes of each memory once, worked by hand, and the fingerprints in it."""

import mmap
import tempfile
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import EmbeddingSet
from core.index import HnswParams, build_hnsw
from pages.ui.jobs.contents import contents_of
from pages.ui.jobs.key import Named


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


def test_views_of_one_memory_count_once_and_in_full() -> None:
    values = np.zeros((100, 10))
    assert contents_of(values).bytes == 8_000
    assert contents_of(values[3:4]).bytes == 8_000  # it holds all of it
    assert contents_of(Pair(values, [values.T, {"a": values[:, 2]}])).bytes == 8_000
    assert contents_of(Pair(values, values.copy())).bytes == 16_000


def test_a_map_of_a_file_counts_once() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(bytes(8_000))
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    view = memoryview(mapped)
    parts = [np.frombuffer(view, np.float64, 10), np.frombuffer(mapped, np.uint8, 5, 100), view]
    assert contents_of(parts).buffers == {id(mapped): 8_000}


def test_tables_count_by_their_columns() -> None:
    frame = pd.DataFrame({"x": np.zeros(1000), "y": np.zeros(1000, np.int32)})
    assert contents_of(frame).bytes == 12_000
    assert contents_of([frame, frame.copy(deep=False)]).bytes == 12_000
    words = pd.DataFrame({"w": ["word" * 25] * 10_000}, dtype=object)
    assert contents_of(words).bytes - 8 * 10_000 == 80_000 + 10_000 * 149  # 49 + 100 a text


def test_many_texts_count_by_some_of_them() -> None:
    texts = ["x" * 51] * 5_000  # 49 + 51 bytes, and 8 for the place of each
    assert contents_of(tuple(texts)).bytes == 540_000
    assert contents_of("x" * 10_000).bytes == 10_049


def test_a_set_and_a_graph_of_it_share_what_they_share() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    items = EmbeddingSet.from_arrays(vectors, name="fifty")
    graph = build_hnsw(items.vectors, HnswParams("euclidean"))
    both = contents_of((items, graph))
    assert both.bytes == contents_of(items).bytes + graph.memory_bytes - vectors.nbytes


def test_fingerprints_that_were_taken_are_found_at_any_depth() -> None:
    items = EmbeddingSet.from_arrays(np.eye(3), name="three")
    assert contents_of(items).fingerprints == frozenset()
    named = {items.fingerprint, items.bare.fingerprint, "mine"}
    assert contents_of(Pair(1, [Named("mine", (items,))])).fingerprints == named


def test_what_refers_to_itself_is_gone_through_once() -> None:
    circle: list[object] = [np.zeros(1000)]
    circle.append(circle)
    assert contents_of(circle).bytes == 8_000
