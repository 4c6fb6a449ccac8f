"""A file that was written stays, however many runs end before the browser asks for it."""

from collections.abc import Callable

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pages.ui.display import downloads
from pages.ui.display.downloads import Shelf

MIME = "text/csv"


class OneServer:
    """What a file that is written needs of Streamlit's runtime."""

    def __init__(self) -> None:
        self.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))

    def written(self, content: bytes, name: str, shelf: Shelf | None) -> str:
        """Press a button: the id of the file, which the browser asks for."""

        def write() -> bytes:
            if shelf is not None:
                shelf.hold(content, name, MIME)
            return content

        place = self.media_file_mgr.add_deferred(write, MIME, "button", file_name=name)
        return self.media_file_mgr.execute_deferred(place).removeprefix("/media/")

    def end_runs(self, times: int) -> None:
        """What happens at the end of each run, also that of a fragment."""
        for _ in range(times):
            self.media_file_mgr.remove_orphaned_files()

    def has(self, file: str) -> bool:
        return self.media_file_mgr.read_file(file) is not None


@pytest.fixture
def one_server(monkeypatch: pytest.MonkeyPatch) -> OneServer:
    made = OneServer()
    get: Callable[[], OneServer] = lambda: made  # noqa: E731
    monkeypatch.setattr("pages.ui.display.downloads.runtime.get_instance", get)
    return made


def test_without_the_shelf_two_runs_delete_a_file(one_server: OneServer) -> None:
    """The reason for the shelf; it can go when this fails."""
    file = one_server.written(b"a\n1\n", "a.csv", None)
    one_server.end_runs(1)
    assert one_server.has(file)
    one_server.end_runs(1)
    assert not one_server.has(file)


def test_a_file_stays_whatever_runs(one_server: OneServer) -> None:
    file = one_server.written(b"a\n1\n", "a.csv", Shelf())
    one_server.media_file_mgr.clear_session_refs("dontcare")
    one_server.end_runs(20)
    assert one_server.has(file)


def test_a_full_shelf_lets_the_oldest_go(one_server: OneServer) -> None:
    shelf = Shelf(files=2)
    files = [one_server.written(b"%d" % i, f"{i}.csv", shelf) for i in range(3)]
    one_server.end_runs(2)
    assert [one_server.has(file) for file in files] == [False, True, True]


def test_the_newest_file_stays_whatever_its_size(one_server: OneServer) -> None:
    shelf = Shelf(size=10)
    files = [
        one_server.written(b"%d" % i * size, f"{i}.csv", shelf) for i, size in enumerate((6, 50))
    ]
    one_server.end_runs(2)
    assert [one_server.has(file) for file in files] == [False, True]


def test_names_of_files() -> None:
    assert downloads.file_name("a/b\\c<d>|e.npz") == "a-b-c-d--e.npz"
    assert downloads.file_name("..") == "file."
    assert downloads.file_name("no ending") == "fileno ending"
    assert downloads.file_name("x" * 10_000 + ".npz") == "x" * 60 + ".npz"
    assert downloads.file_name("שלום.csv") == "שלום.csv"  # without marks of direction
