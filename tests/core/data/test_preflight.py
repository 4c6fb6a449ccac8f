"""What stands out in a set, and the metric that fits it, worked by hand."""

import numpy as np
import pandas as pd
import pytest

from core.data import (
    EmbeddingSet,
    Finding,
    MetricAdvice,
    findings,
    load_sample,
    recommended_metric,
    row_norms,
    small_classes,
    summarize,
)


def bare(vectors: np.ndarray) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(vectors, name="bare")


def one_class_each(sizes: list[int]) -> EmbeddingSet:
    labels = np.repeat([f"class {i}" for i in range(len(sizes))], sizes)
    vectors = np.random.default_rng(1).normal(size=(len(labels), 3))
    return EmbeddingSet.from_arrays(
        vectors, metadata=pd.DataFrame({"label": labels}), name="classes"
    )


def test_findings_count_what_stands_out_worst_first() -> None:
    # Rows 0 and 1 are zero, and row 1 repeats row 0; row 2 repeats row 3; row 4 is long. Of the
    # classes, of 1, 30, 2 and 5 members, one has less than a tenth of 30.
    vectors = np.random.default_rng(2).normal(size=(40, 3)) + 3
    vectors[:2] = 0
    vectors[2] = vectors[3]
    vectors[4] *= 100
    labels = ["alone", *["a"] * 30, *["few"] * 2, *["b"] * 5, None, ""]
    odd = EmbeddingSet.from_arrays(vectors, metadata=pd.DataFrame({"label": labels}), name="odd")
    assert [(finding.what, finding.count) for finding in findings(odd)] == [
        ("zero vectors", 2),
        ("exact duplicates of an earlier row", 2),
        ("vectors over 3 times the median length", 1),
        ("classes with one member", 1),
        ("classes with less than 1/10 of the largest's members", 1),
        ("rows without a label", 2),
    ]
    assert findings(odd, summary=summarize(odd)) == findings(odd)


def test_data_without_faults_has_no_findings() -> None:
    assert findings(bare(np.eye(5))) == []
    assert findings(load_sample("digits")) == []


def test_a_finding_says_what_it_does() -> None:
    zeros = np.vstack([np.eye(3), np.zeros((1, 3))])
    effect = "They have no direction: cosine distance to everything is 1."
    assert findings(bare(zeros)) == [Finding("zero vectors", 1, effect)]


def test_a_vector_is_long_above_three_times_the_median() -> None:
    # Lengths 1, 1, 1, 3 and 3.01: the median is 1, and only the last is over 3.
    assert [f.count for f in findings(bare(np.diag([1, 1, 1, 3, 3.01])))] == [1]
    assert findings(bare(np.diag([1.0, 1, 1, 3]))) == []


def test_imbalance_counts_classes_below_a_tenth_of_the_largest() -> None:
    # A tenth of 50 is 5: 4 and 2 are below it, 5 is not, and 1 has a finding of its own.
    assert small_classes(one_class_each([50, 5, 4, 2, 1])) == 2
    assert small_classes(bare(np.eye(3))) == 0


@pytest.mark.parametrize(
    ("vectors", "advice"),
    [
        (np.arange(1.0, 9.0)[:, None], MetricAdvice("euclidean", "few dimensions")),
        (np.eye(2), MetricAdvice("euclidean", "few dimensions")),
        (np.vstack([np.zeros(3), np.eye(3)]), MetricAdvice("euclidean", "zero vectors")),
        (np.diag([1.0, 1.0, 1.01]), MetricAdvice("cosine", "equal lengths")),
        (np.diag([1.0, 1.0, 1.02]), MetricAdvice("cosine", "directions by default")),
        (np.diag([1.0, 1.0, 1.0, 90.0]), MetricAdvice("cosine", "uneven lengths")),
        (np.diag([1.0, 1.5, 2.0, 1.2]), MetricAdvice("cosine", "directions by default")),
    ],
)
def test_the_metric_fits_the_lengths(vectors: np.ndarray, advice: MetricAdvice) -> None:
    assert recommended_metric(bare(vectors)) == advice


def test_lengths_of_rows() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [1e30, 0.0]], np.float32)
    np.testing.assert_allclose(row_norms(rows), [5.0, 0.0, 1e30], rtol=1e-6)
