"""Uploads on the disk: the same bytes, once, counted, gone with their last view."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from core.limits import UPLOADS_DISK_MB
from pages.ui.session import upload_files
from pages.ui.session.upload_files import Incoming, Upload, bytes_on_disk, on_disk

CONTENT = np.random.default_rng(0).bytes(1_500_000)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(upload_files, "_disk", upload_files._Disk())
    return tmp_path


def test_large_bytes_are_mapped_from_a_file_without_a_name_and_gone_with_their_last_view(
    folder: Path,
) -> None:
    held = on_disk(CONTENT)
    assert isinstance(held, memoryview)
    assert held == CONTENT
    assert held.readonly
    assert list(folder.iterdir()) == []
    part = np.frombuffer(held, np.uint8)[10:20]
    del held
    assert bytes_on_disk() == 1_500_000
    assert part.tobytes() == CONTENT[10:20]
    del part
    assert bytes_on_disk() == 0


def test_small_bytes_stay_as_they_are() -> None:
    small = CONTENT[:999_999]
    assert on_disk(small) is small


def test_no_more_is_kept_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UPLOADS_DISK_MB.variable, "3")
    first = on_disk(CONTENT)
    said = "this server keeps 3 MB of them on its disk.* or raise NEARFIELD_UPLOADS_DISK_MB"
    with pytest.raises(DataError, match=said):
        on_disk(CONTENT * 2)
    assert bytes_on_disk() == len(first)
    del first
    assert len(on_disk(CONTENT * 2)) == 3_000_000


def test_equal_bytes_share_one_file_until_the_last_of_them_is_gone() -> None:
    first, second = on_disk(CONTENT), on_disk(bytes(bytearray(CONTENT)))
    assert first == second == CONTENT
    assert bytes_on_disk() == len(CONTENT)
    del first
    assert bytes_on_disk() == len(CONTENT)
    assert second == CONTENT
    del second
    assert bytes_on_disk() == 0
    assert on_disk(CONTENT) == CONTENT


def test_bytes_that_differ_have_a_file_each() -> None:
    held = on_disk(CONTENT), on_disk(CONTENT + b"0"), on_disk(b"0" + CONTENT[1:])
    assert bytes_on_disk() == 3 * len(CONTENT) + 1
    assert held == (CONTENT, CONTENT + b"0", b"0" + CONTENT[1:])


def test_bytes_in_parts_are_those_that_came_at_once() -> None:
    whole = on_disk(CONTENT)
    with Incoming() as incoming:
        for start in range(0, len(CONTENT), 400_000):
            incoming.write(CONTENT[start : start + 400_000])
        assert bytes_on_disk() == 2 * len(CONTENT)
        assert incoming.content() == CONTENT
    assert bytes_on_disk() == len(whole)


def test_what_is_not_asked_for_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UPLOADS_DISK_MB.variable, "2")
    with Incoming() as incoming:
        incoming.write(CONTENT)
        with pytest.raises(DataError, match="does not fit"):
            incoming.write(CONTENT)
        assert bytes_on_disk() == len(CONTENT)
    assert bytes_on_disk() == 0


def test_bytes_stay_in_memory_where_the_disk_takes_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "none"))
    assert on_disk(CONTENT) is CONTENT
    assert bytes_on_disk() == 0


def test_an_upload_moves_to_the_disk_once() -> None:
    upload = Upload(CONTENT)
    assert upload.content is CONTENT
    assert upload.settle()
    settled = upload.content
    assert settled == CONTENT
    assert bytes_on_disk() == len(CONTENT)
    assert not upload.settle()
    assert upload.content is settled
    assert not Upload(b"few").settle()
