"""Whether classes differ more in utility than equal classes of the same sizes do by chance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Floats, Metric
from core.metrics import OpisByChance, opis, opis_by_chance
from core.metrics.opis_chance import Score
from core.progress import Progress, unheard
from core.studies.parts.sampling import sample_classes

ROWS, DRAWS = 5_000, 20


@dataclass(frozen=True, eq=False)
class ChanceStudy:
    """OPIS beside what classes of equal spread and the same sizes give by chance.

    chance: of `rows` of the `n` rows with a label: all, or whole classes drawn with `seed`.
    """

    chance: OpisByChance
    rows: int
    n: int
    seed: int

    @property
    def is_sample(self) -> bool:
        """Whether some rows were left out, so that `chance.observed` is of the others."""
        return self.rows < self.n


def chance_study(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    rows: int = ROWS,
    draws: int = DRAWS,
    seed: int = 0,
    score: Score = opis,
    metric: Metric = "cosine",
    progress: Progress | None = None,
) -> ChanceStudy:
    """OPIS of `vectors` (n, d) with `labels` (n,), and what equal classes give by chance.

    rows: where more have a label, about so many are drawn, whole classes, so that their sizes stay;
    the observed OPIS is then of the sample too. draws: of equal classes. score, metric:
    see `opis_by_chance`. Raises ParameterError with fewer than two classes of two members.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given))
    report = progress or unheard
    sample = sample_classes(codes, rows, seed=seed)

    def scored(done: int, total: int) -> None:
        """The first score is that of the data, before the draws."""
        report(done / total, f"{done - 1:,} of {total - 1:,} draws")

    report(0.0, "OPIS")
    chance = opis_by_chance(
        given[sample],
        codes[sample],
        draws=draws,
        seed=seed,
        score=score,
        metric=metric,
        progress=scored,
    )
    return ChanceStudy(chance, len(sample), int(np.count_nonzero(codes >= 0)), seed)
