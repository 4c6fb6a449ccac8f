"""Hub scan: items that are near to many *different* regions, and what their removal changes.

An item of a dense place is in many neighbor lists of that place, which is no fault. An item that is
in the lists of many regions that have nothing else in common is a natural hub, a copy of the mean,
or was made to be found by every query. So each item's lists are counted by region, and its spread
is the effective number of regions: exp of the entropy of its lists' shares over the regions.
Regions are the cells of k-means over the data (Lloyd's rounds from rows that are drawn).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse

from core.data import EmbeddingSet
from core.distances import Float64s, unit_rows
from core.index import exact_neighbors
from core.metrics import hubness_skewness, k_occurrence
from core.progress import Progress, unheard
from core.studies.inspection.preflight.finding import Ids
from core.studies.inspection.preflight.remedies import Remedy
from core.studies.parts.knn import KnnLists
from core.studies.parts.sampling import sample_rows

K = 10
REGIONS_AT_MOST, ROWS_PER_REGION, FEWEST_REGIONS = 100, 50, 2
SEED = 0
TRAINED_ON, ROUNDS = 20_000, 5
OFTEN = 5.0  # times the mean number of lists
SPREAD = 3.0  # times the median spread of the items that stand in as many lists as usual
LEAST_LISTS = 5


@dataclass(frozen=True, eq=False)
class HubScan:
    """Hubs over regions, the widest spread first.

    rows: (h,) the hubs: in over 5 times as many lists as the mean, and spread over 3 times as many
    regions as the median of items that are in the mean number of lists or more.
    lists: (h,) how many lists hold each; reached: (h,) in how many regions; spread: (h,) the
    effective number of regions.
    top: (t,) rows of the widest spread, hubs or not, with top_lists, top_reached and top_spread.
    usual: that median spread. regions: how many there are. k: neighbors of a list; n_lists: how
    many; n: rows of the data.
    removal: the lists of the other rows with the hubs and without; None without hubs.
    """

    rows: Ids
    lists: Ids
    reached: Ids
    spread: Float64s
    top: Ids
    top_lists: Ids
    top_reached: Ids
    top_spread: Float64s
    usual: float
    regions: int
    k: int
    n_lists: int
    n: int
    removal: "Removal | None"

    @property
    def remedy(self) -> Remedy | None:
        """The step that leaves the hubs out."""
        if not len(self.rows):
            return None
        return Remedy("leave out rows", "hubs over many regions", np.sort(self.rows))


@dataclass(frozen=True)
class Removal:
    """The neighbor lists of all rows but the hubs, before and after the hubs are left out.

    touched: share of the lists that hold a hub. places: share of all places that hubs take.
    skewness_before, skewness_after: of the occurrences of the other rows.
    largest_before, largest_after: the most lists that hold one row. short: lists with fewer than k
    others among the neighbors that are known, left out of the figures after.
    """

    touched: float
    places: float
    skewness_before: float
    skewness_after: float
    largest_before: int
    largest_after: int
    short: int


def hub_scan(
    embeddings: EmbeddingSet,
    lists: KnnLists,
    *,
    k: int = K,
    top: int = 20,
    progress: Progress | None = None,
) -> HubScan:
    """Look for items that are in the lists of many different regions.

    lists: exact neighbors of all rows, or of a sample; with more than k in each, the lists after a
    removal can be filled again.
    """
    report, k = progress or unheard, min(k, lists.k)
    report(0.0, "regions")
    region, count = _regions(embeddings, lists)
    report(0.7, "lists by region")
    occurrence, reached, spread = _spread(lists.neighbors.ids[:, :k], region, count, lists.n)
    mean = len(lists.rows) * k / lists.n
    often = occurrence >= max(mean, 1)
    usual = float(np.median(spread[often])) if often.any() else float("nan")
    far = spread > SPREAD * usual
    hubs = np.flatnonzero(far & (occurrence >= max(OFTEN * mean, LEAST_LISTS)))
    hubs = hubs[np.lexsort((hubs, -occurrence[hubs], -spread[hubs]))]
    widest = np.lexsort((np.arange(lists.n), -occurrence, -spread))[: min(top, lists.n)]
    report(0.9, "without the hubs")
    return HubScan(
        hubs,
        occurrence[hubs],
        reached[hubs],
        spread[hubs],
        widest,
        occurrence[widest],
        reached[widest],
        spread[widest],
        usual,
        count,
        k,
        len(lists.rows),
        lists.n,
        _removal(lists, hubs, k) if len(hubs) else None,
    )


def _regions(embeddings: EmbeddingSet, lists: KnnLists) -> tuple[Ids, int]:
    """The region of each list's row, (q,), and how many regions there are."""
    n = embeddings.n
    count = int(np.clip(n // ROWS_PER_REGION, FEWEST_REGIONS, REGIONS_AT_MOST))
    count = min(count, n)

    def prepared(rows: Ids) -> npt.NDArray[np.float32]:
        vectors = embeddings.vectors[rows]
        return unit_rows(vectors).astype(np.float32) if lists.metric == "cosine" else vectors

    trained = prepared(sample_rows(n, TRAINED_ON, seed=SEED))
    centers = trained[np.random.default_rng(SEED).choice(len(trained), count, replace=False)]
    for _ in range(ROUNDS):
        nearest = _cell(trained, centers)
        members = np.bincount(nearest, minlength=count)
        table = scipy.sparse.coo_array(
            (np.ones(len(trained), np.float32), (nearest, np.arange(len(trained))))
        )
        sums = np.zeros_like(centers)
        sums[: table.shape[0]] = table @ trained
        filled = members > 0
        centers[filled] = sums[filled] / members[filled, None].astype(np.float32)
    return _cell(prepared(lists.rows), centers), count


def _cell(
    vectors: npt.NDArray[np.float32], centers: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """The nearest center of each row, (n,)."""
    return exact_neighbors(centers, vectors, 1, metric="euclidean").ids[:, 0]


def _spread(
    ids: npt.NDArray[np.int64], region: Ids, count: int, n: int
) -> tuple[Ids, Ids, Float64s]:
    """Of each row: lists that hold it, their regions, the effective number of these; (n,) each."""
    table = scipy.sparse.coo_array(
        (np.ones(ids.size), (ids.ravel(), np.repeat(region, ids.shape[1]))), shape=(n, count)
    ).tocsr()
    table.sum_duplicates()
    total: Float64s = np.asarray(table.sum(axis=1)).ravel()
    logs = table.copy()
    logs.data = logs.data * np.log(logs.data)
    inner: Float64s = np.asarray(logs.sum(axis=1)).ravel()
    entropy = np.zeros(n)
    held = total > 0
    entropy[held] = np.log(total[held]) - inner[held] / total[held]
    spread = np.where(held, np.exp(np.maximum(entropy, 0.0)), 0.0)
    return total.astype(np.int64), np.diff(table.indptr).astype(np.int64), spread


def _removal(lists: KnnLists, hubs: Ids, k: int) -> Removal:
    """Figures of the lists of rows that are no hubs, with hubs and without."""
    own = ~np.isin(lists.rows, hubs)
    known = lists.neighbors.ids[own]
    hub = np.isin(known, hubs)
    others = np.setdiff1d(np.arange(lists.n), hubs)
    before = k_occurrence(known[:, :k], lists.n)[others]
    order = np.argsort(hub, axis=1, kind="stable")[:, :k]
    full = (~hub).sum(axis=1) >= k
    refilled = np.take_along_axis(known, order, axis=1)[full]
    after = k_occurrence(refilled, lists.n)[others]
    return Removal(
        touched=float(hub[:, :k].any(axis=1).mean()),
        places=float(hub[:, :k].mean()),
        skewness_before=hubness_skewness(before),
        skewness_after=hubness_skewness(after),
        largest_before=int(k_occurrence(known[:, :k], lists.n).max()),
        largest_after=int(after.max(initial=0)),
        short=int((~full).sum()),
    )
