"""Uploads on the disk: the same bytes, counted, gone with their last view; Streamlit's copy too."""

import gc
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.limits import UPLOADS_DISK_MB
from pages.ui.session import upload_files
from pages.ui.session.upload_files import Upload, bytes_on_disk, on_disk
from tests.core.data.files import as_npy
from tests.pages.test_answers import open_page

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
    said = r"The file has 3 MB.* of the 3 MB .* 2 are taken.* or raise NEARFIELD_UPLOADS_DISK_MB"
    with pytest.raises(DataError, match=said):
        on_disk(CONTENT * 2)
    assert bytes_on_disk() == len(first)
    del first
    assert len(on_disk(CONTENT * 2)) == 3_000_000


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


def test_an_upload_is_on_the_disk_and_streamlit_has_no_copy_of_it(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []
    let_go = upload_files.let_go

    def note(files: list[Any]) -> None:
        context = get_script_run_ctx()
        assert context is not None
        let_go(files)
        manager = context.uploaded_file_mgr
        assert manager.get_files(context.session_id, [file.file_id for file in files]) == []
        forgotten.extend(file.name for file in files)

    monkeypatch.setattr(upload_files, "let_go", note)
    vectors = np.random.default_rng(1).normal(size=(9_000, 40)).astype(np.float32)
    open_page(app, "data")
    app.main.file_uploader[0].set_value([("mine.npy", as_npy(vectors), "")]).run()
    assert forgotten == ["mine.npy"]
    assert bytes_on_disk() == len(as_npy(vectors))
    app.button(key="_arrival_cancel").click().run()
    app.run()
    gc.collect()
    assert bytes_on_disk() == 0
