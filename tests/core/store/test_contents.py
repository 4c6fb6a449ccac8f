"""Contents on disk: damage is named, deletion is at once, results make room for one another."""

import errno
import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import limits
from core.data import EmbeddingSet
from core.errors import FullError, NotHereError, StoreError
from core.store import Store, open_store, results
from core.store import store as facade
from core.store.folder import INCOMING, OBJECTS
from core.store.workspaces import SECOND, microseconds

ROWS = np.arange(30_000, dtype=np.float32)


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "store" / OBJECTS).glob("??/*"))


def a_set(seed: int = 0, name: str = "set") -> EmbeddingSet:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"label": ["a", "b"] * 500, "text": [f"row {i}" for i in range(1000)]})
    return EmbeddingSet.from_arrays(rng.normal(size=(1000, 100)), metadata=frame, name=name)


def test_equal_values_are_one_content(store: Store, tmp_path: Path) -> None:
    assert store.put(a_set()) == store.put(a_set())
    before = files(tmp_path)
    store.put(a_set(name="other"))  # the same vectors and metadata: a manifest more
    assert len(files(tmp_path)) == len(before) + 1
    assert store.put(ROWS) != store.put(ROWS.astype(np.float64))


def test_a_set_is_read_once_for_all_who_hold_it(store: Store) -> None:
    digest = store.put(a_set())
    first = store.get(digest)
    assert store.get(digest) is first
    assert not first.vectors.flags.writeable
    del first
    gc.collect()
    assert store.get(digest).fingerprint == a_set().fingerprint


def test_a_content_that_is_not_there(store: Store) -> None:
    assert not store.holds("0" * 64)
    with pytest.raises(NotHereError, match=f"The content {'0' * 64} is not in the store"):
        store.get("0" * 64)
    with pytest.raises(StoreError, match="is no digest"):
        store.get("../records.db")


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "gone"])
@pytest.mark.parametrize("ending", [".npy", ".json", ".arrow"])
def test_a_damaged_file_is_named_and_the_rest_opens(
    damage: str, ending: str, store: Store, tmp_path: Path
) -> None:
    sound, broken = store.put(a_set(1)), store.put(a_set(2))
    others = names_of(tmp_path, sound) if ending != ".arrow" else ()
    (path,) = (
        path for path in files(tmp_path) if path.suffix == ending and path.name not in others
    )
    store.close()
    if damage == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(bytes({"cut": data[:-7], "changed": data, "empty": b""}[damage]))
    again = open_store(str(tmp_path / "store"))
    words = path.name if ending != ".json" or damage != "gone" else "is not in the store"
    with pytest.raises(StoreError, match=words):
        again.get(broken)
    if ending != ".arrow":  # both sets have one metadata
        assert again.get(sound).fingerprint == a_set(1).fingerprint
    assert again.put(a_set(2)) == broken  # uploading the data again mends it
    assert again.get(broken).fingerprint == a_set(2).fingerprint
    again.close()


def names_of(tmp_path: Path, digest: str) -> tuple[str, ...]:
    """The files of a content."""
    (manifest,) = (path for path in files(tmp_path) if path.name == f"{digest}.json")
    return manifest.name, *json.loads(manifest.read_text())["files"]


def test_a_damaged_database_is_named(store: Store, tmp_path: Path) -> None:
    store.close()
    (tmp_path / "store" / "records.db").write_bytes(b"no database, " * 1000)
    for name in ("records.db-wal", "records.db-shm"):
        (tmp_path / "store" / name).unlink(missing_ok=True)
    with pytest.raises(StoreError, match=r"records\.db, are damaged: file is not a database"):
        open_store(str(tmp_path / "store"))


def test_what_is_deleted_is_gone_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings, other = a_set(1), a_set(2)
    now = microseconds()
    mine = store.create("ann", "Mine", {}, {"data": store.put(embeddings)})
    both = store.create("ann", "Both", {}, {"a": store.put(embeddings), "b": store.put(other)})
    store.keep_result("of first", ROWS, "ann", embeddings.bare.fingerprint)
    store.keep_result("of second", ROWS + 1, "ann", other.fingerprint)
    store.keep_result("of nothing", ROWS + 2, "ann")
    gone = store.delete(both.token, "ann")
    assert gone == {other.fingerprint, other.bare.fingerprint}  # the first set is held elsewhere
    assert store.result("of first") is not None
    assert store.result("of second") is None
    assert np.array_equal(store.get(mine.holdings["data"]).vectors, embeddings.vectors)
    held = len(files(tmp_path))
    later = now + 2 * facade.SAVING * SECOND  # the set was put again after it was saved
    monkeypatch.setattr(facade, "microseconds", lambda: later)
    gone = store.delete(mine.token, "ann")
    assert gone == {embeddings.fingerprint, embeddings.bare.fingerprint}
    assert store.result("of first") is None
    assert store.result("of nothing") is not None
    assert len(files(tmp_path)) == 2 < held  # the array of the last result, and its manifest


def test_what_somebody_else_has_just_put_stays(store: Store, tmp_path: Path) -> None:
    mine = store.create("ann", "Mine", {}, {"data": store.put(ROWS)})
    other = open_store(str(tmp_path / "store"))
    digest = other.put(ROWS)
    store.delete(mine.token, "ann")
    theirs = other.create("bob", "His", {}, {"data": digest})
    assert np.array_equal(other.get(theirs.holdings["data"]), ROWS)
    assert store.sweep(0).files == 0
    other.close()


def test_a_sweep_removes_what_nothing_holds_for_an_hour(store: Store, tmp_path: Path) -> None:
    held = store.create("ann", "Mine", {}, {"data": store.put(ROWS)})
    loose = store.put(ROWS + 1)
    (tmp_path / "store" / INCOMING / "left").write_bytes(b"half")
    assert store.sweep() == facade.Swept(0, 0, 0, 0)
    assert store.holds(loose)
    swept = store.sweep(grace=0)
    assert swept.files == 2
    assert swept.bytes > ROWS.nbytes
    assert not store.holds(loose)
    assert np.array_equal(store.get(held.holdings["data"]), ROWS)
    assert list((tmp_path / "store" / INCOMING).iterdir()) == []


def test_results_used_longest_ago_leave_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.RESULTS_MB.variable, "1")
    store = open_store(str(tmp_path))
    now = microseconds()
    for number in range(3):  # 0.4 MB each
        monkeypatch.setattr(results, "microseconds", lambda n=number: now + n)
        if number == 2:  # the first is asked for again, more than a minute later
            monkeypatch.setattr(results, "microseconds", lambda: now + 2 * results.USE_NOTED_AGAIN)
            assert store.result("0") is not None
        assert store.keep_result(str(number), np.full(100_000, number, np.float32), "ann")
    assert store.result("1") is None
    assert store.result("0") is not None
    assert store.result("2") is not None
    assert not store.keep_result("3", np.zeros(300_000, np.float32), "ann")  # 1.2 MB
    assert store.result("3") is None
    assert store.keep_result("2", None, "ann")  # another result of the same key
    assert store.result("2") is None
    store.close()


def refuse(_path: Path, *, missing_ok: bool = False) -> None:
    raise OSError(errno.EIO, f"Input/output error ({missing_ok})")


def test_a_delete_leaves_to_the_sweep_what_it_cannot_remove(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.create("ann", "Mine", {}, {"data": store.put(ROWS)})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        store.delete(made.token, "ann")
    assert store.list_of("ann") == []
    assert len(files(tmp_path)) == 2
    assert store.sweep(grace=0).files == 2
    assert files(tmp_path) == []


def test_a_result_for_which_there_is_no_room_pushes_out_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.STORE_MB.variable, "1")
    store = open_store(str(tmp_path))
    assert store.keep_result("first", np.zeros(150_000, np.float32), "ann")  # 0.6 MB
    assert not store.keep_result("second", np.ones(150_000, np.float32), "ann")
    assert store.result("first") is not None
    store.close()


def test_a_result_that_is_damaged_is_computed_again(store: Store, tmp_path: Path) -> None:
    store.keep_result("k", ROWS, "ann")
    store.close()
    (path,) = (path for path in files(tmp_path) if path.suffix == ".npy")
    path.write_bytes(b"")
    again = open_store(str(tmp_path / "store"))
    assert again.result("k") is None
    again.keep_result("k", ROWS, "ann")
    assert np.array_equal(np.asarray(again.result("k")), ROWS)
    again.close()


def test_a_full_store_lets_results_go_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.STORE_MB.variable, "1")
    store = open_store(str(tmp_path))
    store.keep_result("k", np.zeros(150_000, np.float32), "ann")  # 0.6 MB
    later = microseconds() + 2 * facade.GRACE * SECOND
    monkeypatch.setattr(facade, "microseconds", lambda: later)
    digest = store.put(np.ones(200_000, np.float32))  # 0.8 MB
    assert store.result("k") is None
    made = store.create("ann", "Mine", {}, {"data": digest})
    with pytest.raises(
        FullError, match=r"holds 1 MB, may hold 1, and 0\.8 more .* NEARFIELD_STORE_MB"
    ):
        store.put(np.full(200_000, 2, np.float32))
    assert store.get(made.holdings["data"])[0] == 1
    assert not store.keep_result("k", np.full(200_000, 3, np.float32), "ann")
    store.close()


class Full:
    """A file on a disk on which 100 KB are left."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, 100_000

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, data: Any) -> int:
        if len(data) > self._left:
            self._file.write(data[: self._left])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._left -= len(data)
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_nothing_is_lost(
    code: int, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.create("ann", "Mine", {"a": 1}, {"data": store.put(ROWS[:100])})
    before = files(tmp_path)
    opened = Path.open

    def full(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        file = opened(path, mode, *args, **kwargs)
        return Full(file) if mode == "xb" else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        if code == errno.EDQUOT:
            patch.setattr(errno, "ENOSPC", errno.EDQUOT)
        with pytest.raises(
            FullError, match=r"There is no room left in the store, .*Nothing was changed"
        ):
            store.put(a_set())
    assert files(tmp_path) == before
    assert list((tmp_path / "store" / INCOMING).iterdir()) == []
    assert store.read(made.token, "ann") == made
    assert store.get(store.put(a_set())).n == 1000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True
    )
    if done.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    store = open_store(str(small_disk / "store"))
    made = store.create("ann", "Mine", {"a": 1}, {"data": store.put(ROWS)})
    with pytest.raises(FullError, match="There is no room left in the store"):
        store.put(np.arange(1_000_000.0))  # 8 MB
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with pytest.raises(FullError, match="no room left for the records"):
        _create_many(store)
    filler.unlink()
    store.close()
    again = open_store(str(small_disk / "store"))
    assert again.read(made.token, "ann") == made
    assert np.array_equal(again.get(made.holdings["data"]), ROWS)
    again.rename(made.token, "ann", "Still mine")
    again.close()


def _create_many(store: Store) -> None:
    for number in range(100):
        store.create("ann", f"Number {number}", {"a": "x" * 50_000}, {})


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"The store, .*file.*, cannot be read or written"):
        open_store(str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("", "an empty one"),
        ("a;b;c", "3 parts"),
        ("s3://bucket/x", "one part only"),
        ("postgresql://host/db", "one part only"),
        ("mysql://host/db;s3://bucket", "in a folder or in PostgreSQL"),
        ("folder;nothing://bucket/x", "Protocol not known|cannot be opened"),
    ],
)
def test_an_address_that_is_none_is_explained(
    where: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=words):
        open_store(where)
