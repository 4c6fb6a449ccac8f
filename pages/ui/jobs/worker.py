"""The process behind `executors.run_in_process`: one pickled call in, progress and a result out.

Speaks only with the server that started it, over its own standard streams, and ends with it.
"""

import os
import pickle
import sys
import threading
from typing import Any, BinaryIO


def main() -> None:
    """Read one call from standard input, run it, and write what it says to standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    function, args = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_server, daemon=True).start()

    def progress(fraction: float, message: str = "", partial: Any = None) -> None:
        _send(answers, "progress", (fraction, message, partial))

    try:
        _send(answers, "result", function(*args, progress=progress))
    except Exception as error:
        _send(answers, "error", error)


def _end_with_server() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


def _send(answers: BinaryIO, kind: str, value: Any) -> None:
    pickle.dump((kind, value), answers, protocol=5)
    answers.flush()


if __name__ == "__main__":
    main()
