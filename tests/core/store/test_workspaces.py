"""Workspaces: kept, found again, seen by whom they may be, saved without losing a step."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from core import limits
from core.data import EmbeddingSet
from core.errors import ConflictError, NotHereError, QuotaError, StoreError
from core.store import Store, open_store, workspaces
from core.store.records import Records
from core.store.tables import WORKSPACES

ROWS = np.arange(30_000, dtype=np.float32)


def test_a_workspace_is_found_again_after_a_restart(store: Store, tmp_path: Path) -> None:
    digest = store.put(ROWS)
    made = store.create("ann", " My\n data ", {"page": "map", "k": [1, None]}, {"data": digest})
    store.close()
    again = open_store(str(tmp_path / "store"))
    found = again.read(made.token, "ann")
    assert found == made
    assert found.title == "My data"
    assert found.state == {"page": "map", "k": [1, None]}
    assert np.array_equal(again.get(found.holdings["data"]), ROWS)
    assert found.expires - found.opened == timedelta(days=365)
    again.close()


def test_tokens_are_128_random_bits_in_an_address(store: Store) -> None:
    tokens = {store.create("ann", "x", {}, {}).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 22 for token in tokens)  # 16 bytes: 22 digits of 6 bits
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_who_may_see_and_who_may_change(store: Store) -> None:
    made = store.create("ann", "Mine", {}, {})
    with pytest.raises(
        NotHereError, match="no such workspace here, or it is not shared"
    ) as private:
        store.read(made.token, "bob")
    with pytest.raises(NotHereError) as missing:
        store.read("nothing", "bob")
    assert str(private.value) == str(missing.value)  # nobody learns that it is there
    for change in (
        lambda: store.rename(made.token, "bob", "His"),
        lambda: store.share(made.token, "bob", "everyone"),
        lambda: store.delete(made.token, "bob"),
        lambda: store.duplicate(made.token, "bob"),
        lambda: store.save(made, "bob"),
    ):
        with pytest.raises(NotHereError, match="not shared with you"):
            change()
    store.share(made.token, "ann", "link")
    assert store.read(made.token, "bob").title == "Mine"
    assert store.list_public() == []
    for change in (
        lambda: store.rename(made.token, "bob", "His"),
        lambda: store.share(made.token, "bob", "everyone"),
        lambda: store.delete(made.token, "bob"),
        lambda: store.save(store.read(made.token, "bob"), "bob"),
    ):
        with pytest.raises(StoreError, match="'Mine' belongs to somebody else"):
            change()
    store.share(made.token, "ann", "everyone")
    assert [each.token for each in store.list_public()] == [made.token]
    store.share(made.token, "ann", "private")
    assert store.list_public() == []


def test_what_holds_a_content_by_a_key_is_found(store: Store) -> None:
    held = {"key": store.put([1, 2])}
    made = [store.create(owner, "Birds", {}, held) for owner in ("ann", "bob")]
    store.create("ann", "Other", {}, {"another key": held["key"]})
    assert {each.token for each in store.holders("key")} == {each.token for each in made}
    assert all(dict(each.holdings) == held for each in store.holders("key"))
    assert store.holders("none") == []


def test_a_copy_is_private_and_its_own(store: Store) -> None:
    digest = store.put(ROWS)
    made = store.create("ann", "Mine", {"a": 1}, {"data": digest}, "link")
    copy = store.duplicate(made.token, "bob", "His")
    assert (copy.owner, copy.title, copy.visibility) == ("bob", "His", "private")
    assert (copy.state, copy.holdings) == (made.state, made.holdings)
    assert copy.token != made.token
    store.delete(made.token, "ann")
    assert np.array_equal(store.get(copy.holdings["data"]), ROWS)


def test_two_windows_lose_no_step(store: Store) -> None:
    made = store.create("ann", "Mine", {"a": 1}, {})
    first = store.save(dataclasses.replace(made, state={"a": 2}), "ann")
    assert first.changed > made.changed
    with pytest.raises(ConflictError, match="'Mine' was changed in another window"):
        store.save(dataclasses.replace(made, state={"a": 3}), "ann")
    assert store.read(made.token, "ann").state == {"a": 2}
    renamed = store.rename(made.token, "ann", "Ours")
    with pytest.raises(ConflictError, match="'Ours' was changed"):
        store.save(dataclasses.replace(first, state={"a": 4}), "ann")
    second = store.save(dataclasses.replace(renamed, state={"a": 4}), "ann")
    assert (second.title, second.state) == ("Ours", {"a": 4})


def test_changes_are_told_apart_where_the_clock_stands_still(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "microseconds", lambda: 1_700_000_000_000_000)
    made = store.create("ann", "Mine", {}, {})
    first = store.save(made, "ann")
    second = store.save(first, "ann")
    assert made.changed < first.changed < second.changed
    with pytest.raises(ConflictError):
        store.save(first, "ann")


def test_a_workspace_cannot_hold_what_is_not_there(store: Store) -> None:
    made = store.create("ann", "Mine", {"a": 1}, {})
    with pytest.raises(NotHereError, match="is not in the store: put it there first"):
        store.save(dataclasses.replace(made, state={"a": 2}, holdings={"data": "0" * 64}), "ann")
    with pytest.raises(StoreError, match="is no digest"):
        store.create("ann", "Other", {}, {"data": "../../etc/passwd"})
    assert store.read(made.token, "ann") == made
    assert store.list_of("ann") == [made]


@pytest.mark.parametrize(
    ("title", "state", "visibility", "words"),
    [
        ("", {}, "private", "1 to 200 characters; got 0"),
        ("x" * 201, {}, "private", "got 201"),
        ("x", {"a": object()}, "private", "must be JSON"),
        ("x", {"a": float("nan")}, "private", "must be JSON"),
        ("x", {"a": "y" * 4_000_000}, "private", "4,000,008 characters as JSON"),
        ("x", {}, "friends", "must be one of private, link, everyone; got 'friends'"),
    ],
)
def test_what_is_no_workspace_is_refused(
    store: Store, title: str, state: dict, visibility: str, words: str
) -> None:
    with pytest.raises(StoreError, match=words):
        store.create("ann", title, state, {}, visibility)  # type: ignore[arg-type]
    assert store.list_of("ann") == []


def test_the_quota_counts_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.OWNER_MB.variable, "1")
    store = open_store(str(tmp_path))
    large = store.put(np.zeros(200_000, np.float32))  # 0.8 MB
    first = store.create("ann", "First", {}, {"data": large})
    assert 800_000 < first.bytes < 801_000
    assert store.duplicate(first.token, "ann").bytes == first.bytes
    assert store.bytes_of("ann") == first.bytes + len("{}")
    other = store.put(np.ones(100_000, np.float32))  # 0.4 MB
    with pytest.raises(QuotaError, match=r"take 1\.2 MB, and one person may keep 1 MB"):
        store.create("ann", "Second", {}, {"data": other})
    with pytest.raises(QuotaError):
        store.save(dataclasses.replace(first, holdings={"a": large, "b": other}), "ann")
    assert store.read(first.token, "ann").holdings == {"data": large}
    assert store.create("bob", "His", {}, {"data": other}).bytes > 400_000
    smaller = store.save(dataclasses.replace(first, holdings={}), "ann")  # less is never refused
    assert smaller.bytes == len("{}")
    store.close()


def test_what_nobody_opens_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data, shared = (EmbeddingSet.from_arrays([[x, 1.0], [1.0, x]], name="two") for x in (2, 3))
    digest = store.put(data)
    old = store.create("ann", "Old", {}, {"data": digest, "other": store.put(shared)}, "link")
    used = store.create("ann", "Used", {}, {"data": store.put(shared)})
    for name, each in {"old": data, "used": shared}.items():
        store.keep_result(f"of {name}", ROWS, "ann", each.bare.fingerprint)
    now = workspaces.microseconds()
    half = now + 200 * workspaces.DAY
    monkeypatch.setattr(workspaces, "microseconds", lambda: half)
    opened = store.read(used.token, "ann")
    assert opened.opened == workspaces.moment(half)
    assert opened.expires == workspaces.moment(half + 365 * workspaces.DAY)
    late = now + 366 * workspaces.DAY
    monkeypatch.setattr(workspaces, "microseconds", lambda: late)
    monkeypatch.setattr("core.store.store.microseconds", lambda: late)
    swept = store.sweep()
    assert swept.workspaces == 1
    assert swept.data == {data.fingerprint, data.bare.fingerprint}
    assert [each.title for each in store.list_of("ann")] == ["Used"]
    assert not store.holds(digest)
    assert store.result("of old") is None
    assert store.result("of used") is not None
    with pytest.raises(NotHereError, match="nobody opened it for too long"):
        store.read(old.token, "ann")


def test_that_it_was_opened_is_not_written_at_each_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.create("ann", "Mine", {}, {})
    later = workspaces.of_moment(made.opened) + workspaces.NOTED_AGAIN - 1
    monkeypatch.setattr(workspaces, "microseconds", lambda: later)
    assert store.read(made.token, "ann").opened == made.opened
    monkeypatch.setattr(workspaces, "microseconds", lambda: later + 1)
    found = store.read(made.token, "ann")
    assert found.opened == workspaces.moment(later + 1)
    assert found.changed == made.changed  # to look is no change


def test_a_list_begins_with_what_was_opened_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = workspaces.microseconds()
    tokens = []
    for place, title in enumerate(["a", "b", "c"]):
        monkeypatch.setattr(workspaces, "microseconds", lambda place=place: now + place)
        tokens.append(store.create("ann", title, {}, {"k": store.put(place)}).token)
    monkeypatch.setattr(workspaces, "microseconds", lambda: now + 9)
    store.rename(tokens[0], "ann", "a again")
    listed = store.list_of("ann")
    assert [each.title for each in listed] == ["a again", "c", "b"]
    assert [store.get(each.holdings["k"]) for each in listed] == [0, 2, 1]
    assert store.list_of("bob") == []


def test_a_damaged_state_is_named_and_can_be_deleted(store: Store, tmp_path: Path) -> None:
    broken = store.create("ann", "Broken", {"a": 1}, {})
    sound = store.create("ann", "Sound", {"a": 1}, {})
    records = Records(tmp_path / "store" / "records.db")
    with records.change() as connection:
        this = WORKSPACES.c.token == broken.token
        connection.execute(WORKSPACES.update().where(this), {"state": '{"a": '})
    records.close()
    assert {each.title for each in store.list_of("ann")} == {"Broken", "Sound"}
    with pytest.raises(StoreError, match="The state of the workspace 'Broken' is damaged"):
        store.read(broken.token, "ann")
    assert store.read(sound.token, "ann").state == {"a": 1}
    store.delete(broken.token, "ann")
    assert store.list_of("ann") == [sound]
