"""All that is found from the vectors, labels and queries alone, in three steps of rising cost.

`quick_findings` goes through the values, `shape_findings` through their second moments,
`closeness_findings` through pairs. What needs neighbor lists is in `lists` and `hub_scan`.
"""

from dataclasses import dataclass

import numpy as np

from core.data import EmbeddingSet
from core.distances import Float64s
from core.metrics.spectrum import second_moment, without_rounding
from core.progress import Progress, counted, part, unheard
from core.studies.inspection.preflight.classes import (
    classes_of_one,
    rows_without_a_label,
    small_classes,
)
from core.studies.inspection.preflight.clouds import two_clouds
from core.studies.inspection.preflight.dimensions import dimension_findings, direction_findings
from core.studies.inspection.preflight.finding import Finding
from core.studies.inspection.preflight.precision import float16_findings
from core.studies.inspection.preflight.rows import exact_duplicates, long_vectors, zero_vectors


@dataclass(frozen=True, eq=False)
class Moments:
    """mean: (d,). moment: (d, d) second moment about 0.

    eigenvalues: (d,) of the covariance, falling; axes: (d, d) its eigenvectors as columns.
    """

    mean: Float64s
    moment: Float64s
    eigenvalues: Float64s
    axes: Float64s


def measure_moments(embeddings: EmbeddingSet, progress: Progress | None = None) -> Moments:
    """The first and second moments of the vectors."""
    report = counted(part(progress, 0.1, 0.9), "{:,} of {:,} rows")
    mean = embeddings.vectors.mean(axis=0, dtype=np.float64)
    covariance = second_moment(embeddings.vectors, about=mean, progress=report)
    part(progress, 0.9, 1.0)(0.0, "directions")
    values, axes = np.linalg.eigh(covariance)
    moment = covariance + np.outer(mean, mean)
    eigenvalues = without_rounding(np.asarray(values[::-1], np.float64))
    return Moments(mean, moment, eigenvalues, axes[:, ::-1])


def quick_findings(embeddings: EmbeddingSet, progress: Progress | None = None) -> list[Finding]:
    """Faults of rows, dimensions, classes and half precision, in no order."""
    report = progress or unheard
    report(0.0, "rows")
    found = [zero_vectors(embeddings), exact_duplicates(embeddings), long_vectors(embeddings)]
    report(0.4, "classes")
    found += [
        classes_of_one(embeddings),
        small_classes(embeddings),
        rows_without_a_label(embeddings),
    ]
    report(0.5, "dimensions")
    found += dimension_findings(embeddings)
    report(0.9, "half precision")
    return [each for each in [*found, *float16_findings(embeddings)] if each is not None]


def shape_findings(embeddings: EmbeddingSet, moments: Moments) -> list[Finding]:
    """Directions, dead or dominant, and two clouds."""
    found = direction_findings(embeddings, moments.mean, moments.moment, moments.eigenvalues)
    clouds = two_clouds(embeddings, moments.mean, moments.axes)
    return found if clouds is None else [*found, clouds]
