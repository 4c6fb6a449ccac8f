"""Slots that are kept: what has changed, what waits to be opened, what cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from core.data import EmbeddingSet
from core.data.filters import Range, Values
from core.errors import StoreError
from core.index import HnswParams
from core.store import open_store
from core.studies import KeepRows, WriteTag
from pages.map import filter
from pages.recall import compare
from pages.thresholds import floor_controls, judged
from pages.ui.session import slot, versions
from pages.ui.session.links import Choice
from pages.ui.session.slot import KEPT, SAVED, Kept, Slot, of_fields
from pages.ui.session.versions import History, Version
from pages.ui.session.workspace import Workspace, sample


@dataclass(frozen=True)
class Mark:
    name: str
    rows: tuple[int, ...]


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own, and no slots of this test afterwards."""
    monkeypatch.setattr(st, "session_state", {})
    before = dict(KEPT)
    yield
    KEPT.clear()
    KEPT.update(before)


def marks() -> Slot[tuple[Mark, ...]]:
    return Slot(
        "marks", tuple, kept=Kept("The marks could not be opened", False, **of_fields(Mark))
    )


def test_what_a_session_begins_with_need_not_be_saved() -> None:
    held, changing = marks(), Slot[dict[str, int]]("numbers", dict, kept=Kept("Lost"))
    assert (held.unsaved(), changing.unsaved()) == (SAVED, SAVED)  # nobody asked
    assert (held.get(), changing.get()) == ((), {})
    assert (held.unsaved(), changing.unsaved()) == (SAVED, SAVED)


def test_a_value_is_told_once_after_each_change() -> None:
    held = marks()
    held.set((Mark("a", (1, 2)),))
    assert held.unsaved() == (("Mark", {"name": "a", "rows": (1, 2)}),)
    held.note_saved()
    assert held.unsaved() is SAVED
    held.set((*held.get(), Mark("b", ())))
    assert [parts["name"] for _, parts in held.unsaved()] == ["a", "b"]


def test_a_change_in_place_is_seen() -> None:
    numbers = Slot[dict[str, int]]("numbers", dict, kept=Kept("Lost"))
    numbers.get()["a"] = 1
    assert numbers.unsaved() == {"a": 1}
    numbers.note_saved()
    numbers.get()["a"] = 2
    assert numbers.unsaved() == {"a": 2}


def test_a_saved_value_is_opened_when_it_is_asked_for_and_not_before() -> None:
    held, opened = marks(), list[str]()

    def give() -> Any:
        opened.append("once")
        return (("Mark", {"name": "a", "rows": (7,)}),)

    slot.wait("marks", give)
    assert (held.unsaved(), opened) == (SAVED, [])
    assert [held.get(), held.get()] == [(Mark("a", (7,)),)] * 2
    assert (held.unsaved(), opened) == (SAVED, ["once"])


def test_a_slot_whose_module_comes_later_finds_its_value() -> None:
    slot.wait("marks", lambda: (("Mark", {"name": "a", "rows": ()}),))
    assert slot.waiting_unknown() == {"marks": (("Mark", {"name": "a", "rows": ()}),)}
    assert marks().get() == (Mark("a", ()),)


def test_setting_it_before_wins_over_what_was_saved() -> None:
    held = marks()
    slot.wait("marks", lambda: (("Mark", {"name": "old", "rows": ()}),))
    held.set((Mark("new", ()),))
    assert held.get() == (Mark("new", ()),)
    assert held.unsaved() != SAVED


def damaged() -> Any:
    raise StoreError("The file abc of the store is damaged.")


@pytest.mark.parametrize(
    ("give", "why"),
    [
        (damaged, "The file abc of the store is damaged."),
        (lambda: (("Gone", {}),), "saved by another release, which this one cannot read."),
        (lambda: (("Mark", {"title": "a"}),), "saved by another release, which this one cannot"),
        (lambda: 5, "saved by another release, which this one cannot read."),
    ],
)
def test_what_cannot_be_opened_is_named_and_the_slot_begins_anew(
    give: Callable[[], Any], why: str
) -> None:
    held = marks()
    slot.wait("marks", give)
    assert held.get() == ()
    (told,) = slot.lost()
    assert told.startswith(f"The marks could not be opened: {why}")
    slot.forget_lost()
    assert slot.lost() == ()


def test_all_parts_are_told_for_a_copy() -> None:
    held = marks()
    assert held.parts() is SAVED
    slot.wait("marks", lambda: (("Mark", {"name": "a", "rows": ()}),))
    assert held.parts() == (("Mark", {"name": "a", "rows": ()}),)
    held.note_saved()
    assert held.parts() == (("Mark", {"name": "a", "rows": ()}),)
    held.reset()
    assert held.parts() is SAVED


def test_the_slots_of_the_pages_come_back_from_the_store(tmp_path: Path) -> None:
    from core.figures.recall import Line
    from core.projection import Projection, UmapSettings
    from pages.map import kept_maps, selection
    from pages.map.areas import Area
    from pages.map.kept_maps import KeptMap, Name
    from pages.recall import curve
    from pages.ui.controls import widgets

    store, values = open_store(str(tmp_path)), np.arange(3.0)
    line = Line("a", np.arange(3), values, {"ef": values})
    area = Area("pca", "add", ((0.0, 1.0), (2.0, 3.0), (4.0, 5.0)))
    places = Projection(np.ones((2, 2), np.float32), "umap", None, 0)
    seen = KeptMap(Name("v", 2, UmapSettings()), places, UmapSettings(neighbors=7), 5.0)
    cases: list[tuple[Slot[Any], Any]] = [
        (curve._KEPT, (curve.Kept("k", line),)),
        (selection._SELECTION, selection._Selection("v", np.array([1, 2]), (area,), "n", "f")),
        (kept_maps._SEEN, (seen,)),
        (widgets._MOVED, {"k": 3, "of": [1, 2], "no plain value": object()}),
    ]
    back = []
    for each, value in cases:
        assert each.kept is not None
        parts = store.get(store.put(each.kept.to_parts(value)))
        back.append(each.kept.from_parts(parts))
    (kept_curve,), chosen, maps, moved = back
    assert (kept_curve.key, kept_curve.line.name) == ("k", "a")
    np.testing.assert_array_equal(kept_curve.line.costs["ef"], values)
    assert (chosen.rows.tolist(), chosen.areas, chosen.name) == ([1, 2], (area,), "n")
    (map_back,) = maps
    assert (map_back.name, map_back.before, map_back.made) == (seen.name, seen.before, 5.0)
    np.testing.assert_array_equal(map_back.projection.coordinates, places.coordinates)
    assert moved == {"k": 3, "of": [1, 2]}


def test_data_and_what_was_done_to_them_come_back_from_the_store(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    items = EmbeddingSet.from_arrays(
        np.random.default_rng(0).normal(size=(6, 3)),
        metadata=pd.DataFrame({"word": list("abcdef")}),
        name="six",
    )
    choice = Choice("key", HnswParams(m=5))
    steps = (KeepRows("few", np.array([0, 2])), WriteTag("tag", "good", np.array([1])))
    history = History(items, (Version(choice, "six, few", 2, 3, steps),))
    frame = pd.DataFrame({"id1": [0, 1], "id2": [1, 2], "same": [True, False]})
    table = judged.Table(frame, "pairs.csv", "v", "f")
    kept = (
        Workspace("key", items, HnswParams(m=5), None, items),
        Workspace("digits", sample("digits"), HnswParams()),
    )
    filters = ("v", (Range("a", 0.5), Values("b", ("x", "y"), others=True)))

    def again(each: Slot[Any], value: Any) -> Any:
        assert each.kept is not None
        parts = store.get(store.put(each.kept.to_parts(value)))
        return each.kept.from_parts(parts)

    back = again(versions._HISTORY, history)
    assert back.first.identity == items.identity
    (version,) = back.versions
    assert (version.choice, version.name, version.n) == (choice, "six, few", 2)
    assert [type(each).__name__ for each in version.steps] == ["KeepRows", "WriteTag"]
    assert version.steps[0].rows.tolist() == [0, 2]
    pd.testing.assert_frame_equal(again(judged._TABLE, table).frame, frame)
    one, other = again(compare._KEPT, kept)
    assert (one.embeddings.identity, one.params, one.queries.name) == (
        items.identity,
        HnswParams(m=5),
        "six",
    )
    assert other.embeddings is sample("digits")  # not kept a second time
    assert again(filter._HELD, filters) == filters
    assert again(floor_controls._OFF_TOPIC, items).name == "six"
