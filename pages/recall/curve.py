"""What each ef buys: the curve, its neighbors for other k, and curves kept to compare with."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import Line, distance_error_vs_ef, recall_line, recall_vs_ef
from core.figures.recall import COST_TITLES
from core.index import HnswGraph
from core.studies import AnswerQuality, EfTradeoff, RebuildSpread
from pages.recall import diagnosis, sentences
from pages.ui import jobs
from pages.ui.controls import queries, widgets
from pages.ui.controls.declared import Switch
from pages.ui.controls.queries import HELD_OUT, UPLOADED, RecallSettings
from pages.ui.display import chart, messages, noise_words
from pages.ui.display.heading import Heading
from pages.ui.display.noise_words import Judged
from pages.ui.display.text import plain
from pages.ui.jobs.key import fingerprint
from pages.ui.results import index_checks, rebuilds, tradeoffs, truth_words
from pages.ui.results.tradeoffs import Curves
from pages.ui.session import slot
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

KEPT_AT_MOST = 6
NAME_AT_MOST = 30  # letters of the data's name
INSIDE = "mean recall, rows of the index as queries"
MINOR = 0.02  # recall that the graph may lose beside codes and not be called broken
COSTS = {
    "ef": "ef",
    "distance_computations": "distances",
    "brute_force_share": "% of brute force",
}


NEAR_MISSES = Switch(
    "near_misses",
    "Near misses",
    help="Strict recall counts a miss alike, however near the row is that came in its place. "
    "Score-weighted recall: the scores of the true neighbors that were found over those of all, "
    "with the scores of [Elasticsearch](https://www.elastic.co/guide/en/elasticsearch/reference/"
    "current/dense-vector.html) and Lucene: (1 + cos) / 2, 1 / (1 + d^2). Relative distance error: "
    "how much farther than the true neighbors the rows found are, place by place "
    "([Gionis et al. 1999](https://www.vldb.org/conf/1999/P49.pdf)); under cosine of chords.",
)


@dataclass(frozen=True, eq=False)
class Kept:
    """A curve to compare with. key: tells it from every other, also from one of the same name.

    queries: names its queries and k; only curves of the same ones are held against rebuild noise.
    """

    key: str
    line: Line
    queries: str = ""


_KEPT: Slot[tuple[Kept, ...]] = Slot(
    "kept_curves",
    tuple,
    kept=slot.Kept("The kept curves could not be opened", True, **slot.of_fields(Kept)),
)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Curve` of the Recall page."""
    wanted = queries.show(work)
    found = tradeoffs.curves(work, graph, wanted)
    inside = tradeoffs.beside(work, graph, wanted) if wanted.source == HELD_OUT else None
    if found is None:  # the curve of rows of the index is there before that of held-out rows
        found, inside = jobs.ready(inside), None
    tradeoff = found.of_k(wanted.k)
    words = sentences.answer(tradeoff, wanted.target, wanted.share)
    heading.answer(words)
    explained = _say_loss(work, found, tradeoff, wanted)
    if not index_checks.metric_contradicted(work):  # else the graph is not to blame
        reached = sentences.chosen_ef(tradeoff, wanted.target, wanted.share) is not None
        explained = explained or index_checks.differing_rows(work) > 0
        diagnosis.show(work, graph, found, k=wanted.k, reached=reached or explained)
    beside = None if inside is None else inside.of_k(wanted.k)
    _figure(work, found, tradeoff, beside, wanted, words)
    if beside is not None:
        messages.note(sentences.flattery(tradeoff, beside, wanted.target, wanted.share))
    if wanted.share is not None:
        messages.note(sentences.steps(tradeoff.curve.k, wanted.target))
    messages.note(sentences.basis(tradeoff, found))
    if found.source.kind == wanted.source:
        tradeoffs.narrow(work, graph, wanted)


def _say_loss(work: Workspace, found: Curves, tradeoff: EfTradeoff, wanted: RecallSettings) -> bool:
    """Say what codes and transforms lose; whether that is, or may be, why the curve ends below 1.

    True, too, while it is being measured.
    """
    if not tradeoffs.loses_by_storage(work, found.graph):
        return False
    loss = tradeoffs.stored_loss(found.graph, tradeoff)
    if loss is None:
        return True
    ef = sentences.chosen_ef(tradeoff, wanted.target, wanted.share) or int(tradeoff.ef[-1])
    words = sentences.loss_parts(loss, float(tradeoff.mean_recall[tradeoff.at(ef)]), ef)
    if words:
        st.info(plain(words))
    return loss.graph_part(float(tradeoff.mean_recall[-1])) < MINOR


def _figure(
    work: Workspace,
    found: Curves,
    tradeoff: EfTradeoff,
    beside: EfTradeoff | None,
    wanted: RecallSettings,
    words: str,
) -> None:
    spread = _spread(work, found, tradeoff)
    axis, each_k, near, keep, clear = st.columns([5, 3, 3, 2, 2], vertical_alignment="center")
    with axis:
        cost = widgets.segmented(
            "Against",
            "against",
            list(COST_TITLES),
            format=COSTS.__getitem__,
            help="Distance computations cost the same on every machine; all layers are counted. "
            "Measured time is in the section Time.",
        )
    with each_k:
        all_k = widgets.toggle("Other k as well", "all_k", help="From the same traversals.")
    with near:
        with_near = NEAR_MISSES.draw()
    kept, key = _KEPT.get(), curve_key(found, tradeoff)
    name = apart(curve_name(work, found, tradeoff), [it.line.name for it in kept if it.key != key])
    with keep:
        st.button(
            "Keep curve",
            on_click=_keep,
            args=(Kept(key, recall_line(tradeoff, name), queries_key(found, tradeoff)),),
            width="stretch",
            help="Draws it beside the next ones: change the index, the data, k or the queries.",
        )
    with clear:
        if kept:
            st.button("Clear kept", on_click=_KEPT.set, args=((),), width="stretch")
    others = [other.line for other in kept if other.key != key]
    if all_k:
        others += [
            recall_line(s, f"recall@{k}") for k, s in found.by_k.items() if s is not tradeoff
        ]
    ef = sentences.chosen_ef(tradeoff, wanted.target, wanted.share)
    quality = None
    if with_near:
        quality = tradeoffs.quality(found, tradeoff, sentences.measured_efs(tradeoff, ef))
    if quality is not None:
        others.append(_score_line(tradeoff, quality))
    chart.show(
        chart.drawn(
            recall_vs_ef,
            tradeoff,
            target=wanted.target,
            share=wanted.share,
            ef=ef,
            cost=cost,
            beside=None if beside is None else recall_line(beside, INSIDE),
            noise=None if spread is None else spread.recall_noise,
            others=others,
            dark=chart.is_dark(),
        ),
        key="recall",
        alt=words,
        table=lambda: truth_words.told(
            _table(tradeoff, wanted, ef, quality), found.graph, work.embeddings.vectors
        ),
        csv_name="recall_vs_ef",
    )
    if quality is not None:
        _near_misses(quality, int(tradeoff.ef[-1]) if ef is None else ef)
    if spread is None:
        return
    at = int(tradeoff.ef[-1]) if ef is None else ef
    for each in kept:
        if each.key != key:
            same = each.queries == queries_key(found, tradeoff)
            messages.note(kept_words(each.line, tradeoff, spread, at, same=same))
    messages.note(noise_words.basis(spread))
    rebuilds.controls()


def _table(
    tradeoff: EfTradeoff, wanted: RecallSettings, ef: int | None, quality: AnswerQuality | None
) -> pd.DataFrame:
    frame = sentences.table(tradeoff, wanted.target, ef)
    return frame if quality is None else sentences.with_quality(frame, quality)


def _score_line(tradeoff: EfTradeoff, quality: AnswerQuality) -> Line:
    """Score-weighted recall as a line beside the curve, at each cost that the axis can show."""
    places = [tradeoff.at(int(ef)) for ef in quality.ef]
    costs = recall_line(tradeoff, "").costs
    return Line(
        "score-weighted recall",
        quality.ef,
        quality.mean_score_weighted,
        {cost: values[places] for cost, values in costs.items()},
    )


def _near_misses(quality: AnswerQuality, ef: int) -> None:
    words = sentences.near_misses(quality, ef)
    messages.note(words)
    if not np.isnan(quality.mean_error).all():
        chart.show(
            chart.drawn(distance_error_vs_ef, quality, ef=ef, dark=chart.is_dark()),
            key="distance_error",
            alt=words,
        )


def _spread(work: Workspace, found: Curves, tradeoff: EfTradeoff) -> RebuildSpread | None:
    """Rebuilds of the session's index where another curve was kept that asks the same queries.

    None while the curve is of fewer queries than they, which is nearer to the end than they are.
    """
    own, asked = curve_key(found, tradeoff), queries_key(found, tradeoff)
    if not any(each.key != own and each.queries == asked for each in _KEPT.get()):
        return None
    if not found.whole and found.count < rebuilds.QUERIES:
        return None
    return rebuilds.measured(work, found.source, work.params, tradeoff.curve.k)


def kept_words(
    kept: Line, tradeoff: EfTradeoff, spread: RebuildSpread, ef: int, *, same: bool
) -> str:
    """How the curve stands to a kept one at an ef, against rebuild noise.

    same: whether both ask the same queries for the same k.
    """
    name = plain(kept.name)
    if not same:
        return f"{name}: other queries or another k, so it is not held against rebuild noise."
    if not kept.ef[0] <= ef <= kept.ef[-1]:
        return f"{name} has no ef {ef:,}, so it is not held against rebuild noise."
    there, here = int(np.searchsorted(kept.ef, ef)), tradeoff.at(ef)
    recalls = float(kept.recall[there]), float(tradeoff.mean_recall[here])
    costs = (
        float(kept.costs["distance_computations"][there]),
        float(tradeoff.mean_computations[here]),
    )
    judged = (
        Judged(f"recall@{spread.k}", spread.recall_change(ef, *recalls), in_points=True),
        Judged("distance computations", spread.computations_change(ef, *costs)),
    )
    return f"From {name} to this curve at ef {ef:,}. {noise_words.sentence(judged)}"


def curve_name(work: Workspace, found: Curves, tradeoff: EfTradeoff) -> str:
    """What a kept curve is of: the data, the index, the queries and k."""
    index = f"M {work.params.m}, ef_construction {work.params.ef_construction}"
    if work.opened is not None:
        index = work.opened.source
    queries = found.source.kind
    if found.source.kind == UPLOADED and found.source.given is not None:
        queries = f"queries of {found.source.given.name[:NAME_AT_MOST]}"
    if found.source.selected is not None:
        queries = f"rows of {found.source.name[:NAME_AT_MOST]}"
    return f"{work.embeddings.name[:NAME_AT_MOST]}, {index}, {queries}, k {tradeoff.curve.k}"


def curve_key(found: Curves, tradeoff: EfTradeoff) -> str:
    """Names the data, the index, the queries and k of a curve, whatever they are called."""
    given = None if found.source.given is None else found.source.given.fingerprint
    source = (found.source.embeddings.fingerprint, found.graph.fingerprint, found.source.kind)
    rows = found.source.selected
    return fingerprint((*source, given, found.source.stated, rows, tradeoff.curve.k))


def queries_key(found: Curves, tradeoff: EfTradeoff) -> str:
    """Names the data, the queries that are searched for and k, whatever the index."""
    source = found.source
    given = None if source.given is None else source.given.fingerprint
    asked = (source.embeddings.fingerprint, source.kind, given, source.stated, source.selected)
    return fingerprint((*asked, found.count, tradeoff.curve.k))


def apart(name: str, taken: Sequence[str]) -> str:
    """The name, with a number where it is taken.

    >>> apart("a", ["a", "a (2)"]), apart("b", ["a"])
    ('a (3)', 'b')
    """
    numbered = (f"{name} ({i})" for i in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)


def _keep(kept: Kept) -> None:
    others = [other for other in _KEPT.get() if other.key != kept.key]
    _KEPT.set((*others, kept)[-KEPT_AT_MOST:])
