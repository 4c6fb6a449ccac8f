"""The floor of a share and the least total error, by hand and against plain counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.metrics import least_error, similarity_floor


def test_the_floor_by_hand() -> None:
    scores = [0.9, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.0, 0.0, 0.0]
    # At or above .5 lie 2 of 10, at or above .4 three of 10.
    assert similarity_floor(scores, 0.2) == 0.5
    assert similarity_floor(scores, 0.29) == 0.5
    assert similarity_floor(scores, 0.3) == 0.4
    # At or above .1 lie 7; 6 of them are not enough for both rows of .1.
    assert similarity_floor(scores, 0.6) == 0.2
    assert similarity_floor(scores, 1.0) == 0.0
    assert np.isnan(similarity_floor(scores, 0.09))


def test_a_tie_at_the_top_puts_the_floor_above_it() -> None:
    floor = similarity_floor([0.9, 0.9, 0.1], 0.4)
    assert floor == np.nextafter(0.9, 1)


@given(
    st.lists(st.integers(0, 12).map(float), min_size=1, max_size=40),
    st.floats(0.01, 1.0),
)
def test_the_floor_is_the_least_score_that_lets_no_more_through(
    scores: list[float], share: float
) -> None:
    floor, values = similarity_floor(scores, share), np.array(scores)
    if share * len(scores) < 1 - 1e-9:
        assert np.isnan(floor)
        return
    allowed = [s for s in values if np.mean(values >= s) <= share * (1 + 1e-12)]
    assert floor == min(allowed, default=np.nextafter(values.max(), np.inf))


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ParameterError, match="share must be above 0 and at most 1"):
        similarity_floor([1.0], share)


def test_the_least_error_by_hand() -> None:
    # Unrelated .1 .2 .3 .6, best .25 .5 .7 .8. At .25: 2 of 4 pass, none lost: .5. At .5: 1 passes,
    # 1 lost: .5. At .7: none passes, 2 lost: .5. So the highest of them.
    found = least_error([0.1, 0.2, 0.3, 0.6], [0.25, 0.5, 0.7, 0.8])
    assert (found.score, found.unrelated, found.lost, found.total) == (0.7, 0.0, 0.5, 0.5)
    # Without .6: at .5 nothing passes and one is lost.
    found = least_error([0.1, 0.2, 0.3], [0.25, 0.5, 0.7, 0.8])
    assert (found.score, found.total) == (0.5, 0.25)


@given(
    st.lists(st.integers(0, 9).map(float), min_size=1, max_size=20),
    st.lists(st.integers(0, 9).map(float), min_size=1, max_size=20),
)
def test_no_threshold_has_less_error(unrelated: list[float], best: list[float]) -> None:
    low, high = np.array(unrelated), np.array(best)
    errors = [np.mean(low >= s) + np.mean(high < s) for s in np.arange(-1, 11)]
    found = least_error(unrelated, best)
    assert found.total == pytest.approx(min(errors))
    assert found.unrelated == np.mean(low >= found.score)
    assert found.lost == np.mean(high < found.score)
