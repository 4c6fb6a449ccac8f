"""The picture of two indexes' answers, from a result made by hand."""

from dataclasses import replace

import numpy as np

from core.figures import moved_answers
from core.figures.theme import ENTRY_POINT, MISSED
from tests.core.gate.test_diff_words import DIFF, SAME


def test_moved_answers_by_their_overlap_and_reason() -> None:
    figure = moved_answers(DIFF)
    gone, left = figure.data
    assert (gone.name, left.name) == ("item gone 1", "no longer reached 1")
    assert (gone.marker.color, left.marker.color) == (ENTRY_POINT, MISSED)
    for bars, query in ((gone, 0), (left, 2)):
        (place,) = np.flatnonzero(bars.y)
        low, high = bars.customdata[place]
        assert low <= DIFF.rank_overlap[query] <= high
        assert abs(bars.x[place] - (low + high) / 2) < 1e-9
    assert figure.layout.barmode == "stack"


def test_answers_that_did_not_move_are_not_drawn() -> None:
    assert moved_answers(SAME).data == ()
    whole = replace(DIFF, second=np.array([[2, 0], [0, 1], [1, 2]]))
    (bars,) = moved_answers(whole).data
    assert sum(bars.y) == 1
