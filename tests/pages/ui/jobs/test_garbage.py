"""What survives a slow collection is spared by the next ones, until all is looked at again."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest
import streamlit as st

from pages.ui.jobs import garbage
from pages.ui.jobs.garbage import AGAIN, GROWN, SLOW, THOROUGH, Sparing


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_a_slow_full_collection_is_followed_by_sparing_what_is_left() -> None:
    sparing = Sparing()
    assert not sparing.spare(10.0)
    sparing.seconds = SLOW / 2
    assert not sparing.spare(10.0)
    assert gc.get_freeze_count() == 0
    sparing.seconds = SLOW
    assert sparing.spare(10.0)
    assert gc.get_freeze_count() > 0
    assert not sparing.spare(10.0)  # not before another slow one


class _Circle:
    def __init__(self) -> None:
        self.itself = self


def test_what_was_spared_and_is_left_alone_goes_when_all_is_gone_through() -> None:
    sparing, circle = Sparing(), _Circle()
    left = weakref.ref(circle)
    sparing.seconds = 1.0
    assert sparing.spare(10.0)
    del circle
    gc.collect()
    assert not sparing.spare(9.9 + THOROUGH)
    assert left() is not None
    assert sparing.spare(10.0 + THOROUGH)  # however fast the last collection was
    assert left() is None
    assert gc.get_freeze_count() > 0
    assert not sparing.spare(10.1 + THOROUGH)


def test_only_full_collections_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(time, "thread_time", lambda: now[0])
    sparing = Sparing()
    for generation, taken in ((2, 0.25), (0, 5.0)):
        sparing.note("start", {"generation": generation})
        now[0] += taken
        sparing.note("stop", {"generation": generation})
    assert sparing.seconds == 0.25


def test_what_was_made_is_collected_once_and_nothing_where_nothing_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sparing, full = Sparing(), list[float]()
    monkeypatch.setattr(gc, "collect", lambda: full.append(sparing.young))
    sparing.tend(10.0)
    assert full == []
    for generation in (0, 1):
        sparing.note("start", {"generation": generation})
        sparing.note("stop", {"generation": generation})
    sparing.tend(11.0)
    assert full == [2]
    sparing.note("start", {"generation": 2})
    sparing.note("stop", {"generation": 2})
    sparing.tend(12.0)
    assert full == [2]


def test_the_garbage_of_a_process_is_tended_to_in_one_thread_and_not_by_streamlit() -> None:
    for _ in range(2):
        garbage.keep_short()
    assert gc.callbacks.count(garbage._sparing.note) == 1
    assert [each.name for each in threading.enumerate()].count("garbage") == 1
    gc.collect(2)
    assert garbage._sparing.seconds > 0
    assert not st.get_option("runner.postScriptGC")


class Circle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.own = self


def test_what_was_spared_is_gone_through_soon_where_the_process_has_grown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resident, given_back = [10**9], list[int]()
    monkeypatch.setattr(garbage, "give_back", lambda: given_back.append(resident[0]))
    monkeypatch.setattr(garbage._sparing, "_resident", lambda: 0)  # this process's own is quiet
    sparing = Sparing(lambda: resident[0])
    circle = Circle()
    gone = weakref.ref(circle)
    sparing.seconds = SLOW
    assert sparing.spare(10.0)
    del circle
    resident[0] += GROWN - 1
    sparing.tend(11.0)
    assert gone() is not None  # spared, and not looked at
    resident[0] += 1
    sparing.tend(12.0)
    assert gone() is None
    assert given_back == [10**9 + GROWN]
    resident[0] += 2 * GROWN
    sparing.tend(12.0 + AGAIN - 0.1)
    assert len(given_back) == 1
    sparing.tend(12.0 + AGAIN)
    assert len(given_back) == 2


def test_freed_memory_is_given_back() -> None:
    assert garbage.resident_bytes() > 10**7
    garbage.give_back()  # there is nothing to see but that it can be called
