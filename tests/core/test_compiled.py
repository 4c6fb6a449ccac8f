"""Where compiled code is kept: the choice of the folder, and a user who may write nowhere."""

import errno
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from numba import config
from numba.core.caching import IndexDataCacheFile

from core import compiled, compiling
from core.compiled import code_folder
from core.index.kernels.compile import FOLDER, kernel

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
CHILDS = {"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_OPT": "0"}  # in less time
LINUX = pytest.mark.skipif(not hasattr(os, "getuid"), reason="users and modes of files")

CHILD = """
import ctypes, os, sys, tempfile
libc = ctypes.CDLL(None)
libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
reading = 1 << 2  # CAP_DAC_READ_SEARCH: the environment may lie in a closed folder
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
if libc.capset(header, (ctypes.c_uint32 * 6)(reading, reading)) != 0:
    sys.exit(77)
if sys.argv[1] == "nowhere":
    tempfile.tempdir = "/nonexistent"
import numpy as np
from core.index.kernels.compile import FOLDER
from core.index.kernels.distance import unit_query
unit = np.zeros(2, np.float32)
unit_query(np.array([3, 4], np.float32), unit)
print(unit.tolist() == np.float32([0.6, 0.8]).tolist(), FOLDER)
if sys.argv[1] == "nowhere":
    from numba.core.dispatcher import Dispatcher
    from core.index import exact_neighbors
    from core.projection.umap_layout import _load
    print(exact_neighbors(np.eye(3), np.eye(3), 1, metric="euclidean").ids.tolist())
    # What could be refused is a cache, before anything is compiled, which takes long.
    Dispatcher.compile = lambda self, _signature: self.py_func
    Dispatcher.disable_compile = lambda self: None
    print(_load()[1].__name__)
"""


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    code_folder.cache_clear()
    compiled._warn.cache_clear()
    yield
    code_folder.cache_clear()
    compiled._warn.cache_clear()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The four folders, none of them there; `blocked` may not be made: a file stands in its way."""
    found = {name: tmp_path / name for name in ("asked", "source", "home", "shared")}
    for name in ("home", "shared"):
        found[name].mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(found["asked"]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(found["home"]))
    monkeypatch.setattr(tempfile, "tempdir", str(found["shared"]))
    return found


def block(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("in the way")


def test_the_folders_are_tried_in_order(places: dict[str, Path]) -> None:
    own = places["shared"] / f"nearfield-{os.getuid() if hasattr(os, 'getuid') else ''}"
    expected = [
        places["asked"],
        places["source"] / "__pycache__",
        places["home"] / "nearfield",
        own,
    ]
    for folder in expected[:3] if not hasattr(os, "getuid") else expected:
        assert code_folder(places["source"]) == folder
        assert list(folder.iterdir()) == []
        folder.rmdir()
        block(folder)
        code_folder.cache_clear()


def test_threads_that_compile_at_once_all_have_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one puts the folder back while another asks for it: code lands where the app runs."""
    settings: Any = config
    before, seen = settings.CACHE_DIR, list[str]()

    def njit(**_options: Any) -> Callable[[object], object]:
        time.sleep(0.02)  # others come in meanwhile, where nothing holds them back
        seen.append(settings.CACHE_DIR)
        return lambda function: function

    monkeypatch.setattr(compiling, "njit", njit)
    threads = [Thread(target=kernel, args=(abs,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [FOLDER] * 8
    assert before == settings.CACHE_DIR


def test_without_the_setting_the_source_comes_first(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert code_folder(places["source"]) == places["source"] / "__pycache__"


@LINUX
@pytest.mark.parametrize("fault", ["open", "link", "another's"])
def test_a_folder_in_which_somebody_else_may_write_is_not_used(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    for blocked in (
        places["asked"],
        places["source"] / "__pycache__",
        places["home"] / "nearfield",
    ):
        block(blocked)
    own = places["shared"] / f"nearfield-{os.getuid()}"
    if fault == "link":
        elsewhere = places["shared"] / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        own.symlink_to(elsewhere)
    else:
        own.mkdir()
        own.chmod(0o777 if fault == "open" else 0o700)
    if fault == "another's":
        uid = os.getuid()
        own = own.rename(places["shared"] / f"nearfield-{uid + 1}")
        monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert code_folder(places["source"]) is None
    own.unlink() if fault == "link" else own.rmdir()


@LINUX
def test_an_own_folder_is_closed_to_others(places: dict[str, Path]) -> None:
    block(places["asked"])
    block(places["source"] / "__pycache__")
    folder = code_folder(places["source"])
    assert folder == places["home"] / "nearfield"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_nowhere_to_write_is_told_once(
    places: dict[str, Path], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for blocked in (
        places["asked"],
        places["source"] / "__pycache__",
        places["home"] / "nearfield",
    ):
        block(blocked)
    block(places["source"].parent / "other" / "__pycache__")
    monkeypatch.setattr(tempfile, "tempdir", str(places["asked"]))
    with caplog.at_level(logging.WARNING, logger="nearfield"):
        assert code_folder(places["source"]) is None
        assert code_folder(places["source"].parent / "other") is None
    assert len(caplog.records) == 1
    assert "Set NUMBA_CACHE_DIR to a folder that this user can write" in caplog.text


@LINUX
@pytest.mark.parametrize("may_write", ["nowhere", "temporary"])
def test_a_search_runs_as_a_user_who_cannot_write_the_source(may_write: str) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, may_write],
            cwd=ROOT,
            env={**CHILDS, "TMPDIR": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 77:
            pytest.skip("this root may not read everything")
        assert done.returncode == 0, done.stderr
        if may_write == "nowhere":
            assert done.stdout == "True None\n[[0], [1], [2]]\numap.layouts\n"
            assert done.stderr.count("No folder for compiled code can be written") == 1
        else:
            own = Path(folder) / f"nearfield-{NOBODY}"
            assert done.stdout.startswith(f"True {own}")
            assert list(own.rglob("*.nbc"))
            assert done.stderr == ""


def test_code_that_cannot_be_kept_is_run_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    @kernel
    def one_more(number: int) -> int:
        return number + 1

    monkeypatch.setattr(IndexDataCacheFile, "save", full)
    compiling._warn.cache_clear()
    assert one_more(2) == 3
    assert one_more(2.5) == 3.5  # is compiled anew, and told once
    assert [record.getMessage() for record in caplog.records] == [
        "Compiled code could not be kept (No space left on device): the next start compiles again."
    ]
