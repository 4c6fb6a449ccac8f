"""Errors that were planted: pairs between groups, confused classes, labels that are wrong."""

import numpy as np
import pytest

from core.metrics import ScoredPairs, count_pairs, errors_by_group
from core.metrics.group_errors import GroupErrors
from core.studies.thresholds import pair_errors
from core.studies.thresholds.pair_errors import (
    confusions,
    doubtful_labels,
    nearly_one_class,
    pairs_between,
    wrongly_accepted,
    wrongly_rejected,
)
from tests.core.metrics.naive_pairs import naive_pairs

PAIRS = ScoredPairs(np.arange(4), np.arange(4) + 10, np.array([0.9, 0.7, 0.5, 0.3]))
RANDOM = np.random.default_rng(14)
LABELS = np.append(np.repeat(np.arange(4), 12), [-1, -1])
VECTORS = (
    RANDOM.normal(size=(50, 5)) + np.append(RANDOM.normal(size=(4, 5)), [[0.0] * 5], axis=0)[LABELS]
)


def test_errors_lie_on_their_side_of_the_threshold() -> None:
    assert wrongly_accepted(PAIRS, 0.5, 9).score.tolist() == [0.9, 0.7, 0.5]
    assert wrongly_accepted(PAIRS, 0.5, 2).left.tolist() == [0, 1]
    turned = ScoredPairs(PAIRS.left, PAIRS.right, PAIRS.score[::-1])
    assert wrongly_rejected(turned, 0.5, 9).score.tolist() == [0.3]
    assert wrongly_rejected(turned, 0.51, 9).right.tolist() == [10, 11]
    assert len(wrongly_accepted(PAIRS, 0.95, 9).left) == 0


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
@pytest.mark.parametrize("genuine", [True, False])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.arange(0, 12), np.arange(12, 24)),
        (np.arange(0, 30), np.arange(0, 30)),
        (np.arange(0, 20), np.arange(10, 50)),  # they overlap, and two rows have no label
        (np.arange(0, 0), np.arange(5)),
    ],
)
def test_pairs_between_are_those_of_a_loop(
    metric: str, genuine: bool, left: np.ndarray, right: np.ndarray
) -> None:
    found = pairs_between(
        VECTORS, LABELS, left, right, metric=metric, genuine=genuine, most=15  # type: ignore[arg-type]
    )  # fmt: skip
    pairs = naive_pairs(VECTORS, LABELS, metric)  # type: ignore[arg-type]
    one = np.isin(pairs.left, left) & np.isin(pairs.right, right)
    other = np.isin(pairs.left, right) & np.isin(pairs.right, left)
    wanted = (one | other) & (pairs.genuine == genuine)
    assert (found.compared, found.is_sample) == (np.count_nonzero(wanted), False)
    scores = np.sort(pairs.score[wanted])
    best = scores[:15] if genuine else scores[::-1][:15]
    np.testing.assert_allclose(found.pairs.score, best, atol=1e-12)
    assert np.all((LABELS[found.pairs.left] == LABELS[found.pairs.right]) == genuine)
    assert np.isin(found.pairs.left, left).all()
    assert np.isin(found.pairs.right, right).all()
    ends = {frozenset(pair) for pair in zip(found.pairs.left, found.pairs.right, strict=True)}
    assert len(ends) == len(found.pairs.left)


def test_large_groups_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_errors, "COMPARED_ROWS", 5)
    found = pairs_between(
        VECTORS, LABELS, np.arange(12), np.arange(12, 24), metric="cosine", genuine=False
    )
    assert (found.compared, found.is_sample) == (25, True)
    assert len(set(found.pairs.left.tolist())) <= 5
    small = pairs_between(
        VECTORS, LABELS, np.arange(5), np.arange(12, 17), metric="cosine", genuine=False
    )
    assert (small.compared, small.is_sample) == (25, False)


def test_confusions_by_hand() -> None:
    errors = GroupErrors(
        score=0.5,
        far=0.1,
        target=0.1,
        accepted=np.array([[9, 4, 0], [4, 0, 30], [0, 30, 0]]),
        pairs=np.array([[20, 40, 50], [40, 0, 60], [50, 60, 0]]),
        rejected=np.array([5, 10, 0]),
        genuine=np.array([10, 20, 0]),
    )
    frame = confusions(errors, ("ant", "bee", "cat"))
    assert frame.to_dict("records") == [
        {
            "group": "bee",
            "other group": "cat",
            "accepted impostor pairs": 30,
            "of pairs": 60,
            "FMR": 0.5,
            "TAR within the groups": 0.5,  # cat has no genuine pair
            "ratio": 1.0,
        },
        {
            "group": "ant",
            "other group": "bee",
            "accepted impostor pairs": 4,
            "of pairs": 40,
            "FMR": 0.1,
            "TAR within the groups": 0.5,
            "ratio": 0.2,
        },
    ]
    assert nearly_one_class(frame)["other group"].tolist() == ["cat"]
    at_border = frame.assign(ratio=[0.8, 0.79])
    assert nearly_one_class(at_border)["group"].tolist() == ["bee"]


def test_a_class_in_two_halves_is_confused_with_itself() -> None:
    random = np.random.default_rng(1)
    kinds = np.repeat(np.arange(4), 20)
    vectors = random.normal(size=(4, 8))[kinds] * 2 + random.normal(size=(80, 8)) * 0.4
    labels = kinds.copy()
    labels[:10] = 4  # half of class 0 under another name
    errors = errors_by_group(count_pairs(vectors, labels), 0.8)
    frame = confusions(errors, tuple("abcde"))
    assert frame[["group", "other group"]].to_numpy()[0].tolist() == ["a", "e"]
    assert frame["of pairs"][0] == 100
    assert len(nearly_one_class(frame)) == 1


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_swapped_labels_are_found(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    truth = np.repeat(np.arange(5), 20)
    centers = np.linalg.qr(random.normal(size=(8, 8)))[0][:5] * 4
    vectors = centers[truth] + random.normal(size=(100, 8)) * 0.3
    labels = truth * 10
    labels[[3, 57, 90]] = [40, 0, 10]
    labels[[20, 41]] = [-1, 77]  # without a label; alone in a class
    monkeypatch.setattr(pair_errors, "BLOCK_ROWS", 7)
    found = doubtful_labels(vectors, labels, metric=metric)  # type: ignore[arg-type]
    assert sorted(found.rows.tolist()) == [3, 57, 90]
    place = {row: k for k, row in enumerate(found.rows.tolist())}
    assert found.own[[place[3], place[57], place[90]]].tolist() == [40, 0, 10]
    assert found.other[[place[3], place[57], place[90]]].tolist() == [0, 20, 40]
    assert np.all(np.diff(found.own_score - found.other_score) >= 0)
    first = doubtful_labels(vectors, labels, metric=metric, most=1)  # type: ignore[arg-type]
    assert first.rows.tolist() == found.rows.tolist()[:1]
    # The row's own class is the mean of its other members.
    row = 57
    rows = vectors
    if metric == "cosine":
        rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    own = rows[(labels == 0) & (np.arange(100) != row)].mean(axis=0)
    other = rows[labels == 20].mean(axis=0)
    for mean, score in ((own, found.own_score), (other, found.other_score)):
        if metric == "euclidean":
            wanted = -float(((rows[row] - mean) ** 2).sum()) / 2
        else:
            length = np.linalg.norm(mean) if metric == "cosine" else 1.0
            wanted = float(rows[row] @ mean / length)
        assert score[place[row]] == pytest.approx(wanted)


def test_one_class_leaves_no_doubt() -> None:
    found = doubtful_labels(VECTORS[:6], np.array([0, 0, 0, 1, 2, -1]))
    assert len(found.rows) == len(found.own_score) == 0
