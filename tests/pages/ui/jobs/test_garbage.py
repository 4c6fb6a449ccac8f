"""What survives a slow collection of garbage is spared by the next ones, a few times at most."""

import gc
import time
from collections.abc import Iterator

import pytest

from pages.ui.jobs import garbage
from pages.ui.jobs.garbage import AT_MOST, SLOW, Sparing


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_a_slow_full_collection_is_followed_by_sparing_what_is_left() -> None:
    sparing = Sparing()
    assert not sparing.spare()
    sparing.seconds = SLOW / 2
    assert not sparing.spare()
    assert gc.get_freeze_count() == 0
    sparing.seconds = SLOW
    assert sparing.spare()
    assert gc.get_freeze_count() > 0
    assert not sparing.spare()  # not before another slow one


def test_it_is_done_a_few_times_at_most() -> None:
    sparing = Sparing()
    done = 0
    for _ in range(AT_MOST + 5):
        sparing.seconds = 1.0
        done += sparing.spare()
    assert done == AT_MOST


def test_only_full_collections_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    sparing = Sparing()
    for generation, taken in ((2, 0.25), (0, 5.0)):
        sparing.note("start", {"generation": generation})
        now[0] += taken
        sparing.note("stop", {"generation": generation})
    assert sparing.seconds == 0.25


def test_a_run_listens_to_the_collector_once() -> None:
    garbage.spare()
    garbage.spare()
    assert gc.callbacks.count(garbage._sparing.note) == 1
    gc.collect(2)
    assert garbage._sparing.seconds > 0
