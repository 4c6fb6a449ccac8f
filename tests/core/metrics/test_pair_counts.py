"""The walk over all pairs against a loop over them."""

import itertools
from typing import Any, get_args

import numpy as np
import pytest

from core.distances import Metric
from core.errors import ParameterError
from core.metrics import pair_counts
from core.metrics.class_pairs import ClassOrder
from core.metrics.kernels.pair_bins import collect_block
from core.metrics.pair_counts import PairCounts, count_pairs
from core.metrics.pair_scores import PairScores
from core.metrics.score_counts import accepted
from tests.core.metrics.naive_pairs import (
    NaivePairs,
    assert_accepted,
    naive_pairs,
    of_level_ends,
    of_row_ends,
    rounding,
)

METRICS: tuple[Metric, ...] = get_args(Metric)
RANDOM = np.random.default_rng(5)
# Classes far apart in their numbers; 7 and 90 have one row, three rows no label.
SIZES = {0: 30, 3: 25, 1_000_000_007: 20, 12: 5, 7: 1, 90: 1, -1: 3}
LABELS = RANDOM.permutation(np.repeat(list(SIZES), list(SIZES.values())))
_, SLOT = np.unique(LABELS, return_inverse=True)
VECTORS = RANDOM.normal(size=(7, 6))[SLOT] + RANDOM.normal(size=(len(LABELS), 6)) * (
    0.2 + 0.1 * SLOT[:, None]
)
VECTORS[[11, 40]] = 0.0
CLASSES = [0, 3, 12, 1_000_000_007]
GROUPS = RANDOM.integers(-1, 3, len(LABELS))  # they cut across the classes


# Class after class the rows end at 30, 55, 56, 61, 62 and 82. Blocks of 10 rows and 15 columns end
# with a class at 30, have one class alone before it, and end within the classes behind it. The last
# number is the size from which on rectangles of one class and group each have tables of their own.
BLOCKS = {
    "one block": (256, 1_024, 2_000),
    "small blocks": (10, 15, 2_000),
    "large rectangles": (256, 1_024, 1),
    "both kinds of rectangles": (10, 15, 4),
}


@pytest.fixture(scope="module", params=itertools.product(METRICS, BLOCKS), ids="-".join)
def both(request: pytest.FixtureRequest) -> tuple[PairCounts, NaivePairs, float]:
    metric, blocks = request.param
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(
            ("BLOCK_ROWS", "BLOCK_COLUMNS", "LARGE"), BLOCKS[blocks], strict=True
        ):
            patch.setattr(pair_counts, name, value)
        counts = count_pairs(VECTORS, LABELS, metric=metric, groups=GROUPS, threads=2)
    return counts, naive_pairs(VECTORS, LABELS, metric), rounding(VECTORS, metric)


Both = tuple[PairCounts, NaivePairs, float]


def test_totals_by_bin(both: Both) -> None:
    counts, pairs, off = both
    # 30 x 29 / 2 + 25 x 24 / 2 + 20 x 19 / 2 + 5 x 4 / 2 = 935 of 82 x 81 / 2 = 3,321 pairs.
    assert (counts.totals.n_genuine, counts.totals.n_impostor) == (935, 3321 - 935)
    edges = counts.scale.edges[1:-1]
    for values, kind in (
        (counts.totals.accepted_genuine, pairs.genuine),
        (counts.totals.accepted_impostor, ~pairs.genuine),
    ):
        assert_accepted(values[1:-1], pairs.score[kind], edges, off)
    assert counts.totals.far[[0, -1]].tolist() == [1.0, 0.0]
    assert counts.totals.frr[[0, -1]].tolist() == [0.0, 1.0]


def test_pairs_by_class(both: Both) -> None:
    counts, pairs, off = both
    assert counts.order.classes.tolist() == CLASSES
    assert counts.order.sizes.tolist() == [SIZES[name] for name in CLASSES]
    assert (counts.order.n_singletons, counts.order.n_missing) == (2, 3)
    for slot, name in enumerate(CLASSES):
        own = pairs.touching(np.flatnonzero(name == LABELS))
        for values, kind in (
            (counts.class_genuine, pairs.genuine),
            (counts.class_impostor, ~pairs.genuine),
        ):
            found = accepted(values[slot])[1:-1]
            assert values[slot].sum() == np.count_nonzero(own & kind)
            assert_accepted(found, pairs.score[own & kind], counts.class_edges[1:-1], off)


def test_class_rates_at_thresholds(both: Both) -> None:
    counts, pairs, _ = both
    for score in np.quantile(pairs.score, [0.2, 0.6, 0.95]):
        border = counts.scale.edges[counts.scale.place(score)]
        sensitivity, specificity = (each[:, 0] for each in counts.class_rates([border]))
        for slot, name in enumerate(CLASSES):
            own = pairs.touching(np.flatnonzero(name == LABELS))
            inner, outer = pairs.score[own & pairs.genuine], pairs.score[own & ~pairs.genuine]
            assert sensitivity[slot] == pytest.approx((inner >= border).mean(), abs=1e-12)
            assert specificity[slot] == pytest.approx((outer < border).mean(), abs=1e-12)


def test_pairs_by_row(both: Both) -> None:
    counts, pairs, off = both
    ends = of_row_ends(counts)
    assert np.all(np.diff(counts.row_edges) > 0)
    assert counts.row_genuine.shape == (82, len(ends))
    for place, row in enumerate(counts.rows.tolist()):
        own = pairs.touching([row])
        for values, kind in (
            (counts.row_genuine, pairs.genuine),
            (counts.row_impostor, ~pairs.genuine),
        ):
            found = accepted(values[place].astype(np.int64))[:-1]
            assert found[0] == np.count_nonzero(own & kind)
            assert_accepted(found[1:], pairs.score[own & kind], ends[1:], off)


def test_pairs_by_group(both: Both) -> None:
    counts, pairs, off = both
    ends = of_level_ends(counts)
    one, other = GROUPS[pairs.left], GROUPS[pairs.right]
    assert counts.group_genuine is not None
    assert counts.group_impostor is not None
    for values, kind in (
        (counts.group_genuine, pairs.genuine),
        (counts.group_impostor, ~pairs.genuine),
    ):
        assert values.shape == (3, 3, len(ends))
        for g, h in itertools.product(range(3), repeat=2):
            between = kind & (((one == g) & (other == h)) | ((one == h) & (other == g)))
            found = accepted(values[g, h])[:-1]
            assert found[0] == np.count_nonzero(between)
            assert_accepted(found[1:], pairs.score[between], ends[1:], off)


def test_the_nearest_impostors_and_the_farthest_genuine_pairs(both: Both) -> None:
    counts, pairs, _ = both
    for found, kind, sign in (
        (counts.nearest_impostors, ~pairs.genuine, -1.0),
        (counts.farthest_genuine, pairs.genuine, 1.0),
    ):
        known = {
            frozenset(ends): score
            for *ends, score in zip(
                pairs.left[kind].tolist(),
                pairs.right[kind].tolist(),
                pairs.score[kind].tolist(),
                strict=True,
            )
        }
        mine = [frozenset(ends) for ends in zip(found.left, found.right, strict=True)]
        assert set(mine) == set(known)
        assert len(mine) == len(known)
        np.testing.assert_allclose(found.score, [known[ends] for ends in mine], atol=1e-12)
        assert np.all(np.diff(sign * found.score) >= 0)


@pytest.mark.parametrize("large", [1, 150, 2_000])
@pytest.mark.parametrize(
    "groups", [None, np.where(LABELS == 3, 0, LABELS % 2), np.where(LABELS == 0, GROUPS, -1)]
)
def test_rectangles_of_any_size_are_counted_alike(
    large: int, groups: np.ndarray | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups that are the classes, that join some, and that cut one across."""
    monkeypatch.setattr(pair_counts, "BLOCK_ROWS", 40)
    monkeypatch.setattr(pair_counts, "BLOCK_COLUMNS", 50)
    monkeypatch.setattr(pair_counts, "LARGE", 10_000)
    single = count_pairs(VECTORS, LABELS, groups=groups, threads=1)
    monkeypatch.setattr(pair_counts, "LARGE", large)
    counts = count_pairs(VECTORS, LABELS, groups=groups, threads=1)
    assert_same_counts(counts, single)


def assert_same_counts(some: PairCounts, others: PairCounts) -> None:
    for name in ("genuine", "impostor"):
        for table in (f"class_{name}", f"row_{name}", f"group_{name}"):
            np.testing.assert_array_equal(getattr(some, table), getattr(others, table), table)
        np.testing.assert_array_equal(getattr(some.totals, name), getattr(others.totals, name))
    for name in ("nearest_impostors", "farthest_genuine"):
        np.testing.assert_array_equal(getattr(some, name).left, getattr(others, name).left)
        np.testing.assert_array_equal(getattr(some, name).score, getattr(others, name).score)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("keep", [True, False])
def test_threads_share_the_same_pairs(metric: Metric, keep: bool) -> None:
    # 2,300 rows: five bands of 512, the first over two blocks of 2,048 columns.
    labels = np.random.default_rng(1).integers(0, 40, 2_300)
    labels[:30] = np.arange(1_000, 1_030)
    vectors = np.random.default_rng(2).normal(size=(2_300, 4)).astype(np.float32)
    one = count_pairs(vectors, labels, metric=metric, keep_singletons=keep, threads=1)
    three = count_pairs(vectors, labels, metric=metric, keep_singletons=keep, threads=3)
    assert one.order.n == (2_300 if keep else 2_270)
    assert_same_counts(one, three)


def test_more_rows_than_a_block_holds() -> None:
    n = 2_300
    random = np.random.default_rng(3)
    labels = random.integers(0, 5, n)
    vectors = random.normal(size=(n, 3)) + labels[:, None] * 0.3
    counts = count_pairs(vectors, labels, metric="euclidean", threads=2)
    left, right = np.triu_indices(n, 1)
    difference = vectors[left] - vectors[right]
    score = -np.einsum("ij,ij->i", difference, difference) / 2.0
    same = labels[left] == labels[right]
    off = rounding(vectors - vectors.mean(axis=0), "euclidean")
    for values, kind in (
        (counts.totals.accepted_genuine, same),
        (counts.totals.accepted_impostor, ~same),
    ):
        assert_accepted(values[1:-1], score[kind], counts.scale.edges[1:-1], off)
    # Far more than 5,000 pairs of each kind: those at the end of a sort are kept.
    nearest, farthest = counts.nearest_impostors, counts.farthest_genuine
    assert 2_500 < len(nearest.score) <= 5_000
    assert 2_500 < len(farthest.score) <= 5_000
    sorted_ = np.sort(score[~same])[::-1]
    np.testing.assert_allclose(nearest.score, sorted_[: len(nearest.score)], atol=2 * off)
    sorted_ = np.sort(score[same])
    np.testing.assert_allclose(farthest.score, sorted_[: len(farthest.score)], atol=2 * off)
    pairs = np.column_stack([nearest.left, nearest.right])
    assert len(np.unique(np.sort(pairs, axis=1), axis=0)) == len(pairs)
    assert np.all(labels[nearest.left] != labels[nearest.right])
    assert np.all(labels[farthest.left] == labels[farthest.right])
    rows = -((vectors[nearest.left] - vectors[nearest.right]) ** 2).sum(axis=1) / 2.0
    np.testing.assert_allclose(nearest.score, rows, atol=1e-12)


def test_a_thread_that_runs_full_keeps_the_most_striking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first bar lets everything through, so that each thread has to raise it."""
    labels = np.repeat(np.arange(4), 150)
    vectors = np.random.default_rng(4).normal(size=(600, 5))
    whole = count_pairs(vectors, labels, threads=1)
    monkeypatch.setattr(pair_counts, "KEPT", 500)
    monkeypatch.setattr(pair_counts, "ROOM", 1_000 + 64 * 128)
    monkeypatch.setattr(pair_counts, "BLOCK_ROWS", 64)
    monkeypatch.setattr(pair_counts, "BLOCK_COLUMNS", 128)
    monkeypatch.setattr(pair_counts, "UNFLUSHED", 20_000)  # the tables of 32 bits are added often
    monkeypatch.setattr(pair_counts, "_cut", lambda *_: -np.inf)
    for threads in (1, 3):
        few = count_pairs(vectors, labels, threads=threads)
        for name in ("nearest_impostors", "farthest_genuine"):
            mine, known = getattr(few, name), getattr(whole, name).first(500)
            assert len(mine.score) == 500
            np.testing.assert_allclose(mine.score, known.score, atol=1e-6)
        np.testing.assert_array_equal(few.totals.genuine, whole.totals.genuine)
        np.testing.assert_array_equal(few.totals.impostor, whole.totals.impostor)
        for name in ("class_genuine", "class_impostor", "group_genuine", "group_impostor"):
            np.testing.assert_array_equal(getattr(few, name), getattr(whole, name), name)


def test_the_first_bars_are_passed_by_about_as_many_pairs_as_are_kept() -> None:
    labels = np.repeat(np.arange(4), 180)
    vectors = np.random.default_rng(4).normal(size=(720, 5))
    order = ClassOrder(labels, 720)
    scores = PairScores(vectors, "cosine")
    genuine, impostor = pair_counts._sampled(scores, order, pair_counts.sampled_positions(order))
    # All 720 rows are sampled: 720 x 540 / 2 impostor pairs, 4 x 180 x 179 / 2 genuine ones, and
    # one more genuine pair for each of the 716 rows that are not the last of their class.
    assert (len(genuine), len(impostor)) == (64_440 + 716, 194_400)
    for kind in (genuine, impostor):
        assert np.all(np.diff(kind) >= 0)
    plan = pair_counts.plan_of(scores, order, np.empty(0, np.int32))
    assert 4_500 < np.count_nonzero(genuine <= plan.farthest) < 5_500
    assert 4_500 < np.count_nonzero(impostor >= plan.nearest) < 5_500


def test_pairs_at_the_bars_are_kept() -> None:
    # Rows 0 and 1 are one class, 2 and 3 another: pairs 01 and 23 are genuine.
    scores = np.array([[9, 3, 5, 4], [9, 9, 4, 5], [9, 9, 9, 2], [9, 9, 9, 9]], np.float32)
    left, right = np.empty((2, 2, 8), np.int32)
    found, counts = np.empty((2, 8), np.float32), np.zeros(2, np.int64)
    ends, bars = np.array([2, 2, 4, 4]), (np.float32(5), np.float32(2))
    collect_block(scores, 0, 0, ends, *bars, left, right, found, counts)
    assert counts.tolist() == [1, 2]
    assert (left[0, 0], right[0, 0], found[0, 0]) == (2, 3, 2)
    assert (left[1, :2].tolist(), right[1, :2].tolist()) == ([0, 1], [2, 3])
    assert found[1, :2].tolist() == [5, 5]


def test_two_classes_of_two() -> None:
    angles = np.radians([0, 10, 90, 130])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    counts = count_pairs(vectors, np.array([3, 3, 8, 8]))
    apart = np.cos(np.radians([80, 90, 120, 130]))
    np.testing.assert_allclose(counts.nearest_impostors.score, apart, atol=1e-12)
    assert counts.nearest_impostors.left.tolist() == [1, 0, 1, 0]
    assert counts.nearest_impostors.right.tolist() == [2, 2, 3, 3]
    assert counts.farthest_genuine.left.tolist() == [2, 0]
    assert counts.farthest_genuine.right.tolist() == [3, 1]
    assert counts.class_genuine.sum(axis=1).tolist() == [1, 1]
    assert counts.class_impostor.sum(axis=1).tolist() == [4, 4]


def test_equal_vectors_and_zero_rows() -> None:
    # Rows 0 to 2 are one direction, rows 3 and 4 have none: cosine 1 and 0.
    vectors = np.array([[1.0, 0], [2, 0], [3, 0], [0, 0], [0, 0]])
    counts = count_pairs(vectors, np.array([0, 0, 1, 1, 0]))
    assert counts.nearest_impostors.score.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert sorted(counts.farthest_genuine.score.tolist()) == [0.0, 0.0, 0.0, 1.0]
    assert counts.totals.impostor[-1] == 2
    assert counts.totals.genuine[-1] == 1
    assert counts.scale.high == 1.0


@pytest.mark.parametrize("metric", METRICS)
def test_identical_vectors_are_counted(metric: Metric) -> None:
    counts = count_pairs(np.ones((6, 3)), np.repeat([0, 1], 3), metric=metric)
    assert (counts.totals.n_genuine, counts.totals.n_impostor) == (6, 9)
    assert np.count_nonzero(counts.totals.genuine + counts.totals.impostor) == 1


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e4])
@pytest.mark.parametrize("metric", METRICS)
def test_the_unit_of_the_vectors_does_not_matter(metric: Metric, factor: float) -> None:
    labels = np.repeat(np.arange(5), 12)
    vectors = np.random.default_rng(8).normal(size=(5, 6))[labels]
    vectors += np.random.default_rng(9).normal(size=vectors.shape) * 0.7
    plain = count_pairs(vectors, labels, metric=metric).totals
    scaled = count_pairs(vectors * factor, labels, metric=metric).totals
    moved = np.abs(scaled.accepted_genuine - plain.accepted_genuine).max()
    assert moved <= 2, "pairs within rounding of a border"
    assert np.abs(scaled.accepted_impostor - plain.accepted_impostor).max() <= 4


def test_one_far_row_leaves_the_others_their_bins() -> None:
    labels = np.repeat(np.arange(4), 40)
    vectors = np.random.default_rng(10).normal(size=(4, 6))[labels] * 2
    vectors += np.random.default_rng(11).normal(size=vectors.shape)
    vectors[7] *= 1_000
    counts = count_pairs(vectors, labels, metric="euclidean")
    assert np.count_nonzero(counts.totals.impostor) > 1_000
    pairs = naive_pairs(vectors, labels, "euclidean")
    # The pairs of row 7, 39 genuine and 120 impostor ones, share the first bin.
    assert (counts.totals.genuine[0], counts.totals.impostor[0]) == (39, 120)
    off = rounding(np.delete(vectors, 7, axis=0), "euclidean")
    found = counts.totals.accepted_impostor[1:-1]
    assert_accepted(found, pairs.score[~pairs.genuine], counts.scale.edges[1:-1], off)
    assert counts.farthest_genuine.score[0] == pytest.approx(pairs.score[pairs.genuine].min())


def test_without_singletons_they_are_left_out() -> None:
    counts = count_pairs(VECTORS, LABELS, keep_singletons=False)
    pairs = naive_pairs(VECTORS, LABELS, "cosine", keep_singletons=False)
    assert counts.order.n == 80
    assert counts.totals.n_impostor == np.count_nonzero(~pairs.genuine)
    off = rounding(VECTORS, "cosine")
    found = counts.totals.accepted_impostor[1:-1]
    assert_accepted(found, pairs.score[~pairs.genuine], counts.scale.edges[1:-1], off)


def test_groups_are_the_classes_by_default() -> None:
    counts = count_pairs(VECTORS, LABELS)
    assert counts.group_impostor is not None
    assert counts.group_genuine is not None
    assert counts.group_genuine.sum(axis=2).tolist() == np.diag([435, 300, 10, 190]).tolist()
    # Between classes of a and b rows a x b pairs; rows alone in their class are in no group.
    sizes = np.array([30, 25, 5, 20])
    between = np.outer(sizes, sizes) - np.diag(sizes**2)
    assert counts.group_impostor.sum(axis=2).tolist() == between.tolist()


def test_more_than_200_classes_are_no_groups() -> None:
    vectors = np.random.default_rng(0).normal(size=(402, 3))
    many = count_pairs(vectors, np.repeat(np.arange(201), 2))
    assert many.group_impostor is None
    assert many.group_genuine is None
    few = count_pairs(vectors, np.repeat(np.arange(201), 2) // 2)
    assert few.group_impostor is not None
    given = count_pairs(vectors, np.repeat(np.arange(201), 2), groups=np.arange(402) % 200)
    assert given.group_impostor is not None
    assert given.group_impostor.shape[:2] == (200, 200)


def test_many_classes_share_their_room() -> None:
    n = 1_200
    vectors = np.random.default_rng(6).normal(size=(n, 4))
    counts = count_pairs(vectors, np.arange(n) // 2)
    assert counts.class_genuine.shape[0] == 600
    assert counts.class_genuine.shape[1] == pair_counts.FEWEST_CLASS_BINS
    assert np.all(counts.class_genuine.sum(axis=1) == 1)
    assert np.all(counts.class_impostor.sum(axis=1) == 2 * (n - 2))
    parts = counts.scale.bins // counts.class_genuine.shape[1]
    assert parts > 1
    whole = counts.totals.genuine.reshape(-1, parts).sum(axis=1)
    np.testing.assert_array_equal(counts.class_genuine.sum(axis=0), whole)
    # An impostor pair is counted in both of its classes.
    whole = counts.totals.impostor.reshape(-1, parts).sum(axis=1)
    np.testing.assert_array_equal(counts.class_impostor.sum(axis=0), 2 * whole)


def test_an_exception_of_progress_stops_the_walk() -> None:
    class StopError(Exception):
        pass

    calls: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        raise StopError

    with pytest.raises(StopError):
        count_pairs(VECTORS, LABELS, progress=stop)
    assert len(calls) == 1
    assert 0 <= calls[0][0] <= calls[0][1] == 3_321


def test_a_failure_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise MemoryError("no room")

    monkeypatch.setattr(pair_counts, "count_one", fail)
    told: list[tuple[int, int]] = []
    with pytest.raises(MemoryError, match="no room"):
        count_pairs(VECTORS, LABELS, progress=lambda *step: told.append(step))
    assert (3_321, 3_321) not in told


def test_progress_ends_with_all_pairs() -> None:
    calls: list[tuple[int, int]] = []
    count_pairs(VECTORS, LABELS, progress=lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls)
    assert calls[-1] == (3_321, 3_321)


def test_ids_of_a_sample_are_those_of_the_whole() -> None:
    some = np.flatnonzero(LABELS >= 0)[10:]
    counts = count_pairs(VECTORS[some], LABELS[some])
    named = counts.of_rows(some)
    assert sorted(named.rows.tolist()) == some.tolist()
    assert np.all(LABELS[named.farthest_genuine.left] == LABELS[named.farthest_genuine.right])
    assert np.all(LABELS[named.nearest_impostors.left] != LABELS[named.nearest_impostors.right])
    np.testing.assert_array_equal(named.rows, some[counts.rows])
    np.testing.assert_array_equal(LABELS[named.rows], LABELS[some][counts.rows])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.array([0, 0, 1, 2])}, "two classes with two or more members are needed"),
        ({"groups": np.array([0, 1, 200, 0])}, r"groups may be at most 200.*got the number 200"),
        ({"groups": np.array([0, 1])}, "groups"),
        ({"metric": "manhattan"}, "metric"),
        ({"threads": 0}, "threads"),
        ({"vectors": np.array([[0.0], [1], [np.nan], [2]])}, "finite"),
    ],
)
def test_what_cannot_be_counted_is_said(change: dict[str, Any], message: str) -> None:
    good = {"vectors": np.arange(8.0).reshape(4, 2), "labels": np.array([0, 0, 1, 1])}
    with pytest.raises(ParameterError, match=message):
        count_pairs(**{**good, **change})
