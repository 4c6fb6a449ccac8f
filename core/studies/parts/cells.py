"""A study as independent cells: run side by side, kept when done, stopped between two steps."""

import threading
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

T = TypeVar("T")
Progress = Callable[[float, str], None]
Done = MutableMapping[Hashable, Any]
Tell = Callable[[float], None]
POLL_SECONDS = 0.1


class _StoppedError(Exception):
    """Ends the cells that still run once the study was stopped."""


def run_cells(
    keys: Sequence[Hashable],
    make: Callable[[Any, Tell], T],
    *,
    name: Callable[[Any], str] = str,
    workers: int = 1,
    done: Done | None = None,
    progress: Progress | None = None,
) -> list[T]:
    """The cell of each key, in the order of `keys`, made by `make(key, tell)`.

    tell: takes the share of the cell that is done, and raises where the study was stopped. workers:
    cells made at the same time, in threads. done: cells found there are not made again, and each
    finished one is put there, also if the study is stopped later. progress: called as
    progress(share of all, words); an exception that it raises stops the study. name: of a cell, in
    those words.
    """
    kept: Done = {} if done is None else done
    shares = {key: float(key in kept) for key in keys}
    stop = threading.Event()

    def run(key: Hashable) -> T:
        def tell(share: float) -> None:
            if stop.is_set():
                raise _StoppedError
            shares[key] = share

        tell(0.0)
        cell = make(key, tell)
        kept[key], shares[key] = cell, 1.0
        return cell

    def report(running: Sequence[Hashable]) -> None:
        if progress is not None:
            finished = sum(key in kept for key in shares)
            words = f"{finished:,} of {len(shares):,} done"
            now = ", ".join(name(key) for key in running)
            progress(
                sum(shares.values()) / max(len(shares), 1), f"{words}; {now}" if now else words
            )

    _run_all([key for key in shares if key not in kept], run, report, workers, stop)
    return [kept[key] for key in keys]


def _run_all(
    keys: list[Hashable],
    run: Callable[[Hashable], T],
    report: Callable[[Sequence[Hashable]], None],
    workers: int,
    stop: threading.Event,
) -> None:
    running: dict[Future[T], Hashable] = {}
    waiting = list(keys)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < max(1, workers):
                    key = waiting.pop(0)
                    running[pool.submit(run, key)] = key
                report(list(running.values()))
                ended, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
                for future in ended:
                    del running[future]
                    future.result()
            report([])
        except BaseException:
            stop.set()
            raise
