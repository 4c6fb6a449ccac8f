"""Values that travel as paths: what is written, how often, and what is there on the other side."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.index import HnswParams, build_hnsw, search
from core.studies.parts.shared import Shared, Sharing

LARGE = np.random.default_rng(0).normal(size=(2000, 40))


@dataclass(frozen=True, eq=False)
class Plan:
    vectors: np.ndarray[Any, Any]
    again: np.ndarray[Any, Any]
    few: np.ndarray[Any, Any]
    name: str


def sent(shared: Shared[Any]) -> Any:
    """What arrives in another process."""
    return pickle.loads(pickle.dumps(shared))


def files(sharing: Sharing, ending: str) -> list[Path]:
    return sorted(sharing._folder.path.glob(f"*.{ending}"))


def test_here_it_is_the_value_itself_and_nothing_is_written() -> None:
    with Sharing() as sharing:
        assert sharing.share(LARGE).value is LARGE
        assert not sharing._folder.is_made


def test_there_it_is_equal_read_only_and_the_same_each_time() -> None:
    few = np.arange(3)
    few.setflags(write=False)
    with Sharing() as sharing:
        shared = sharing.share(Plan(LARGE, LARGE, few, "n"))
        assert len(pickle.dumps(shared)) < 500
        plan = sent(shared).value
        assert sent(shared).value is plan
        np.testing.assert_array_equal(plan.vectors, LARGE)
        assert type(plan.vectors) is np.ndarray
        assert not plan.vectors.flags.writeable
        assert not plan.few.flags.writeable
        assert (plan.few.tolist(), plan.name) == ([0, 1, 2], "n")


def test_an_array_is_written_once_for_all_values_that_hold_it() -> None:
    with Sharing() as sharing:
        both: list[Shared[Any]] = [sharing.share((LARGE, 1)), sharing.share({"it": LARGE})]
        for _ in range(2):
            first, second = (sent(each).value for each in both)
        assert len(files(sharing, "npy")) == 1
        assert len(files(sharing, "value")) == 2
        np.testing.assert_array_equal(first[0], second["it"])


@pytest.mark.parametrize(
    "array",
    [
        np.empty((0, 7), np.float32),
        np.asfortranarray(LARGE),
        LARGE[::3, 5:2:-1],
        np.array(["a", None] * 4000, dtype=object),
        LARGE > 0,
    ],
    ids=["empty", "Fortran", "strided", "objects", "booleans"],
)
def test_any_array_arrives(array: np.ndarray[Any, Any]) -> None:
    with Sharing() as sharing:
        found = sent(sharing.share([array])).value[0]
        assert (found.shape, found.dtype) == (array.shape, array.dtype)
        np.testing.assert_array_equal(found, array)


def test_a_graph_arrives_whole_and_answers_alike() -> None:
    vectors = LARGE.astype(np.float32)
    graph = build_hnsw(vectors, HnswParams("cosine", m=4, ef_construction=20))
    with Sharing() as sharing:
        found = sent(sharing.share(graph)).value
        assert found.fingerprint == graph.fingerprint
        assert not any(array.flags.writeable for array in found._arrays())
        ours, theirs = (search(each, vectors[:50], 5, 20) for each in (graph, found))
    np.testing.assert_array_equal(ours.ids, theirs.ids)
    np.testing.assert_array_equal(ours.distance_computations, theirs.distance_computations)


def test_the_files_are_gone_at_the_end() -> None:
    with Sharing() as sharing:
        sent(sharing.share(LARGE))
        folder = sharing._folder.path
        assert folder.is_dir()
    assert not folder.exists()


def test_values_of_an_earlier_study_are_let_go() -> None:
    from core.studies.parts import shared as module

    with Sharing() as first:
        early = sent(first.share(LARGE))
        kept = early.value
    with Sharing() as second:
        assert sent(second.share(LARGE + 1)).value[0, 0] == LARGE[0, 0] + 1
        assert len(module._opened) == 1
    np.testing.assert_array_equal(kept, LARGE)  # whoever still holds it can read it
