"""Finished parts of one study are never taken for those of another."""

from pages.ui.needs_studies import done_parts


def test_each_key_has_parts_of_its_own_that_stay() -> None:
    one, other = ("study a", "data", 1), ("study a", "data", 2)
    done_parts(one)["cell"] = 5
    assert done_parts(one) == {"cell": 5}
    assert done_parts(other) == {}
