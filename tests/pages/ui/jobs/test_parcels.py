"""Values between processes: large arrays by file, written once, each as it was."""

from pathlib import Path

import numpy as np
import pytest

from pages.ui.jobs.parcels import LARGE, Received, Shared

ROWS = np.random.default_rng(0).normal(size=(LARGE // 16, 8)).astype(np.float32)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_array_is_written_once_and_its_file_goes_with_it(tmp_path: Path) -> None:
    shared, rows = Shared(tmp_path), ROWS.copy()
    first = shared.pack({"rows": rows, "again": rows, "small": rows[:2]})
    shared.pack(rows)
    assert files(tmp_path) == ["sent-0.npy"]
    got = Received(tmp_path).unpack(first)
    assert got["rows"] is got["again"]
    np.testing.assert_array_equal(got["rows"], rows)
    np.testing.assert_array_equal(got["small"], rows[:2])
    del rows
    assert files(tmp_path) == []
    np.testing.assert_array_equal(got["rows"], ROWS)  # mapped: it stays while it is looked at


@pytest.mark.parametrize("writeable", [True, False])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_as_it_was(tmp_path: Path, writeable: bool, order: str) -> None:
    rows = np.array(ROWS, order=order)  # type: ignore[call-overload]
    rows.setflags(write=writeable)
    shared, received = Shared(tmp_path), Received(tmp_path)
    got = received.unpack(shared.pack(rows))
    back = shared.unpack(received.pack(got.copy(order)))
    for each in (got, back):
        assert type(each) is np.ndarray
        assert each.flags.c_contiguous == (order == "C")
    assert (got.flags.writeable, back.flags.writeable) == (writeable, True)
    if writeable:
        got[0, 0] = 7  # of this process alone
        assert rows[0, 0] == ROWS[0, 0]


def test_what_comes_back_unchanged_is_what_was_sent(tmp_path: Path) -> None:
    shared, received = Shared(tmp_path), Received(tmp_path)
    got = received.unpack(shared.pack(ROWS))
    made = got * 2
    same, other, half = shared.unpack(received.pack((np.asarray(got), made, got[: len(got) // 2])))
    assert same is ROWS
    np.testing.assert_array_equal(other, 2 * ROWS)
    np.testing.assert_array_equal(half, ROWS[: len(ROWS) // 2])
    assert files(tmp_path) == ["sent-0.npy"]  # the names of what came back are gone


def test_a_map_of_a_file_goes_by_the_name_of_the_file(tmp_path: Path) -> None:
    folder, path = tmp_path / "jobs", tmp_path / "rows.npy"
    folder.mkdir()
    np.save(path, ROWS)
    mapped = np.load(path, mmap_mode="r")
    for whole in (mapped, np.asarray(mapped)):
        got = Received(folder).unpack(Shared(folder).pack(whole))
        np.testing.assert_array_equal(got, ROWS)
    assert files(folder) == []
    part = mapped[1:]
    shared = Shared(folder)
    np.testing.assert_array_equal(Received(folder).unpack(shared.pack(part)), ROWS[1:])
    assert files(folder) == ["sent-0.npy"]


def test_without_a_disk_arrays_are_pickled(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    got = Received(gone).unpack(Shared(gone).pack(ROWS))
    np.testing.assert_array_equal(got, ROWS)


def test_objects_are_pickled(tmp_path: Path) -> None:
    words = np.array(["word"] * LARGE, dtype=object)
    assert Received(tmp_path).unpack(Shared(tmp_path).pack(words)).tolist() == words.tolist()
    assert files(tmp_path) == []
