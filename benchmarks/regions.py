"""Regions of a map: budget 0.2 s for the hills of 1,000,000 points, and 2 s for 117,000 texts."""

import statistics

import numpy as np
import numpy.typing as npt
from sklearn.cluster import DBSCAN

from benchmarks._timing import alternate, show
from core.projection.regions import label_regions
from core.projection.regions_hills import find_hills
from core.projection.regions_parts import parts_of
from core.projection.regions_words import count_words, word_names

SIZES, CENTERS, RUNS = (10_000, 100_000, 1_000_000), 300, 5
TEXTS, VOCABULARY, LENGTH = 117_659, 30_000, 10
NAMES = [f"class {code}" for code in range(CENTERS)]
PEER_AT_MOST = 100_000  # DBSCAN keeps the neighbors of every point


def planted(n: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Points around 300 centers, and which."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(CENTERS, 2)) * 10
    codes = random.integers(0, CENTERS, n)
    return (centers[codes] + random.normal(size=(n, 2)) * 0.4).astype(np.float32), codes


def hills() -> None:
    rows = []
    for n in SIZES:
        places, codes = planted(n)
        ours, named = alternate(
            RUNS,
            lambda p=places: find_hills(p),  # type: ignore[misc]
            lambda p=places, c=codes: label_regions(p, c, NAMES),  # type: ignore[misc]
        )
        peer = "-"
        if n <= PEER_AT_MOST:
            (taken,) = alternate(1, lambda p=places: DBSCAN(eps=0.15).fit(p))  # type: ignore[misc]
            peer = f"{taken[0]:.2f} s"
        found = find_hills(places)
        counts = len(found.peak), len(parts_of(found))
        rows.append(
            (
                f"{n:,}",
                f"{1000 * statistics.median(ours):.0f} ms",
                f"{1000 * statistics.median(named):.0f} ms",
                peer,
                *counts,
            )
        )
    show(
        f"regions: {CENTERS} centers, medians of {RUNS} runs; budget 200 ms for the hills",
        ("points", "hills", "named by labels", "DBSCAN", "number of hills", "named parts"),
        rows,
    )


def words() -> None:
    random = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    spelled = ["".join(each) for each in random.choice(letters, (VOCABULARY, 7))]
    drawn = np.minimum(random.zipf(1.3, (TEXTS, LENGTH)), VOCABULARY) - 1
    texts = [" ".join(spelled[each] for each in row) for row in drawn.tolist()]
    places, _ = planted(TEXTS)
    counted, found = count_words(texts), find_hills(places)
    parts = parts_of(found)
    counting, naming = alternate(
        3, lambda: count_words(texts), lambda: word_names(parts, found.of, counted)
    )
    show(
        f"words of {TEXTS:,} texts of {LENGTH} words; budget 2 s to count",
        ("counting", "naming", "regions"),
        [
            (
                f"{statistics.median(counting):.2f} s",
                f"{statistics.median(naming):.2f} s",
                len(parts),
            )
        ],
    )


if __name__ == "__main__":
    hills()
    words()
