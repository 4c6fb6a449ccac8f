"""Functions that the tests run in a process of its own; it imports them by name."""

import os
import time

from core.errors import DataError
from pages.ui.jobs.executors import Progress


def add(left: int, right: int, *, progress: Progress) -> int:
    print("what a library prints is no answer")
    progress(0.5, "adding")
    return left + right


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
