"""The name of a call: equal for equal arguments, another for any argument that differs."""

import gc
import inspect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams, Neighbors, build_hnsw
from core.studies import QuerySet
from pages.ui.jobs import key as names
from pages.ui.jobs.key import fingerprint, key_of

VECTORS = np.random.default_rng(3).normal(size=(40, 4)).astype(np.float32)


@dataclass(frozen=True)
class Setting:
    k: int
    share: float = 0.5


@dataclass(frozen=True)
class OtherSetting:
    k: int
    share: float = 0.5


@dataclass
class Loose:
    k: int


def query_set(vectors: Any = VECTORS[:3], ids: Any = ((1, 2), (3, 4), (5, 6))) -> QuerySet:
    near = Neighbors(np.array(ids), np.ones((3, 2)))
    return QuerySet(np.array(vectors), near, np.arange(3), None)


def pairs() -> list[tuple[Any, Any]]:
    """Values that must not be taken for one another."""
    array = np.arange(4, dtype=np.int64)
    changed = VECTORS.copy()
    changed[-1, -1] += 1e-6
    graph = build_hnsw(VECTORS, HnswParams("euclidean"))
    return [
        (1, 2),
        (1, True),
        (1, 1.0),
        (1, "1"),
        ("a", b"a"),
        (None, "None"),
        (0.0, -0.0),
        ((1, 2), (2, 1)),
        ((1, 2), [1, 2]),
        (("ab", "c"), ("a", "bc")),
        (((1,), 2), (1, (2,))),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        (range(3), range(4)),
        (array, array.astype(np.int32)),
        (array, array[::-1]),
        (array, array.reshape(2, 2)),
        (array, array + 1),
        (np.float32(1), np.float64(1)),
        (Setting(3), Setting(4)),
        (Setting(3), Setting(3, 0.4)),
        (Setting(3), OtherSetting(3)),
        (HnswParams(m=8), HnswParams(m=8, seed=3)),
        (VECTORS, changed),
        (
            EmbeddingSet.from_arrays(VECTORS, name="a"),
            EmbeddingSet.from_arrays(changed, name="a"),
        ),
        (graph, build_hnsw(VECTORS, HnswParams("euclidean", seed=9))),
        (graph, build_hnsw(VECTORS, HnswParams("cosine"))),
        (graph, replace(graph, m=graph.m + 1)),
        (graph, replace(graph, ef_construction=None)),
        (query_set(), query_set(ids=((1, 2), (3, 4), (5, 7)))),
        (query_set(), query_set(vectors=VECTORS[3:6])),
    ]


@pytest.mark.parametrize(("one", "other"), pairs())
def test_values_that_differ_have_other_names(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(("one", "other"), pairs())
def test_equal_values_have_one_name(one: Any, other: Any) -> None:
    assert fingerprint(one) == fingerprint(one)
    assert fingerprint((one, other)) == fingerprint((one, other))


def test_a_copy_has_the_name_of_the_original() -> None:
    assert fingerprint(VECTORS) == fingerprint(VECTORS.copy())
    assert fingerprint(VECTORS) == fingerprint(np.asfortranarray(VECTORS))
    assert fingerprint(query_set()) == fingerprint(query_set())
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({3, 1}) == fingerprint({1, 3})


def test_a_writable_array_is_read_each_time() -> None:
    array = np.zeros(3)
    before = fingerprint(array)
    array[1] = 5
    assert fingerprint(array) != before


def test_a_fingerprint_is_forgotten_with_its_value() -> None:
    value = query_set()
    fingerprint(value)
    place = id(value)
    assert place in names._known
    del value
    gc.collect()
    assert place not in names._known


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (object(), "object"),
        (lambda: 1, "function"),
        (np.array([{}, None]), "object"),
        (Loose(3), "freeze"),
        ((1, Loose(3)), "freeze"),
        (Setting, "type"),
    ],
)
def test_what_cannot_be_named_is_refused(value: Any, word: str) -> None:
    with pytest.raises(TypeError, match=word):
        fingerprint(value)


def work(k: int, share: float = 0.5) -> float:
    return k * share


def key(*args: Any, **kwargs: Any) -> names.Key:
    return key_of(work, inspect.signature(work), args, kwargs)[0]


def test_the_way_an_argument_is_passed_does_not_count() -> None:
    assert key(3) == key(k=3) == key(3, 0.5) == key(share=0.5, k=3)
    assert key(3) != key(3, 0.4)
    assert key(3)[0] == "tests.pages.ui.jobs.test_key.work"
    assert key_of(work, inspect.signature(work), (), {"k": 3})[1] == (3, 0.5)
