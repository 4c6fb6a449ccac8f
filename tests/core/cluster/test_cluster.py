"""A Dask cluster of two workers: what it is refused for, what it computes, and what it survives."""

import os
import resource
import signal
import time
from collections.abc import Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cluster import ClusterExecutor, connect, executor, of_deployment
from core.cluster.look import Look, look
from core.data.shards import open_shards
from core.errors import ClusterError, MissingExtraError, ParameterError
from core.index import HnswGraph, build_hnsw, census, ef_curves, exact_neighbors
from core.limits import CLUSTER_FOLDER, SCHEDULER
from core.metrics import count_pairs
from core.progress import Progress
from core.studies.parts.blocks import census_in_blocks, curves_in_blocks, neighbors_in_blocks
from core.studies.parts.cells import Cell, CellLostError, run_cells
from core.studies.parts.pair_blocks import count_pairs_in_blocks
from tests.clusters import Cluster, cluster
from tests.core.studies.experiments.test_executors import (
    LABELS,
    PARAMS,
    STUDIES,
    VECTORS,
    Study,
    same,
)
from tests.patience import PATIENCE
from tests.servers import free_port


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
def workers(two: Cluster) -> Iterator[ClusterExecutor]:
    with connect(two.address) as connected:
        assert connected.workers == 2
        yield connected


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, PARAMS)


def where(_progress: Progress, _key: int) -> int:
    return os.getpid()


def until(progress: Progress, flag: str) -> int:
    """Go on until a file is there; the process that did."""
    end = time.monotonic() + PATIENCE
    while not Path(flag).exists() and time.monotonic() < end:
        progress(0.25, "")
        time.sleep(0.01)
    return os.getpid()


def mark(progress: Progress, folder: str, name: str) -> str:
    """Leave a file with the process that has begun, and go on until the file "go" is there."""
    place = Path(folder)
    (place / f"{name}-{os.getpid()}.begun").touch()
    until(progress, str(place / "go"))
    return name


def refuse(_progress: Progress) -> None:
    raise ParameterError("k must be at least 1; got 0.")


@pytest.mark.parametrize(("study", "parts"), STUDIES.values(), ids=STUDIES.keys())
def test_each_study_is_that_of_this_process_to_the_last_bit(
    study: Study, parts: int, graph: HnswGraph, workers: ClusterExecutor
) -> None:
    here: dict[Hashable, Any] = {}
    there: dict[Hashable, Any] = {}
    told: list[float] = []
    plain = study(VECTORS, LABELS, graph, done=here)
    found = study(
        VECTORS,
        LABELS,
        graph,
        executor=workers,
        done=there,
        progress=lambda share, _words: told.append(share),
    )
    assert same(found, plain)
    assert set(there) == set(here)
    assert len(there) == parts
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_equal_calls_are_two_tasks_and_both_workers_take_part(
    workers: ClusterExecutor, tmp_path: Path
) -> None:
    cells = [Cell(i, str(i), mark, (str(tmp_path), "same")) for i in range(2)]

    def report(_share: float, _words: str) -> None:
        if len(list(tmp_path.glob("*.begun"))) == 2:
            (tmp_path / "go").touch()

    assert run_cells(cells, executor=workers, workers=None, progress=report) == ["same"] * 2
    begun = {path.name.split("-")[1] for path in tmp_path.glob("*.begun")}
    assert len(begun) == 2
    assert f"{os.getpid()}.begun" not in begun


def test_a_stop_is_heard_by_what_runs_and_keeps_the_finished(
    workers: ClusterExecutor, tmp_path: Path
) -> None:
    never = str(tmp_path / "never")
    cells: list[Cell[Any]] = [Cell("first", "first", where, (0,))]
    cells += [Cell(i, str(i), until, (never,)) for i in range(5)]
    done: dict[Hashable, Any] = {}

    def stop(share: float, words: str) -> None:
        if words.startswith("1 of 6") and share > 1 / 6:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_cells(cells, executor=workers, workers=None, done=done, progress=stop)
    assert list(done) == ["first"]
    assert workers.submit(abs, -4).result(PATIENCE) == 4  # both are free again


def test_what_a_cell_raises_comes_back_as_it_is(workers: ClusterExecutor) -> None:
    with pytest.raises(ParameterError, match="got 0"):
        run_cells([Cell("it", "it", refuse)], executor=workers)
    with pytest.raises(CellLostError, match="part 'it' ended without an answer"):
        run_cells([Cell("it", "it", lambda _progress: 1 / 0)], executor=Unable())


class Unable(ThreadPoolExecutor):
    def submit(self, *_args: Any, **_kwargs: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        answer.set_exception(RuntimeError("killed"))
        return answer


def test_truth_curves_census_and_pairs_are_those_of_this_process(
    graph: HnswGraph, workers: ClusterExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.studies.parts.blocks.QUERIES_PER_CELL", 16)
    monkeypatch.setattr("core.studies.parts.blocks.ROWS_PER_CELL", 150)
    rows = np.arange(40)
    truth = exact_neighbors(VECTORS, VECTORS[:40], 6, metric="euclidean", exclude=rows)
    blocks = neighbors_in_blocks(
        VECTORS,
        VECTORS[:40],
        6,
        metric="euclidean",
        exclude=rows,
        block_rows=70,
        executor=workers,
    )
    assert same(blocks, truth)
    ks = (2, 5)
    here = ef_curves(graph, VECTORS[:40], truth, ks, ef_max=30, exclude=rows)
    there = curves_in_blocks(
        graph, VECTORS[:40], truth, ks, ef_max=30, exclude=rows, executor=workers
    )
    assert list(there) == [2, 5]
    assert all(same(there[k], here[k]) for k in ks)
    for sample in (None, 310):
        rolled = census_in_blocks(graph, ef=6, sample=sample, seed=3, executor=workers)
        assert same(rolled, census(graph, ef=6, sample=sample, seed=3))
    counted = count_pairs_in_blocks(VECTORS, LABELS, metric="euclidean", executor=workers)
    pairs = count_pairs(VECTORS, LABELS, metric="euclidean")
    assert same(counted.totals.impostor, pairs.totals.impostor)
    assert same(counted.row_genuine, pairs.row_genuine)
    assert same(counted.nearest_impostors, pairs.nearest_impostors)


def limit_to(more: int) -> int:
    """Let this process take `more` bytes of memory and not more; what its limit was."""
    resource.getrlimit(resource.RLIMIT_DATA)
    taken = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmData")
    )
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (taken + more, hard))
    return before


def unlimit(before: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (before, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def on_each(workers: ClusterExecutor, function: Any, *args: Any) -> dict[str, Any]:
    found: dict[str, Any] = workers._client.run(function, *args)
    return found


def load_all(paths: list[str]) -> int:
    return len(np.concatenate([np.load(path) for path in paths]))


def test_exact_neighbors_of_more_than_a_worker_may_hold(
    workers: ClusterExecutor, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    centers = random.normal(size=(50, 32)).astype(np.float32)
    paths = []
    for number in range(4):  # 4 x 8 MB of rows with ties
        rows = centers[random.integers(0, 50, 65_536)]
        rows += random.integers(-3, 4, rows.shape).astype(np.float32)
        np.save(tmp_path / f"part-{number}.npy", rows)
        paths.append(str(tmp_path / f"part-{number}.npy"))
    shards = open_shards(tmp_path)
    queries = shards.read(0, 24)
    whole = np.concatenate([np.load(path) for path in paths])
    truth = exact_neighbors(whole, queries, 10, metric="euclidean", exclude=np.arange(24))
    before = on_each(workers, limit_to, 32_000_000)
    try:
        assert shards.nbytes > 33_000_000
        with pytest.raises(MemoryError):
            workers.submit(load_all, paths).result(PATIENCE)
        found = neighbors_in_blocks(
            shards,
            queries,
            10,
            metric="euclidean",
            exclude=np.arange(24),
            block_rows=25_000,
            executor=workers,
        )
    finally:
        on_each(workers, unlimit, max(before.values()))
    assert same(found, truth)


def test_a_worker_that_is_killed_has_its_cells_done_again_by_another(
    two: Cluster, workers: ClusterExecutor, tmp_path: Path
) -> None:
    names = ["a", "b", "c", "d"]
    cells = [Cell(name, name, mark, (str(tmp_path), name)) for name in names]
    killed: list[int] = []

    def report(_share: float, _words: str) -> None:
        begun = [int(path.stem.split("-")[1]) for path in tmp_path.glob("*.begun")]
        if len(set(begun)) == 2 and not killed:
            killed.append(begun[0])
            os.kill(begun[0], signal.SIGKILL)
            (tmp_path / "go").touch()

    done: dict[Hashable, Any] = {}
    assert run_cells(cells, executor=workers, workers=None, done=done, progress=report) == names
    assert [each.pid for each in two.workers if each.poll() is not None] == killed
    assert workers.workers == 1


def test_an_address_where_nobody_answers_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setenv(SCHEDULER, address)
    with pytest.raises(ClusterError, match=f"No Dask scheduler answers at {address}"):
        connect(address, seconds=0.3)
    monkeypatch.setenv(SCHEDULER, "127.0.0.1:8786")
    with pytest.raises(ParameterError, match=r"as in tcp://127.0.0.1:8786; got '127.0.0.1:8786'"):
        of_deployment()
    monkeypatch.delenv(SCHEDULER)
    assert of_deployment() is None


def test_the_cluster_of_a_deployment_is_connected_once_and_again_when_it_was_lost(
    two: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCHEDULER, two.address)
    monkeypatch.setattr(ClusterExecutor, "_warm", lambda _self: None)  # they are warm
    monkeypatch.setenv(CLUSTER_FOLDER, "/nowhere")
    with pytest.raises(ClusterError, match=r"Nothing can be written into /nowhere \(No such file"):
        of_deployment()
    monkeypatch.delenv(CLUSTER_FOLDER)
    first = of_deployment()
    assert first is not None
    assert of_deployment() is first
    first.shutdown()
    second = of_deployment()
    assert second is not None
    assert second is not first
    assert second.submit(abs, -4).result(PATIENCE) == 4
    second.shutdown()


def test_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    with (
        cluster(tmp_path, 0) as empty,
        pytest.raises(ClusterError, match=r"has no workers\. Start one .*: dask worker tcp://"),
    ):
        connect(empty.address)


HERE = Look(True, "0123", ("Python 3.11", "numpy 2.4.6"))


@pytest.mark.parametrize(
    ("its", "fault"),
    [
        (HERE, ""),
        (Look(True, "4567", HERE.made_with), "runs other code than this process"),
        (Look(True, "0123", ("Python 3.12", "numpy 2.4.6")), "has Python 3.12, numpy 2.4.6; this"),
        (Look(False, "0123", HERE.made_with), f"Let {CLUSTER_FOLDER} name"),
        (ModuleNotFoundError("No module named 'core'"), "No module named 'core'"),
    ],
)
def test_a_worker_that_is_not_fit_is_named_with_the_reason(its: Any, fault: str) -> None:
    assert fault in executor._fault(its, HERE)
    assert bool(executor._fault(its, HERE)) == bool(fault)


def test_a_process_sees_a_file_and_its_own_code(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    assert look(str(tmp_path / "token")) == look(str(tmp_path / "token"))
    assert not look(str(tmp_path / "none")).sees


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"needs Dask.*\[scale\]"):
        connect("tcp://127.0.0.1:1")


def test_files_are_exchanged_in_the_folder_of_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.studies.parts.run_folder import RunFolder

    monkeypatch.setenv(CLUSTER_FOLDER, str(tmp_path))
    with RunFolder() as folder:
        assert folder.path.parent == tmp_path


def test_a_scheduler_that_is_lost_ends_the_study_in_words_and_it_goes_on_here(
    two: Cluster, workers: ClusterExecutor, tmp_path: Path
) -> None:
    done: dict[Hashable, Any] = {}
    cells: list[Cell[Any]] = [Cell("first", "first", where, (0,))]
    cells += [Cell(i, str(i), until, (str(tmp_path / "go"),)) for i in range(2)]

    def lose(share: float, words: str) -> None:
        if words.startswith("1 of 3") and share > 1 / 3:
            two.end()

    with pytest.raises(ClusterError, match=r"scheduler at tcp://.* was lost\. The finished"):
        run_cells(cells, executor=workers, workers=1, done=done, progress=lose)
    assert list(done) == ["first"]
    assert not workers.is_connected
    with pytest.raises(ClusterError, match="was lost"):
        workers.submit(abs, -4)
    (tmp_path / "go").touch()
    assert run_cells(cells, done=done)[1:] == [os.getpid()] * 2
