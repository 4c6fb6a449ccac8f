"""The bytes of results: what leaves first, whose share, and what goes with the data."""

from collections import deque
from collections.abc import Hashable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from pages.ui.jobs.cache import keeping
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.kept import SOON, Ledger, ledger
from pages.ui.jobs.key import fingerprint
from pages.ui.jobs.runner import Runner

KILO = 125  # float64 numbers in 1,000 bytes


class Kept:
    """A ledger of at most `most` thousand bytes, and what it let go."""

    def __init__(self, most: int) -> None:
        self.gone: list[Hashable] = []
        self.ledger = Ledger(lambda: 1_000 * most)

    def add(
        self, name: str, kilos: int, *, owner: str = "ann", made_of: object = (), shared: object = 0
    ) -> np.ndarray:
        value = np.zeros(kilos * KILO)
        self.ledger.keep(
            name,
            (value, shared),
            made_of=made_of,
            owner=owner,
            leave=lambda: self.gone.append(name),
        )
        return value


@pytest.fixture
def kept() -> Kept:
    return Kept(10)


def test_the_least_recently_asked_for_leaves_first(kept: Kept) -> None:
    for name in "abc":
        kept.add(name, 3)
    kept.ledger.use("a", "ann")
    kept.add("d", 3)
    assert (kept.gone, kept.ledger.bytes) == (["b"], 9_000)


def test_the_newest_stays_however_large(kept: Kept) -> None:
    kept.add("a", 3)
    kept.add("b", 30)
    assert (kept.gone, kept.ledger.bytes) == (["a"], 30_000)
    kept.add("c", 1)
    assert (kept.gone, kept.ledger.bytes) == (["a", "b"], 1_000)


def test_shared_arrays_count_once_and_stay_while_one_holds_them(kept: Kept) -> None:
    large = kept.add("a", 6)
    kept.add("b", 1, shared=large[::2])
    assert kept.ledger.bytes == 7_000
    kept.ledger.drop("a")
    assert kept.ledger.bytes == 7_000
    kept.ledger.drop("b")
    assert (kept.ledger.bytes, kept.gone) == (0, [])


def test_arrays_of_the_arguments_are_counted_by_who_holds_the_data(kept: Kept) -> None:
    data = np.zeros(100 * KILO)
    kept.add("a", 2, made_of=(data, 3), shared=data[5:])
    assert kept.ledger.bytes == 2_000


def test_one_owner_pushes_nobody_out_of_a_fair_share(kept: Kept) -> None:
    # Two owners: 5 kB each. Bob's 3 kB are the oldest, and stay whatever Ann asks for.
    kept.add("bob", 3, owner="bob")
    for name in "abcdef":
        kept.add(name, 3)
    assert kept.gone == ["a", "b", "c", "d"]
    # With Eve there are three, 3.3 kB each: Ann, who has 6 kB, makes room.
    kept.add("eve", 3, owner="eve")
    assert kept.gone == ["a", "b", "c", "d", "e"]


def test_what_somebody_within_a_share_asked_for_stays(kept: Kept) -> None:
    for name in "abc":
        kept.add(name, 3)
    kept.ledger.use("a", "bob")
    kept.ledger.use("b", "ann")
    kept.ledger.use("c", "ann")
    kept.add("d", 3)
    assert kept.gone == ["b"]
    assert kept.ledger.bytes_by_owner() == {"ann": 9_000, "bob": 3_000}


def test_what_was_made_of_data_goes_with_it(kept: Kept) -> None:
    data, other = SimpleNamespace(fingerprint="data"), SimpleNamespace(fingerprint="other")
    graph = SimpleNamespace(fingerprint="graph")
    kept.add("graph", 1, made_of=(data,), shared=graph)
    curve = kept.add("curve", 1, made_of=(graph,))  # by the fingerprint of a result
    kept.add("figure", 1, made_of=([curve],))  # by an array of a result
    kept.add("other", 1, made_of=(other,))
    kept.add("both", 1, made_of=(other, {"x": data}))
    kept.ledger.forget(["nothing"])
    assert kept.gone == []
    kept.ledger.forget(["data"])
    assert (sorted(map(str, kept.gone)), kept.ledger.bytes) == (
        ["both", "curve", "figure", "graph"],
        1_000,
    )


def test_data_that_a_result_only_passes_on_stays(kept: Kept) -> None:
    data, other = SimpleNamespace(fingerprint="data"), SimpleNamespace(fingerprint="other")
    kept.add("pair", 1, made_of=(data, other), shared=other)
    kept.add("other", 1, made_of=(other,))
    kept.ledger.forget(["data"])
    assert kept.gone == ["pair"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_results_leave_soon_after_their_data() -> None:
    """Five sets, of which two are held at a time: results of two are left."""
    clock = Clock()
    runner = Runner(inline=True, ledger=Ledger(lambda: 10**9, clock))
    held: deque[EmbeddingSet] = deque(maxlen=2)
    for number in range(5):
        rows = np.full((1000, 8), number, np.float32)
        held.append(EmbeddingSet.from_arrays(rows, name=f"{number}"))
        name = fingerprint(held[-1].bare)
        double = runner.submit(("double", name), "A", twice, held[-1].bare).result
        runner.submit(("total", name), "A", total, double)
        del double
    clock.now = SOON - 0.1
    runner.sweep()
    assert (len(runner._jobs), runner._ledger.bytes) == (10, 5 * 32_000 + 5 * 8)
    clock.now = SOON
    kept = [runner.get(("total", fingerprint(each.bare))) for each in held]
    relabeled = held[0].with_metadata(pd.DataFrame({"label": ["a"] * 1000}))
    runner.sweep()
    assert (len(runner._jobs), runner._ledger.bytes) == (4, 2 * 32_000 + 2 * 8)
    assert [job is not None and job.state for job in kept] == ["done", "done"]
    held.popleft()
    runner.sweep()
    assert len(runner._jobs) == 4  # other metadata of the same vectors
    del relabeled
    runner.sweep()
    assert len(runner._jobs) == 2


def test_what_is_asked_for_stays_without_its_data() -> None:
    """A page that makes its set anew in each run would have its results made anew, too."""
    clock = Clock()
    runner = Runner(inline=True, ledger=Ledger(lambda: 10**9, clock))
    for _ in range(3):
        made = EmbeddingSet.from_arrays(np.eye(8), name="eye")
        job = runner.submit(("double", fingerprint(made)), "A", twice, made)
        del made
        clock.now += SOON - 0.1
        runner.sweep()
        assert runner.get(job.key) is job
    clock.now += SOON
    runner.sweep()
    assert runner.get(job.key) is None


def twice(items: EmbeddingSet, *, progress: Progress) -> np.ndarray:
    progress(0.5)
    return items.vectors * 2


def total(values: np.ndarray, *, progress: Progress) -> np.ndarray:
    progress(0.5)
    return values.sum(keepdims=True, dtype=np.float64).ravel()


def test_quick_results_are_kept_within_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_KEPT_RESULTS_MB", "10")
    calls: list[int] = []

    @keeping(9)
    def block(name: int) -> np.ndarray:
        calls.append(name)
        return np.zeros(4 * 10**6, np.uint8)

    ledger.clear()
    for name in (1, 2, 1, 3, 1, 2):
        block(name)
    assert (calls, ledger.bytes) == ([1, 2, 3, 2], 8 * 10**6)
    ledger.clear()
    block(2)
    assert calls == [1, 2, 3, 2, 2]
    ledger.clear()
