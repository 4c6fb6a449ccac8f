"""Which classes stand out in a selection, worked by hand."""

import numpy as np
import pandas as pd
import pytest

from core.data import ClassShare, EmbeddingSet, commoner_classes
from core.errors import ParameterError


def labeled(labels: list[str | None]) -> EmbeddingSet:
    frame = pd.DataFrame({"label": labels})
    return EmbeddingSet.from_arrays(np.eye(len(labels)), metadata=frame, name="some")


def test_shares_are_of_labeled_rows() -> None:
    # Of 4 labeled rows selected 3 are a; of all 20 labeled rows 5 are. Two have no label.
    items = labeled(["a"] * 5 + ["b"] * 15 + [None, None])
    assert commoner_classes(items, np.array([0, 1, 2, 10, 20])) == [ClassShare("a", 0.75, 0.25)]


def test_the_largest_difference_comes_first_and_ties_by_code() -> None:
    # Of 10: a 1, b 2, c 3, d 4. Selected: a, b, b, c: shares 1/4, 1/2, 1/4, 0.
    # Differences: a 0.15, b 0.3, c below.
    items = labeled([*"abbcccdddd"])
    found = commoner_classes(items, [0, 1, 2, 3])
    assert [(each.name, each.share) for each in found] == [("b", 0.5), ("a", 0.25)]
    assert [each.name for each in commoner_classes(items, [0, 1, 2, 3], most=1)] == ["b"]
    # Of four classes of one row each, two selected: both go from 1/4 to 1/2.
    assert [each.name for each in commoner_classes(labeled([*"dcba"]), [0, 2])] == ["b", "d"]


def test_a_selection_like_the_whole_has_nothing() -> None:
    items = labeled([*"abab"])
    assert commoner_classes(items, [0, 1]) == []
    assert commoner_classes(items, np.empty(0, np.int64)) == []
    assert commoner_classes(labeled(["a", None]), [1]) == []
    assert commoner_classes(EmbeddingSet.from_arrays(np.eye(3), name="bare"), [0]) == []


def test_an_id_that_is_no_row_is_refused() -> None:
    with pytest.raises(ParameterError, match="below n = 4"):
        commoner_classes(labeled([*"abab"]), [4])
