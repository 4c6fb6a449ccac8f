"""Row ids that come with a workspace are held against its data, and said where they do not fit."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.errors import StoreError
from core.index import HnswParams, build_hnsw
from core.projection import Projection, UmapSettings
from core.studies.selection.steps import KeepRows
from pages.map import kept_maps, selection
from pages.map.kept_maps import KeptMap, Name
from pages.neighbors import trail
from pages.ui.jobs.key import fingerprint
from pages.ui.session import contents, fitting, selections, versions, workspace
from pages.ui.session.links import Choice
from pages.ui.session.selections import Kept
from pages.ui.session.versions import History, Version
from pages.ui.session.workspace import Workspace

DATA = EmbeddingSet.from_arrays(np.eye(6), name="six")
REST = "The file that it came in was changed, or belongs to other data."


class Session:
    """The slots of one session."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.held: dict[str, Any] = {}
        self.told = list[str]()
        for each in (selections._KEPT, selection._SELECTION, trail._TRAIL, kept_maps._SEEN):
            self.held[each.name] = each._make()
            patch.setattr(each, "get", partial(self.held.__getitem__, each.name))
            patch.setattr(each, "set", partial(self.held.__setitem__, each.name))
        patch.setattr(fitting, "tell_lost", self.told.append)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(monkeypatch)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([0, 6], "it must hold row ids below n = 6; got values from 0 to 6."),
        ([-1], "it must hold row ids below n = 6; got values from -1 to -1."),
        ([0.5], "it must hold row ids, integers; got shape (1,) of float64."),
        (["a"], "it must hold row ids, integers; got shape (1,) of <U1."),
        ([[1], [2]], "it must be one list of row ids; got 2 dimensions."),
        ([[1], [2, 3]], "it must"),
    ],
)
def test_what_names_no_rows_of_the_data_is_said(session: Session, rows: Any, why: str) -> None:
    assert fitting.rows_of(DATA, rows, "The selection 'red'") is None
    (told,) = session.told
    assert told.startswith(f"The selection 'red' was left out, for it does not fit six: {why}")
    assert told.endswith(REST)


def test_rows_of_the_data_are_given(session: Session) -> None:
    found = fitting.rows_of(DATA, np.array([5, 0], np.int32), "It")
    assert found is not None
    assert (found.tolist(), found.dtype, session.told) == ([5, 0], np.int64, [])


def test_selections_trail_and_maps_that_do_not_fit_are_left_out_once(session: Session) -> None:
    vectors = DATA.bare.fingerprint
    far, near = Kept("far", np.array([2, 9]), vectors), Kept("near", np.array([2]), vectors)
    other = Kept("other", np.array([99]), "of other data")
    session.held["kept_selections"] = (far, near, other)
    assert [selections.kept(DATA) for _ in range(2)] == [(near,)] * 2
    assert session.held["kept_selections"] == (near, other)
    named = fingerprint(DATA.bare)
    session.held["map_selection"] = selection._Selection(named, np.array([6]))
    assert [selection.rows(DATA).tolist() for _ in range(2)] == [[], []]
    session.held["trails"] = {DATA.fingerprint: [1, 7], "other": [99]}
    assert [trail._of(DATA) for _ in range(2)] == [[], []]
    assert session.held["trails"] == {DATA.fingerprint: [], "other": [99]}
    name = Name(named, 2, UmapSettings())
    whole, short = (
        KeptMap(name, Projection(np.ones((n, 2), np.float32), "umap", None, 0), None, n)
        for n in (6, 5)
    )
    flat = KeptMap(name, Projection(np.ones((6, 3), np.float32), "umap", None, 0), None, 0)
    session.held["seen_maps"] = (short, flat, whole)
    assert kept_maps.of_session(DATA, 2, everybodys=False) == [whole]
    assert kept_maps.find(DATA, name) is whole
    assert [told.split(" was left out")[0] for told in session.told] == [
        "The selection 'far'",
        "What was selected on the map",
        "The trail of items",
        "A kept map",
        "A kept map",
    ]


def test_an_index_and_queries_of_other_data_are_refused() -> None:
    work = Workspace("key", DATA, HnswParams())
    graph = build_hnsw(np.eye(5, 6, dtype=np.float32), HnswParams())
    queries = EmbeddingSet.from_arrays(np.eye(3), name="three")
    parts = workspace.to_parts(work)
    assert workspace.from_parts(parts).embeddings is DATA
    with pytest.raises(StoreError, match="An index of 5 rows of 6 dimensions was kept with data"):
        workspace.from_parts({**parts, "opened": graph})
    with pytest.raises(StoreError, match="Queries of 3 dimensions were kept with data of 6"):
        workspace.from_parts({**parts, "queries": queries})


def test_a_version_of_rows_that_are_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    step = KeepRows("far", np.array([2, 9]))
    version = Version(Choice("gone", HnswParams()), "six, far", 2, 6, (step,))
    monkeypatch.setattr(versions._HISTORY, "get", lambda: History(DATA, (version,)))
    monkeypatch.setattr(contents, "data", lambda _key: None)
    monkeypatch.setattr(versions, "tell_lost", told.append)
    versions.go_to(0)
    assert [each.split(":")[0] for each in told] == [
        "The version 'six, far' could not be made again"
    ]
