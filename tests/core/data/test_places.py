"""What visitors may open of a server: files of named folders, addresses below named ones."""

import http.server
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core.data import places
from core.data.places import (
    allowed_folders,
    allowed_urls,
    check_url,
    fetch,
    file_in,
    files_in,
    is_public,
)
from core.errors import DataError, ParameterError
from core.limits import FOLDERS, URLS


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` with files, and a secret beside it; links lead to both."""
    folder, outside = tmp_path / "data", tmp_path / "outside"
    (folder / "sub" / "deep").mkdir(parents=True)
    outside.mkdir()
    (folder / "a.npy").write_bytes(b"a")
    (folder / "sub" / "deep" / "b.csv").write_bytes(b"b")
    (folder / ".env").write_bytes(b"key")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_bytes(b"c")
    (outside / "secret.npy").write_bytes(b"secret")
    (folder / "inner.npy").symlink_to(folder / "a.npy")
    (folder / "outer.npy").symlink_to(outside / "secret.npy")
    (folder / "way").symlink_to(outside)
    (folder / "circle").symlink_to(folder / "circle")
    os.mkfifo(folder / "pipe.npy")
    monkeypatch.setenv(FOLDERS, str(folder))
    return folder


class TestFolders:
    def test_none_by_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(FOLDERS, raising=False)
        monkeypatch.delenv(URLS, raising=False)
        assert (allowed_folders(), allowed_urls()) == ((), ())
        with pytest.raises(DataError, match="must begin with one of: none"):
            check_url("https://example.org/a.npy")

    @pytest.mark.usefixtures("data")
    def test_files_that_are_offered(self) -> None:
        (folder,) = allowed_folders()
        assert folder.name == "data"
        assert files_in(folder) == ("a.npy", "inner.npy", "sub/deep/b.csv")

    @pytest.mark.usefixtures("data")
    def test_not_more_files_than_a_list_can_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "MOST_FILES", 2)
        assert files_in(allowed_folders()[0]) == ("a.npy", "inner.npy")

    @pytest.mark.usefixtures("data")
    def test_files_that_may_be_opened(self) -> None:
        (folder,) = allowed_folders()
        assert file_in(folder, "sub/deep/b.csv").read_bytes() == b"b"
        assert file_in(folder, "inner.npy").read_bytes() == b"a"

    @pytest.mark.usefixtures("data")
    @pytest.mark.parametrize(
        "name",
        [
            "../outside/secret.npy",
            "sub/../../outside/secret.npy",
            "outer.npy",
            "way/secret.npy",
            "/etc/passwd",
            ".env",
            ".git/config",
            "sub/deep",
            "",
            ".",
            "gone.npy",
            "pipe.npy",
            "circle",
            "a.npy\0",
            "a" * 10_000,
        ],
    )
    def test_all_else_is_refused(self, name: str) -> None:
        (folder,) = allowed_folders()
        with pytest.raises(DataError, match="is no file of 'data' that may be opened"):
            file_in(folder, name)

    def test_a_folder_that_is_a_link_itself(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "alias").symlink_to(data)
        monkeypatch.setenv(FOLDERS, str(tmp_path / "alias"))
        (folder,) = allowed_folders()
        assert file_in(folder, "a.npy") == data / "a.npy"

    def test_folders_of_one_name(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "more" / "data"
        other.mkdir(parents=True)
        monkeypatch.setenv(FOLDERS, f"{data}{os.pathsep}{other}")
        assert [folder.name for folder in allowed_folders()] == ["data (1)", "data (2)"]

    def test_a_folder_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(FOLDERS, "/no/such/folder")
        with pytest.raises(ParameterError, match="'/no/such/folder', which is no folder"):
            allowed_folders()


class TestAddresses:
    @pytest.fixture(autouse=True)
    def named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(URLS, "https://example.org/data/ http://example.org:8080 s3://bucket/x")

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.org/data/a.npy",
            "https://example.org:443/data/sub/a.npy?version=2",
            "https://EXAMPLE.org/data/a%20b.npy",
            "http://example.org:8080/anything.csv",
            "s3://bucket/x/a.parquet",
        ],
    )
    def test_below_a_named_one(self, url: str) -> None:
        check_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.org/database/a.npy",
            "https://example.org/other/a.npy",
            "https://example.org/data/../other/a.npy",
            "https://example.org/data/%2e%2e/other/a.npy",
            "https://example.org/data/%252e%252e/other/a.npy",
            "https://example.org/data/%25252e%25252e/other/a.npy",
            "https://example.org/data/..;/other/a.npy",
            "s3://bucket/x/a?/../../../etc/passwd",
            "s3://bucket/x/a#/../../../etc/passwd",
            "https://example.org/data/..%5cother",
            "https://example.org.evil.net/data/a.npy",
            "https://example.org@evil.net/data/a.npy",
            "https://user:word@example.org/data/a.npy",
            "https://example.org:8443/data/a.npy",
            "https://example.org:8080/anything.csv",
            "https://example.org:x/data/a.npy",
            "http://example.org/data/a.npy",
            "https://example.org/data/a b.npy",
            "https://example.org/data/a\r\nHost: x",
            "file:///etc/passwd",
            "s3://bucket/xy/a.parquet",
            "s3://bucket/x/a.zip::file:///etc/passwd",
            "//example.org/data/a.npy",
            "",
        ],
    )
    def test_all_else_is_refused(self, url: str) -> None:
        with pytest.raises(DataError, match="may not be opened here"):
            check_url(url)
        with pytest.raises(DataError, match="may not be opened here"):
            fetch(url)

    @pytest.mark.parametrize(
        "prefix", ["file:///data", "/data", "local://x", "memory://a", "x", "https://[::1"]
    )
    def test_beginnings_that_no_deployment_may_name(
        self, prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(URLS, prefix)
        with pytest.raises(ParameterError, match="must name beginnings of addresses"):
            allowed_urls()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "fec0::1",
    ],
)
def test_addresses_of_the_server_and_its_networks(address: str) -> None:
    assert not is_public(address)


def test_addresses_of_the_internet() -> None:
    assert all(map(is_public, ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")))


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path: a file, a redirect, a file without an end, an error."""

    leads_to: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path in self.leads_to:
            self.send_response(302)
            self.send_header("Location", self.leads_to[path])
            self.end_headers()
        elif path == "/d/a.csv":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"1,2\n")
        elif path == "/d/cut":
            self.send_response(200)
            self.send_header("Content-Length", "8")
            self.end_headers()
            self.wfile.write(b"1,2\n")
        elif path in ("/d/endless", "/d/honest"):
            self.send_response(200)
            if path == "/d/honest":
                self.send_header("Content-Length", "5000000")
            self.end_headers()
            try:
                for _ in range(5):
                    self.wfile.write(bytes(1_000_000))
            except OSError:
                return
        else:
            self.send_error(404)

    def log_message(self, *_: Any) -> None:
        return


class TestFetch:
    @pytest.fixture
    def address(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv(URLS, f"{address}/d/")
        yield address
        server.shutdown()
        server.server_close()
        thread.join()

    @pytest.fixture
    def open_to_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "is_public", lambda _: True)

    def test_this_machine_is_never_asked(self, address: str) -> None:
        with pytest.raises(DataError, match="an address of this machine or of its own networks"):
            fetch(f"{address}/d/a.csv")

    def test_a_name_that_leads_to_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.0.7", 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
        monkeypatch.setenv(URLS, "https://example.org/")
        with pytest.raises(DataError, match=r"example\.org is an address of this machine"):
            fetch("https://example.org/a.npy")

    @pytest.mark.usefixtures("open_to_all")
    def test_the_bytes_arrive_with_progress(self, address: str) -> None:
        told: list[str] = []
        content = fetch(f"{address}/d/a.csv?x=1", lambda _, words: told.append(words))
        assert content == b"1,2\n"
        assert told == ["0 MB"]

    @pytest.mark.usefixtures("open_to_all")
    def test_a_redirect_is_followed_and_its_target_checked(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leads_to = {"/d/b.csv": "/d/a.csv", "/d/loop": "/d/loop", "/d/file": "file:///etc/passwd"}
        monkeypatch.setattr(Handler, "leads_to", leads_to)
        assert fetch(f"{address}/d/b.csv") == b"1,2\n"
        with pytest.raises(DataError, match="leads on more than 5 times"):
            fetch(f"{address}/d/loop")
        with pytest.raises(DataError, match="leads to file://, which is not opened"):
            fetch(f"{address}/d/file")

    def test_a_redirect_to_a_network_of_the_server(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Handler, "leads_to", {"/d/in": "http://169.254.169.254/latest"})
        monkeypatch.setattr(places, "is_public", lambda found: found == "127.0.0.1")
        with pytest.raises(DataError, match=r"169\.254\.169\.254 is an address of this machine"):
            fetch(f"{address}/d/in")

    @pytest.mark.usefixtures("open_to_all")
    @pytest.mark.parametrize("path", ["/d/endless", "/d/honest"])
    def test_a_file_above_the_limit_is_not_read_to_its_end(
        self, address: str, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "2")
        told: list[str] = []
        with pytest.raises(DataError, match="The file is too large"):
            fetch(f"{address}{path}", lambda _, words: told.append(words))
        assert set(told) <= {"0 MB", "1 MB", "2 MB"}

    @pytest.mark.usefixtures("open_to_all")
    def test_an_error_of_the_server_is_named(self, address: str) -> None:
        with pytest.raises(DataError, match="cannot be read: the server answers 404"):
            fetch(f"{address}/d/gone.csv")

    @pytest.mark.usefixtures("open_to_all")
    def test_a_file_that_is_cut_off_is_not_taken_for_a_shorter_one(self, address: str) -> None:
        with pytest.raises(DataError, match="it is cut off: 4 of 8 bytes arrived"):
            fetch(f"{address}/d/cut")

    @pytest.mark.usefixtures("open_to_all")
    def test_a_file_that_takes_too_long(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = iter([0.0, 10_000.0])
        monkeypatch.setattr("core.data.places.time.monotonic", lambda: next(clock))
        with pytest.raises(DataError, match="did not arrive in 1,800 s"):
            fetch(f"{address}/d/a.csv")
