"""Processes that write into one store, and are killed: run as a module, for tests.

kill FOLDER TIMES: saves in a process that is killed at another moment each time; a line for each.
add FOLDER NAME TIMES, keep FOLDER TIMES, sweep FOLDER: what two replicas do at once.
"""

import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ConflictError
from core.store import Store, Workspace, open_store

OWNER = "ann"
STEPS = 3
STOP = "stop"


def rows(number: int) -> Any:
    """An array that gets a file of its own."""
    return np.full(6_000, number, dtype=np.float32)


def save(store: Store, number: int) -> None:
    """A click: keep an array, and let the workspace hold it and say so."""
    (found,) = store.list_of(OWNER)
    changed = dataclasses.replace(
        found, state={"number": number}, holdings={"rows": store.put(rows(number))}
    )
    store.save(changed, OWNER)


def kill(folder: str, times: str) -> None:
    """Save in children, each of which is killed at another of the calls that it makes into C."""
    with_workspace = open_store(folder)
    with_workspace.create(OWNER, "Mine", {"number": 0}, {"rows": with_workspace.put(rows(0))})
    with_workspace.close()
    calls = _child(partial(_saves, folder, 0), None)[1]
    print("calls", calls, flush=True)
    reached = STEPS
    for moment in np.linspace(1, calls, int(times)).astype(int):
        acknowledged, _ = _child(partial(_saves, folder, reached), int(moment))
        store = open_store(folder)
        (found,) = store.list_of(OWNER)
        number = found.state["number"]
        same = np.array_equal(store.get(found.holdings["rows"]), rows(number))
        store.close()
        reached = max(acknowledged, reached)
        print("killed", reached, number, same, flush=True)
        reached = number


def _saves(folder: str, start: int) -> Any:
    store = open_store(folder)
    for number in range(start + 1, start + 1 + STEPS):
        save(store, number)
        yield number


def _child(work: Callable[[], Any], moment: int | None) -> tuple[int, int]:
    """Do work in a child; the last number it acknowledged, and how many calls it made.

    moment: the call at which it kills itself.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        counted = 0

        def count(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal counted
            counted += event == "c_call"
            if counted == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        for number in work():
            os.write(writing, f"{number} {counted}\n".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = lines.read().split("\n")[:-1]
    os.waitpid(child, 0)
    number, calls = told[-1].split() if told else (0, 0)
    return int(number), int(calls)


def add(folder: str, name: str, times: str) -> None:
    """Count up in the state of the one workspace; a conflict is read again and repeated."""
    store = open_store(folder)
    for _ in range(int(times)):
        while True:
            (found,) = store.list_of(OWNER)
            state = {**found.state, name: found.state.get(name, 0) + 1}
            state["all"] = found.state.get("all", 0) + 1
            try:
                store.save(dataclasses.replace(found, state=state), OWNER)
                break
            except ConflictError:
                continue
    store.close()


def keep(folder: str, times: str) -> None:
    """Keep, read and delete one content again and again, as visitors with the same file do."""
    store = open_store(folder)
    for number in range(int(times)):
        made: Workspace = store.create(
            OWNER, f"Number {number}", {}, {"rows": store.put(rows(number % 2))}
        )
        assert np.array_equal(store.get(made.holdings["rows"]), rows(number % 2))
        store.delete(made.token, OWNER)
    store.close()
    (Path(folder) / STOP).touch()


def sweep(folder: str) -> None:
    """Sweep until `keep` is done."""
    store = open_store(folder)
    while not (Path(folder) / STOP).exists():
        store.sweep()
    store.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
