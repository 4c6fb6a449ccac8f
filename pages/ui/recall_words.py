"""What the Recall page says, in sentences and tables."""

import numpy as np
import pandas as pd

from core.data import EmbeddingSet
from core.metrics import local_intrinsic_dimension
from core.studies.tradeoff import EfTradeoff
from pages.ui.messages import count, number, percent

SERVED = 0.9  # the recall that the answer counts queries at
FLAT = 0.005  # a rise of recall below this over the last three quarters of ef is none
STEPS = (10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 200, 256, 320, 400, 512)


def answer(tradeoff: EfTradeoff, target: float) -> str:
    """The page's sentence: which ef reaches the target and what it costs, or why none does."""
    k, ef = tradeoff.curve.k, tradeoff.smallest_ef(target)
    if ef is None:
        return _unreached(tradeoff, target)
    at = tradeoff.at(ef)
    return (
        f"ef {ef:,} reaches a recall@{k} of {number(tradeoff.mean_recall[at])} on average, and at "
        f"least {SERVED:g} for {percent(tradeoff.share_reaching(SERVED)[at])} of queries, at "
        f"{number(round(tradeoff.mean_computations[at]))} distance computations, "
        f"{percent(tradeoff.brute_force_share[at])} of brute force."
    )


def _unreached(tradeoff: EfTradeoff, target: float) -> str:
    k, largest = tradeoff.curve.k, int(tradeoff.ef[-1])
    best = float(tradeoff.mean_recall[-1])
    text = f"No ef up to {largest:,} reaches recall@{k} {target:g}: the best is {number(best)}."
    if best - float(tradeoff.mean_recall[len(tradeoff.ef) // 4]) < FLAT:
        text += (
            " Recall stays flat as ef grows, which means a broken graph and not a small beam: some "
            "rows cannot be reached. Build with a larger M or ef_construction, or in random order."
        )
    return text


def basis(tradeoff: EfTradeoff) -> str:
    """What the figures rest on."""
    queries, asked = tradeoff.queries, count(len(tradeoff.curve.hits), "query", "queries")
    rule = "Strict recall by id; band: 95 % bootstrap interval of the mean over queries."
    if queries.rows is None:
        return f"{asked} that came with the data, their true neighbors computed exactly. {rule}"
    drawn = (
        "every row of the data"
        if queries.seed is None
        else f"rows of the data drawn with seed {queries.seed}"
    )
    return f"{asked}: {drawn}, each left out of its own answer by id. {rule}"


def table(tradeoff: EfTradeoff, target: float) -> pd.DataFrame:
    """The curve at the usual values of ef and at the one that reaches the target."""
    chosen = tradeoff.smallest_ef(target)
    wanted = {int(tradeoff.ef[0]), int(tradeoff.ef[-1]), *STEPS}
    if chosen is not None:
        wanted.add(chosen)
    places = [tradeoff.at(ef) for ef in sorted(wanted) if tradeoff.ef[0] <= ef <= tradeoff.ef[-1]]
    low, high = tradeoff.interval
    return pd.DataFrame(
        {
            "ef": tradeoff.ef,
            "mean recall": tradeoff.mean_recall.round(4),
            "95 % from": low.round(4),
            "95 % to": high.round(4),
            "worst 5 % of queries": tradeoff.low_recall.round(4),
            f"share with recall >= {target:g}": tradeoff.share_reaching(target).round(4),
            "distance computations": tradeoff.mean_computations.round(1),
            "% of brute force": (100 * tradeoff.brute_force_share).round(3),
            "hops": tradeoff.curve.hops.mean(axis=0).round(1),
        }
    ).iloc[places]


def hardest(
    tradeoff: EfTradeoff, embeddings: EmbeddingSet, target: float, most: int = 50
) -> pd.DataFrame:
    """The queries that need the largest ef, those first that no ef serves."""
    smallest = tradeoff.curve.smallest_ef(target)
    order = np.lexsort((tradeoff.curve.hits[:, -1], -np.where(smallest < 0, np.inf, smallest)))
    order = order[:most]
    distances = tradeoff.queries.truth.distances[order]
    rows = tradeoff.queries.rows
    columns = {
        "query": order if rows is None else rows[order],
        "smallest ef": [str(ef) if ef > 0 else "none" for ef in smallest[order]],
        "recall at the largest ef": tradeoff.curve.recall[order, -1].round(3),
        "LID": _lid(distances),
        "nearest distance": distances[:, 0].round(4),
    }
    frame = pd.DataFrame(columns)
    if rows is not None:
        for name in embeddings.text_columns[-3:]:
            frame.insert(1, name, embeddings.metadata[name].iloc[rows[order]].to_numpy())
    return frame


def _lid(distances: np.ndarray) -> np.ndarray:
    if distances.shape[1] < 3:
        return np.full(len(distances), np.nan)
    return np.asarray(local_intrinsic_dimension(distances, estimator="levina_bickel").round(1))
