"""Workspaces: kept over a restart, opened by who may see them, read-only for guests, deleted."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.store import Store, Workspace
from pages.ui.display import workspace_words
from pages.ui.display.text import plain
from pages.ui.jobs.kept import ledger
from pages.ui.session import owners, records, saved, selections, stores
from pages.ui.session.saver import Saver
from pages.ui.session.selections import Kept
from pages.ui.session.visitor import Visitor
from pages.ui.sidebar import workspaces
from tests.pages.conftest import bring_file, new_app
from tests.pages.test_app import card, complaints

ROWS = b"x0,x1,label\n" + b"".join(b"%d,%d,%d\n" % (i % 7, i % 5, i % 2) for i in range(40))


def asks() -> Visitor:
    """Who asks in a session: its person."""
    name = st.session_state.get("who", "ann")
    return Visitor(name, name, is_local=False, is_admin=False)


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Store:
    """A store in a folder, on a server whose visitors have names."""
    monkeypatch.setenv("NEARFIELD_STORE", str(folder))
    monkeypatch.setenv("NEARFIELD_JOBS", "inline")
    monkeypatch.setattr(owners, "visitor", asks)
    found = stores.store()
    assert found is not None
    return found


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    return opened(monkeypatch, tmp_path / "store")


def restart() -> None:
    """All that the server holds in memory is gone."""
    st.cache_resource.clear()


def visit(who: str, page: str = "data", **query: str) -> AppTest:
    """A new session of a person, at an address."""
    app = new_app()
    app.session_state["who"] = who
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}/page.py").run()
    return app


def asked(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else str(value)


def kept(app: AppTest) -> tuple[Kept, ...]:
    """The kept selections, also where no page has asked for them yet."""
    if "_slot_kept_selections" not in app.session_state:
        give = app.session_state["_slots_waiting"]["kept_selections"]
        assert selections._KEPT.kept is not None
        return selections._KEPT.kept.from_parts(give())
    value: tuple[Kept, ...] = app.session_state["_slot_kept_selections"]
    return value


def select(app: AppTest, name: str, *rows: int) -> None:
    """Keep a selection, as the page Map does."""
    vectors = "of some vectors"
    app.session_state["_slot_kept_selections"] = (Kept(name, np.array(rows), vectors),)
    app.run()


def side(app: AppTest) -> str:
    shown = "\n".join(each.value for each in [*app.sidebar.markdown, *app.sidebar.caption])
    return shown.replace("\\", "")


def press(app: AppTest, key: str) -> AppTest:
    return next(each for each in app.button if each.key == key).click().run()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a store, and the token of what ann has uploaded, selected and set in it."""
    folder = tmp_path_factory.mktemp("made") / "store"
    with pytest.MonkeyPatch.context() as patch:
        store = opened(patch, folder)
        app = visit("ann", "neighbors")
        assert "workspace" not in app.query_params
        assert store.list_of("ann") == []  # nothing that its address does not tell
        app.switch_page("pages/data/page.py").run()
        bring_file(app, "secret.csv", ROWS)
        assert complaints(app) == []
        assert "Only you can open it" in side(app)
        select(app, "corner", 3, 4)
        app.switch_page("pages/neighbors/page.py").run()
        next(each for each in app.slider if each.key == "k").set_value(3).run()
        (found,) = store.list_of("ann")
        assert (found.title, found.visibility) == ("secret", "private")
        assert asked(app, "workspace") == found.token
        store.close()
    restart()
    return folder, found.token


@pytest.fixture
def anns(
    made: tuple[Path, str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Workspace]:
    """It, on a server that was started anew."""
    shutil.copytree(made[0], tmp_path / "store")
    store: Store = request.getfixturevalue("store")
    yield store.read(made[1], "ann")
    restart()


def test_a_card_that_says_saving_looks_again_until_all_is_written(
    anns: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("ann", workspace=anns.token)
    assert "Saved. Only you can open it" in side(app)
    with monkeypatch.context() as patch:
        patch.setattr(Saver, "is_writing", lambda *_: True)
        assert "Saving." in side(app.run())
    drawn_anew = list[str]()
    monkeypatch.setattr(st, "rerun", lambda: drawn_anew.append("all"))
    workspaces._until_written(anns)
    assert drawn_anew == ["all"]
    assert "Saving." not in side(app.run())


def test_its_owner_finds_it_as_it_was_after_a_restart(anns: Workspace) -> None:
    app = visit("ann", "neighbors", workspace=anns.token)
    assert complaints(app) == []
    assert "40 vectors of 2 dimensions" in card(app)
    assert next(each for each in app.slider if each.key == "k").value == 3
    assert [(each.name, each.rows.tolist()) for each in kept(app)] == [("corner", [3, 4])]
    assert "secret" in side(app)


def test_a_link_to_data_opens_after_a_restart_for_who_may_see_it(
    anns: Workspace, store: Store
) -> None:
    (key,) = (name for name in anns.holdings if not name.startswith("slot:"))
    assert "40 vectors" in card(visit("ann", data=key))
    strange = visit("bob", data=key)
    assert "40 vectors" not in card(strange)
    assert len(complaints(strange)) == 1
    assert "is not on this server, or not shared with you" in complaints(strange)[0]
    strange.run()
    assert len(complaints(strange)) == 1
    store.share(anns.token, "ann", "link")
    assert "40 vectors" in card(visit("bob", data=key))


def test_a_stranger_is_told_the_same_of_a_private_one_and_of_none(anns: Workspace) -> None:
    told = [complaints(visit("bob", workspace=token)) for token in (anns.token, "x" * 22, "../a")]
    assert told == [[plain(saved.REFUSED)]] * 3
    app = visit("bob", workspace=anns.token)
    assert "4,985 vectors" in card(app)
    press(app, "_dismiss")
    assert complaints(app) == []
    assert "workspace" not in app.query_params


def test_a_guest_changes_nothing_until_a_copy_is_kept(anns: Workspace, store: Store) -> None:
    store.share(anns.token, "ann", "link")
    before = store.read(anns.token, "ann")
    app = visit("bob", workspace=anns.token)
    assert complaints(app) == []
    assert "40 vectors of 2 dimensions" in card(app)
    assert "Read-only" in side(app)
    select(app, "mine", 1)
    now = store.read(anns.token, "ann")
    assert (now.state, now.holdings) == (before.state, before.holdings)
    assert store.list_of("bob") == []
    press(app, "_workspace_copy")
    (copy,) = store.list_of("bob")
    assert asked(app, "workspace") == copy.token
    assert (copy.title, copy.visibility) == ("secret", "private")
    restart()
    again = visit("bob", workspace=copy.token)
    assert [each.name for each in kept(again)] == ["mine"]
    assert "40 vectors of 2 dimensions" in card(again)
    assert [each.name for each in kept(visit("ann", workspace=anns.token))] == ["corner"]


def of_data(vectors: str) -> list[Any]:
    """What is kept of results, figures and tables that were made of these vectors."""
    return [
        place for place, entry in ledger._entries.items() if vectors in entry.inputs.fingerprints
    ]


def test_the_dialog_shares_renames_and_deletes(anns: Workspace, store: Store) -> None:
    app = visit("ann", "neighbors", workspace=anns.token)
    press(app, "_workspaces")
    seen = next(each for each in app.segmented_control if each.label == "Who can open it")
    seen.set_value("everyone").run()
    assert store.read(anns.token, "bob").visibility == "everyone"
    (link,) = (each.value for each in app.code)
    assert f"workspace={anns.token}" in link
    assert "k=3" in link
    next(each for each in app.text_input if each.label == "Name").set_value("Birds").run()
    assert store.read(anns.token, "ann").title == "Birds"
    name = f"here_{anns.token}"
    press(app, f"_workspace_twice_{name}")
    assert sorted(each.title for each in store.list_of("ann")) == ["Birds", "Copy of Birds"]
    twin = next(each for each in store.list_of("ann") if each.title == "Copy of Birds")
    store.delete(twin.token, "ann")
    press(app, f"_workspace_out_{name}")
    assert store.read(anns.token, "ann").title == "Birds"  # it was asked once
    key = next(each for each in anns.holdings if not each.startswith("slot:"))
    vectors = store.get(anns.holdings[key]).bare.fingerprint
    assert of_data(vectors)
    press(app, f"_workspace_gone_{name}")
    assert of_data(vectors) == []
    assert store.list_of("ann") == []
    told = [each.value.replace("\\", "") for each in app.success]
    assert told == [f"Birds {workspace_words.DELETED}"]
    assert "40 vectors" not in card(app)
    assert not any(store.holds(digest) for digest in anns.holdings.values())
    select(app, "afterwards", 1)
    assert anns.token not in [each.token for each in store.list_of("ann")]
    assert "40 vectors" not in card(visit("ann", data=next(iter(anns.holdings))))


def test_an_exported_workspace_is_imported_by_another_person(anns: Workspace, store: Store) -> None:
    content = records.export(anns)
    app = visit("bob")
    press(app, "_workspaces")
    chooser = next(each for each in app.file_uploader if "zip" in each.label)
    chooser.set_value(("workspace.zip", content, "application/zip")).run()
    assert complaints(app) == []
    (made,) = store.list_of("bob")
    assert (made.title, made.visibility) == ("secret", "private")
    assert made.token != anns.token
    assert dict(made.holdings) == dict(anns.holdings)
    again = visit("bob", workspace=made.token)
    assert "40 vectors of 2 dimensions" in card(again)
    chooser = next(each for each in press(app, "_workspaces").file_uploader if "zip" in each.label)
    chooser.set_value(("workspace.zip", b"no zip", "application/zip")).run()
    assert len(app.error) == 1
    assert len(store.list_of("bob")) == 1


def test_without_a_login_the_address_of_the_owner_has_the_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        owners,
        "visitor",
        lambda: Visitor(st.session_state["who"], "", is_local=False, is_admin=False),
    )
    app = visit("visitor:one")
    bring_file(app, "mine.csv", ROWS)
    address = asked(app, "workspace")
    token, _, key = address.partition(".")
    assert len(key) == 22
    assert store.read(token, "nobody").visibility == "link"
    assert key not in store.read(token, "nobody").token
    restart()
    again = visit("visitor:two", workspace=address)
    assert "40 vectors of 2 dimensions" in card(again)
    select(again, "later", 2)
    assert "Read-only" not in side(again)
    guest = visit("visitor:three", workspace=token)
    assert [each.name for each in kept(guest)] == ["later"]
    assert "Read-only" in side(guest)
    false = visit("visitor:four", workspace=f"{token}.{'x' * 22}")
    assert "Read-only" in side(false)
    assert asked(false, "workspace") == token


def test_a_damaged_part_is_named_and_the_rest_opens(anns: Workspace, tmp_path: Path) -> None:
    (key,) = (name for name in anns.holdings if not name.startswith("slot:"))
    (path,) = (tmp_path / "store").rglob(f"{anns.holdings[key]}*")
    path.write_bytes(b"{")
    app = visit("ann", "neighbors", workspace=anns.token)
    told = [words.replace("\\", "") for words in complaints(app)]
    assert told[0].startswith("A file of this workspace could not be opened: ")
    assert anns.holdings[key] in told[0]
    assert "4,985 vectors" in card(app)
    assert [each.name for each in kept(app)] == ["corner"]
    press(app, "_dismiss")
    assert complaints(app) == []


def test_without_a_store_nothing_is_said_of_workspaces(app: AppTest) -> None:
    app.query_params["workspace"] = "x" * 22
    app.run()
    assert [words.replace("\\", "") for words in complaints(app)] == [saved.REFUSED]
    assert "Workspace" not in side(app)


@pytest.mark.usefixtures("store")
def test_equal_bytes_of_two_people_share_no_word() -> None:
    one, other = visit("ann"), visit("bob")
    bring_file(one, "secret.csv", ROWS)
    bring_file(other, "mine.csv", ROWS)
    one.run()
    assert "secret" in card(one)
    assert "mine" not in card(one)
    for page in ("data", "thresholds", "recall", "map"):
        other.switch_page(f"pages/{page}/page.py").run()
        shown = [each.value for each in [*other.markdown, *other.title, *other.caption]]
        assert not any("secret" in str(text) for text in shown), page
    assert asked(one, "data") != asked(other, "data")
