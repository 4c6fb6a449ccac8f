"""Cells of a study: their order, what is kept, and how a study ends before its time."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.progress import Progress
from core.studies.parts.cells import Cell, CellLostError, SoFar, report_so_far, run_cells
from tests.patience import PATIENCE


class StoppedByUserError(Exception):
    """What a page's progress raises when its study is stopped."""


def report_until(ready: threading.Event, progress: Progress) -> None:
    """Go on reporting that half is done until `ready` is set, or patience ends."""
    end = time.monotonic() + PATIENCE
    while not ready.wait(0.005) and time.monotonic() < end:
        progress(0.5, "")


def of(
    keys: Iterable[Hashable], make: Callable[..., Any], name: Callable[[Any], str] = str
) -> list[Cell[Any]]:
    """Cells that call `make(progress, key)`."""
    return [Cell(key, name(key), make, (key,)) for key in keys]


def square(_progress: Progress, key: int) -> int:
    return key * key


@pytest.mark.parametrize("workers", [0, 1, 2, 8])
def test_cells_come_in_the_order_of_their_keys(workers: int) -> None:
    gates = {key: threading.Event() for key in range(5)}
    gates[4].set()

    def backwards(_progress: Progress, key: int) -> int:
        """With a worker for each, key 4 ends first, and lets 3 end, and so on."""
        if workers == 8:
            assert gates[key].wait(PATIENCE)
        if key:
            gates[key - 1].set()
        return key * key

    assert run_cells(of([3, 0, 4, 2, 1], backwards), workers=workers) == [9, 0, 16, 4, 1]


def test_no_keys_are_no_cells() -> None:
    told: list[tuple[float, str]] = []
    cells = run_cells(of([], square), progress=lambda share, words: told.append((share, words)))
    assert cells == []
    assert [words for _, words in told] == ["0 of 0 done"]


def test_a_key_named_twice_is_made_once_and_still_ends_at_1() -> None:
    made: list[int] = []
    told: list[tuple[float, str]] = []

    def make(_progress: Progress, key: int) -> int:
        made.append(key)
        return key * key

    cells = run_cells(of([2, 3, 2], make), progress=lambda *words: told.append(words))
    assert cells == [4, 9, 4]
    assert made == [2, 3]
    assert told[-1] == (1.0, "2 of 2 done")


def test_what_is_done_is_not_made_again() -> None:
    done: dict[Hashable, Any] = {"b": "kept", "elsewhere": 7}
    made: list[str] = []

    def make(_progress: Progress, key: str) -> str:
        made.append(key)
        return key.upper()

    assert run_cells(of(["a", "b", "c"], make), done=done) == ["A", "kept", "C"]
    assert made == ["a", "c"]
    assert done == {"a": "A", "b": "kept", "c": "C", "elsewhere": 7}


def test_a_cell_that_is_none_is_done_too() -> None:
    made: list[str] = []

    def make(_progress: Progress, key: str) -> None:
        made.append(key)

    assert run_cells(of(["a", "b"], make), done={"a": None}) == [None] * 2
    assert made == ["b"]


def test_progress_tells_share_and_cells_under_way() -> None:
    told: list[tuple[float, str]] = []

    def report(share: float, words: str) -> None:
        told.append((share, words))

    def make(progress: Progress, key: int) -> int:
        progress(0.5, "")
        return key

    run_cells(of([5, 6], make, lambda key: f"cell {key}"), done={5: 5}, progress=report)
    assert told[-1] == (1.0, "2 of 2 done")
    assert told[0][1] in ("1 of 2 done; cell 6", "2 of 2 done; cell 6")  # 6 may be done by then
    assert told[0][0] in (0.5, 0.75, 1.0)


def test_a_share_told_by_a_cell_is_seen_while_it_runs() -> None:
    seen, told = threading.Event(), []

    def report(share: float, words: str) -> None:
        told.append((share, words))
        if share == pytest.approx((1 + 0.25) / 2):
            seen.set()

    def make(progress: Progress, key: int) -> int:
        progress(0.25, "")
        assert seen.wait(PATIENCE)  # until the report has come round
        return key

    run_cells(of([0, 1], make), done={0: 0}, progress=report)
    assert (0.625, "1 of 2 done; 1") in told


@pytest.mark.parametrize("workers", [1, 3])
def test_shares_never_fall_and_end_at_1(workers: int) -> None:
    told: list[float] = []

    def make(progress: Progress, key: int) -> int:
        for step in range(20):
            progress(step / 20, "")
        return key

    run_cells(of(range(12), make), workers=workers, progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert told[0] < 1.0
    assert told[-1] == 1.0


def test_workers_run_side_by_side() -> None:
    together = threading.Barrier(3, timeout=PATIENCE)

    def make(_progress: Progress, key: int) -> int:
        together.wait()  # raises unless three cells wait here at once
        return key

    assert run_cells(of(range(6), make), workers=3) == list(range(6))


def test_no_more_run_at_once_than_workers() -> None:
    lock, running, most = threading.Lock(), [0], [0]
    pause = threading.Event()

    def make(_progress: Progress, key: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        pause.wait(0.01)
        with lock:
            running[0] -= 1
        return key

    run_cells(of(range(8), make), workers=2)
    assert most == [2]


def test_a_stop_keeps_the_finished_and_ends_the_running() -> None:
    done: dict[Hashable, Any] = {}
    ended: list[int] = []
    begun, hold = threading.Event(), threading.Event()

    def report(_share: float, words: str) -> None:
        if words.startswith("1 of 4"):
            raise StoppedByUserError

    def make(progress: Progress, key: int) -> int:
        if key == 0:
            assert begun.wait(PATIENCE)  # for cell 1, so that one is running at the stop
            return 0
        try:
            begun.set()
            report_until(hold, progress)
        except Exception as stopped:
            ended.append(key)
            raise stopped
        return key

    with pytest.raises(StoppedByUserError):
        run_cells(of([0, 1, 2, 3], make), workers=2, done=done, progress=report)
    assert done == {0: 0}
    assert 1 in ended  # by its report
    assert set(ended) <= {1, 2}

    hold.set()
    again: list[int] = []

    def make_again(progress: Progress, key: int) -> int:
        again.append(key)
        return make(progress, key)

    assert run_cells(of([0, 1, 2, 3], make_again), done=done) == [0, 1, 2, 3]
    assert again == [1, 2, 3]


def test_an_error_in_a_cell_ends_the_study_and_reaches_the_caller() -> None:
    done: dict[Hashable, Any] = {}
    begun: list[int] = []
    fail, never = threading.Event(), threading.Event()

    def make(progress: Progress, key: int) -> int:
        begun.append(key)
        if key == 1:
            assert fail.wait(PATIENCE)
            raise ValueError("cell 1 cannot be made")
        if key == 2:
            fail.set()
            report_until(never, progress)
        return key

    with pytest.raises(ValueError, match="cell 1 cannot be made"):
        run_cells(of([0, 1, 2, 3, 4], make), workers=2, done=done)
    assert done == {0: 0}
    assert sorted(begun) == [0, 1, 2]


def test_a_cell_that_ends_after_the_stop_without_telling_is_kept() -> None:
    done: dict[Hashable, Any] = {}
    begun, go_on = threading.Event(), threading.Event()

    def report(_share: float, _words: str) -> None:
        if begun.is_set():
            go_on.set()
            raise StoppedByUserError

    def make(_progress: Progress, key: str) -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return key.upper()

    with pytest.raises(StoppedByUserError):
        run_cells(of(["a", "b"], make), done=done, progress=report)
    assert done == {"a": "A"}


def test_what_is_finished_is_told_from_the_start_and_after_each_cell() -> None:
    seen: list[SoFar[int]] = []
    done: dict[Hashable, Any] = {"b": 2, "elsewhere": 9}
    keys = ["a", "b", "c"]

    def total(parts: dict[str, int]) -> int | None:
        assert list(parts) == [key for key in keys if key in parts]
        return sum(parts.values()) if "a" in parts else None

    values = {"a": 1, "c": 30}
    run_cells(
        of(keys, lambda _progress, key: values[key]),
        done=done,
        finished=report_so_far(seen.append, keys, total),
    )
    assert seen == [SoFar(None, 1, 3), SoFar(3, 2, 3), SoFar(33, 3, 3)]
    assert report_so_far(None, keys, total) is None


class Recorder(ThreadPoolExecutor):
    """An executor that somebody else owns."""

    ended = False

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        self.ended = True
        super().shutdown(*args, **kwargs)


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_an_executor_is_used_and_left_as_it_is(workers: int | None) -> None:
    threads: set[str] = set()

    def make(_progress: Progress, key: int) -> int:
        threads.add(threading.current_thread().name.split("_")[0])
        return -key

    with Recorder(2, thread_name_prefix="lent") as executor:
        assert run_cells(of(range(4), make), executor=executor, workers=workers) == [0, -1, -2, -3]
        assert not executor.ended
        assert executor.submit(abs, -3).result(PATIENCE) == 3
    assert threads == {"lent"}


def test_without_a_limit_all_cells_are_handed_to_the_executor() -> None:
    together = threading.Barrier(3, timeout=PATIENCE)
    with ThreadPoolExecutor(3) as executor:
        made = run_cells(
            of(range(3), lambda _progress, key: (together.wait(), key)[1]),
            executor=executor,
            workers=None,
        )
    assert made == [0, 1, 2]


def test_cells_that_wait_in_an_executor_are_dropped_at_a_stop() -> None:
    begun: list[int] = []
    never = threading.Event()

    def make(progress: Progress, key: int) -> int:
        begun.append(key)
        report_until(never, progress)
        return key

    def stop(_share: float, words: str) -> None:
        if words.endswith("; 0"):  # the others wait in the executor, and are not named
            raise StoppedByUserError

    done: dict[Hashable, Any] = {}
    with ThreadPoolExecutor(1) as executor, pytest.raises(StoppedByUserError):
        run_cells(of(range(5), make), executor=executor, workers=None, done=done, progress=stop)
    assert (begun, done) == ([0], {})


def test_an_executor_that_takes_nothing_is_named_and_keeps_what_is_done() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(CellLostError, match=r"worker of the part 'b' .*cannot schedule"):
        run_cells(of(["a", "b"], square), executor=executor, done={"a": 1})


def test_an_error_of_ours_tells_where_in_the_cell_it_was() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_cells(of([0], lambda _progress, key: 1 // key))
    (note,) = caught.value.__notes__
    assert "In a cell of a study:" in note
    assert "1 // key" in note
