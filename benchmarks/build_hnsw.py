"""`build_hnsw`, parse included, against bare `add_items`: time, and peak memory in a fresh process.

Budget: at most 3 % slower; peak at most 3.5 times the vectors, 2.5 times afterwards.
"""

import statistics
import subprocess
import sys

import numpy as np

from benchmarks._timing import (
    EF_CONSTRUCTION,
    SEED,
    M,
    alternate,
    clustered,
    native_index,
    ratio,
    show,
)
from core.index import HnswParams, build_hnsw

RUNS = 3
MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from benchmarks._timing import clustered
from core.index import HnswParams, build_hnsw

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

n, dim = int(sys.argv[1]), int(sys.argv[2])
build_hnsw(np.eye(8, dtype=np.float32), HnswParams("euclidean"))
before = resident()
vectors = np.random.default_rng(0).standard_normal((n, dim), dtype=np.float32)
vectors.setflags(write=False)
graph = build_hnsw(vectors, HnswParams(sys.argv[3], m=16, ef_construction=20))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
print(peak / vectors.nbytes, (resident() - before) / vectors.nbytes)
"""


def speed() -> None:
    params = HnswParams("euclidean", M, EF_CONSTRUCTION, SEED)
    rows = []
    for n, dim in ((20_000, 64), (50_000, 128)):
        vectors, _ = clustered(n, dim)
        ours, native = alternate(
            RUNS,
            lambda: build_hnsw(vectors, params),  # noqa: B023
            lambda: native_index(vectors),  # noqa: B023
        )
        rows.append(
            (
                f"{n:,} x {dim}",
                f"{statistics.median(ours):.2f} s",
                f"{statistics.median(native):.2f} s",
                ratio(ours, native),
                "at most 1.03",
            )
        )
    show(
        f"build_hnsw against add_items, one thread, medians of {RUNS}",
        ("data", "ours", "add_items", "ratio", "budget"),
        rows,
    )


def memory() -> None:
    rows = []
    for n, dim in ((100_000, 128), (100_000, 384)):
        for metric in ("euclidean", "cosine"):
            command = [sys.executable, "-c", MEMORY, str(n), str(dim), metric]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            peak, after = np.array(output.split(), dtype=float)
            rows.append((f"{n:,} x {dim}", metric, float(peak), "3.5", float(after), "2.5"))
    show(
        "build_hnsw: memory as a multiple of the vectors, the vectors included",
        ("data", "metric", "peak", "budget", "afterwards", "budget"),
        rows,
    )


if __name__ == "__main__":
    speed()
    memory()
