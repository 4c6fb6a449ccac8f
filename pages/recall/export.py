"""Taking it away: the chosen setting for the system in use, the curve, and a report."""

import json
from typing import Any

import numpy as np
import streamlit as st

from core.data.sheets import csv_text
from core.engines import ENGINES, Recipe, Setting
from core.figures import ReportPart, recall_vs_ef, report_page, smallest_ef_histogram
from core.index import HnswGraph
from core.studies import Diagnosis, EfTradeoff
from pages.recall import diagnosis, gate, memory, sentences
from pages.ui import jobs
from pages.ui.controls import page_links, queries, widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import downloads, index_words, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, plain
from pages.ui.results import index_checks, tradeoffs, truth_words
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Take away` of the Recall page."""
    wanted = queries.show(work)
    found = jobs.ready(tradeoffs.curves(work, graph, wanted))
    study = found.of_k(wanted.k)
    reached = sentences.chosen_ef(study, wanted.target, wanted.share)
    judged = _judged(work, found, study, reached=reached is not None)
    refused = "" if judged is None else refusal(judged)
    ef = reached if reached is not None else int(study.ef[-1])
    setting = setting_of(graph, found, study, ef)
    heading.answer(refused or answer(setting))
    if graph.codes is not None or graph.transform is not None:
        messages.warn(
            "The recall was measured on an index that stores something else than the vectors "
            f"({graph.source}); the code below builds one of the vectors themselves, which "
            "may find more at the same ef."
        )
    code, files = st.columns([3, 1], gap="large")
    with code:
        recipe = None
        if judged is not None and refused:
            _ways_out(links=found.held is not None or not judged.loses_items)
        else:
            if reached is None:
                messages.warn(
                    f"No ef of the curve reaches {wanted.goal_at(study.curve.k)}; the largest, "
                    f"{ef:,}, is written in its place. A better graph is needed: see the build "
                    "grid in Studies."
                )
            recipe = _recipe(setting)
    with files:
        _files(work, found, study, wanted, recipe, refused)
        if not refused:
            st.markdown("**A pipeline**")
            gate.show(work, found, study, wanted, ef)
    if recipe is not None:
        memory.show(setting, recipe.engine)
    tradeoffs.narrow(work, graph, wanted)


def _judged(
    work: Workspace, found: Curves, study: EfTradeoff, *, reached: bool
) -> Diagnosis | None:
    """What speaks for a broken graph; None where another message says what is wrong."""
    if index_checks.metric_contradicted(work):
        return None
    explained = tradeoffs.loses_by_storage(work, found.graph) or index_checks.differing_rows(work)
    return jobs.ready(diagnosis.diagnosis(found.graph, study, reached=reached or bool(explained)))


def refusal(judged: Diagnosis) -> str:
    """The section's sentence where the graph is broken: no ef, and why; else ""."""
    reasons = sentences.broken_by(judged)
    if not reasons:
        return ""
    return (
        f"No ef is recommended for this index, because it is broken: {'; '.join(reasons)}. A "
        "larger ef will not help."
    )


def _ways_out(*, links: bool) -> None:
    """Say what to do; with links where the page has none above its sections."""
    messages.empty(
        "The setting is written once the graph is sound.",
        "The census names the items that are lost, and why; What if rebuilds the index with one "
        "change. The curve can be taken along as it is: its files say that the graph is broken.",
    )
    if links:
        with st.container(horizontal=True):
            page_links.to_page("layers", "Open the census of lost items", section="Anatomy")
            page_links.to_page("layers", "Try another build", section="What if")


def answer(setting: Setting) -> str:
    """The section's sentence: the setting, as far as it is known."""
    width, written = setting.ef_construction, "written for the system you use"
    if width is None:
        return (
            f"M {setting.m:,} and ef {setting.ef:,}, {written}; the index's ef_construction is "
            f"{index_words.NOT_IN_FILE}."
        )
    return f"M {setting.m:,}, ef_construction {width:,} and ef {setting.ef:,}, {written}."


def setting_of(graph: HnswGraph, found: Curves, study: EfTradeoff, ef: int) -> Setting:
    """The index of the session with the chosen ef, and what was measured at it."""
    return Setting(
        metric=graph.metric,
        n=graph.n,
        dim=graph.dim,
        m=graph.m,
        ef_construction=graph.ef_construction,
        k=study.curve.k,
        ef=ef,
        recall=float(study.mean_recall[study.at(ef)]),
        queries=len(study.curve.hits),
        graph=graph.source,
        asked="queries" if found.source.given is not None else found.source.kind,
        in_index=study.queries.in_index,
        measured_n=found.graph.n,
    )


def _recipe(setting: Setting) -> Recipe:
    name = widgets.select("System", "engine", list(ENGINES), value="hnswlib")
    recipe = ENGINES[name](setting)
    if recipe.warnings:
        st.info(plain(" ".join(recipe.warnings)))
    st.code(recipe.code, language=recipe.language, height=520)
    downloads.offer(
        f"Download {recipe.file_name}", lambda: recipe.code, recipe.file_name, "text/plain"
    )
    return recipe


def _files(
    work: Workspace,
    found: Curves,
    study: EfTradeoff,
    wanted: RecallSettings,
    recipe: Recipe | None,
    refused: str,
) -> None:
    st.markdown("**The curve**")

    def table() -> str:
        frame = sentences.whole_table(study, wanted.target)
        told = truth_words.told(frame, found.graph, work.embeddings.vectors)
        return csv_text(told.assign(warning=refused) if refused else told)

    def everything() -> str:
        return json.dumps(curve_json(work, found, wanted, refused), indent=1)

    downloads.offer("Every ef (CSV)", table, "recall_vs_ef.csv", "text/csv", width="stretch")
    downloads.offer(
        "Every ef and every k (JSON)",
        everything,
        "recall_vs_ef.json",
        "application/json",
        width="stretch",
    )
    st.markdown("**The page**")
    downloads.offer(
        "Report (HTML)",
        lambda: report(work, found, study, wanted, recipe, refused),
        "nearfield_recall.html",
        "text/html",
        width="stretch",
    )
    setting = " and the setting" if recipe is not None else ", without a setting"
    messages.note(f"One file with the figures, the table{setting}, to be read anywhere.")


def curve_json(
    work: Workspace, found: Curves, wanted: RecallSettings, refused: str = ""
) -> dict[str, Any]:
    """Everything behind the curve, as plain values.

    refused: why no ef is recommended, or "": then none is named as chosen.
    """
    one, graph = next(iter(found.by_k.values())), found.graph
    return {
        "data": {"name": work.embeddings.name, "n": work.embeddings.n, "dim": graph.dim},
        "index": index_words.values(work.params, graph, work.opened)
        | {
            "differing_rows": index_checks.differing_rows(work),
            "warnings": _warnings(work, refused),
        },
        "truth_of": truth_words.stored_as(graph, work.embeddings.vectors) or "vectors as added",
        "queries": {
            "source": wanted.source,
            "count": len(one.curve.hits),
            "wanted": found.wanted,
            "of": found.source.available,
            "seed": tradeoffs.SEED if found.count < found.source.available else None,
            "in_index": one.queries.in_index,
        },
        "target": {"recall": wanted.target, "share_of_queries": wanted.share},
        "curves": [_curve(study, wanted, chosen=not refused) for study in found.by_k.values()],
    }


def _warnings(work: Workspace, refused: str) -> list[str]:
    return [*index_checks.sentences(work), *([refused] if refused else [])]


def _curve(study: EfTradeoff, wanted: RecallSettings, *, chosen: bool) -> dict[str, Any]:
    low, high = study.interval
    columns = {
        "ef": study.ef,
        "mean_recall": study.mean_recall,
        "recall_low": low,
        "recall_high": high,
        "mean_recall_with_ties": study.mean_tie_aware_recall,
        "worst_5_percent": study.low_recall,
        "share_reaching_target": study.share_reaching(wanted.target),
        "distance_computations": study.mean_computations,
        "brute_force_share": study.brute_force_share,
        "hops": study.curve.hops.mean(axis=0),
    }
    ef = sentences.chosen_ef(study, wanted.target, wanted.share) if chosen else None
    values = {name: np.round(column, 6).tolist() for name, column in columns.items()}
    return {"k": study.curve.k, "chosen_ef": ef, **values}


def report(
    work: Workspace,
    found: Curves,
    study: EfTradeoff,
    wanted: RecallSettings,
    recipe: Recipe | None,
    refused: str = "",
) -> bytes:
    """The page as one HTML file; where a setting is refused, with the reason in its place."""
    ef = None if refused else sentences.chosen_ef(study, wanted.target, wanted.share)
    words = refused or sentences.answer(study, wanted.target, wanted.share)
    table = truth_words.told(
        sentences.table(study, wanted.target, ef), found.graph, work.embeddings.vectors
    )
    about = (
        f"{work.embeddings.name}: {count(work.embeddings.n, 'vector')} of "
        f"{count(work.embeddings.dim, 'dimension')}, {found.graph.metric.replace('_', ' ')} "
        f"distance; HNSW {index_words.settings(work.params, work.opened)}."
    )
    parts = [
        ReportPart(
            "Recall against ef",
            figure=recall_vs_ef(study, target=wanted.target, share=wanted.share, ef=ef),
            alt=words,
            table=table,
        ),
        ReportPart(
            "How much ef each query needs",
            figure=smallest_ef_histogram(study, target=wanted.target),
            alt="Number of queries by the smallest ef that serves them",
        ),
    ]
    if recipe is not None:
        title, traps = f"The setting for {recipe.engine}", " ".join(recipe.warnings)
        parts.append(ReportPart(title, traps, code=recipe.code))
    truth = truth_words.sentence(found.graph, work.embeddings.vectors)
    warnings = index_checks.sentences(work)
    notes = (about, *warnings, sentences.basis(study, found), *([truth] if truth else []))
    return report_page("Nearfield: recall", words, notes, tuple(parts)).encode()
