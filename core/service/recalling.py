"""Recall of an index for every ef, and the least ef that reaches a target."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.distances import Float64s
from core.errors import ParameterError
from core.progress import Progress, part, unheard
from core.service.answers import POINTS, Answer, plain, some_points
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings, Indexed
from core.service.indexing import INDEX
from core.studies import (
    EfTradeoff,
    HeldOut,
    QuerySet,
    ef_tradeoffs,
    given_queries,
    held_out_rows,
    hold_out,
    sample_queries,
)
from core.studies.parts.held_out import ONE_IN

Kind = Literal["held_out", "given", "rows"]
SEED = 0
WORDS: dict[Kind, str] = {
    "held_out": "rows held out of the index, searched for in an index of the others",
    "given": "the queries that came with the data",
    "rows": "rows of the index, each left out of its own answer, which flatter it",
}


@dataclass(frozen=True, kw_only=True)
class Recall(Arguments):
    """Of `recall`."""

    index: str = said(INDEX)
    k: int = said("neighbors that are asked for", default=10, low=1, high=1_000)
    ef_max: int = said(
        "the largest ef; every one from k on is measured", default=512, low=1, high=4_096
    )
    target: float = said("mean recall that is to be reached", default=0.95, low=0.0, high=1.0)
    queries: Kind | None = said(
        "unless given, the queries of the data; without such, rows held out of a second index, or "
        "of an opened file rows of the index itself",
        default=None,
    )
    at_most: int = said("queries that are searched for", default=1_000, low=2, high=10_000)
    points: int = said(
        "values of ef that the curve lists, in equal ratios; 0 for all",
        default=POINTS,
        low=0,
        high=1_000,
    )


def recall(holdings: Holdings, asked: Recall, progress: Progress = unheard) -> Answer:
    """Mean recall with its 95 % interval and the cost of a query, by ef; raises CoreError."""
    index = holdings.indexes.get(asked.index)
    kind = asked.queries or usual_kind(index)
    tradeoff = _tradeoff(holdings, index, kind, asked, progress)
    found = tradeoff.smallest_ef(asked.target)
    also = [] if found is None else [found]
    least, most = int(tradeoff.ef[0]), int(tradeoff.ef[-1])
    places = np.array(some_points(least, most, asked.points, also=also)) - least
    low, high = tradeoff.interval
    return {
        "index": index.name,
        "k": asked.k,
        "queries": {
            "kind": kind,
            "count": len(tradeoff.queries.vectors),
            "words": WORDS[kind],
        },
        "target": {
            "mean_recall": asked.target,
            "ef": found,
            "distance_computations": _at(tradeoff, tradeoff.mean_computations, found),
            "share_of_brute_force": _at(tradeoff, tradeoff.brute_force_share, found),
        },
        "curve": plain(
            {
                "ef": tradeoff.ef[places],
                "mean_recall": tradeoff.mean_recall[places],
                "low": low[places],
                "high": high[places],
                "with_ties": tradeoff.mean_tie_aware_recall[places],
                "worst_5_percent": tradeoff.low_recall[places],
                "distance_computations": tradeoff.mean_computations[places],
            }
        ),
        "stays_flat": tradeoff.is_flat,
        "sentence": sentence(tradeoff, asked.target, kind),
    }


def usual_kind(index: Indexed) -> Kind:
    """The most honest queries that an index has."""
    if index.items.queries is not None:
        return "given"
    return "held_out" if index.params is not None and index.graph.n >= ONE_IN else "rows"


def sentence(tradeoff: EfTradeoff, target: float, kind: Kind) -> str:
    """What the curve says of the target."""
    k, of = tradeoff.curve.k, f"for {len(tradeoff.queries.vectors):,} queries ({WORDS[kind]})"
    found = tradeoff.smallest_ef(target)
    if found is None:
        last = int(tradeoff.ef[-1])
        reached = float(tradeoff.mean_recall[-1])
        flat = " It stays flat, however large ef grows: the graph is broken." * tradeoff.is_flat
        return (
            f"No ef up to {last:,} reaches mean recall@{k} {target:g} {of}: ef {last:,} gives "
            f"{reached:.4f}.{flat}"
        )
    place = tradeoff.at(found)
    return (
        f"ef {found:,} is the least with mean recall@{k} of at least {target:g} {of}: it gives "
        f"{tradeoff.mean_recall[place]:.4f} for {tradeoff.mean_computations[place]:,.0f} distance "
        f"computations a query, {tradeoff.brute_force_share[place]:.1%} of brute force."
    )


def _at(tradeoff: EfTradeoff, values: Float64s, ef: int | None) -> float | None:
    """The value of an ef, or None without one."""
    return None if ef is None else float(values[tradeoff.at(ef)])


def _tradeoff(
    holdings: Holdings, index: Indexed, kind: Kind, asked: Recall, progress: Progress
) -> EfTradeoff:
    graph = index.graph
    if kind == "held_out":
        held = _held_out(holdings, index, part(progress, 0.0, 0.5))
        graph, progress = held.graph, part(progress, 0.5, 1.0)
        depth = _depth(asked.k, graph.n)
        some = slice(asked.at_most)
        queries = held.queries(index.items.vectors, some, depth, progress=progress)
    else:
        queries = _queries(index, kind, asked, progress)
    ef_max = max(asked.k, min(asked.ef_max, graph.n))
    return ef_tradeoffs(graph, queries, (asked.k,), ef_max=ef_max, progress=progress)[asked.k]


def _queries(index: Indexed, kind: Kind, asked: Recall, progress: Progress) -> QuerySet:
    graph, vectors = index.graph, index.items.vectors
    live = graph.n - graph.n_deleted
    if kind == "rows":
        depth, size = _depth(asked.k, live - 1), asked.at_most
        return sample_queries(graph, vectors, depth, size=size, seed=SEED, progress=progress)
    given = index.items.queries
    if given is None:
        raise ParameterError("The data has no queries of its own. Leave `queries` out.")
    some = given[: asked.at_most]
    return given_queries(graph, vectors, some, _depth(asked.k, live), progress=progress)


def _depth(k: int, returnable: int) -> int:
    """One more true neighbor than k where there is one, so that ties are known."""
    return k + (k < returnable)


def _held_out(holdings: Holdings, index: Indexed, progress: Progress) -> HeldOut:
    if index.params is None:
        raise ParameterError(
            "The index was opened from a file, which holds all of its rows. Ask with queries = "
            "'rows', or 'given' where the data has queries."
        )
    held = holdings.held_out.find(index.name)
    if held is None:
        rows = held_out_rows(index.items.n, seed=SEED)
        held = hold_out(index.items.vectors, rows, index.params, progress=progress)
        holdings.held_out.put(index.name, held)
    return held
