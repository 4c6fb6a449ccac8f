"""The figure of each kind of bound, from what it rests on."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet, first_equal_rows, is_first
from core.data.read import read_embeddings
from core.distances import Float64s
from core.errors import ParameterError
from core.gate.basis import Basis
from core.gate.bounds import (
    Bound,
    DuplicatesBound,
    FarBound,
    LostBound,
    MemoryBound,
    MissingBound,
    NormDriftBound,
    OpisBound,
    RecallBound,
    ServedBound,
    Side,
    TarBound,
)
from core.gate.drift import norm_drift
from core.gate.report import LISTED, LONGEST, Checked
from core.index import census, hnswlib_bytes, search
from core.metrics import (
    ScoreUnit,
    bootstrap_interval,
    point_at,
    recall_at_k,
    units_of,
    wilson_interval,
)
from core.metrics.pair_resamples import middle_of_known, resample_pairs
from core.studies import class_consistency, rebuild_spread
from core.studies.parts.tradeoff import RESAMPLES

Rows = npt.NDArray[np.int64]
MEGABYTE = 1_000_000


def measured(bound: Bound, basis: Basis) -> Checked:
    """What the bound's figure is here, and how it stands to the bound; raises CoreError."""
    return MEASURES[type(bound)](bound, basis)


def _recall(bound: RecallBound, basis: Basis) -> Checked:
    asked, recall = basis.asked, _recalls(bound, basis)
    low, high = (float(end) for end in bootstrap_interval(recall, resamples=RESAMPLES))
    mean = float(recall.mean())
    return Checked(
        bound=bound,
        name=f"recall@{bound.k} at ef {bound.ef:,}",
        figure=mean,
        interval=(low, high),
        limit=bound.at_least,
        side="at_least",
        judged=low if bound.counts == "lower_end" else mean,
        items=len(recall),
        of=asked.of,
        noise=_rebuild_noise(bound, basis),
        phrase=f"{{figure}} on average over {{items}} {asked.of}",
    )


def _rebuild_noise(bound: RecallBound, basis: Basis) -> float | None:
    """By how much mean recall of two builds of the setting differs at most, where that is asked."""
    count, asked = basis.bounds.index.rebuilds, basis.asked
    if basis.opened is not None or not count:
        return None
    are_rows = asked.queries.ndim == 1
    spread = rebuild_spread(
        asked.vectors,
        basis.bounds.index.params(basis.metric),
        k=bound.k,
        ef_max=bound.ef,
        rebuilds=count,
        query_vectors=None if are_rows else asked.queries.astype(np.float32),
        query_rows=asked.queries if are_rows else None,
        progress=basis.progress,
    )
    return float(spread.recall_noise[-1])


def _served(bound: ServedBound, basis: Basis) -> Checked:
    recall = _recalls(bound, basis)
    served = recall >= bound.recall - 1e-9  # a whole number of k neighbors
    share = float(served.mean())
    low, high = wilson_interval(share, len(served))
    return Checked(
        bound=bound,
        name=f"queries with recall@{bound.k} of {bound.recall:g} at ef {bound.ef:,}",
        figure=share,
        interval=(low, high),
        limit=bound.at_least,
        side="at_least",
        judged=low if bound.counts == "lower_end" else share,
        items=len(recall),
        of=basis.asked.of,
        phrase=f"a share of {{figure}} of {{items}} {basis.asked.of}",
    )


def _recalls(bound: RecallBound | ServedBound, basis: Basis) -> Float64s:
    """Recall@k of each query at ef, (q,)."""
    asked = basis.asked
    queries = asked.set_of(bound.k)
    found = search(asked.graph, queries.vectors, bound.k, bound.ef, exclude=queries.rows)
    return recall_at_k(found.ids, queries.truth.ids)


def _lost(bound: LostBound, basis: Basis) -> Checked:
    graph = basis.graph
    taken = census(graph, ef=bound.ef)
    lost = taken.lost
    items = basis.items if graph.n == basis.items.n else None
    return _counted(
        bound,
        f"lost items at ef {bound.ef:,}",
        lost,
        bound.at_most,
        graph.n - graph.n_deleted,
        "items of the index",
        f"{{figure}} of {{items}} items of the index, {len(taken.unreachable):,} unreachable, "
        f"{len(lost) - len(taken.unreachable):,} more not found by their own vector",
        tuple(f"label {label}" for label in graph.labels[lost[:LISTED]])
        if items is None
        else _names(items, lost),
    )


def _missing(bound: MissingBound, basis: Basis) -> Checked:
    missing, items = basis.missing, basis.items
    return _counted(
        bound,
        "missing items",
        missing,
        bound.at_most,
        items.n,
        "rows of the data",
        "{figure} of {items} rows of the data are not in the index with their own vector",
        _names(items, missing),
    )


def _duplicates(bound: DuplicatesBound, basis: Basis) -> Checked:
    items = basis.items
    copies = np.flatnonzero(~is_first(first_equal_rows(items.vectors)))
    return _counted(
        bound,
        "duplicates",
        copies,
        bound.at_most,
        items.n,
        "rows",
        "{figure} of {items} rows are equal to an earlier row",
        _names(items, copies),
    )


def _memory(bound: MemoryBound, basis: Basis) -> Checked:
    graph = basis.graph
    size = hnswlib_bytes(graph) / MEGABYTE
    return Checked(
        bound=bound,
        name="memory",
        figure=size,
        interval=None,
        limit=bound.at_most_mb,
        side="at_most",
        judged=size,
        items=graph.n,
        of="items of the index",
        phrase="{figure} for the vectors and links of {items} items, as hnswlib saves them",
        unit="MB",
    )


def _norm_drift(bound: NormDriftBound, basis: Basis) -> Checked:
    reference = read_embeddings(bound.reference)
    drift = norm_drift(basis.items.vectors, reference.vectors)
    return Checked(
        bound=bound,
        name="norm drift",
        figure=drift,
        interval=None,
        limit=bound.at_most,
        side="at_most",
        judged=drift,
        items=basis.items.n,
        of="rows",
        phrase=f"the lengths of {{items}} rows are {{figure}} of the reference's median away from "
        f"those of its {reference.n:,} rows",
    )


def _far(bound: FarBound, basis: Basis) -> Checked:
    totals = basis.study.counts.totals
    return _accepted(bound, basis, "FAR", bound.at_most, "at_most", int(totals.n_impostor))


def _tar(bound: TarBound, basis: Basis) -> Checked:
    totals = basis.study.counts.totals
    return _accepted(bound, basis, "TAR", bound.at_least, "at_least", int(totals.n_genuine))


def _accepted(
    bound: FarBound | TarBound, basis: Basis, which: str, limit: float, side: Side, pairs: int
) -> Checked:
    """The share of the impostor (FAR) or genuine (TAR) pairs that the threshold accepts."""
    rate, (low, high), name = _rate(bound, basis, which.lower())
    of = f"{'impostor' if which == 'FAR' else 'genuine'} pairs"
    ends = {"lower_end": low, "upper_end": high}
    return Checked(
        bound=bound,
        name=f"{which} at {name}",
        figure=rate,
        interval=(low, high),
        limit=limit,
        side=side,
        judged=ends.get(bound.counts, rate),
        items=pairs,
        of=of,
        phrase=f"{{figure}} of {{items}} {of} are accepted",
    )


def _opis(bound: OpisBound, basis: Basis) -> Checked:
    found = class_consistency(basis.study.counts)
    score, (low, high) = found.opis.opis, found.interval
    high = max(high, score)
    return Checked(
        bound=bound,
        name="OPIS",
        figure=score,
        interval=(min(low, score), high),
        limit=bound.at_most,
        side="at_most",
        judged=high if bound.counts == "upper_end" else score,
        items=len(found.opis.classes),
        of="classes",
        phrase="{figure} over {items} classes",
    )


def _rate(
    bound: FarBound | TarBound, basis: Basis, which: str
) -> tuple[float, tuple[float, float], str]:
    """A rate at the bound's threshold, its interval by drawing items, and the threshold."""
    counts, unit = basis.study.counts, _unit(bound.unit, basis)
    point = point_at(counts.totals, float(unit.to_score(bound.threshold)))
    resamples = resample_pairs(counts, over="items")
    far, tar = resamples.rates_at(point.place)
    rate, drawn = (point.far, far) if which == "far" else (point.tar, tar)
    return rate, middle_of_known(drawn), f"{unit.name} {unit.sign} {bound.threshold:g}"


def _unit(name: str, basis: Basis) -> ScoreUnit:
    known = {each.name: each for each in units_of(basis.metric)}
    if name and name not in known:
        raise ParameterError(
            f"unit must be one of {', '.join(known)} under {basis.metric}; got {name!r}."
        )
    return known[name] if name else next(iter(known.values()))


def _counted(
    bound: LostBound | MissingBound | DuplicatesBound,
    name: str,
    rows: Rows,
    most: int,
    items: int,
    of: str,
    phrase: str,
    named: tuple[str, ...],
) -> Checked:
    return Checked(
        bound=bound,
        name=name,
        figure=float(len(rows)),
        interval=None,
        limit=float(most),
        side="at_most",
        judged=float(len(rows)),
        items=items,
        of=of,
        phrase=phrase,
        named=named,
    )


def _names(items: EmbeddingSet, rows: Rows) -> tuple[str, ...]:
    """The first rows by the column that names them best, else by number."""
    column = items.name_column
    if column is None:
        return tuple(f"row {row}" for row in rows[:LISTED])
    values = items.metadata[column]
    return tuple(
        f"row {row}: {' '.join(str(values.iloc[row]).split())[:LONGEST]}" for row in rows[:LISTED]
    )


MEASURES = cast(
    dict[type[Any], Callable[[Any, Basis], Checked]],
    {
        RecallBound: _recall,
        ServedBound: _served,
        LostBound: _lost,
        MissingBound: _missing,
        MemoryBound: _memory,
        DuplicatesBound: _duplicates,
        NormDriftBound: _norm_drift,
        FarBound: _far,
        TarBound: _tar,
        OpisBound: _opis,
    },
)
