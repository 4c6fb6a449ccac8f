"""What the page says of an item's neighbors on the map, of threads by hand."""

import numpy as np
import pytest

from core.index import Neighbors
from core.projection import Projection
from core.studies.inspection.map_quality import Threads
from pages.map import threads


def found(near: int, torn: int, false: int) -> Threads:
    counts = np.cumsum([near, torn, false])
    ids = np.arange(counts[-1])
    return Threads(ids[:near], ids[near : counts[1]], ids[counts[1] :])


def on_map(places: np.ndarray) -> Projection:
    return Projection(places.astype(np.float32), "pca", None, 0)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            (10, 5, 7),
            "5 of its 15 true neighbors are torn apart on this map; 7 of the 15 nearest here are "
            "none of its 150 true nearest.",
        ),
        (
            (15, 0, 0),
            "None of its 15 true neighbors is torn apart on this map; all 15 nearest here are "
            "among its 150 true nearest.",
        ),
        (
            (14, 1, 1),
            "1 of its 15 true neighbors is torn apart on this map; 1 of the 15 nearest here is "
            "none of its 150 true nearest.",
        ),
    ],
)
def test_torn_and_false_neighbors_are_counted(counts: tuple[int, int, int], said: str) -> None:
    assert threads.words(found(*counts), 15, 150) == said


def test_nothing_is_said_while_the_neighbors_are_sought() -> None:
    assert threads.words(None, 15, 150) == ""
    shown = on_map(np.zeros((3, 2)))
    assert threads.threads(shown, 0, None, 2) is None


def test_the_first_are_drawn_and_the_whole_list_says_which_are_false() -> None:
    # On the map 1 and 2 are nearest to 0; the true list is 3, 9, 2: 1 alone is false.
    places = np.column_stack([np.arange(10.0), np.zeros(10)])
    true = Neighbors(np.array([[3, 9, 2, -1]]), np.array([[0.1, 0.2, 0.3, np.nan]]))
    shown = threads.threads(on_map(places), 0, true, 2)
    assert shown is not None
    assert (shown.near.tolist(), shown.torn.tolist()) == ([], [3, 9])
    assert shown.false.tolist() == [1]
    first = threads.nearest(true, 2)
    assert first is not None
    assert (first.ids.tolist(), first.distances.tolist()) == ([[3, 9]], [[0.1, 0.2]])
