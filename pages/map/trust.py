"""How far the map can be trusted, and where not: a sentence, colors, a table and a comparison."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.figures.map import Values
from core.projection import Projection
from core.projection.regions import Region, codes_of_regions
from core.studies import (
    GroupQuality,
    MapComparison,
    MapQuality,
    compare_maps,
    quality_by_group,
)
from core.studies.inspection.map_quality import Figure
from pages.map import quality
from pages.map.colors import choices as color_choices
from pages.ui import jobs
from pages.ui.display import downloads, messages, tables
from pages.ui.display.text import number, percent, plain
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

TORN, FALSE, KEPT = "torn apart", "false neighbors", "true neighbors kept"
CHOICES = (TORN, FALSE, KEPT)
NAMES: dict[Figure, str] = {
    "kept": "true neighbors kept",
    "trust": "trustworthiness",
    "continuity": "continuity",
}
DIGITS = 3


def with_choices(embeddings: EmbeddingSet, *, selected: bool = False) -> list[str]:
    """What points can be colored by, with what the map makes of each one's neighbors."""
    more = CHOICES if quality.is_measured(embeddings.n) else ()
    return [*dict.fromkeys([*color_choices(embeddings, selected=selected), *more])]


def colors(work: Workspace, projection: Projection, choice: str) -> Values | None:
    """The colors of a choice of `CHOICES`; None for another, and while they are being measured."""
    if choice not in CHOICES or choice in work.embeddings.metadata.columns:
        return None
    measured = quality.at_hand(work, projection)
    return None if measured is None else values(measured, choice)


def values(measured: MapQuality, choice: str) -> Values:
    """The color of every row, NaN where it was not measured.

    torn apart: 1 - the continuity term, false neighbors: 1 - the trustworthiness term, true
    neighbors kept: their share.
    """
    figure = {TORN: 1 - measured.continuity, FALSE: 1 - measured.trust, KEPT: measured.kept}
    every = np.full(measured.n, np.nan)
    every[measured.rows] = figure[choice]
    best = "1 keeps all" if choice == KEPT else "0 is none"
    return Values(f"{choice} ({best})", every)


def notes(measured: MapQuality | None, choice: str) -> str:
    """What the colors of a choice of `CHOICES` rest on; "" for others."""
    if choice not in CHOICES or measured is None:
        return ""
    rest = "; the rest is gray" if measured.is_sample else ""
    return f"{choice[0].upper()}{choice[1:]}: of {_rows(measured)}{rest}."


def groups(
    work: Workspace, projection: Projection, measured: MapQuality, regions: Sequence[Region]
) -> tuple[str, tuple[GroupQuality, ...]]:
    """What the groups are, and the quality in each: by label, else by the widest named regions."""
    embeddings = work.embeddings
    if embeddings.labels is not None:
        found = quality_by_group(measured, embeddings.labels, embeddings.class_names)
        return str(embeddings.label_column), found
    wide = [region for region in regions if region.level == 0]
    codes = codes_of_regions(projection.coordinates, wide)
    return "region", quality_by_group(measured, codes, [region.name for region in wide])


def answer(measured: MapQuality, worst_first: Sequence[GroupQuality]) -> str:
    """How far the map can be trusted, where least and where most."""
    half = measured.half_width("kept")
    within = f" (± {number(100 * half, 2)} points, 95 %)" if measured.is_sample else ""
    where = where_words(worst_first)
    return (
        f"On average {percent(measured.mean('kept'))}{within} of an item's {measured.k} nearest "
        f"stay near on this map{where}. False neighbors: trustworthiness "
        f"{_figure(measured.mean('trust'))} of 1. Torn apart: continuity "
        f"{_figure(measured.mean('continuity'))} of 1. Measured on {_rows(measured)}."
    )


def where_words(worst_first: Sequence[GroupQuality]) -> str:
    """Where least and where most is kept; "" where groups do not differ beyond their intervals."""
    if len(worst_first) < 2:
        return ""
    worst, best = worst_first[0], worst_first[-1]
    if worst.kept + worst.half_width >= best.kept - best.half_width:
        return ""
    return (
        f"; trust it least in {worst.name} ({percent(worst.kept)}), most in {best.name} "
        f"({percent(best.kept)})"
    )


def _figure(value: float) -> str:
    """A figure of at most 1, never rounded up to 1."""
    rounded = f"{value:.3f}"
    return "above 0.999" if rounded == "1.000" and value < 1 else rounded


def _rows(measured: MapQuality) -> str:
    if not measured.is_sample:
        return f"all {measured.n:,} rows"
    return f"{len(measured.rows):,} of {measured.n:,} rows drawn with seed {measured.seed}"


def table(title: str, worst_first: Sequence[GroupQuality]) -> pd.DataFrame:
    """One line for each group, the one that keeps least first; shares from 0 to 1."""
    frame = pd.DataFrame(
        {
            title: [group.name for group in worst_first],
            "rows measured": [group.count for group in worst_first],
            NAMES["kept"]: [round(group.kept, DIGITS) for group in worst_first],
            NAMES["trust"]: [round(group.trust, DIGITS) for group in worst_first],
            NAMES["continuity"]: [round(group.continuity, DIGITS) for group in worst_first],
        }
    )
    if any(group.half_width for group in worst_first):
        frame.insert(3, "± kept", [round(group.half_width, DIGITS) for group in worst_first])
    return frame


def comparison_table(left: str, right: str, compared: Sequence[MapComparison]) -> pd.DataFrame:
    """The figures of two maps side by side, and their difference."""
    frame = pd.DataFrame(
        {
            "figure": [NAMES[each.figure] for each in compared],
            left: [round(each.left, DIGITS) for each in compared],
            right: [round(each.right, DIGITS) for each in compared],
            "difference": [round(each.difference, DIGITS) for each in compared],
        }
    )
    if any(each.half_width for each in compared):
        frame["± (95 %)"] = [round(each.half_width, DIGITS) for each in compared]
    return frame


def comparison_words(left: str, right: str, compared: Sequence[MapComparison]) -> str:
    """Which of two maps is the better by each figure, or that none is beyond its interval."""
    parts = []
    for each in compared:
        better, worse = (right, left) if each.difference > 0 else (left, right)
        high, low = max(each.left, each.right), min(each.left, each.right)
        name = NAMES[each.figure]
        if not each.is_certain:
            parts.append(f"{name} does not differ ({_figure(each.left)})")
        elif each.figure == "kept":
            parts.append(
                f"{better} keeps {percent(high)} of the true neighbors, {worse} {percent(low)}"
            )
        else:
            parts.append(f"{name} is {_figure(high)} with {better}, {_figure(low)} with {worse}")
    return f"{'; '.join(parts)}."


def brief(measured: MapQuality) -> str:
    """The three figures of one of two maps side by side."""
    about = "about " if measured.is_sample else ""
    return (
        f"{about}{percent(measured.mean('kept'))} of the {measured.k} true nearest kept, "
        f"trustworthiness {_figure(measured.mean('trust'))}, continuity "
        f"{_figure(measured.mean('continuity'))}"
    )


def show_brief(work: Workspace, projection: Projection | None, title: str, more: str) -> None:
    """The figures below one of two maps, and what `more` says of it.

    projection: None where it is not finished, or without some rows.
    """
    measured = None if projection is None else quality.at_hand(work, projection)
    told = f"{title}." if measured is None else f"{title}: {brief(measured)}."
    messages.note(plain(" ".join(filter(None, (told, more)))))
    _refine(work, projection, measured)


def show(
    work: Workspace,
    projection: Projection,
    regions: Sequence[Region],
    beside: Projection | None = None,
) -> None:
    """The sentence below the map, and behind it the groups and another projection.

    beside: the one that is drawn beside the map, to compare it with.
    """
    with jobs.unseen():
        measured = quality.at_hand(work, projection)
    if measured is None:
        return
    title, found = groups(work, projection, measured, regions)
    messages.note(plain(answer(measured, found)))
    if beside is None:  # else each of the two is refined below its picture
        _refine(work, projection, measured)
    panel = st.expander("How far this map can be trusted", key="_trust", on_change="rerun")
    if not panel.open:
        return
    with panel:
        messages.note(
            "Trustworthiness falls with neighbors on the map that are far in truth, by how far; "
            "continuity with true neighbors that the map put far away ([Venna and Kaski 2001]"
            "(https://doi.org/10.1007/3-540-44668-0_68)). Color the map by "
            f"*{FALSE}*, *{TORN}* or *{KEPT}* to see where."
        )
        if found:
            frame = table(title, found)
            tables.show(frame, hide_index=True)
            downloads.download(frame, "trust")
        _show_comparison(work, projection, beside or other_projection(work, projection))


def _refine(work: Workspace, projection: Projection | None, measured: MapQuality | None) -> None:
    """Measure all rows where a sample is shown; the page runs again with what was found."""
    if projection is None or measured is None:
        return
    if quality.refine(work, projection, measured):
        st.rerun()


def _show_comparison(work: Workspace, projection: Projection, other: Projection | None) -> None:
    both = None if other is None else quality.at_same_rows(work, projection, other)
    if other is None or both is None:
        return
    left, right = projection.name, other.name
    if left == right:
        left, right = f"{left}, left", f"{right}, right"
    compared = compare_maps(*both)
    basis = f" Both measured on {_rows(both[0])}."
    messages.note(plain(comparison_words(left, right, compared) + basis))
    tables.show(comparison_table(left, right, compared), hide_index=True)


def other_projection(work: Workspace, projection: Projection) -> Projection | None:
    """What the map is compared with: the PCA, or for that the UMAP that came with the data."""
    components = projection.coordinates.shape[1]
    if projection.method == "pca":
        return projections.kept_umap(work.embeddings, components, work.params.metric)
    return projections.pca(work.embeddings, components)
