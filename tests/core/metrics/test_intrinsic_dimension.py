"""Intrinsic dimension against scikit-dimension, and the lengths that each metric gives it."""

from collections.abc import Callable

import numpy as np
import pytest
import skdim

from core.distances import Metric, length_metric, lengths, unit_rows
from core.errors import ParameterError
from core.index import exact_neighbors
from core.metrics import local_intrinsic_dimension, two_nn_dimension

# 3,000 rows of 16 dimensions; scaled to length 1 they lie on a sphere of 15.
NORMAL = np.random.default_rng(0).normal(size=(3000, 16))
UNIT = unit_rows(NORMAL)
# A disc of 2 dimensions in a corner of 6, every row at another distance from the origin.
TURN, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))
DISC = np.random.default_rng(2).uniform(-1, 1, size=(1500, 2)) @ TURN[:2] + 3 * TURN[2]
SCALES = np.random.default_rng(3).uniform(0.1, 10, size=(1500, 1))


Estimator = Callable[[np.ndarray], object]


def near_lengths(vectors: np.ndarray, metric: Metric, k: int = 20) -> np.ndarray:
    measured = length_metric(metric)
    rows = np.arange(len(vectors))
    found = exact_neighbors(vectors, vectors, k, metric=measured, exclude=rows)
    return lengths(found.distances, measured)


def harmonic(lid: np.ndarray) -> float:
    return float(1 / np.mean(1 / lid))


@pytest.mark.parametrize(
    ("vectors", "metric", "as_euclidean", "mle", "two_nn"),
    [
        (NORMAL, "euclidean", NORMAL, 13.209, 14.567),
        (UNIT, "euclidean", UNIT, 12.465, 13.190),
        (NORMAL, "cosine", UNIT, 12.465, 13.190),
        (NORMAL, "inner_product", NORMAL, 13.209, 14.567),
        (DISC, "euclidean", DISC, None, None),
        (DISC * SCALES, "cosine", unit_rows(DISC), None, None),
    ],
)
def test_both_estimators_equal_scikit_dimension(
    vectors: np.ndarray,
    metric: Metric,
    as_euclidean: np.ndarray,
    mle: float | None,
    two_nn: float | None,
) -> None:
    near = near_lengths(vectors, metric)
    ours = local_intrinsic_dimension(near, estimator="levina_bickel")
    theirs = skdim.id.MLE().fit(as_euclidean, n_neighbors=20)
    np.testing.assert_allclose(ours, theirs.dimension_pw_, rtol=1e-6)
    assert harmonic(ours) == pytest.approx(theirs.dimension_, rel=1e-9)
    with np.errstate(divide="ignore"):  # it also draws ln(1 - F) of the last row, where F is 1
        together = skdim.id.TwoNN(discard_fraction=0, method="mle").fit_transform(as_euclidean)
    assert two_nn_dimension(near) == pytest.approx(together, rel=1e-9)
    if mle is not None:
        assert (harmonic(ours), two_nn_dimension(near)) == pytest.approx((mle, two_nn), abs=5e-4)
    else:
        assert harmonic(ours) == pytest.approx(2, abs=0.15)
        assert two_nn_dimension(near) == pytest.approx(2, abs=0.15)


def test_the_fit_that_scikit_dimension_draws_by_default_is_near() -> None:
    # It fits a line and leaves out the largest tenth: 13.3 where the likelihood says 13.2.
    fitted = skdim.id.TwoNN().fit_transform(UNIT)
    assert fitted == pytest.approx(13.307, abs=5e-4)
    assert two_nn_dimension(near_lengths(NORMAL, "cosine")) == pytest.approx(fitted, rel=0.02)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_scaling_the_data_changes_neither(metric: Metric) -> None:
    plain, scaled = near_lengths(DISC, metric), near_lengths(DISC * 1e3, metric)
    np.testing.assert_allclose(
        local_intrinsic_dimension(scaled), local_intrinsic_dimension(plain), rtol=1e-5
    )
    assert two_nn_dimension(scaled) == pytest.approx(two_nn_dimension(plain), rel=1e-5)


def test_squares_of_lengths_give_half_of_the_dimension() -> None:
    # why 1 - cos must not go in as it is
    near = near_lengths(DISC, "euclidean")
    np.testing.assert_allclose(
        local_intrinsic_dimension(near**2 / 2), local_intrinsic_dimension(near) / 2
    )
    assert two_nn_dimension(near**2 / 2) == pytest.approx(two_nn_dimension(near) / 2)


@pytest.mark.parametrize("estimate", [local_intrinsic_dimension, two_nn_dimension])
@pytest.mark.parametrize("wrong", [-0.5, -1e-9, -np.inf, np.inf])
def test_what_is_no_length_is_refused(estimate: Estimator, wrong: float) -> None:
    near = np.array([[1.0, 2, 3], [wrong, 1, 2], [1, 2, 4], [wrong, 2, 5]])
    message = (
        r"lengths, finite and 0 or more; 2 of 4 rows are not, the first is row 1.*core.distances"
    )
    with pytest.raises(ParameterError, match=message):
        estimate(near)


@pytest.mark.parametrize("estimate", [local_intrinsic_dimension, two_nn_dimension])
def test_distances_of_inner_product_are_refused(estimate: Estimator) -> None:
    rows = np.arange(len(NORMAL))
    near = exact_neighbors(NORMAL, NORMAL, 5, metric="inner_product", exclude=rows).distances
    with pytest.raises(ParameterError, match="those of inner product are no lengths"):
        estimate(near)
