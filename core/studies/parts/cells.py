"""A study as independent cells: run side by side, kept when done, stopped between two steps.

A cell is a function of a module with small arguments that can be pickled, so that it runs on any
executor: threads, processes, or the workers of a cluster.
"""

import traceback
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.errors import ClusterError, CoreError
from core.limits import default_threads
from core.progress import Progress
from core.studies.parts.board import Board, StoppedError

T = TypeVar("T")
Done = MutableMapping[Hashable, Any]
Finished = Callable[[Done], None]
POLL_SECONDS = 0.1
STOP_SECONDS = 60.0  # that a stopped study waits for cells that say nothing


class CellLostError(CoreError):
    """The worker of a cell ended without an answer, or could not be reached."""


@dataclass(frozen=True)
class Cell(Generic[T]):
    """One part of a study: `function(progress, *arguments)`.

    key: names the cell in `done`.
    name: in words, for the progress.
    function: of a module, not a closure, where it is to run in other processes. It calls
    `progress(share, words)` with the share of its work that is done, which raises where the study
    was stopped.
    arguments: small; large values travel as `Shared`.
    """

    key: Hashable
    name: str
    function: Callable[..., T]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class SoFar(Generic[T]):
    """A study while it runs.

    result: made of the finished parts, None as long as they do not make one.
    finished: number of finished parts.
    total: number of all parts.
    """

    result: T | None
    finished: int
    total: int


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    """What a cell gave: its value, or the error that it raised."""

    value: T | None
    error: Exception | None = None


def run_cells(
    cells: Sequence[Cell[T]],
    *,
    executor: Executor | None = None,
    workers: int | None = 1,
    done: Done | None = None,
    progress: Progress | None = None,
    finished: Finished | None = None,
) -> list[T]:
    """The results of the cells, in their order.

    executor: runs the cells; it is not shut down. Default: threads of this process.
    workers: cells handed over at the same time. None: all that there are where there is an
    executor, which knows how many it runs at once; else as many as this machine has cores.
    done: cells found there by key are not run again, and each finished one is put there, also those
    that end after a stop.
    progress: called as progress(share of all, words) in the calling thread. An exception that it
    raises stops the study: cells that wait are dropped, those that run end at their next report;
    and one that reports nothing for a minute is left to itself.
    finished: called with all that is done, at the start and after each cell.

    Raises what a cell raises, `CellLostError` where its worker ended without an answer, and
    ClusterError where the cluster of the executor was lost.
    """
    kept: Done = {} if done is None else done
    missing = {cell.key: cell for cell in cells if cell.key not in kept}
    keys = {cell.key for cell in cells}
    with Board(len(missing)) as board:
        run = _Run(list(missing.values()), keys, kept, board, progress, finished)
        if executor is not None:
            run.through(executor, workers)
        else:
            threads = default_threads() if workers is None else max(1, workers)
            with ThreadPoolExecutor(threads) as pool:
                run.through(pool, threads)
    return [kept[cell.key] for cell in cells]


def report_so_far(
    so_far: Callable[[SoFar[T]], None] | None,
    keys: Sequence[Hashable],
    make: Callable[[dict[Any, Any]], T | None],
) -> Finished | None:
    """What `run_cells` takes as `finished`, to report the study made of the parts that are there.

    keys: of all parts of the study. make: the study of finished parts, by key and in the order of
    the keys, or None where they do not make one.
    """
    if so_far is None:
        return None

    def report(done: Done) -> None:
        parts = {key: done[key] for key in keys if key in done}
        so_far(SoFar(make(parts) if parts else None, len(parts), len(keys)))

    return report


class _Run:
    """The cells that are missing, on their way through an executor."""

    def __init__(
        self,
        cells: list[Cell[Any]],
        keys: set[Hashable],
        kept: Done,
        board: Board,
        progress: Progress | None,
        finished: Finished | None,
    ) -> None:
        self._cells, self._keys, self._kept, self._board = cells, keys, kept, board
        self._progress, self._finished = progress, finished
        self._running: dict[Future[_Outcome[Any]], int] = {}
        self._limited, self._reported = True, 0.0

    def through(self, executor: Executor, workers: int | None) -> None:
        waiting = list(range(len(self._cells)))
        self._limited = workers is not None
        most = len(waiting) if workers is None else max(1, workers)
        try:
            self._report_finished()
            while waiting or self._running:
                while waiting and len(self._running) < most:
                    self._submit(executor, waiting.pop(0))
                self._report()
                ended, _ = wait(self._running, POLL_SECONDS, FIRST_COMPLETED)
                self._gather(ended)
            self._report()
        except BaseException:
            self._stop()
            raise

    def _submit(self, executor: Executor, place: int) -> None:
        cell = self._cells[place]
        try:
            future = executor.submit(
                _run, cell.function, self._board.progress(place), cell.arguments
            )
        except ClusterError:
            raise
        except Exception as error:
            raise _lost(cell, error) from error
        self._running[future] = place

    def _gather(self, ended: set[Future[_Outcome[Any]]]) -> None:
        """Keep what the ended cells gave, then raise the first error among them."""
        errors = [self._take(future) for future in sorted(ended, key=self._running.__getitem__)]
        if ended:
            self._report_finished()
        for error in errors:
            if error is not None:
                raise error

    def _take(self, future: Future[_Outcome[Any]]) -> Exception | None:
        cell = self._cells[self._running.pop(future)]
        try:
            outcome = future.result()
        except ClusterError as error:
            return error
        except Exception as error:
            return _lost(cell, error)
        if outcome.error is None:
            self._kept[cell.key] = outcome.value
        return outcome.error

    def _stop(self) -> None:
        """Drop the cells that wait, and wait for those that run; what they still give is kept.

        A cell that has begun is not canceled: some executors say that it was, and let it run on.
        """
        self._board.stop()
        shares = self._board.shares()
        left = [
            future
            for future, place in list(self._running.items())
            if shares[place] is not None or not future.cancel()
        ]
        ended, silent = wait(left, STOP_SECONDS)
        for future in ended:
            self._take(future)
        for future in silent:
            future.cancel()
        self._report_finished()

    def _report_finished(self) -> None:
        if self._finished is not None:
            self._finished(self._kept)

    def _report(self) -> None:
        if self._progress is None:
            return
        shares = self._board.shares()
        under_way = [place for place in self._running.values() if self._is_begun(shares[place])]
        done = sum(key in self._kept for key in self._keys)
        share = done + sum(shares[place] or 0.0 for place in under_way)
        words = f"{done:,} of {len(self._keys):,} done"
        names = ", ".join(self._cells[place].name for place in under_way)
        self._reported = max(self._reported, share / max(len(self._keys), 1))
        self._progress(self._reported, f"{words}; {names}" if names else words)

    def _is_begun(self, share: float | None) -> bool:
        """Where all cells are handed over at once, one that has reported nothing only waits."""
        return self._limited or share is not None


def _run(function: Callable[..., T], progress: Progress, arguments: tuple[Any, ...]) -> _Outcome[T]:
    """Run a cell where the executor has put it."""
    try:
        progress(0.0, "")
        return _Outcome(function(progress, *arguments))
    except Exception as error:
        if not isinstance(error, StoppedError | CoreError):
            error.add_note(f"In a cell of a study:\n{traceback.format_exc()}")
        return _Outcome(None, error)


def _lost(cell: Cell[Any], error: Exception) -> CellLostError:
    return CellLostError(
        f"The worker of the part {cell.name!r} ended without an answer "
        f"({type(error).__name__}: {error}). Most likely its memory ran out, or it was ended from "
        "outside. The finished parts are kept: run the study again, with fewer rows or workers."
    )
