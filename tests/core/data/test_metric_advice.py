"""The metric that fits a set, and lengths of rows, worked by hand."""

import numpy as np
import pytest

from core.data import EmbeddingSet, MetricAdvice, recommended_metric, row_norms


def bare(vectors: np.ndarray) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(vectors, name="bare")


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
