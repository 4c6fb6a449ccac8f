"""Figures of a spectrum: over how many directions, and how evenly, does data spread?

All but `covariance_eigenvalues` take eigenvalues l_1 >= l_2 >= ... >= 0, in any order and of any
scale; p_i = l_i / sum of l. NaN where all are 0, for then there is nothing to share out.

| figure                | formula                      | source                           |
|-----------------------|------------------------------|----------------------------------|
| `participation_ratio` | (sum l)^2 / sum l^2          | Gao et al., bioRxiv 214262       |
| `spectral_entropy`    | - sum p ln p                 | Wei et al., arXiv 2401.17139     |
| `effective_rank`      | exp of that entropy          | Roy and Vetterli, EUSIPCO 2007   |
| `pca_dimension`       | fewest p that sum to a share | -                                |
| `iso_score`           | see there                    | Rudman et al., arXiv 2108.07344  |

Roy and Vetterli take shares of singular values, Wei et al. of eigenvalues, which are their squares;
here, as there, of whatever is handed in.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.checks import check_number, check_numbers, check_rows
from core.distances import Float64s, Floats, unit_rows
from core.errors import ParameterError
from core.progress import CountProgress, unheard

BLOCK_VALUES = 4_000_000  # float64 at a time


def blocks_of(vectors: Floats) -> Iterator[Floats]:
    """The rows of `vectors` (n, d), a few million values at a time."""
    rows = max(1, BLOCK_VALUES // vectors.shape[1])
    for start in range(0, len(vectors), rows):
        yield vectors[start : start + rows]


def second_moment(
    vectors: Floats,
    *,
    about: npt.ArrayLike | None = None,
    unit: bool = False,
    progress: CountProgress | None = None,
) -> Float64s:
    """The mean of x x' over the rows x of `vectors` (n, d): (d, d) float64.

    about: (d,) what is subtracted from each row first. unit: whether each is then scaled to length
    1; a zero row stays zero. progress: called with the rows that are done, and all.
    """
    origin = None if about is None else np.asarray(about, np.float64)
    report, done = progress or unheard, 0
    total = np.zeros((vectors.shape[1],) * 2)
    for block in blocks_of(vectors):
        report(done, len(vectors))
        done += len(block)
        rows = block.astype(np.float64) if origin is None else block - origin
        rows = unit_rows(rows) if unit else rows
        total += rows.T @ rows
    return total / len(vectors)


def eigenvalues_of(moment: Float64s) -> Float64s:
    """Eigenvalues of a second moment (d, d), falling; what is only rounding is 0."""
    return without_rounding(np.asarray(np.linalg.eigvalsh(moment)[::-1], np.float64))


def without_rounding(values: Float64s) -> Float64s:
    """Eigenvalues (d,) of which those within the rounding of the largest are 0."""
    smallest = values.max(initial=0.0) * len(values) * np.finfo(np.float64).eps
    return np.where(values > smallest, values, 0.0)


def covariance_eigenvalues(vectors: Floats) -> Float64s:
    """Variances along the principal directions of `vectors` (n, d), falling, (d,).

    The covariance divides by n. Raises ParameterError for what is no finite (n, d).

    >>> covariance_eigenvalues(np.array([[1.0, 0.0], [-1.0, 0.0], [3.0, 2.0], [-3.0, -2.0]])).shape
    (2,)
    """
    rows = check_rows(vectors, "vectors")
    return eigenvalues_of(second_moment(rows, about=rows.mean(axis=0, dtype=np.float64)))


def participation_ratio(eigenvalues: npt.ArrayLike) -> float:
    """How many directions carry the variance: d where all are equal, 1 where one has it all."""
    values = _check(eigenvalues)
    shares = _shares(values)
    return float(1.0 / np.sum(shares**2)) if shares is not None else float("nan")


def spectral_entropy(eigenvalues: npt.ArrayLike) -> float:
    """Entropy of the shares, in nats: ln d where all are equal, 0 where one has it all."""
    shares = _shares(_check(eigenvalues))
    if shares is None:
        return float("nan")
    positive = shares[shares > 0]
    return float(max(0.0, -np.sum(positive * np.log(positive))))


def effective_rank(eigenvalues: npt.ArrayLike) -> float:
    """The number of equal eigenvalues that have the same entropy."""
    return float(np.exp(spectral_entropy(eigenvalues)))


def pca_dimension(eigenvalues: npt.ArrayLike, share: float = 0.99) -> float:
    """The fewest principal directions that hold `share`, in (0, 1], of the variance."""
    wanted = check_number(share, "share")
    if not 0 < wanted <= 1:
        raise ParameterError(f"share must be above 0 and at most 1; got {share!r}.")
    shares = _shares(np.sort(_check(eigenvalues))[::-1])
    if shares is None:
        return float("nan")
    first = int(np.searchsorted(np.cumsum(shares), wanted - 1e-12))
    return float(min(first + 1, len(shares)))


def iso_score(eigenvalues: npt.ArrayLike) -> float:
    """IsoScore of a covariance with these d eigenvalues: 1 all equal, 0 one direction only.

    The eigenvalues, scaled to norm sqrt(d), are v; defect = ||v - 1|| / sqrt(2 (d - sqrt d));
    the score is ((d - defect^2 (d - sqrt d))^2 - d) / (d (d - 1)). Not defined for d = 1.
    """
    values = _check(eigenvalues)
    d, norm = len(values), float(np.linalg.norm(values))
    if d < 2 or norm == 0:
        return float("nan")
    scaled = values / norm * np.sqrt(d)
    squared_defect = np.sum((scaled - 1) ** 2) / (2 * (d - np.sqrt(d)))
    kept = d - squared_defect * (d - np.sqrt(d))
    return float((kept**2 - d) / (d * (d - 1)))


def _check(eigenvalues: npt.ArrayLike) -> Float64s:
    values = check_numbers(eigenvalues, "eigenvalues").ravel()
    if len(values) == 0 or not np.isfinite(values).all() or (values < 0).any():
        raise ParameterError(
            "eigenvalues must be at least one finite number of 0 or more; got "
            f"{values[:5].tolist()}. Give those of a covariance."
        )
    return values


def _shares(values: Float64s) -> Float64s | None:
    total = float(values.sum())
    return values / total if total > 0 else None
