"""The store against reading the same set from its file again, and against SQLite alone.

python -m benchmarks.store [rows] [dimensions]

CPU seconds, for these machines are shared; each way of opening runs in a fresh process that has
imported the library. Resident memory counts the pages of mapped files, which the system may take
back; own memory does not. Both are what the opening added, beside the bytes of the vectors. The
first opening in a process reads each file through to see that it is sound.
"""

import dataclasses
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._timing import clustered, show
from core.data import EmbeddingSet, read_embeddings
from core.store import open_store

ROWS, DIM, RUNS, TRANSACTIONS = 117_659, 384, 3, 1_000
COLUMNS = ("what", "CPU, s", "ratio to the store", "resident / vectors", "own / vectors")


def the_set(rows: int, dim: int) -> EmbeddingSet:
    vectors, _ = clustered(rows, dim, 1)
    frame = pd.DataFrame(
        {
            "label": [f"class {number % 40}" for number in range(rows)],
            "text": [f"what is said of row {number} of this set" for number in range(rows)],
            "size": np.linspace(0, 1, rows),
        }
    )
    return EmbeddingSet.from_arrays(vectors, metadata=frame, name="set")


def write_files(embeddings: EmbeddingSet, folder: Path) -> None:
    """The set as parquet, as npy with its metadata, and in a store; the digest beside it."""
    lists = pd.Series(list(embeddings.vectors), name="vector")
    pd.concat([lists, embeddings.metadata], axis=1).to_parquet(folder / "set.parquet")
    np.save(folder / "set.npy", embeddings.vectors)
    embeddings.metadata.to_csv(folder / "set.csv", index=False)
    store = open_store(str(folder / "store"))
    (folder / "digest").write_text(store.put(embeddings))
    store.close()


def from_store(folder: Path) -> EmbeddingSet:
    store = open_store(str(folder / "store"))
    found: EmbeddingSet = store.get((folder / "digest").read_text())
    _ = found.fingerprint
    store.close()
    return found


def from_parquet(folder: Path) -> EmbeddingSet:
    found = read_embeddings(folder / "set.parquet")
    _ = found.fingerprint
    return found


def from_npy(folder: Path) -> EmbeddingSet:
    found = read_embeddings(folder / "set.npy").with_metadata(pd.read_csv(folder / "set.csv"))
    _ = found.fingerprint
    return found


WAYS: dict[str, Callable[[Path], EmbeddingSet]] = {
    "open from the store": from_store,
    "read its parquet again": from_parquet,
    "read its npy and csv again": from_npy,
}


def memory() -> tuple[int, int]:
    """Bytes of this process: resident, and its own."""
    status = Path("/proc/self/status").read_text()
    resident, own = (int(status.split(f"{name}:")[1].split()[0]) for name in ("VmRSS", "RssAnon"))
    return resident * 1024, own * 1024


def _measured(way: str, folder: Path, results: "multiprocessing.Queue[tuple[float, ...]]") -> None:
    resident, own = memory()
    start = time.process_time()
    held = WAYS[way](folder)
    taken = time.process_time() - start
    more = np.subtract(memory(), (resident, own)) / held.vectors.nbytes
    results.put((taken, float(more[0]), float(more[1])))


def opened(way: str, folder: Path) -> tuple[float, ...]:
    """CPU seconds and memory of one opening in a fresh process."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[float, ...]] = context.Queue()
    process = context.Process(target=_measured, args=(way, folder, results))
    process.start()
    found = results.get()
    process.join()
    return found


def cpu(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def saves(folder: Path) -> None:
    """Small transactions, each with its check that nobody else has changed the workspace."""
    store = open_store(str(folder))
    held = store.create("ann", "Mine", {}, {})
    for number in range(TRANSACTIONS):
        held = store.save(dataclasses.replace(held, state={"number": number}), "ann")
    store.close()


def bare(path: Path) -> None:
    """As many updates of one row by SQLite alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = normal")
    connection.execute("CREATE TABLE rows (token TEXT PRIMARY KEY, state TEXT)")
    connection.execute("INSERT INTO rows VALUES ('a', '')")
    for number in range(TRANSACTIONS):
        connection.execute("UPDATE rows SET state = ?", (f'{{"number":{number}}}',))
    connection.close()


def main(rows: int = ROWS, dim: int = DIM) -> None:
    embeddings = the_set(rows, dim)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(embeddings, folder)
        found = {way: [opened(way, folder) for _ in range(RUNS)] for way in WAYS}
        middle = {
            way: [statistics.median(column) for column in zip(*runs, strict=True)]
            for way, runs in found.items()
        }
        base = middle["open from the store"][0]
        lines = [
            (way, f"{taken:.2f}", f"{taken / base:.1f}", f"{resident:.2f}", f"{own:.2f}")
            for way, (taken, resident, own) in middle.items()
        ]
        _ = embeddings.fingerprint
        store = open_store(str(folder / "other"))
        put = cpu(lambda: store.put(embeddings))
        again = cpu(lambda: store.put(embeddings))
        copied = cpu(lambda: np.save(folder / "copy.npy", embeddings.vectors))
        store.close()
        lines += [
            ("put", f"{put:.2f}", f"{put / copied:.1f} of np.save", "", ""),
            ("put what is there", f"{again:.2f}", f"{again / copied:.1f} of np.save", "", ""),
        ]
        ours, theirs = cpu(lambda: saves(folder / "small")), cpu(lambda: bare(folder / "bare.db"))
        what = f"{TRANSACTIONS:,} saves of a workspace"
        lines.append((what, f"{ours:.2f}", f"{ours / theirs:.1f} of SQLite alone", "", ""))
        show(f"The store, {rows:,} x {dim:,} float32", COLUMNS, lines)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
