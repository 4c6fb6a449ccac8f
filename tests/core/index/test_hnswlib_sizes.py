"""The walk over hnswlib's upper links, window by window, against the same walk in Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index import hnswlib_file
from core.index.hnswlib_file import size_places


def naive_places(tail: list[int], count: int) -> list[int]:
    places: list[int] = []
    at = 0
    while len(places) < count and at < len(tail):
        places.append(at)
        at += 1 + tail[at] // 4
    return places


@pytest.fixture(params=[1, 3, 16, 16_384])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hnswlib_file, "WORDS_AT_ONCE", request.param)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("largest", [0, 4, 40, 400])
def test_places_are_those_of_the_naive_walk(largest: int) -> None:
    random = np.random.default_rng(largest)
    for words in (0, 1, 2, 17, 300):
        tail = random.integers(0, largest + 1, words).astype(np.uint32)
        for count in (0, 1, 5, words, words + 3):
            assert size_places(tail, count).tolist() == naive_places(tail.tolist(), count)


@given(
    st.lists(st.sampled_from([0, 1, 3, 4, 8, 200, 2**31, 2**32 - 4, 2**32 - 1]), max_size=60),
    st.integers(0, 70),
)
def test_sizes_that_lead_anywhere_end_the_walk(tail: list[int], count: int) -> None:
    words = np.array(tail, dtype=np.uint32)
    assert size_places(words, count).tolist() == naive_places(tail, count)


def test_a_long_record_is_jumped_over_whole_windows() -> None:
    tail = np.zeros(100_000, dtype=np.uint32)
    tail[1] = 4 * 90_000  # the third size stands behind 90,000 words, in the sixth window
    assert size_places(tail, 4).tolist() == [0, 1, 90_002, 90_003]
