"""Kept selections: names, what is replaced, and of which data they are."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from pages.thresholds import groups
from pages.ui.session import selections
from pages.ui.session.selections import Kept

DATA = EmbeddingSet.from_arrays(
    np.eye(6), metadata=pd.DataFrame({"in cats or not": list("aabbcc")}), name="six"
)
OTHER = EmbeddingSet.from_arrays(np.eye(6) + 1, name="other")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own for each test."""
    held: list[tuple[Kept, ...]] = [()]
    monkeypatch.setattr(selections._KEPT, "get", lambda: held[0])
    monkeypatch.setattr(selections._KEPT, "set", lambda value: held.__setitem__(0, value))


def test_selections_are_kept_by_name_for_their_vectors() -> None:
    selections.keep(DATA, " cats ", np.array([3, 1, 3]))
    selections.keep(OTHER, "cats", np.array([0]))
    assert [(each.name, each.rows.tolist()) for each in selections.kept(DATA)] == [("cats", [1, 3])]
    selections.keep(DATA, "cats", np.array([5]))
    found = selections.named(DATA, "cats")
    assert found is not None
    assert found.rows.tolist() == [5]
    assert not found.rows.flags.writeable
    assert len(selections.kept(OTHER)) == 1
    assert len(selections.kept(DATA.with_metadata(pd.DataFrame({"x": range(6)})))) == 1


def test_renamed_and_deleted() -> None:
    selections.keep(DATA, "a", np.array([0]))
    selections.keep(DATA, "b", np.array([1]))
    assert selections.rename(DATA, "a", "c")
    assert not selections.rename(DATA, "c", "b")  # taken
    assert not selections.rename(DATA, "c", "  ")
    assert not selections.rename(DATA, "gone", "d")
    assert [each.name for each in selections.kept(DATA)] == ["c", "b"]
    selections.delete(DATA, "c")
    assert [each.name for each in selections.kept(DATA)] == ["b"]


def test_the_oldest_leave_first() -> None:
    for number in range(25):
        selections.keep(DATA, f"s{number}", np.array([0]))
    assert [each.name for each in selections.kept(DATA)] == [f"s{i}" for i in range(5, 25)]


def test_a_selection_makes_two_groups_under_a_name_of_its_own() -> None:
    selections.keep(DATA, "cats", np.array([1, 4]))
    offered = groups.selected_groups(DATA)
    assert list(offered) == ["in cats or not (selection)"]  # a column has the plain name
    codes, names = groups.in_or_out(6, offered["in cats or not (selection)"])
    assert codes.tolist() == [1, 0, 1, 1, 0, 1]
    assert names == ["cats", "not in cats"]
