"""Dimensions that say nothing, or that a few rows rule; directions, dead or dominant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.distances import Float64s
from core.metrics.spectrum import blocks_of
from core.studies.inspection.preflight.finding import Finding, Ids, Kind
from core.studies.inspection.preflight.remedies import Remedy, live_directions, middle_and_spread

NEARLY = 1e-3  # of the median deviation of the dimensions that vary
SPARSE = 0.95  # share of zeros
HEAVY = 20.0  # kurtosis: 3 for a normal distribution, 6 for Laplace's
DOMINANT_MEAN = 0.25  # of the mean squared length
DOMINANT = 0.2  # of the variance, in one direction
FEWEST_DIMENSIONS = 8  # below it a direction holds as much by itself


@dataclass(frozen=True, eq=False)
class _Columns:
    """Of each dimension, (d,): whether all values are equal, deviation, kurtosis, zeros' share."""

    constant: npt.NDArray[np.bool_]
    deviation: Float64s
    kurtosis: Float64s
    zeros: Float64s


def dimension_findings(embeddings: EmbeddingSet) -> list[Finding]:
    """Constant, near-constant, sparse and heavy-tailed dimensions; each dimension once."""
    columns = _measure(embeddings.vectors)
    varying = ~columns.constant
    usual = float(np.median(columns.deviation[varying])) if varying.any() else 0.0
    nearly = varying & (columns.deviation < NEARLY * usual)
    sparse = varying & ~nearly & (columns.zeros >= SPARSE)
    heavy = varying & ~nearly & ~sparse & (columns.kurtosis >= HEAVY)
    tails = np.flatnonzero(heavy)
    tails = tails[np.argsort(-columns.kurtosis[tails], kind="stable")]
    found = [
        _finding(embeddings, "constant dimensions", np.flatnonzero(columns.constant)),
        _finding(embeddings, "near-constant dimensions", np.flatnonzero(nearly)),
        _finding(embeddings, "sparse dimensions", np.flatnonzero(sparse), may_go=False),
        _heavy(embeddings, tails, columns.kurtosis),
    ]
    return [finding for finding in found if finding.count]


def direction_findings(
    embeddings: EmbeddingSet, mean: Float64s, moment: Float64s, eigenvalues: Float64s
) -> list[Finding]:
    """Dead and dominant directions, and a mean that all vectors share.

    mean: (d,) of the vectors; moment: (d, d), their second moment about 0; eigenvalues: (d,) of
    their covariance, falling.
    """
    dim, found = embeddings.dim, []
    squared, shared = float(np.trace(moment)), float(mean @ mean)
    if squared > 0 and shared > DOMINANT_MEAN * squared:
        remedy = Remedy("subtract the mean", "dominant mean")
        first = np.zeros(1, np.int64)
        share = shared / squared
        found.append(Finding("dominant mean", "direction", first, dim, value=share, remedy=remedy))
    total = float(eigenvalues.sum())
    if total > 0 and dim >= FEWEST_DIMENSIONS:
        large = np.flatnonzero(eigenvalues > DOMINANT * total)
        share = float(eigenvalues[large].sum()) / total
        if len(large):
            remedy = Remedy("remove directions", "dominant directions", directions=len(large))
            found.append(
                Finding("dominant directions", "direction", large, dim, value=share, remedy=remedy)
            )
    return found + _dead(embeddings, moment)


def _dead(embeddings: EmbeddingSet, moment: Float64s) -> list[Finding]:
    """Directions that no vector uses, but for dimensions that are 0 throughout."""
    dim = embeddings.dim
    used = int((np.diag(moment) > 0).sum())
    live = live_directions(moment)
    if embeddings.n <= dim or live >= used:
        return []
    dead = np.arange(live, used)
    remedy = Remedy("keep directions", "dead directions", directions=live)
    return [Finding("dead directions", "direction", dead, dim, remedy=remedy if live else None)]


def _finding(
    embeddings: EmbeddingSet, kind: Kind, dimensions: Ids, *, may_go: bool = True
) -> Finding:
    dim = embeddings.dim
    can_go = may_go and 0 < len(dimensions) < dim
    remedy = Remedy("leave out dimensions", kind, dimensions) if can_go else None
    return Finding(kind, "dimension", dimensions, dim, remedy=remedy)


def _heavy(embeddings: EmbeddingSet, dimensions: Ids, kurtosis: Float64s) -> Finding:
    largest = float(kurtosis[dimensions].max(initial=0.0))
    spread = [place for place in dimensions if middle_and_spread(embeddings.vectors[:, place])[1]]
    remedy = Remedy("clip", "heavy-tailed dimensions", np.sort(np.array(spread, np.int64)))
    return Finding(
        "heavy-tailed dimensions",
        "dimension",
        dimensions,
        embeddings.dim,
        _extreme_rows(embeddings.vectors, dimensions),
        value=largest,
        remedy=remedy if spread else None,
    )


def _extreme_rows(vectors: npt.NDArray[np.float32], dimensions: Ids) -> Ids:
    """The row of the largest deviation in each of the dimensions, each row once, in that order."""
    rows = [
        int(np.abs(vectors[:, place] - vectors[:, place].mean()).argmax()) for place in dimensions
    ]
    return np.array(list(dict.fromkeys(rows)), np.int64)


def _measure(vectors: npt.NDArray[np.float32]) -> _Columns:
    """Two passes: the mean, then what stands about it."""
    n, dim = vectors.shape
    mean = vectors.mean(axis=0, dtype=np.float64)
    second, fourth = np.zeros(dim), np.zeros(dim)
    zeros = np.zeros(dim)
    constant = np.ones(dim, bool)
    for block in blocks_of(vectors):
        constant &= (block == vectors[0]).all(axis=0)
        zeros += (block == 0).sum(axis=0)
        squares = np.square(block - mean)
        second += squares.sum(axis=0)
        fourth += np.square(squares, out=squares).sum(axis=0)
    variance = np.where(constant, 0.0, second / n)
    kurtosis = np.full(dim, np.nan)
    np.divide(fourth / n, variance**2, out=kurtosis, where=variance > 0)
    return _Columns(constant, np.sqrt(variance), kurtosis, zeros / n)
