"""What is written of a workspace: changes in order, others' left alone, failures told."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.errors import StoreError
from core.store import Store, open_store
from pages.ui.session.saver import GONE, Change, Saver, holdings_after, state_after
from tests.patience import PATIENCE

VIEW = {"choice": {"data": "k1"}, "page": "map"}
DATA = EmbeddingSet.from_arrays(np.eye(3), name="three")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def token(store: Store) -> str:
    return store.create("ann", "Birds", {}, {}).token


def test_a_change_touches_the_slots_that_it_names() -> None:
    state = {"version": 1, "page": "data", "slots": {"a": 1, "b": 2, "c": 3, "d": 4}}
    change = Change(VIEW, (), plain={"a": 9}, parts={"b": [5]}, emptied=frozenset("c"))
    assert state_after(state, change) == {"version": 1, **VIEW, "slots": {"a": 9, "d": 4}}


def test_what_is_held_after_a_change() -> None:
    before = {"k0": "0", "k1": "1", "slot:a": "2", "slot:b": "3", "slot:c": "4"}
    change = Change(VIEW, ("k1", "k2"), plain={"a": 1}, parts={"b": [5]}, emptied=frozenset("c"))
    assert holdings_after(before, change, {"k2": "5", "slot:b": "6"}) == {
        "k1": "1",  # k0 is not used any more, a is in the state now, c is empty
        "k2": "5",
        "slot:b": "6",
    }


def test_of_two_changes_the_later_one_counts() -> None:
    first = Change(VIEW, ("k1",), {"a": 1, "b": 2}, {"c": 3}, frozenset("d"), {"k1": DATA})
    later = Change({"page": "data"}, ("k2",), {"c": 4, "d": 5}, {"b": 6}, frozenset("a"))
    both = first.then(later)
    assert (both.view, both.keys) == ({"page": "data"}, ("k2",))
    assert (both.plain, both.parts) == ({"c": 4, "d": 5}, {"b": 6})
    assert (both.emptied, set(both.contents)) == (frozenset("a"), {"k1"})


def test_a_change_is_in_the_store_with_its_contents(store: Store) -> None:
    saver, known = Saver(store), token(store)
    rows = np.arange(5)
    saver.submit(
        known, "ann", Change(VIEW, ("k1",), {"a": 1}, {"b": (rows, "x")}, contents={"k1": DATA})
    )
    assert saver.wait(PATIENCE)
    assert (saver.problem(known), saver.is_writing(known)) == ("", False)
    found = store.read(known, "ann")
    assert found.state == {**VIEW, "slots": {"a": 1}}
    held, words = store.get(found.holdings["slot:b"])
    assert (held.tolist(), words) == (rows.tolist(), "x")
    assert store.get(found.holdings["k1"]).fingerprint == DATA.fingerprint


def test_two_windows_do_not_undo_each_other(store: Store) -> None:
    known = token(store)
    windows = [Saver(store) for _ in range(3)]
    for number, saver in enumerate(windows):
        for turn in range(5):
            saver.submit(known, "ann", Change(VIEW, (), {f"s{number}": turn}))
    assert all(saver.wait(PATIENCE) for saver in windows)
    assert [saver.problem(known) for saver in windows] == [""] * 3
    assert store.read(known, "ann").state["slots"] == {"s0": 4, "s1": 4, "s2": 4}


def test_a_large_upload_does_not_hold_up_the_click_of_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small, put = token(store), token(store), store.put
    may_go_on, begun = threading.Event(), threading.Event()

    def slowly(value: Any) -> str:
        if value is DATA:
            begun.set()
            assert may_go_on.wait(PATIENCE)
        return put(value)

    monkeypatch.setattr(store, "put", slowly)
    saver = Saver(store)
    saver.submit(large, "ann", Change(VIEW, ("k1",), contents={"k1": DATA}))
    assert begun.wait(PATIENCE)
    saver.submit(large, "ann", Change(VIEW, ("k1",), {"a": 1}))  # waits for its turn
    saver.submit(small, "ann", Change(VIEW, (), {"a": 2}))
    while saver.is_writing(small):
        threading.Event().wait(0.01)
    assert store.read(small, "ann").state["slots"] == {"a": 2}
    assert saver.is_writing(large)
    may_go_on.set()
    assert saver.wait(PATIENCE)
    assert store.read(large, "ann").state["slots"] == {"a": 1}
    assert list(store.read(large, "ann").holdings) == ["k1"]


def test_what_could_not_be_written_is_told_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, saver = token(store), Saver(store, inline=True)
    with monkeypatch.context() as full:

        def refuse(*_: Any) -> None:
            raise StoreError("There is no room left in the store.")

        full.setattr(store, "save", refuse)
        saver.submit(known, "ann", Change(VIEW, (), {"a": 1}))
    assert saver.problem(known) == (
        "The last change was not saved. There is no room left in the store."
    )
    saver.submit(known, "ann", Change(VIEW, (), {"b": 2}))
    assert saver.problem(known) == ""
    assert store.read(known, "ann").state["slots"] == {"a": 1, "b": 2}


def test_a_deleted_workspace_does_not_come_back(store: Store) -> None:
    known, saver = token(store), Saver(store, inline=True)
    store.delete(known, "ann")
    saver.submit(known, "ann", Change(VIEW, (), {"a": 1}))
    assert saver.problem(known) == GONE
    assert store.list_of("ann") == []


def test_nobody_else_changes_it(store: Store) -> None:
    known, saver = token(store), Saver(store, inline=True)
    shared = store.share(known, "ann", "link")
    saver.submit(known, "bob", Change(VIEW, (), {"a": 1}))
    assert "belongs to somebody else" in saver.problem(known)
    assert store.read(known, "bob").state == replace(shared, state={}).state
