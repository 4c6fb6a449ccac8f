"""`nearfield FILE`: what it says in the terminal, and that sessions open with the file."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.limits import raise_limits
from core.data.read import to_set
from core.limits import ENCODER, MAX_UPLOAD_MB, MAX_VALUES
from pages import launch, serving
from pages.ui.jobs import processes, progress_bar
from pages.ui.session import opened
from tests.core.data.files import as_npy
from tests.core.encoders.folders import write_static
from tests.pages.conftest import new_app
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
ROWS = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    opened.open_with(None)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the server was started with; no server runs."""
    calls: list[tuple[Any, ...]] = []

    def serve(address: str, port: int | None, *, opens_browser: bool) -> int:
        calls.append((address, port, opens_browser))
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    return calls


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.npy"
    path.write_bytes(as_npy(ROWS))
    return path


def test_a_file_is_read_said_and_served(
    file: Path, served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table = file.with_name("words.tsv")
    table.write_text("word\ttopic\n" + "".join(f"w{i}\tt{i % 3}\n" for i in range(60)))
    queries = file.with_name("queries.npy")
    queries.write_bytes(as_npy(ROWS[:4] + 1))
    arguments = [str(file), str(table), "--label", "topic", "--metric", "euclidean"]
    status = launch.main([*arguments, "--queries", str(queries), "--port", "8700", "--no-browser"])
    assert status == 0
    assert served == [("localhost", 8700, False)]
    assert capsys.readouterr().out.startswith(
        "mine: 60 vectors of 5 dimensions\n  labels: topic, 3 classes\n  queries: 4\n"
    )
    embeddings = opened.opened_set(opened.opened_data() or "")
    assert embeddings is not None
    assert embeddings.metric == "euclidean"
    assert embeddings.metadata["word"][59] == "w59"


@pytest.mark.usefixtures("served")
def test_a_process_is_prepared_while_a_large_file_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, told = list[set[str]](), threading.Event()

    class Noted:
        def prepare(self) -> None:
            prepared.append(set(processes.prepared_modules))
            told.set()

    monkeypatch.setattr(progress_bar, "runner", Noted)
    assert launch.main([str(file)]) == 0
    monkeypatch.setattr(progress_bar, "LARGE", file.stat().st_size)
    assert launch.main([str(file)]) == 0
    assert told.wait(PATIENCE)
    (modules,) = prepared  # not for the first file, which was small
    assert "pages.ui.results.indexes" in modules


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npy", b"\x93NUMPY", "is not a readable .npy array"),
        ("a.pdf", b"%PDF-1.7", "This is a PDF document"),
        ("a.csv", b"x0,x1\n1,2\n3,nan\n", "Here: --drop-bad-rows."),
    ],
)
def test_a_wrong_file_is_one_sentence_and_a_status(
    name: str,
    content: bytes,
    said: str,
    tmp_path: Path,
    served: list[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / name).write_bytes(content)
    assert launch.main([str(tmp_path / name)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("nearfield: ")
    assert said in told.err
    assert (told.out, served) == ("", [])
    assert opened.opened_data() is None


@pytest.mark.usefixtures("served")
def test_a_choice_names_what_may_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.npz"
    np.savez(path, image=ROWS, text=ROWS)
    assert launch.main([str(path)]) == 2
    assert "Here: --vectors NAME, one of image, text." in capsys.readouterr().err
    assert launch.main([str(path), "--vectors", "text"]) == 0


@pytest.mark.usefixtures("served")
def test_bad_rows_are_left_out_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x0,x1\n1,2\n3,nan\n")
    assert launch.main([str(path), "--drop-bad-rows"]) == 0
    assert opened.opened_set(opened.opened_data() or "").n == 1  # type: ignore[union-attr]


def test_without_a_file_the_sample_is_served(served: list[Any]) -> None:
    assert launch.main([]) == 0
    assert served == [("localhost", None, True)]
    assert opened.opened_data() is None


def test_an_encoder_is_checked_before_the_server_starts(
    tmp_path: Path,
    served: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(ENCODER, "")  # put back after the test
    vectors = np.ones((3, 4), dtype=np.float32)
    write_static(tmp_path / "tiny", ["[UNK]", "a", "b"], embeddings=vectors)
    monkeypatch.chdir(tmp_path)
    assert launch.main(["--encoder", "tiny"]) == 0
    assert capsys.readouterr().out == "tiny: encodes texts, 4 dimensions\n"
    assert os.environ[ENCODER] == str(tmp_path / "tiny")  # the server runs in another folder
    assert len(served) == 1
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"")
    assert launch.main([]) == 2  # the environment names it
    assert capsys.readouterr().err.startswith("nearfield: model.safetensors of 'tiny' cannot be ")
    assert len(served) == 1


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["--port", port])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capsys.readouterr().err or port == "-1"


def test_the_limits_grow_with_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.npy"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)  # takes no place on the disk
    for limit in (MAX_UPLOAD_MB, MAX_VALUES):
        monkeypatch.setenv(limit.variable, "5")  # put back after the test
        raise_limits(path)
        assert limit.value == 5  # a stated limit holds
        monkeypatch.delenv(limit.variable)
    raise_limits(path)
    assert os.environ[MAX_UPLOAD_MB.variable] == "30000"
    assert os.environ[MAX_VALUES.variable] == "30000000000"


@pytest.mark.usefixtures("served")
def test_sessions_open_with_the_file_and_its_key_is_in_the_link(file: Path, app: AppTest) -> None:
    launch.main([str(file), "--metric", "inner_product"])
    app.run()
    assert not app.exception
    assert app.query_params["data"] == opened.opened_data()
    assert app.query_params["metric"] == "inner_product"
    card = " ".join(text.value for text in app.sidebar.markdown)
    assert "60 vectors of 5 dimensions" in card
    opened.open_with(None)
    fresh = new_app()
    fresh.run()
    assert "data" not in fresh.query_params


def test_while_the_file_is_read_sessions_see_a_picture_of_it(
    file: Path, served: list[Any], app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(*arguments: Any) -> Any:
        go_on.wait()
        return to_set(*arguments)

    monkeypatch.setattr(launch, "to_set", slow)
    monkeypatch.setattr(launch, "AT_MOST", 0.01)
    try:
        assert launch.main([str(file)]) == 0
        assert served  # before the rows were checked
        while opened.opening() is None or opened.opening().picture is None:  # type: ignore[union-attr]
            pass
        app.run()
        assert not app.exception
        assert app.subheader[0].value.replace("\\", "") == "mine.npy is being read"
        assert "60 vectors of 5 dimensions" in app.main.markdown[0].value.replace("\\", "")
        assert app.main.caption[-1].value.replace("\\", "") == "60 rows, PCA."
        assert len(app.title) == 0
    finally:
        go_on.set()
    _joined()
    app.run()
    assert app.query_params["data"] == opened.opened_data()
    assert "60 vectors of 5 dimensions" in " ".join(text.value for text in app.sidebar.markdown)


def test_a_file_that_turns_out_wrong_is_said_on_the_page_and_in_the_terminal(
    tmp_path: Path,
    served: list[Any],
    app: AppTest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "holes.csv"
    path.write_text("x0,x1\n1,2\n3,nan\n")
    is_served, run, serve = threading.Event(), launch.Reading.run, serving.serve

    def run_behind(reading: launch.Reading) -> None:
        assert is_served.wait(PATIENCE)
        run(reading)

    def serve_until_read(address: str, port: int | None, *, opens_browser: bool) -> int:
        is_served.set()
        _joined()
        return serve(address, port, opens_browser=opens_browser)

    monkeypatch.setattr(launch, "AT_MOST", 0.0)  # the server is quicker
    monkeypatch.setattr(launch.Reading, "run", run_behind)
    monkeypatch.setattr(serving, "serve", serve_until_read)
    assert launch.main([str(path)]) == 2
    assert served
    assert "Here: --drop-bad-rows." in capsys.readouterr().err
    app.run()
    shown = app.error[0].value.replace("\\", "").replace("\u2060", "")  # between two dashes
    assert "Here: --drop-bad-rows." in shown
    app.button[0].click().run()
    assert len(app.error) == 0
    assert "WordNet sample" in " ".join(text.value for text in app.sidebar.markdown)


def _joined() -> None:
    """Wait for the reading that was left behind."""
    for thread in threading.enumerate():
        if thread.name == "reading":
            threading.Thread.join(thread)
