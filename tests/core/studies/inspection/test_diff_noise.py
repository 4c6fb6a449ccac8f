"""Rebuild noise of a difference: the overlaps by separate calls, and how often it errs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, search
from core.metrics import rank_biased_overlap
from core.studies import DiffNoise, IndexDiff, diff_indexes, diff_noise
from core.studies.inspection.diff_noise import setting_of
from tests.core.gate.test_diff_words import DIFF

RANDOM = np.random.default_rng(8)
ROWS = RANDOM.normal(size=(300, 6)).astype(np.float32)
ASKED = RANDOM.normal(size=(60, 6)).astype(np.float32)
PARAMS = HnswParams("euclidean", m=4, ef_construction=10)
K, EF = 5, 6


def built(seed: int, params: HnswParams = PARAMS, rows: np.ndarray = ROWS) -> HnswGraph:
    order = np.random.default_rng(seed).permutation(len(rows))
    return build_hnsw(rows, replace(params, seed=seed), order=order)


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return built(1)


def test_each_rebuild_is_held_against_the_first_index(graph: HnswGraph) -> None:
    diff = diff_indexes(graph, built(2), ASKED, K, EF)
    found = diff_noise(graph, diff, ASKED, rebuilds=2)
    assert found.params == replace(PARAMS, seed=100)
    assert found.seeds == (10_100, 10_101)
    ours = search(graph, ASKED, K, EF).ids
    for place, seed in enumerate(found.seeds):
        theirs = search(built(seed), ASKED, K, EF).ids
        np.testing.assert_allclose(found.overlap[place], rank_biased_overlap(ours, theirs))
    assert 0.3 < found.overlap.mean() < 1


def test_items_are_asked_by_row_and_deleted_ones_are_left_out(graph: HnswGraph) -> None:
    gone = replace(graph, labels=np.arange(300) + 7, deleted=np.arange(300) % 3 == 0)
    diff = diff_indexes(gone, gone, k=K, ef=EF, size=50)
    found = diff_noise(gone, diff, params=PARAMS, rebuilds=2)
    assert diff.rows is not None
    live = np.flatnonzero(~gone.deleted)
    other = built(found.seeds[0], rows=ROWS[live])
    ours = search(gone, ROWS[diff.rows], K, EF, exclude=diff.rows).ids
    asked = np.searchsorted(live, diff.rows)
    theirs = live[search(other, ROWS[diff.rows], K, EF, exclude=asked).ids]
    np.testing.assert_allclose(found.overlap[0], rank_biased_overlap(ours, theirs))


def test_the_ends_worked_by_hand() -> None:
    """Means 0.3, 0.6, 0.9: s = 0.3; all queries of a build alike, so no residual."""
    overlap = np.array([[0.3] * 3, [0.6] * 3, [0.9] * 3])
    found = DiffNoise(PARAMS, (1, 2, 3), True, 2, 64, overlap)
    change = found.change(DIFF)
    assert change.before == pytest.approx(0.6)
    assert change.after == DIFF.rank_overlap.mean()
    assert change.half_width == pytest.approx(t.ppf(0.975, 2) * 0.3 * np.sqrt(1 + 1 / 3))
    # Lists of two that share the first item: X = 1, 1, so 1 - 0.1 / 0.9 (0.9 + 0.405) - 0.405.
    assert found.step == pytest.approx((1 - 0.1 / 0.9 * (0.9 + 0.81 / 2) - 0.81 / 2) / 3)
    with pytest.raises(ParameterError, match="diff must be of 3 queries at k = 2 and ef = 65"):
        replace(found, ef=65).change(DIFF)


def test_one_setting_against_itself_is_seldom_called_different(graph: HnswGraph) -> None:
    """400 trials: five of 60 builds are the rebuilds, another one the second index."""
    ours = search(graph, ASKED, K, EF).ids
    overlaps = []
    for seed in range(2, 62):
        theirs = search(built(seed), ASKED, K, EF).ids
        overlaps.append(rank_biased_overlap(ours, theirs))
    table, random, beyond = np.array(overlaps), np.random.default_rng(0), 0
    stub = replace(DIFF, k=K, ef=EF, first=ours, second=ours)
    for _ in range(400):
        *five, other = random.permutation(60)[:6]
        stub.__dict__["rank_overlap"] = table[other]  # as if these had been its answers
        found = DiffNoise(PARAMS, (0,) * 5, True, K, EF, table[five])
        beyond += found.change(stub).is_beyond
    assert beyond <= 0.05 * 400


def test_another_setting_is_beyond_the_noise(graph: HnswGraph) -> None:
    def diff(other: HnswGraph) -> IndexDiff:
        return diff_indexes(graph, other, ASKED, K, EF)

    found = diff_noise(graph, diff(graph), ASKED, PARAMS, rebuilds=4)
    poor = diff(built(5, replace(PARAMS, m=2, ef_construction=2)))
    assert found.change(poor).is_beyond
    assert found.change(poor).difference < 0
    assert found.change(diff(graph)).difference > 0
    assert not found.change(diff(built(6))).is_beyond


def test_a_setting_that_is_not_known_is_the_usual_one(graph: HnswGraph) -> None:
    foreign = replace(graph, ef_construction=None, m=1)
    assert setting_of(foreign) == HnswParams("euclidean", m=2, ef_construction=200)
    diff = diff_indexes(graph, graph, ASKED, K, EF)
    with pytest.raises(ParameterError, match="queries must be those of the difference"):
        diff_noise(graph, diff)
