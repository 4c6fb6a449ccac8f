"""Tokens in place of uploads: every uploader finds the bytes, and no other session does."""

import gc
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.data.samples import load_sample
from core.limits import MAX_UPLOAD_MB
from pages.ui.session import received, upload_files
from pages.ui.session.received import file_of, forget_gone, keep, let_go, token_of
from pages.ui.session.upload_files import Incoming, bytes_on_disk
from tests.core.data.files import as_npy
from tests.core.index.index_files import hnswlib_bytes
from tests.pages.conftest import accept
from tests.pages.test_answers import open_page
from tests.pages.test_app import complaints

ROOT = Path(__file__).resolve().parents[3]
ROWS = np.random.default_rng(1).normal(size=(90, 7)).astype(np.float32)
TABLE = ("word\ttopic\n" + "".join(f"w{i}\tt{i % 3}\n" for i in range(90))).encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(upload_files, "_disk", upload_files._Disk())
    monkeypatch.setattr(received, "_received", received._Received())


@pytest.fixture
def with_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads of any size are received on the disk, as the server receives large ones."""
    add = MemoryUploadedFileManager.add_file

    def receive(manager: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
        if received._received.get(session_id, file.file_id, file.data) is not None:
            return add(manager, session_id, file)  # AppTest gives it again in each run
        with Incoming() as incoming:
            incoming.write(file.data)
            token = token_of(incoming.content())
        add(manager, session_id, file._replace(data=token.text))
        return keep(session_id, file.file_id, token)

    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", receive)


def upload(app: AppTest, label: str, *files: tuple[str, bytes]) -> AppTest:
    uploader = next(each for each in app.file_uploader if each.label == label)
    given = [(name, content, "") for name, content in files]
    return uploader.set_value(given if uploader.multiple_files else given[0]).run()


@pytest.mark.usefixtures("with_tokens")
def test_vectors_and_their_metadata_are_read_where_they_are_and_let_go(app: AppTest) -> None:
    open_page(app, "data")
    app.main.file_uploader[0].set_value(
        [("mine.npy", as_npy(ROWS), ""), ("metadata.tsv", TABLE, "")]
    ).run()
    assert complaints(app) == []
    assert received._received.ids() == []  # the preview has the bytes
    assert bytes_on_disk() == len(as_npy(ROWS)) + len(TABLE)
    accept(app)
    assert complaints(app) == []
    assert "90 vectors of 7 dimensions" in " ".join(text.value for text in app.sidebar.markdown)
    assert "in 3 classes" in app.title[0].value
    app.run()
    gc.collect()
    assert bytes_on_disk() == len(as_npy(ROWS))  # the vectors are mapped from there


@pytest.mark.usefixtures("with_tokens")
def test_a_file_that_is_not_used_is_gone_from_the_disk(app: AppTest) -> None:
    open_page(app, "data")
    upload(app, "Your own vectors", ("mine.npy", as_npy(ROWS)))
    assert bytes_on_disk() == len(as_npy(ROWS))
    app.button(key="_arrival_cancel").click().run()
    app.run()
    gc.collect()
    assert bytes_on_disk() == 0


def test_what_the_server_refused_is_said_where_it_was_brought(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, words = MemoryUploadedFileManager.add_file, received.too_large(400)

    def refuse(manager: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
        token = token_of(received.Refused(words))
        add(manager, session_id, file._replace(data=token.text))
        keep(session_id, file.file_id, token)

    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", refuse)
    open_page(app, "layers", data="digits", section="Search")
    for label, file in (
        ("Your own vectors", "mine.npy"),
        ("Vectors of its items", "beside.npy"),
        ("Index file, or Chroma's four", "mine.bin"),
    ):
        upload(app, label, (file, b"big"))
        if label != "Vectors of its items":  # alone they are not looked at
            assert [each.replace("\\", "") for each in complaints(app)] == [words]
            assert "The data loaded before is still here." in [each.value for each in app.caption]


@pytest.mark.usefixtures("with_tokens")
def test_metadata_and_queries_of_their_own(app: AppTest) -> None:
    open_page(app, "data", data="digits")
    words = "\n".join(["word", *(f"w{i}" for i in range(1_797))]).encode()
    upload(app, "Metadata for these vectors", ("words.tsv", words))
    assert complaints(app) == []
    app.switch_page("pages/recall/page.py").run()
    upload(app, "Your own queries", ("log.npy", as_npy(load_sample("digits").vectors[:40] + 0.5)))
    assert complaints(app) == []
    assert any("log: 40 queries" in text.value for text in app.caption)


@pytest.mark.usefixtures("with_tokens")
def test_an_index_and_the_vectors_beside_it(app: AppTest) -> None:
    open_page(app, "layers", data="digits", section="Search")
    app.selectbox(key="_index_metric_card").set_value("euclidean").run()
    app.file_uploader(key="_index_vectors_card_0").set_value(("beside.npy", as_npy(ROWS), "")).run()
    upload(app, "Index file, or Chroma's four", ("mine.bin", hnswlib_bytes(ROWS)))
    assert complaints(app) == []
    assert "90 vectors of 7 dimensions" in " ".join(text.value for text in app.sidebar.markdown)


def test_a_token_is_of_use_to_its_session_and_upload_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    token, other = token_of(b"mine"), token_of(b"another's")
    assert token.text != other.text
    keep("me", "1", token)
    keep("another", "2", other)

    def seen(session: str, file: str, data: bytes) -> bytes:
        context = SimpleNamespace(session_id=session)
        monkeypatch.setattr(received, "get_script_run_ctx", lambda: context)
        uploaded = SimpleNamespace(file_id=file, name="a", getvalue=lambda: data)
        return bytes(file_of(uploaded).content)

    assert seen("me", "1", token.text) == b"mine"
    assert seen("another", "2", other.text) == b"another's"
    for session, file, data in [
        ("me", "1", other.text),  # its own upload holds the other's token
        ("me", "2", other.text),
        ("another", "1", token.text),
        ("me", "3", token.text),
        ("me", "1", b"x0,x1"),
    ]:
        assert seen(session, file, data) == data


def test_without_a_session_an_upload_is_its_bytes() -> None:
    assert get_script_run_ctx() is None
    file = file_of(SimpleNamespace(file_id="1", name="a.npy", getvalue=lambda: b"mine"))
    assert (file.name, file.content) == ("a.npy", b"mine")
    let_go([SimpleNamespace(file_id="1")])


def test_what_streamlit_has_no_more_is_forgotten() -> None:
    manager = MemoryUploadedFileManager("")
    for session, file in [("me", "1"), ("me", "2"), ("another", "1")]:
        token = token_of(b"")
        manager.add_file(session, UploadedFileRec(file, "a.npy", "", token.text))
        keep(session, file, token)
    forget_gone(manager)
    assert received._received.ids() == [("me", "1"), ("me", "2"), ("another", "1")]
    manager.remove_file("me", "2")
    forget_gone(manager)
    assert received._received.ids() == [("me", "1"), ("another", "1")]
    manager.remove_session_files("me")
    forget_gone(manager)
    assert received._received.ids() == [("another", "1")]


def test_streamlit_has_no_copy_of_a_file_that_was_taken(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []

    def note(files: list[SimpleNamespace]) -> None:
        context = get_script_run_ctx()
        assert context is not None
        let_go(files)
        manager = context.uploaded_file_mgr
        assert manager.get_files(context.session_id, [file.file_id for file in files]) == []
        forgotten.extend(file.name for file in files)

    monkeypatch.setattr(received, "let_go", note)
    vectors = np.random.default_rng(1).normal(size=(9_000, 40)).astype(np.float32)
    open_page(app, "data")
    upload(app, "Your own vectors", ("mine.npy", as_npy(vectors)))
    assert forgotten == ["mine.npy"]
    assert bytes_on_disk() == len(as_npy(vectors))
    app.button(key="_arrival_cancel").click().run()
    app.run()
    gc.collect()
    assert bytes_on_disk() == 0


def test_visitors_are_told_the_lower_of_two_limits(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(app, "data")
    assert app.main.file_uploader[0].proto.max_upload_size_mb == 400  # of config.toml
    monkeypatch.setenv(MAX_UPLOAD_MB.variable, "25")
    app.run()
    assert app.main.file_uploader[0].proto.max_upload_size_mb == 25


def test_every_uploader_is_drawn_where_its_files_are_turned_into_bytes() -> None:
    drawn = [path for path in ROOT.glob("pages/**/*.py") if "file_uploader(" in path.read_text()]
    assert drawn == [ROOT / "pages/ui/controls/uploaders.py"]
