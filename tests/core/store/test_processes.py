"""Processes that are killed while they write, and several that write at once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.store import Store, open_store
from core.store.folder import INCOMING
from tests.core.store.children import OWNER, rows

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 300


def start(*args: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.core.store.children", *args]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(*running: "subprocess.Popen[str]") -> list[str]:
    told = [each.communicate(timeout=PATIENCE)[0] for each in running]
    assert [each.returncode for each in running] == [0] * len(running)
    return told


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_process_that_is_killed_at_any_moment_loses_at_most_its_last_step(
    tmp_path: Path,
) -> None:
    folder = str(tmp_path / "store")
    (told,) = finish(start("kill", folder, "24"))
    head, *kills = told.splitlines()
    assert int(head.split()[1]) > 500
    assert len(kills) == 24
    ahead = 0
    for line in kills:
        _, acknowledged, number, same = line.split()
        assert same == "True", line
        assert int(number) - int(acknowledged) in (0, 1), line  # kept, but not yet said so
        ahead += int(number) - int(acknowledged)
    assert int(kills[-1].split()[2]) > 12  # most got some steps done
    store = open_store(folder)
    (found,) = store.list_of(OWNER)
    assert np.array_equal(store.get(found.holdings["rows"]), rows(found.state["number"]))
    store.sweep(grace=0)
    assert list((tmp_path / "store" / INCOMING).iterdir()) == []
    assert store.sweep(grace=0).files == 0
    store.close()


def test_two_processes_lose_no_update(store: Store, tmp_path: Path) -> None:
    made = store.create(OWNER, "Mine", {}, {})
    folder = str(tmp_path / "store")
    finish(start("add", folder, "left", "25"), start("add", folder, "right", "25"))
    assert store.read(made.token, OWNER).state == {"left": 25, "right": 25, "all": 50}


def test_a_sweep_beside_writers_removes_nothing_that_is_being_written(
    store: Store, tmp_path: Path
) -> None:
    held = store.create("bob", "His", {}, {"rows": store.put(rows(0))})
    folder = str(tmp_path / "store")
    finish(start("keep", folder, "25"), start("sweep", folder))
    assert store.list_of(OWNER) == []
    store.sweep(grace=0)
    assert np.array_equal(store.get(held.holdings["rows"]), rows(0))
