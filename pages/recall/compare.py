"""Indexes side by side: files that were opened, and builds, each searched for the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core.engines import MEMORY, Setting, faiss, usearch
from core.index import Census, HnswGraph, hnswlib_bytes
from core.studies import EfTradeoff, RebuildSpread
from pages.recall import diagnosis, sentences
from pages.ui import jobs
from pages.ui.controls import beam, queries
from pages.ui.controls.queries import GIVEN, SELECTED, UPLOADED, RecallSettings
from pages.ui.display import chart, downloads, messages, noise_words, tables
from pages.ui.display.heading import Heading
from pages.ui.display.noise_words import Judged
from pages.ui.display.text import number, percent, plain
from pages.ui.jobs.key import fingerprint
from pages.ui.results import indexes, rebuilds, tradeoffs
from pages.ui.results.query_sources import QuerySource
from pages.ui.session import workspace
from pages.ui.session.slot import Kept, Slot
from pages.ui.session.workspace import Workspace

AT_MOST = 5
NAME_AT_MOST = 30
CENSUS_EF = 40
NOT_IN_FILE = "not in the file"
_KEPT: Slot[tuple[Workspace, ...]] = Slot(
    "kept_indexes",
    tuple,
    kept=Kept(
        "The kept indexes could not be opened",
        True,
        to_parts=lambda kept: tuple(workspace.to_parts(each) for each in kept),
        from_parts=lambda parts: tuple(workspace.from_parts(each) for each in parts),
    ),
)


@dataclass(frozen=True, eq=False)
class Compared:
    """An index with what was measured on it. build_seconds: None for one from a file."""

    name: str
    graph: HnswGraph
    source: QuerySource
    tradeoff: EfTradeoff
    census: Census
    build_seconds: float | None


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:  # noqa: ARG001
    """The section `Compare` of the Recall page."""
    wanted = queries.show(work)
    width, keep, clear = st.columns([5, 2, 2], vertical_alignment="bottom")
    with width:
        ef = beam.ef_slider(wanted.k)
    kept = _KEPT.get()
    others = [
        _asked_as(work, each) for each in kept if indexes.name_of(each) != indexes.name_of(work)
    ]
    with keep:
        st.button("Keep this index", on_click=_keep, args=(work,), width="stretch", help=KEEP_HELP)
    with clear:
        if kept:
            st.button("Forget the others", on_click=_KEPT.set, args=((),), width="stretch")
    found: list[Compared] = []
    for each in (work, *others):
        one = _measured(each, wanted)
        if one is None:  # its progress is drawn; the next ones wait for it
            break
        found.append(one)
    if not found:
        raise jobs.NotReady
    heading.answer(answer(found, ef, wanted.target, wanted.share))
    frame = table(found, ef, wanted.target, wanted.share)
    spread = None
    if len(found) > 1 and found[0].name == _name(work):
        k = found[0].tradeoff.curve.k
        spread = rebuilds.measured(work, found[0].source, work.params, k)
    if spread is not None:
        frame = frame.assign(**against(found, spread, ef))
        for other in found[1:]:
            messages.note(against_words(found[0], other, spread, ef))
    tables.show(frame, hide_index=True, height=chart.table_height(frame, 420))
    downloads.download(frame, "indexes")
    if not others:
        messages.empty(
            "Only the index that is open stands here.",
            "Press Keep this index, then build another or open a file in the side bar.",
        )
    messages.note(basis(found))
    if spread is not None:
        messages.note(f"{AGAINST_WORDS} {noise_words.basis(spread)}")
        rebuilds.controls()


AGAINST_WORDS = (
    "Recall and distances against the first index, the one that is open, are held against what "
    "builds of its setting differ by; those of other queries are not."
)


KEEP_HELP = (
    "Keeps it in this session, to stand beside the next ones: change M or ef_construction in the "
    "side bar, or open another index file."
)


def _measured(each: Workspace, wanted: RecallSettings) -> Compared | None:
    """What stands in the line of an index; None while it is worked out."""
    with jobs.place(f"compare {indexes.name_of(each)}"):
        graph = indexes.graph(each)
        if graph is None:
            return None
        asked = replace(wanted, source=_source(each, wanted.source))
        curves = tradeoffs.curves(each, graph, asked, least=tradeoffs.TIMED_QUERIES)
        taken = None if curves is None else diagnosis.census.need(graph, CENSUS_EF)
        if curves is None or taken is None:
            return None
    study = curves.of_k(wanted.k)
    return Compared(_name(each), graph, curves.source, study, taken, indexes.build_seconds(each))


def _asked_as(work: Workspace, other: Workspace) -> Workspace:
    """Another index, to be asked the queries that the visitor has uploaded by now."""
    fits = work.queries is not None and work.queries.dim == other.embeddings.dim
    return replace(other, queries=work.queries if fits else None)


def _source(each: Workspace, kind: str) -> str:
    """The kind of queries that is chosen, or the nearest that an index can be asked."""
    if kind == UPLOADED and each.queries is not None:
        return kind
    if kind == GIVEN and each.embeddings.queries is not None:
        return kind
    if kind == SELECTED and queries.selected(each) is not None:
        return kind
    return queries.rows_kind(each) if kind != queries.ROWS else kind


def _keep(work: Workspace) -> None:
    others = [each for each in _KEPT.get() if indexes.name_of(each) != indexes.name_of(work)]
    _KEPT.set((*others, work)[-AT_MOST:])


def _name(work: Workspace) -> str:
    data = work.embeddings.name[:NAME_AT_MOST]
    if work.opened is not None:
        return f"{data}, {work.opened.source}"
    params = work.params
    return f"{data}, M {params.m}, ef_construction {params.ef_construction}, seed {params.seed}"


def answer(found: Sequence[Compared], ef: int, target: float, share: float | None) -> str:
    """Which index reaches the target at the fewest distance computations, or what the one costs."""
    cheapest = min(found, key=lambda one: _cost(one, target, share))
    goal = f"recall@{cheapest.tradeoff.curve.k} {target:g}"
    chosen = sentences.chosen_ef(cheapest.tradeoff, target, share)
    if chosen is None:
        return _unreached(found, goal)
    cost = f"{number(round(_computations(cheapest, chosen)))} distance computations a query"
    there = f"at ef {ef:,} its mean recall is {number(_recall(cheapest, ef))}"
    if len(found) == 1:
        return f"{cheapest.name} reaches {goal} at ef {chosen:,}, with {cost}; {there}."
    return (
        f"Of {len(found)} indexes, {cheapest.name} reaches {goal} with the fewest: {cost}, at ef "
        f"{chosen:,}; {there}."
    )


def _unreached(found: Sequence[Compared], goal: str) -> str:
    best = max(found, key=lambda one: float(one.tradeoff.mean_recall[-1]))
    recall, last = number(float(best.tradeoff.mean_recall[-1])), int(best.tradeoff.ef[-1])
    if len(found) == 1:
        return f"{best.name} reaches {goal} at no ef up to {last:,}: its best mean is {recall}."
    return (
        f"None of {len(found)} indexes reaches {goal} at any ef up to {last:,}: the best mean, "
        f"{recall}, is that of {best.name}."
    )


def _cost(one: Compared, target: float, share: float | None) -> float:
    ef = sentences.chosen_ef(one.tradeoff, target, share)
    return float("inf") if ef is None else _computations(one, ef)


def _recall(one: Compared, ef: int) -> float:
    return float(one.tradeoff.mean_recall[one.tradeoff.at(ef)])


def _computations(one: Compared, ef: int) -> float:
    return float(one.tradeoff.mean_computations[one.tradeoff.at(ef)])


def table(found: Sequence[Compared], ef: int, target: float, share: float | None) -> pd.DataFrame:
    """One line per index: the same ef for all, then what each needs for the target."""
    return pd.DataFrame([_line(one, ef, target, share) for one in found])


def against_words(first: Compared, other: Compared, spread: RebuildSpread, ef: int) -> str:
    """How an index stands to the first at an ef, against rebuilds of the first."""
    name = plain(other.name)
    if not _same_queries(first, other):
        return f"{name}: other queries, so it is not held against rebuild noise."
    recalls, costs = (
        [figure(each, ef) for each in (first, other)] for figure in (_recall, _computations)
    )
    judged = (
        Judged(f"recall@{spread.k}", spread.recall_change(ef, *recalls), in_points=True),
        Judged("distance computations", spread.computations_change(ef, *costs)),
    )
    words = noise_words.sentence(judged)
    return f"From {plain(first.name)} to {name} at ef {ef:,}. {words}"


def _same_queries(first: Compared, other: Compared) -> bool:
    asked, its = (fingerprint(each.tradeoff.queries.vectors) for each in (first, other))
    return asked == its


def against(found: Sequence[Compared], spread: RebuildSpread, ef: int) -> dict[str, list[str]]:
    """Two columns: each index against the first, by the spread of rebuilds of the first."""
    first, columns = found[0], dict[str, list[str]]()
    for name, figure, change, in_points in (
        ("recall against the first", _recall, spread.recall_change, True),
        ("distances against the first", _computations, spread.computations_change, False),
    ):
        columns[name] = [""]
        for other in found[1:]:
            if not _same_queries(first, other):
                columns[name].append("other queries")
                continue
            judged = Judged(name, change(ef, figure(first, ef), figure(other, ef)), in_points)
            columns[name].append(noise_words.cell(judged))
    return columns


def _line(one: Compared, ef: int, target: float, share: float | None) -> dict[str, object]:
    study, graph = one.tradeoff, one.graph
    chosen, low = sentences.chosen_ef(study, target, share), study.low_recall[study.at(ef)]
    searched, unreachable = len(one.census.checked), len(one.census.unreachable)
    return {
        "index": one.name,
        "rows": graph.n - graph.n_deleted,
        "queries": one.source.kind,
        f"recall@{study.curve.k} at ef {ef:,}": round(_recall(one, ef), 4),
        "worst 5 %": round(float(low), 4),
        "distances": round(_computations(one, ef), 1),
        f"ef for {target:g}": "none" if chosen is None else f"{chosen:,}",
        "distances there": None if chosen is None else round(_computations(one, chosen), 1),
        "bytes": _bytes(graph),
        "unreachable": unreachable,
        "not found": f"{percent(one.census.unfindable_share)} of {searched:,}",
        "built in, s": NOT_IN_FILE if one.build_seconds is None else f"{one.build_seconds:.2f}",
    }


def _bytes(graph: HnswGraph) -> int | None:
    """Bytes of a vector in the library that the index is of; None where it stores codes."""
    if graph.codes is not None or graph.transform is not None:
        return None
    for name in (faiss.NAME, usearch.NAME):
        if graph.source.startswith(name):
            setting = Setting(graph.metric, graph.n, graph.dim, graph.m, None, 1, 1, 0.0, 0)
            return round(MEMORY[name](setting, graph.n).per_vector)
    return round(hnswlib_bytes(graph) / graph.n)


def basis(found: Sequence[Compared]) -> str:
    """Of which queries the figures are, and whether all indexes answer the same ones."""
    each = [f"{one.name}: {one.source.words(len(one.tradeoff.curve.hits))}" for one in found]
    asked = {fingerprint(one.tradeoff.queries.vectors) for one in found}
    differ = " The queries are not the same for all: compare with care." if len(asked) > 1 else ""
    return f"{'; '.join(each)}.{differ} {LOST_WORDS}"


LOST_WORDS = (
    "Lost items: all links of an index are walked, and 500 of its items searched for by their own "
    f"vector at ef {CENSUS_EF}. Bytes: of a vector, in the library that the index is of."
)
