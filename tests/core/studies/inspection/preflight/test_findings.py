"""Each fault alone, in rows that are known; then all of them together."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, load_sample
from core.distances import METRICS, Metric
from core.studies import (
    Finding,
    closeness_findings,
    knn_lists,
    labels_that_look_wrong,
    measure_moments,
    quick_findings,
    severity,
    shape_findings,
    worst_first,
)
from core.studies.inspection.preflight.clouds import best_cut
from core.studies.parts.near_length import near_length
from tests.core.studies.inspection.preflight.planted import bare, clusters, planted

ROWS, LABELS = clusters()


def labeled(labels: list[object], vectors: np.ndarray | None = None) -> EmbeddingSet:
    rows = ROWS[: len(labels)] if vectors is None else vectors
    return EmbeddingSet.from_arrays(rows, metadata=pd.DataFrame({"label": labels}), name="labeled")


def quick(embeddings: EmbeddingSet) -> dict[str, Finding]:
    return {each.kind: each for each in quick_findings(embeddings)}


def shape(vectors: np.ndarray) -> dict[str, Finding]:
    items = bare(vectors)
    return {each.kind: each for each in shape_findings(items, measure_moments(items))}


def close(embeddings: EmbeddingSet, metric: Metric = "euclidean") -> dict[str, Finding]:
    return {each.kind: each for each in closeness_findings(embeddings, metric)}


def test_even_data_has_no_findings() -> None:
    even = bare(np.random.default_rng(0).normal(size=(500, 12)))
    assert quick(even) == shape(even.vectors) == {}
    for metric in METRICS:
        assert close(even, metric) == {}


def test_zero_vectors_and_copies() -> None:
    vectors = ROWS.copy()
    vectors[[4, 9]] = 0
    vectors[[20, 30]] = vectors[7]
    found = quick(bare(vectors))
    assert found["zero vectors"].ids.tolist() == [4, 9]
    copies = found["exact duplicates"]
    assert copies.ids.tolist() == [9, 20, 30]
    assert copies.partners is not None
    assert copies.partners.tolist() == [4, 7, 7]
    assert copies.rows.tolist() == [4, 7, 9, 20, 30]
    assert copies.share == 3 / 360


def test_long_vectors_are_over_three_times_the_median_longest_first() -> None:
    # Lengths 1, 1, 1, 3 and 3.01: the median is 1, and only the last is over 3.
    found = quick(bare(np.diag([1, 1, 1, 3, 3.01])))["long vectors"]
    assert (found.ids.tolist(), found.value) == ([4], pytest.approx(3.01))
    many = np.ones((20, 3)) * np.where(np.arange(20) < 18, 1, [7.0] * 19 + [9.0])[:, None]
    assert quick(bare(many))["long vectors"].ids.tolist() == [19, 18]


def test_classes() -> None:
    # Of classes of 50, 5, 4, 2 and 1: a tenth of 50 is 5, so 4 and 2 are below it, and 5 is not.
    sizes = {"a": 50, "b": 5, "c": 4, "d": 2, "e": 1}
    labels: list[object] = [name for name, size in sizes.items() for _ in range(size)]
    found = quick(labeled([*labels, None, ""]))
    assert found["classes of one"].ids.tolist() == [4]
    assert found["classes of one"].rows.tolist() == [61]
    small = found["small classes"]
    assert (small.ids.tolist(), small.value) == ([2, 3], 50)
    assert small.rows.tolist() == list(range(55, 61))
    # The smallest has 2, so 20 rows of the largest stay.
    assert small.remedy is not None
    assert len(small.remedy.ids) == 30
    assert small.remedy.ids.max() < 50
    assert found["rows without a label"].ids.tolist() == [62, 63]


def test_each_kind_of_dimension_is_named_once() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(1000, 12))
    vectors[:, 1] = 7
    vectors[:, 2] = 5 + 1e-4 * random.normal(size=1000)
    vectors[:, 3] = np.where(np.arange(1000) < 50, 1, 0)
    vectors[:, 4] = np.where(np.arange(1000) < 51, 1, 0)
    vectors[10, 5] = 60
    vectors[20, 6] = -90
    found = quick(bare(vectors))
    assert found["constant dimensions"].ids.tolist() == [1]
    assert found["near-constant dimensions"].ids.tolist() == [2]
    assert found["sparse dimensions"].ids.tolist() == [3]  # 95.0 % zeros; the next has 94.9 %
    heavy = found["heavy-tailed dimensions"]
    assert (heavy.ids.tolist(), heavy.rows.tolist()) == ([6, 5], [20, 10])
    column = vectors[:, 6] - vectors[:, 6].mean()
    kurtosis = np.mean(column**4) / np.mean(column**2) ** 2
    assert heavy.value == pytest.approx(kurtosis, rel=1e-5)


def test_what_float16_loses() -> None:
    vectors = np.ones((6, 4))
    vectors[1, 2] = 65_505
    vectors[2] = 1e-7  # half of the last digit is 3e-8: far over 1 % of the row
    vectors[3] = 1e-4
    vectors[4, 0] = 1e-9  # lost, but the row has others
    found = quick(bare(vectors))
    assert (found["float16 overflow"].ids.tolist(), found["float16 overflow"].value) == ([1], 65505)
    loss = found["float16 loss"]
    rounded = np.float32(1e-7).astype(np.float16).astype(np.float64)
    assert (loss.ids.tolist(), loss.value) == (
        [2],
        pytest.approx(abs(rounded / 1e-7 - 1), rel=1e-4),
    )
    assert loss.remedy is None  # one factor cannot serve both ends
    scaled = quick(bare(vectors[[0, 2, 3]] * 1e-3))["float16 loss"].remedy
    assert scaled is not None
    assert scaled.factor == 2.0**23  # the largest, 1e-3, to 8,389: within a factor 2 of 2^14


def test_dead_directions_do_not_count_zero_dimensions() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(200, 10))
    vectors[:, 9] = 0
    vectors[:, 8] = vectors[:, 0] + vectors[:, 1]
    vectors[:, 7] = vectors[:, 2] - 3 * vectors[:, 3]
    assert shape(vectors)["dead directions"].ids.tolist() == [7, 8]
    assert "dead directions" not in shape(vectors[:10])  # too few rows to say so


def test_a_dominant_mean_and_direction() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(5000, 8))
    vectors[:, 3] = 2 + vectors[:, 3] * 1.5
    # Squared lengths: 7 + 2.25 + 4 on average, of which the mean has 4: 0.302. Variance 9.25, of
    # which one direction has 2.25: 0.243.
    found = shape(vectors)
    assert found["dominant mean"].value == pytest.approx(4 / 13.25, abs=0.02)
    assert found["dominant directions"].ids.tolist() == [0]
    assert found["dominant directions"].value == pytest.approx(2.25 / 9.25, abs=0.02)
    assert shape(vectors[:, :7]).keys() == {"dominant mean"}  # 7 dimensions: no direction is named


def test_the_best_cut_is_that_of_all_cuts() -> None:
    values = np.concatenate([np.random.default_rng(1).normal(size=40), [9.0, 10.0, 12.0]])
    ordered = np.sort(values)
    squares = [
        sum(part.var() * len(part) for part in (ordered[:i], ordered[i:]))
        for i in range(1, len(ordered))
    ]
    place = int(np.argmin(squares)) + 1
    low, high = ordered[:place], ordered[place:]
    cut = best_cut(values)
    assert low[-1] < cut.at < high[0]
    apart = (high.mean() - low.mean()) / np.sqrt((low.var() + high.var()) / 2)
    assert cut.apart == pytest.approx(apart)


def test_one_normal_cloud_is_not_two() -> None:
    values = np.random.default_rng(1).normal(size=20_000)
    assert best_cut(values).apart == pytest.approx(2.65, abs=0.05)
    assert best_cut(np.linspace(0, 1, 20_000)).apart == pytest.approx(3.46, abs=0.01)


@pytest.mark.parametrize("of", ["mean", "length"])
def test_two_models_in_one_file(of: str) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(400, 24))
    vectors[50:110] = vectors[50:110] + 9 if of == "mean" else vectors[50:110] * 40
    found = shape(vectors)["two clouds"]
    assert found.ids.tolist() == list(range(50, 110))
    few = random.normal(size=(400, 24))
    few[:3] += 9  # below 1 % and fewer than 5: these are outliers, no model
    assert "two clouds" not in shape(few)


def test_parts_that_are_whole_classes_are_no_clouds() -> None:
    vectors = ROWS.copy()
    vectors[LABELS == 3] += 60
    assert shape(vectors)["two clouds"].count == 60
    items = labeled([f"class {label}" for label in LABELS], vectors)
    assert "two clouds" not in {f.kind for f in shape_findings(items, measure_moments(items))}
    mixed = labeled([f"class {i % 2}" for i in range(360)], vectors)
    assert "two clouds" in {f.kind for f in shape_findings(mixed, measure_moments(mixed))}


def naive_near(vectors: np.ndarray, bound: float, *, unit: bool) -> np.ndarray:
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if unit else vectors
    lengths = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(lengths, np.inf)
    return lengths <= bound


@pytest.mark.parametrize("metric", METRICS)
def test_near_copies_are_all_pairs_within_the_bound(metric: Metric) -> None:
    random = np.random.default_rng(4)
    vectors = (ROWS + 3).astype(np.float32)
    noise = random.normal(size=(40, 32)).astype(np.float32)
    noise *= np.geomspace(1e-3, 3, 40, dtype=np.float32)[:, None] / np.linalg.norm(
        noise, axis=1, keepdims=True
    )
    vectors = np.vstack([vectors, vectors[:40] + noise, vectors[:1] + noise[:12] * 0.1])
    found = close(bare(vectors), metric)["near copies"]
    near = naive_near(vectors.astype(np.float64), found.value, unit=metric == "cosine")
    assert 5 < near.sum() / 2 < 200
    assert found.partners is not None
    assert found.distances is not None
    expected = [row for row in range(len(vectors)) if near[row, :row].any()]
    assert found.ids.tolist() == expected
    assert all(near[row, partner] for row, partner in zip(found.ids, found.partners, strict=True))
    assert (found.distances <= found.value).all()


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_near_length_is_one_of_the_space_that_is_searched(metric: Metric) -> None:
    rows = np.random.default_rng(3).normal(size=(60, 6)).astype(np.float32) * 3
    points = rows / np.linalg.norm(rows, axis=1, keepdims=True) if metric == "cosine" else rows
    apart = np.sort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)
    wanted = 0.02 * np.median(apart[:, 10])  # column 0 is the row itself
    assert near_length(rows, metric) == pytest.approx(wanted, rel=1e-5)


def test_the_near_length_by_hand() -> None:
    """Rows at 0, 1, ..., 99: the 10th nearest is 5 away inside, more at the ends; 2 % of it."""
    line = np.outer(np.arange(100), [1, 0, 0]).astype(np.float32)
    assert near_length(line, "euclidean") == 0.02 * 5
    assert np.isnan(near_length(line[:, :2], "euclidean"))
    assert np.isnan(near_length(line + 1, "cosine"))  # directions of 3 dimensions have 2
    assert np.isnan(near_length(np.eye(19, dtype=np.float32), "euclidean"))


def test_data_of_few_rows_dimensions_or_values_is_looked_at_as_well() -> None:
    for vectors in (np.ones((1, 1)), np.zeros((40, 9)), np.ones((40, 9)), np.eye(2), np.eye(60)):
        for metric in METRICS:
            found = quick(bare(vectors)) | shape(vectors) | close(bare(vectors), metric)
            assert not {"near copies", "two clouds", "items near the mean"} & set(found)


def test_near_copies_in_a_crowd_are_found_as_well() -> None:
    """Of 51 rows each is near all others: more than the first look holds."""
    vectors = np.vstack([ROWS, np.tile(ROWS[:1], (50, 1))])
    vectors[360:] += 1e-4 * np.random.default_rng(0).normal(size=(50, 32))
    found = close(bare(vectors))["near copies"]
    assert found.ids.tolist() == list(range(360, 410))


def test_exact_copies_are_no_near_copies() -> None:
    vectors = ROWS.copy()
    vectors[100:104] = vectors[0]
    assert "near copies" not in close(bare(vectors))


@pytest.mark.parametrize("metric", METRICS)
def test_queries_among_the_rows(metric: Metric) -> None:
    queries = np.vstack([ROWS[50], ROWS[0] + 1e-4, ROWS[200] + 5])
    items = EmbeddingSet.from_arrays(ROWS, name="asked", queries=queries)
    found = close(items, metric)["queries among the rows"]
    assert (found.ids.tolist(), found.of) == ([0, 1], 3)
    assert found.partners is not None
    assert found.partners.tolist() == [50, 0]


def test_a_query_equal_to_a_row_is_found_where_no_copies_are_sought() -> None:
    flat = EmbeddingSet.from_arrays(ROWS[:30, :2], name="flat", queries=ROWS[[4, 200], :2])
    assert close(flat)["queries among the rows"].ids.tolist() == [0]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_items_near_the_mean(metric: Metric) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(600, 16)) + 2
    vectors[[30, 40]] = 2 + 0.05 * random.normal(size=(2, 16))
    found = close(bare(vectors), metric)["items near the mean"]
    assert sorted(found.ids) == [30, 40]
    assert found.distances is not None
    assert (np.diff(found.distances) >= 0).all()
    assert "items near the mean" not in close(bare(vectors[:, :7]), metric)


def test_labels_that_look_wrong() -> None:
    labels = LABELS.copy()
    labels[[5, 70]] = [3, 0]
    names: list[object] = [f"class {label}" for label in labels]
    names[200] = "rare"  # a class of one has no 10 neighbors of its own, so it is not judged
    items = labeled(names)
    lists = knn_lists(items.vectors, 12, "euclidean")
    found = labels_that_look_wrong(items, lists)
    assert found is not None
    assert (found.ids.tolist(), found.value, found.checked) == ([5, 70], 10, None)
    assert labels_that_look_wrong(bare(ROWS), lists) is None
    sampled = knn_lists(items.vectors, 12, "euclidean", rows_at_most=200, seed=1)
    some = labels_that_look_wrong(items, sampled)
    assert (some.checked if some else 200) == 200
    assert (some.ids.tolist() if some else []) == [r for r in (5, 70) if r in sampled.rows]


def test_severity_follows_the_metric_and_the_share() -> None:
    zero = Finding("zero vectors", "row", np.arange(5), 100)
    assert [severity(zero, metric) for metric in METRICS] == ["high", "low", "medium"]
    few = Finding("exact duplicates", "row", np.arange(1), 1001)
    assert (severity(few, "cosine"), few.share) == ("medium", 1 / 1001)
    sampled = Finding("exact duplicates", "row", np.arange(1), 10**6, checked=1000)
    assert severity(sampled, "cosine") == "high"
    constant = Finding("constant dimensions", "dimension", np.arange(2), 10**6)
    assert worst_first([constant, few, zero], "cosine") == [zero, few, constant]
    assert worst_first([zero, constant, few], "euclidean") == [few, zero, constant]


def test_all_planted_faults_are_found() -> None:
    made = planted()
    found = quick(made.items) | shape(made.items.vectors) | close(made.items)
    assert found["zero vectors"].ids.tolist() == made.zeros
    assert set(made.copies) <= set(found["exact duplicates"].ids)
    assert set(made.near) <= set(found["near copies"].ids)
    assert set(made.central) | set(made.zeros) >= set(found["items near the mean"].ids)
    assert set(made.central) <= set(found["items near the mean"].ids)
    assert set(made.long) <= set(found["long vectors"].ids)
    assert found["classes of one"].rows.tolist() == made.alone
    assert found["rows without a label"].ids.tolist() == [0]
    assert found["constant dimensions"].ids.tolist() == [30]
    assert found["sparse dimensions"].ids.tolist() == [31]
    assert 29 in found["heavy-tailed dimensions"].ids
    assert found["queries among the rows"].ids.tolist() == [0, 1]
    lists = knn_lists(made.items.vectors, 10, "euclidean")
    wrong = labels_that_look_wrong(made.items, lists)
    assert wrong is not None
    assert set(made.mislabeled) <= set(wrong.ids)


def test_the_samples() -> None:
    """Two dimensions of MiniLM are constant, as are three pixels of the digits."""
    found = quick(load_sample("wordnet"))
    assert found["constant dimensions"].ids.tolist() == [127, 223]
    assert "zero vectors" not in found
    assert quick(load_sample("digits"))["constant dimensions"].ids.tolist() == [0, 32, 39]
