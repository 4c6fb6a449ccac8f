"""How often one setting against itself is called different from rebuild noise: at most 5 %.

Each trial builds one setting seven times: a build before, a build after, and five rebuilds, by
which the difference of the two is judged as the app does it. Nothing is different, so each "beyond
rebuild noise" is an error. Also how large a change has to be before it is called one.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from core.index import HnswParams
from core.intervals import wilson_interval
from core.studies import RebuildSpread, rebuild_spread

TRIALS, ROWS, DIM, QUERIES = 250, 500, 12, 100
REBUILDS, K, EF, EF_MAX = 5, 10, 16, 24
PARAMS = HnswParams("euclidean", m=6, ef_construction=32)


def spaces() -> dict[str, np.ndarray]:
    """Data of three kinds, so small that a build takes some milliseconds."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(20, DIM)) * 3
    clusters = centers[np.sort(rng.integers(20, size=ROWS))] + rng.normal(size=(ROWS, DIM))
    return {
        "normal": rng.normal(size=(ROWS, DIM)),
        "clusters, one after another": clusters,
        "half of the rows twice": np.repeat(rng.normal(size=(ROWS // 2, DIM)), 2, axis=0),
    }


def trial(vectors: np.ndarray, number: int) -> tuple[bool, bool, float]:
    """Whether recall and cost are called different, and the noise of recall."""
    builds: dict[Any, Any] = {}
    two = spread_of(vectors, 100 * number, 2, number, builds)
    five = spread_of(vectors, 100 * number + 2, REBUILDS, number, builds)
    place = two.at(EF)
    recall, costs = two.recall[:, place].tolist(), two.distance_computations[:, place].tolist()
    return (
        five.recall_change(EF, *recall).is_beyond,
        five.computations_change(EF, *costs).is_beyond,
        float(five.recall_noise[place]),
    )


def spread_of(
    vectors: np.ndarray, first: int, rebuilds: int, number: int, builds: dict[Any, Any]
) -> RebuildSpread:
    """So many builds from a seed on, asked the queries of the trial."""
    return rebuild_spread(
        vectors,
        replace(PARAMS, seed=first),
        k=K,
        ef_max=EF_MAX,
        rebuilds=rebuilds,
        queries=QUERIES,
        seed=number,
        done=builds,
    )


if __name__ == "__main__":
    for name, vectors in spaces().items():
        found = [trial(vectors.astype(np.float32), number) for number in range(TRIALS)]
        either = np.array([recall or cost for recall, cost, _ in found])
        share = float(either.mean())
        low, high = wilson_interval(share, TRIALS)
        noise = 100 * float(np.median([half for _, _, half in found]))
        print(
            f"{name}: called different in {100 * share:.1f} % of {TRIALS} trials (95 %: "
            f"{100 * low:.1f} to {100 * high:.1f}); noise of recall {noise:.1f} points"
        )
