"""One layout turned onto another, so that the eye can follow its points."""

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.projection.result import frozen


def aligned(coordinates: Floats, reference: Floats) -> npt.NDArray[np.float32]:
    """`coordinates` (n, c) turned or mirrored, and moved, to lie on `reference` (n, c) at best.

    The turn is the orthogonal matrix R that makes the sum of squares of X R - Y smallest, X and Y
    being the two about their means: R = U V' where U S V' is the singular value decomposition of
    X'Y (Schoenemann, 1966, A generalized solution of the orthogonal Procrustes problem,
    Psychometrika 31). The mean becomes that of the reference. Nothing is scaled, so that all
    distances stay as they are. Raises ParameterError where the shapes differ.

    >>> corner = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]])
    >>> mirrored = corner * [-1, 1] + 5
    >>> bool(np.allclose(aligned(mirrored, corner), corner, atol=1e-6))
    True
    """
    if coordinates.shape != reference.shape:
        raise ParameterError(
            f"both layouts must have one shape; got {coordinates.shape} and {reference.shape}."
        )
    moved, target = _about_mean(coordinates), _about_mean(reference)
    turn = _turn(moved, target)
    return frozen(moved @ turn + reference.mean(axis=0, dtype=np.float64))


def _about_mean(coordinates: Floats) -> Float64s:
    values = coordinates.astype(np.float64)
    return np.asarray(values - values.mean(axis=0))


def _turn(moved: Float64s, target: Float64s) -> Float64s:
    product = moved.T @ target
    if not np.isfinite(product).all():
        return np.eye(len(product))
    left, _, right = np.linalg.svd(product)
    return np.asarray(left @ right)
