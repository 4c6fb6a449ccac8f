"""Cells in other processes: what they get, what they tell, and how they end before their time."""

import os
import signal
import time
from collections.abc import Hashable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import CoreError, ParameterError
from core.progress import Progress
from core.studies.parts.cells import Cell, CellLostError, run_cells
from core.studies.parts.shared import Shared, Sharing
from tests.patience import PATIENCE


class StoppedByUserError(Exception):
    """What a page's progress raises when its study is stopped."""


def where(_progress: Progress, _key: int) -> int:
    return os.getpid()


def total(
    _progress: Progress, values: Shared[dict[str, Any]], column: int
) -> tuple[float, bool, int]:
    array = values.value["array"]
    return float(array[:, column].sum()), bool(array.flags.writeable), id(values.value)


def until(progress: Progress, flag: str) -> str:
    """Go on telling that a quarter is done until a file is there, or patience ends."""
    end = time.monotonic() + PATIENCE
    while not Path(flag).exists() and time.monotonic() < end:
        progress(0.25, "")
        time.sleep(0.01)
    return "done"


def refuse(_progress: Progress) -> None:
    raise ParameterError("k must be at least 1; got 0.")


def fail(_progress: Progress) -> None:
    raise ZeroDivisionError("of the cell")


def die(_progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_cells_run_in_the_workers(processes: ProcessPoolExecutor) -> None:
    found = run_cells([Cell(i, str(i), where, (i,)) for i in range(6)], executor=processes)
    assert os.getpid() not in found
    assert len(set(found)) <= 2
    assert processes.submit(abs, -4).result(PATIENCE) == 4  # nobody has shut it down


def test_shared_values_arrive_read_only_and_are_opened_once(
    processes: ProcessPoolExecutor,
) -> None:
    array = np.arange(300_000.0).reshape(100_000, 3)
    with Sharing() as sharing:
        shared = sharing.share({"array": array})
        cells = [Cell(i, str(i), total, (shared, i % 3)) for i in range(12)]
        found = run_cells(cells, executor=processes, workers=None)
    assert [each[0] for each in found] == array.sum(axis=0).tolist() * 4
    assert not any(writeable for _, writeable, _ in found)
    assert len({place for _, _, place in found}) <= 2  # one for each worker


def test_shares_are_seen_while_a_cell_runs_never_fall_and_end_at_1(
    processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    told: list[tuple[float, str]] = []
    flag = tmp_path / "seen"

    def report(share: float, words: str) -> None:
        told.append((share, words))
        if share == pytest.approx((1 + 0.25) / 2):
            flag.touch()

    cells = [Cell(i, f"cell {i}", until, (str(flag),)) for i in range(2)]
    run_cells(cells, executor=processes, done={0: "kept"}, progress=report)
    assert (0.625, "1 of 2 done; cell 1") in told
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "2 of 2 done")


def test_a_stop_ends_what_runs_and_what_waits_and_keeps_the_finished(
    processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    never = str(tmp_path / "never")
    cells: list[Cell[Any]] = [Cell("first", "first", where, (0,))]
    cells += [Cell(i, str(i), until, (never,)) for i in range(7)]
    done: dict[Hashable, Any] = {}

    def stop(share: float, words: str) -> None:
        if words.startswith("1 of 8") and share > 1 / 8:
            raise StoppedByUserError

    with pytest.raises(StoppedByUserError):
        run_cells(cells, executor=processes, workers=None, done=done, progress=stop)
    assert list(done) == ["first"]  # a cell whose patience had ended would be there
    assert processes.submit(abs, -4).result(PATIENCE) == 4


@pytest.mark.parametrize(("function", "error"), [(refuse, ParameterError), (fail, Exception)])
def test_what_a_cell_raises_reaches_the_caller(
    processes: ProcessPoolExecutor, function: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        run_cells([Cell("it", "it", function)], executor=processes)
    if function is fail:
        assert type(caught.value) is ZeroDivisionError
        assert "in fail" in caught.value.__notes__[0]


def test_a_worker_that_is_killed_is_named_and_the_finished_are_kept() -> None:
    done: dict[Hashable, Any] = {}
    cells: list[Cell[Any]] = [Cell("before", "before", where, (0,))]
    cells += [Cell("dying", "rank 8", die), Cell("after", "after", where, (0,))]
    message = r"part 'rank 8' ended without an answer .*run the study again"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        with pytest.raises(CellLostError, match=message) as caught:
            run_cells(cells, executor=executor, done=done)
        assert isinstance(caught.value, CoreError)
    assert list(done) == ["before"]
