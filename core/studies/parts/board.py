"""How a cell reports its share, and learns of a stop: by memory in one process, by files in others.

A cell gets a `Progress`, which raises where the study was stopped. The one of this process writes
the share into the board's memory. Pickled, on its way to a worker elsewhere, it becomes one that
writes a small file in the board's folder, which works with every executor. The words of a cell stay
where it runs: its study names the cells that are under way.
"""

import threading
import time
from pathlib import Path

from core.progress import Progress
from core.studies.parts.run_folder import RunFolder

WRITE_SECONDS = 0.05  # a share is written at most so often
STOP = "stop"


class StoppedError(Exception):
    """Ends a cell that still runs once its study was stopped."""


class Board:
    """The shares of the cells of a run, by place, and whether the run was stopped."""

    def __init__(self, places: int) -> None:
        self._shares: list[float | None] = [None] * places
        self._stopped, self._folder = threading.Event(), RunFolder()

    def progress(self, place: int) -> Progress:
        """What the cell at `place` reports its share to."""
        return _Here(self, place)

    def shares(self) -> list[float | None]:
        """The largest share that each cell has reported; None for one that has not begun."""
        if self._folder.is_made:
            for place in range(len(self._shares)):
                self._put(place, _read(_file(self._folder.path, place)))
        return list(self._shares)

    def put(self, place: int, share: float) -> None:
        """Note the share of a cell; raises `StoppedError` where the run was stopped."""
        if self._stopped.is_set():
            raise StoppedError
        self._put(place, share)

    def stop(self) -> None:
        """Let every cell end at its next report."""
        self._stopped.set()
        if self._folder.is_made:
            (self._folder.path / STOP).touch()

    @property
    def folder(self) -> Path:
        """Where cells in other processes write, and find the file of a stop."""
        path = self._folder.path
        if self._stopped.is_set():  # before there was a folder to say so in
            (path / STOP).touch()
        return path

    def __enter__(self) -> "Board":
        self._folder.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._folder.__exit__(*error)

    def _put(self, place: int, share: float | None) -> None:
        if share is not None:
            self._shares[place] = max(share, self._shares[place] or 0.0)


class _Here:
    """The progress of a cell in the process of the board."""

    def __init__(self, board: Board, place: int) -> None:
        self._board, self._place = board, place

    def __call__(self, share: float, _words: str) -> None:
        self._board.put(self._place, share)

    def __reduce__(self) -> tuple[type["_Elsewhere"], tuple[str, int]]:
        return _Elsewhere, (str(self._board.folder), self._place)


class _Elsewhere:
    """The progress of a cell in another process."""

    def __init__(self, folder: str, place: int) -> None:
        self._folder, self._place = Path(folder), place
        self._written = -WRITE_SECONDS

    def __call__(self, share: float, _words: str) -> None:
        if not self._folder.exists() or (self._folder / STOP).exists():
            raise StoppedError
        if time.monotonic() - self._written >= WRITE_SECONDS:
            _file(self._folder, self._place).write_text(repr(float(share)), "ascii")
            self._written = time.monotonic()


def _file(folder: Path, place: int) -> Path:
    return folder / f"{place}.share"


def _read(file: Path) -> float | None:
    """The share in a file, or None where there is none, or only a part of one yet."""
    try:
        return float(file.read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None
