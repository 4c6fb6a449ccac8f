"""A threshold of this space, written in another space over the same items."""

import numpy as np
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet, read_embeddings
from core.distances import METRICS, Metric
from core.errors import DataError
from core.figures.threshold_translation import two_spaces
from core.metrics import ScoreUnit, units_of
from core.studies.thresholds.translation import (
    Change,
    Side,
    Translated,
    Translation,
    translation,
)
from pages.thresholds import pair_rows
from pages.thresholds.lab import eligible_classes
from pages.ui import jobs
from pages.ui.controls import uploaders, widgets
from pages.ui.display import chart, downloads, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.results.labeled_pairs import held_unit
from pages.ui.session import contents, slot
from pages.ui.session.received import File
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

ABOUT = "second space"
HALF = "first half of the dimensions"
BY_FAR, BY_SHARE = "the FAR", "the share of all pairs"
USUAL_FAR, USUAL_SHARE = 0.01, 0.001
HELD: Slot[tuple[str, str]] = Slot(
    "second_space",
    lambda: ("", ""),
    kept=slot.Kept("The second space could not be opened", True),
)
ASKED: Slot[str] = Slot("translated_from", str)
KEPT_HELP = (
    "What stays the same: the share of pairs of different classes that pass (needs labels), or the "
    "share of all pairs."
)
LISTED = 50


def show(work: Workspace, heading: Heading) -> None:
    """The part `Another space`."""
    spaces = _spaces(work)
    if _is_lost(work):
        messages.warn("The second file is no longer on this server. Upload it again.")
    has_labels = eligible_classes(work.embeddings) >= 2
    first, second, third, fourth = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    with first:
        name = widgets.select("Second space", "world_space", list(spaces))
    other = spaces[name]
    with second:
        kept = BY_SHARE
        if has_labels:
            kept = widgets.segmented("Keep", "world_keep", [BY_FAR, BY_SHARE], help=KEPT_HELP)
    metric_b = work.params.metric if other is None else _metric(work, other)
    slot = third.container()
    with fourth, st.popover("Second file", width="stretch"):
        if other is not None:
            metric_b = widgets.select("Its metric", "world_metric", list(METRICS), value=metric_b)
        _uploader(work)
    metric_a = work.params.metric
    by_far = kept == BY_FAR
    first_set = work.embeddings if by_far else work.embeddings.bare
    found = _translation.require(first_set, other, by_far, metric_a, metric_b)
    unit_a = held_unit(metric_a)
    unit_b = unit_a if metric_b == metric_a else units_of(metric_b)[0]
    with slot:
        threshold = _threshold(work, found, unit_a)
    told = found.at(float(unit_a.to_score(threshold)))
    words = answer(found, told, unit_a, unit_b, name)
    heading.answer(words)
    messages.note(plain(basis(found, has_labels=has_labels)))
    left, right = st.columns([4, 3])
    with left:
        chart.show(
            chart.drawn(two_spaces, found, told, unit_a, unit_b, dark=chart.is_dark()),
            key="world_spaces",
            alt=words,
            table=lambda: curve_table(found, unit_a, unit_b),
            csv_name="threshold_translation",
        )
    with right:
        st.markdown("**What changes hands**")
        rows = changes_table(told)
        tables.show(rows, hide_index=True, height=chart.table_height(rows, 300))
        downloads.download(rows, "changed_pairs_by_kind")
        messages.note(plain(figures_note(told)))
    _flipped(work, found, told, unit_a, unit_b)


def _spaces(work: Workspace) -> dict[str, EmbeddingSet | None]:
    """What can be the second space, by its name; None: part of the first one."""
    held = _held(work)
    spaces: dict[str, EmbeddingSet | None] = {} if held is None else {held.name: held}
    if work.embeddings.dim > 1 or not spaces:
        spaces[HALF] = None
    return spaces


def _held(work: Workspace) -> EmbeddingSet | None:
    """The uploaded space of these items, where this server still has it."""
    of, key = HELD.get()
    return contents.data(key) if of == work.embeddings.bare.fingerprint else None


def _is_lost(work: Workspace) -> bool:
    """Whether a second space of these items was uploaded, and the server let it go."""
    return HELD.get()[0] == work.embeddings.bare.fingerprint and _held(work) is None


def _metric(work: Workspace, other: EmbeddingSet) -> Metric:
    return other.metric or work.params.metric


@jobs.job("Comparing pairs in both spaces")
def _translation(
    progress: Progress,
    embeddings: EmbeddingSet,
    other: EmbeddingSet | None,
    by_far: bool,
    metric_a: Metric,
    metric_b: Metric,
) -> Translation:
    half = embeddings.vectors[:, : max(1, embeddings.dim // 2)]
    return translation(
        embeddings.vectors,
        half if other is None else other.vectors,
        labels=embeddings.labels if by_far else None,
        metric_a=metric_a,
        metric_b=metric_b,
        progress=progress,
    )


def _threshold(work: Workspace, found: Translation, unit: ScoreUnit) -> float:
    """The box of the threshold in the first space, which starts anew with other data."""
    of = f"{work.fingerprint} {unit.name} {found.has_labels}"
    if ASKED.get() not in ("", of):
        widgets.forget("world_threshold")
    ASKED.set(of)
    usual = float(unit.of(found.at_rate(USUAL_FAR if found.has_labels else USUAL_SHARE)))
    ends = unit.of([float(found.a.min()), float(found.a.max())])
    low, high = float(ends.min()), float(ends.max())
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-9) / 100))
    return widgets.number(
        f"Threshold: {unit.name} {unit.sign}",
        "world_threshold",
        low=low,
        high=high,
        value=round(usual / step) * step if low <= round(usual / step) * step <= high else usual,
        step=float(step),
        format="%.5g",
        help="In the first space; starts where "
        + ("1 impostor pair in 100" if found.has_labels else "1 pair in 1,000")
        + " passes.",
    )


def answer(
    found: Translation, told: Translated, unit_a: ScoreUnit, unit_b: ScoreUnit, name: str
) -> str:
    """The part's sentences: the threshold in the other space, and how many pairs change."""
    kept = "the same FAR" if found.has_labels else "the same share of all pairs"
    if told.every.by_a == 0 or told.rate == 0:
        what = "impostor pair" if found.has_labels else "pair"
        return (
            f"No {what} passes {unit_a.name} {unit_a.sign} {_shown(unit_a, told.in_a)}, so nothing "
            f"in the other space ({name}) stands for it; choose a laxer threshold."
        )
    low, high = sorted(float(unit_b.of(end)) for end in told.interval)
    rate = percent(float(f"{told.rate:.3g}"))
    return (
        f"{_begin(unit_a.name)} {unit_a.sign} {_shown(unit_a, told.in_a)} becomes {unit_b.name} "
        f"{unit_b.sign} {_shown(unit_b, told.in_b)} in the other space ({name}; 95 %: "
        f"{number(low, 4)} to {number(high, 4)}), with {kept}, {rate}. "
        f"{percent(told.every.share_of_accepted)} of the pairs accepted before are not any more."
    )


def _shown(unit: ScoreUnit, score: float) -> str:
    return number(float(unit.of(score)), 4)


def _begin(text: str) -> str:
    return text if text.startswith("L2") else text[0].upper() + text[1:]


def basis(found: Translation, *, has_labels: bool) -> str:
    """What the figures rest on."""
    rows = f"all {found.n:,} rows"
    if found.is_sample:
        rows = f"{len(found.rows):,} of {found.n:,} rows, drawn with seed {found.seed}"
    text = f"All {len(found.a):,} pairs of {rows}; interval by bootstrap over rows."
    if found.has_labels:
        return f"{text} The FAR is of the {found.counted:,} pairs of different classes."
    if not has_labels:
        return f"{text} With labels, the FAR could be kept instead of the share of all pairs."
    return text


def figures_note(told: Translated) -> str:
    """What becomes of the true pairs, or that labels would tell."""
    if told.genuine is None:
        return "Whether the pairs that change are right or wrong is known with labels only."
    return f"True pairs accepted (TAR): {percent(told.tar_a)} before, {percent(told.tar_b)} after."


def changes_table(told: Translated) -> pd.DataFrame:
    """Pairs of each kind by which space accepts them."""
    kinds: list[tuple[str, Change | None]] = [
        ("same class", told.genuine),
        ("different classes", told.impostor),
        ("all pairs", told.every),
    ]
    return pd.DataFrame(
        [
            {
                "pairs of": name,
                "all": change.pairs,
                "before": change.by_a,
                "after": change.by_b,
                "no more": change.only_a,
                "new": change.only_b,
                "changing": change.share_changed,
            }
            for name, change in kinds
            if change is not None
        ]
    )


def curve_table(found: Translation, unit_a: ScoreUnit, unit_b: ScoreUnit) -> pd.DataFrame:
    """Thresholds of the first space and what stands for them, with intervals."""
    curve = found.curve
    ends = np.sort(np.column_stack([unit_b.of(curve.low), unit_b.of(curve.high)]), axis=1)
    kept = "FAR" if found.has_labels else "share of all pairs"
    return pd.DataFrame(
        {
            kept: curve.rate,
            f"first space: {unit_a.name}": unit_a.of(curve.in_a),
            f"second space: {unit_b.name}": unit_b.of(curve.in_b),
            "from": ends[:, 0],
            "to": ends[:, 1],
        }
    )


def flipped_table(
    embeddings: EmbeddingSet,
    found: Translation,
    told: Translated,
    side: Side,
    units: tuple[ScoreUnit, ScoreUnit],
) -> pd.DataFrame:
    """Pairs that one space alone accepts, those that the other rejects most clearly first."""
    pairs = found.flipped(told, side, LISTED)
    return pair_rows.pair_rows(
        embeddings,
        pairs.left,
        pairs.right,
        ("one", "other"),
        **{
            "first space": units[0].of(pairs.a).round(4),
            "second space": units[1].of(pairs.b).round(4),
        },
    )


def _flipped(
    work: Workspace,
    found: Translation,
    told: Translated,
    unit_a: ScoreUnit,
    unit_b: ScoreUnit,
) -> None:
    st.subheader("Pairs that change hands, the clearest first")
    sides: tuple[tuple[str, Side, str], ...] = (
        (f"No more accepted ({told.every.only_a:,})", "A", "no_more_accepted"),
        (f"Newly accepted ({told.every.only_b:,})", "B", "newly_accepted"),
    )
    for tab, (_, side, name) in zip(st.tabs([title for title, _, _ in sides]), sides, strict=True):
        with tab:
            rows = flipped_table(work.embeddings, found, told, side, (unit_a, unit_b))
            if not len(rows):
                messages.empty("No pair does.", "Move the threshold to see some.")
                continue
            pair_rows.show(rows, name)


def _uploader(work: Workspace) -> None:
    key = f"_second_space_{uploaders.turn()}"
    uploaders.draw(
        "Vectors of the same items by another model",
        key=key,
        help="One vector per row of the loaded data, in the same order; any dimension. It is kept "
        "in this server's memory only.",
        on_change=_take,
        args=(key, work),
    )
    uploaders.show_state(ABOUT)
    held = _held(work)
    if held is not None:
        messages.note(
            f"{plain(held.name)}: {count(held.n, 'vector')} of {count(held.dim, 'dimension')}."
        )
        st.button("Forget this file", on_click=HELD.set, args=(("", ""),))


def _take(key: str, work: Workspace) -> None:
    data = work.embeddings

    def adopt(other: EmbeddingSet) -> None:
        HELD.set((data.bare.fingerprint, contents.add(other)))
        widgets.put(world_space=other.name)

    uploaders.read(key, lambda file: _second_space(file, data), adopt, about=ABOUT, of=data)


def _second_space(file: File, data: EmbeddingSet) -> EmbeddingSet:
    other = read_embeddings(file.content, name=file.name)
    if other.n != data.n:
        raise DataError(
            f"The second file must have a vector for each of the {data.n:,} rows of {data.name}, "
            f"in the same order; {file.name} has {other.n:,}."
        )
    return other
