import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.studies.parts.sampling import sample_classes, sample_rows

LABELS = np.repeat([7, -1, 3, 5], [300, 150, 100, 50])
np.random.default_rng(0).shuffle(LABELS)


@pytest.mark.parametrize("size", [600, 601, 10_000])
@pytest.mark.parametrize("labels", [None, LABELS])
def test_all_rows_where_they_fit(size: int, labels: np.ndarray | None) -> None:
    np.testing.assert_array_equal(sample_rows(600, size, labels=labels), np.arange(600))


@pytest.mark.parametrize("size", [1, 4, 77, 599])
@pytest.mark.parametrize("labels", [None, LABELS])
def test_exactly_so_many_distinct_rows_ascending(size: int, labels: np.ndarray | None) -> None:
    rows = sample_rows(600, size, labels=labels)
    assert rows.shape == (size,)
    assert rows.tolist() == sorted(set(rows.tolist()) & set(range(600)))


@pytest.mark.parametrize("labels", [None, LABELS])
def test_the_seed_decides_the_rows(labels: np.ndarray | None) -> None:
    first = sample_rows(600, 80, labels=labels, seed=1)
    np.testing.assert_array_equal(first, sample_rows(600, 80, labels=labels, seed=1))
    assert not np.array_equal(first, sample_rows(600, 80, labels=labels, seed=2))


def test_shares_are_proportional_where_they_come_out_even() -> None:
    # 60 of 600 is a tenth of each class: 30, 15, 10, 5.
    drawn = LABELS[sample_rows(600, 60, labels=LABELS)]
    counts = {label: int((drawn == label).sum()) for label in (7, -1, 3, 5)}
    assert counts == {7: 30, -1: 15, 3: 10, 5: 5}


def test_what_is_left_over_goes_to_the_largest_remainders() -> None:
    # 10 of 17 rows: 9, 5, 3 members have exact shares 5.29, 2.94, 1.76. The floors 5, 2, 1 leave
    # two rows, which go to .94 and .76.
    labels = np.repeat([0, 1, 2], [9, 5, 3])
    assert np.bincount(labels[sample_rows(17, 10, labels=labels)]).tolist() == [5, 3, 2]


def test_a_small_class_is_seen() -> None:
    # The floors of 9.98 and 0.02 are 9 and 0; the one row left over goes to the class of one.
    labels = np.repeat([0, 1], [500, 1])
    assert np.bincount(labels[sample_rows(501, 10, labels=labels)]).tolist() == [9, 1]


@given(
    counts=st.lists(st.integers(20, 60), min_size=1, max_size=8),
    share=st.floats(0.05, 0.99),
    seed=st.integers(0, 5),
)
def test_every_class_gets_its_share_to_within_one_row(
    counts: list[int], share: float, seed: int
) -> None:
    n = sum(counts)
    # A class of 20 or more has an exact share of at least one row at this size.
    size = max(1, int(share * n), -(-n // 20))
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    drawn = np.bincount(
        labels[sample_rows(n, size, labels=labels, seed=seed)], minlength=len(counts)
    )
    assert drawn.sum() == size
    for members, got in zip(counts, drawn.tolist(), strict=True):
        assert 1 <= got <= members
        assert abs(got - size * members / n) < 1 + 1e-9


def test_within_a_class_every_row_is_as_likely_to_be_drawn() -> None:
    labels = np.repeat([0, 1], [8, 4])
    drawn = np.zeros(12)
    for seed in range(1500):
        drawn[sample_rows(12, 6, labels=labels, seed=seed)] += 1
    # 6 of 12 rows: each with probability 1/2; 0.07 is more than five standard errors.
    np.testing.assert_allclose(drawn / 1500, 0.5, atol=0.07)


@pytest.mark.parametrize("size", [0, -3])
def test_a_sample_holds_a_row(size: int) -> None:
    with pytest.raises(ParameterError, match=f"at least 1; got {size}"):
        sample_rows(10, size)


def test_small_classes_keep_a_row_while_there_is_room() -> None:
    labels = np.repeat(np.arange(7), [50, 50, 1, 1, 1, 1, 1])
    rows = sample_rows(105, 10, labels=labels)
    counts = np.bincount(labels[rows], minlength=7)
    assert len(rows) == 10
    assert (counts >= 1).all()
    assert counts[2:].tolist() == [1] * 5


def test_few_labeled_rows_are_all_taken() -> None:
    labels = np.array([0, -1, 0, 1, 1, 2] * 4)
    assert sample_classes(labels, 20).tolist() == np.flatnonzero(labels >= 0).tolist()


def test_classes_are_drawn_whole_and_nearly_as_many_rows_as_asked_for() -> None:
    # 1,000 classes of 2 to 6 rows; the class that reaches the 500th row drawn is whole too.
    labels = np.repeat(np.arange(1000), np.tile([2, 3, 4, 5, 6], 200))
    labels = np.random.default_rng(0).permutation(labels)
    rows = sample_classes(labels, 500, seed=3)
    assert 500 <= len(rows) < 506
    assert (np.diff(rows) > 0).all()
    drawn, counts = np.unique(labels[rows], return_counts=True)
    np.testing.assert_array_equal(counts, np.bincount(labels)[drawn])
    assert sorted(set(counts.tolist())) == [2, 3, 4, 5, 6]
    np.testing.assert_array_equal(rows, sample_classes(labels, 500, seed=3))
    assert not np.array_equal(rows, sample_classes(labels, 500, seed=4))


def test_of_a_large_class_a_tenth_of_the_sample_is_drawn() -> None:
    labels = np.repeat(np.arange(12), 400)
    rows = sample_classes(labels, 200)
    drawn, counts = np.unique(labels[rows], return_counts=True)
    assert counts.tolist() == [20] * 10
    assert len(drawn) == 10
    two = sample_classes(np.repeat([0, 1], 400), 200)  # both, for two are needed
    assert len(two) == 40


def test_rows_alone_in_their_class_get_their_share() -> None:
    # Half of the rows are alone: half of the sample.
    labels = np.concatenate([np.repeat(np.arange(100), 5), np.arange(100, 600)])
    rows = sample_classes(labels, 200)
    assert np.count_nonzero(labels[rows] >= 100) == 100
    assert np.count_nonzero(labels[rows] < 100) == 100
    # A few pairs among very many: two pairs are there all the same.
    rare = sample_classes(np.concatenate([[0, 0, 1, 1], np.arange(2, 5000)]), 100)
    assert set(range(4)) <= set(rare.tolist())


def test_a_sample_of_classes_has_at_least_twenty_rows() -> None:
    with pytest.raises(ParameterError, match="size must be a whole number of at least 20; got 19"):
        sample_classes(np.arange(50), 19)
