"""The process behind `processes.Workers`: one call after another in, progress and results out.

It imports at its start what calls will need, works at a low priority, speaks only with the server
that started it, over its own standard streams, and ends with it; what is on the way is removed.
"""

import contextlib
import gc
import importlib
import os
import queue
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from pages.ui.jobs import frames
from pages.ui.jobs.kept import ledger
from pages.ui.jobs.parcels import Received

NICE = 10  # of -20 to 19: beside it the server gets about nine tenths of a busy core


def main() -> None:
    """Answer calls from standard input until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends this
    folder, *modules = sys.argv[1:]
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(calls, Path(folder)), daemon=True).start()
    for module in modules:
        with contextlib.suppress(Exception):  # the call that needs it says what is wrong
            importlib.import_module(module)
    if hasattr(os, "nice"):  # only now, for somebody may wait for a process that is at work
        os.nice(NICE)
    while True:
        _answer(answers, calls.get(), Path(folder))
        ledger.clear()  # what the call has kept for a next one is the server's to keep
        gc.collect()


def _listen(calls: "queue.SimpleQueue[bytes]", folder: Path) -> None:
    try:
        while True:
            calls.put(frames.receive(sys.stdin.buffer))
    except EOFError:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _answer(answers: BinaryIO, call: bytes, folder: Path) -> None:
    parcels = Received(folder)

    def say(kind: str, value: Any) -> None:
        frames.send(answers, parcels.pack((kind, value)))

    def progress(fraction: float, message: str = "", partial: Any = None) -> None:
        say("progress", (fraction, message, partial))

    try:
        function, args = parcels.unpack(call)
        result = function(*args, progress=progress)
        del args
        say("result", result)
    except Exception as error:
        say("error", error)


if __name__ == "__main__":
    main()
