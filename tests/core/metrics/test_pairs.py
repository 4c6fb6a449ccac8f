from collections.abc import Iterable

import numpy as np
import pytest

from core.metrics import pairs as module
from core.metrics.class_pairs import ClassPairs
from core.metrics.pairs import Pairs, Partners, UnitPairs

Distances = dict[tuple[int, int], float]


def all_partners(n: int) -> Partners:
    return Partners(np.arange(n) + 1, np.full(n, n))


def collect(batches: Iterable[Pairs]) -> Distances:
    return {
        (int(left), int(right)): float(distance)
        for batch in batches
        for left, right, distance in zip(batch.left, batch.right, batch.distance, strict=True)
    }


def naive(vectors: np.ndarray) -> Distances:
    unit = vectors.astype(np.float64) / np.linalg.norm(vectors.astype(np.float64), axis=1)[:, None]
    n = len(unit)
    return {
        (i, j): float(np.linalg.norm(unit[i] - unit[j])) for i in range(n) for j in range(i + 1, n)
    }


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_ROWS", 8)
    monkeypatch.setattr(module, "TILE_COLUMNS", 19)
    monkeypatch.setattr(module, "BATCH_PAIRS", 50)


def test_hand_worked() -> None:
    # Angles 0, 90, 180 and a zero row: sqrt 2, 2, sqrt 2; the zero row is sqrt 2 from all.
    vectors = np.array([[3.0, 0.0], [0.0, 0.1], [-7.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    found = collect(UnitPairs(vectors).near(all_partners(5)))
    expected = dict.fromkeys([(i, j) for i in range(5) for j in range(i + 1, 5)], np.sqrt(2))
    expected[(0, 2)] = 2.0
    assert found == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("bound", [2.0, 1.0])
@pytest.mark.usefixtures("small_blocks")
def test_every_pair_once(bound: float) -> None:
    vectors = np.random.default_rng(0).standard_normal((61, 4))
    found = collect(UnitPairs(vectors).near(all_partners(61), bound))
    expected = {pair: d for pair, d in naive(vectors).items() if d <= bound}
    assert found == pytest.approx(expected, abs=1e-13)


@pytest.mark.usefixtures("small_blocks")
def test_near_copies_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    # Rows 2k and 2k + 1 differ by an angle of 1e-6, far below what a float32 product resolves.
    rng = np.random.default_rng(1)
    first = rng.standard_normal((20, 3))
    first /= np.linalg.norm(first, axis=1)[:, None]
    across = np.cross(first, rng.standard_normal((20, 3)))
    across /= np.linalg.norm(across, axis=1)[:, None]
    vectors = np.empty((40, 3), dtype=np.float32)
    vectors[0::2], vectors[1::2] = first, first + 1e-6 * across
    exact = naive(vectors)
    monkeypatch.setattr(module, "EXACT_ROWS", 10)
    found = collect(UnitPairs(vectors).near(all_partners(40)))
    copies = [(2 * i, 2 * i + 1) for i in range(20)]
    assert [found[pair] for pair in copies] == pytest.approx([exact[p] for p in copies], rel=1e-5)
    assert found == pytest.approx(exact, abs=5e-6)


def test_data_far_from_the_origin() -> None:
    vectors = 1e4 + np.random.default_rng(2).standard_normal((30, 5))
    found = collect(UnitPairs(vectors).near(all_partners(30)))
    assert found == pytest.approx(naive(vectors), rel=1e-6)


@pytest.mark.usefixtures("small_blocks")
def test_genuine_and_impostor_pairs() -> None:
    rng = np.random.default_rng(3)
    labels = rng.choice([-1, 2, 5, 5, 9, 11], 70)
    labels[:2] = [100, 101]
    vectors = rng.standard_normal((70, 6))
    pairs = ClassPairs(vectors, labels)
    exact = naive(vectors)

    def by_row(batches: Iterable[Pairs]) -> Distances:
        return {
            tuple(sorted(pairs.order[list(pair)].tolist())): distance
            for pair, distance in collect(batches).items()
        }

    kept = {p: d for p, d in exact.items() if labels[list(p)].min() >= 0}
    genuine = {p: d for p, d in kept.items() if labels[p[0]] == labels[p[1]]}
    impostor = {p: d for p, d in kept.items() if labels[p[0]] != labels[p[1]]}
    assert by_row(pairs.genuine()) == pytest.approx(genuine, abs=1e-13)
    assert by_row(pairs.impostors()) == pytest.approx(impostor, abs=1e-13)
    assert (pairs.n_genuine, pairs.n_impostor) == (len(genuine), len(impostor))
    assert (pairs.n_missing, pairs.n_singletons) == (int(np.sum(labels == -1)), 2)
    np.testing.assert_array_equal(pairs.classes, [2, 5, 9, 11])
    names = np.append(pairs.classes, -5)[pairs.slots]
    rows = labels[pairs.order]
    np.testing.assert_array_equal(names[rows < 100], rows[rows < 100])
    np.testing.assert_array_equal(names[rows >= 100], -5)
