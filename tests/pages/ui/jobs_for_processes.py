"""Functions that the tests run in a process of its own; it imports them by name."""

import os
import time

import numpy as np

from core.errors import DataError
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.worker import NICE


def add(left: int, right: int, *, progress: Progress) -> int:
    print("what a library prints is no answer")
    progress(0.5, "adding")
    return left + right


def process_id(*, progress: Progress) -> int:
    progress(1.0)
    return os.getpid()


def halves(
    values: np.ndarray, *, progress: Progress
) -> tuple[np.ndarray, np.ndarray, dict[str, object]]:
    """The array, its half, and what the process and the array are like."""
    progress(0.5)
    how: dict[str, object] = {
        "nice": os.nice(0) >= NICE,
        "mapped": isinstance(values.base, np.memmap),
        "threads": os.environ["OMP_NUM_THREADS"],
        "writeable": values.flags.writeable,
    }
    return values, values[::2].copy(), how


def draft(*, progress: Progress) -> str:
    progress(0.25, "", "a quarter")
    progress(0.5, "", "a half")
    progress(0.75, "writing on")
    time.sleep(3600)  # it is killed long before
    return "whole"


def refuse(*, progress: Progress) -> None:
    progress(0.5)
    raise DataError("no rows")


def hang(*, progress: Progress) -> None:
    progress(0.5, "hanging")
    time.sleep(3600)  # it is killed long before


def die(*, progress: Progress) -> None:
    progress(0.5)
    os._exit(9)
