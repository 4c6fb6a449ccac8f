"""How often the 95 % intervals of Open world hold the true value, over many samples.

Queries: known and unknown ones whose scores are normal; the truth is of 2,000,000 queries.
Translation: rows of two spaces that are noisy views of the same; the truth is of 3,000 rows. Its
intervals are too wide where the noise of single pairs outweighs that of rows, as with 150 rows.
"""

import numpy as np

from core.metrics.open_set import OpenSet, global_average_precision, identification_rate
from core.metrics.open_set import open_set_figures as figures_of
from core.studies.thresholds.translation import translation

REPEATS, QUERIES, RESAMPLES = 200, 600, 200
FAR = 0.05
ROWS, POPULATION, SPACES = 150, 3_000, 100
THRESHOLD = 0.5


def answers(queries: int, random: np.random.Generator) -> OpenSet:
    """Half of the queries known, of which the surer are the oftener right."""
    known = np.arange(queries) < queries // 2
    scores = random.normal(size=queries) + 1.5 * known
    right = known & (random.random(queries) < 1 / (1 + np.exp(-scores)))
    return OpenSet(scores, right, known)


def of_queries() -> dict[str, float]:
    """Share of the samples whose interval holds the truth, by figure."""
    random = np.random.default_rng(0)
    all_of_them = answers(2_000_000, random)
    given = all_of_them.scores, all_of_them.correct, all_of_them.known
    truth = global_average_precision(*given), identification_rate(*given, FAR)
    held = np.zeros(2)
    for repeat in range(REPEATS):
        drawn = answers(QUERIES, random)
        found = figures_of(drawn, far=(FAR,), resamples=RESAMPLES, seed=repeat)
        for place, (_, low, high) in enumerate((found.gap, found.dir_at_far[FAR])):
            held[place] += low <= truth[place] <= high
    gap, rate = held / REPEATS
    return {"GAP": float(gap), f"DIR at FAR {FAR:g}": float(rate)}


def of_spaces() -> float:
    """Share of the samples whose interval holds the translated threshold of the population."""
    random = np.random.default_rng(1)
    hidden = random.normal(size=(POPULATION, 8))
    first = hidden + 0.3 * random.normal(size=hidden.shape)
    second = hidden + 0.3 * random.normal(size=hidden.shape)
    truth = translation(first, second, rows=POPULATION, resamples=1).at(THRESHOLD).in_b
    held = 0
    for repeat in range(SPACES):
        rows = random.choice(POPULATION, ROWS, replace=False)
        study = translation(first[rows], second[rows], resamples=RESAMPLES, seed=repeat)
        low, high = study.at(THRESHOLD).interval
        held += low <= truth <= high
    return held / SPACES


if __name__ == "__main__":
    for name, share in of_queries().items():
        print(f"{name}: {100 * share:.1f} % of {REPEATS} intervals hold the truth")
    print(f"translated threshold: {100 * of_spaces():.1f} % of {SPACES} intervals hold the truth")
