"""The map: bytes that the browser gets of each part, and the time to make them.

python -m benchmarks.map [rows ...]
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks._timing import show
from core.figures.map import Classes, Values
from core.figures.space.payloads import Sent, geometry, masks, paint
from core.projection.inside import points_inside

SIZES = (10_000, 100_000, 1_000_000)
CLASSES, CORNERS, RUNS = 40, 80, 5
COLUMNS = ("points", "part", "bytes", "ms")


def main(sizes: list[int]) -> None:
    table = []
    for n in sizes:
        random = np.random.default_rng(0)
        places = random.normal(size=(n, 2)).astype(np.float32)
        codes = random.integers(0, CLASSES, n)
        kinds = Classes("class", codes, tuple(f"class {code}" for code in range(CLASSES)))
        values = Values("value", random.normal(size=n))
        turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        lasso = np.column_stack([np.cos(turn), np.sin(turn)])
        inside = points_inside(places, lasso)
        parts: list[tuple[str, Callable[[], object]]] = [
            ("places", lambda places=places: geometry(places)),
            ("colors by class", lambda kinds=kinds, n=n: paint(kinds, n)),
            ("colors by number", lambda values=values, n=n: paint(values, n)),
            ("masks", lambda inside=inside: masks(inside, inside)),
            ("lasso", lambda places=places, lasso=lasso: points_inside(places, lasso)),
        ]
        table += [_row(n, name, make) for name, make in parts]
    show("The map: bytes of each part, and the time to make it", COLUMNS, table)


def _row(n: int, name: str, make: Callable[[], object]) -> tuple[str, str, str, str]:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        made = make()
        seconds.append(time.perf_counter() - start)
    size = f"{len(made.content):,}" if isinstance(made, Sent) else "-"
    return f"{n:,}", name, size, f"{1000 * float(np.median(seconds)):.1f}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
