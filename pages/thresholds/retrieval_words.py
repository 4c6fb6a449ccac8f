"""What the section `Retrieval` says: sentences, definitions and tables, from results alone."""

import math
from typing import Any

import numpy as np
import pandas as pd

from core.distances import Metric
from core.studies.thresholds.operating import Estimate
from core.studies.thresholds.retrieval import (
    FEWEST_RANKED,
    FIGURES,
    RESAMPLES,
    GroupFigures,
    RetrievalStudy,
    RetrievalSummary,
)
from core.studies.thresholds.separation import Separation
from core.studies.thresholds.slices import Slices
from pages.ui.display.text import count, number, percent

SHARES = {
    "Precision@1": "The nearest other item shares the class for {} of the items",
    "hit@k": "At least one of the {k} nearest others shares the class for {} of the items",
    "Precision@k": "Of the {k} nearest others of an item, {} share its class on average",
    "Recall@k (IR)": "The {k} nearest others of an item hold {} of its class on average",
    "R-precision": "Of as many nearest others as its class has, {} share an item's class",
}
MEASURED_BY: dict[Metric, str] = {
    "cosine": "cosine distance",
    "euclidean": "Euclidean distance",
    "inner_product": "inner product",
}
SCORES: dict[Metric, str] = {
    "cosine": "cosine similarity",
    "euclidean": "-d^2 / 2",
    "inner_product": "inner product",
}
DEFINITIONS = {
    "Macro": "The mean of the means of the groups: each group counts once, whatever its size.",
    "Precision@1": "1 where the nearest other item is of the query's class, else 0.",
    "hit@k": (
        "1 where at least one of the k nearest others is of the query's class, else 0. Papers on "
        "metric learning call it recall@k, those on face recognition CMC@k."
    ),
    "Precision@k": "The share of the k nearest others that are of the query's class.",
    "Recall@k (IR)": (
        "The share of the R other items of the query's class that stand among the k nearest: "
        "recall@k of information retrieval. It cannot exceed k / R."
    ),
    "R-precision": "The share of the R nearest others that are of the query's class.",
    "MAP@R": (
        "1/R times the sum of P(j) over the ranks j <= R of the items of the class, P(j) the "
        "precision at j ([Musgrave et al. 2020](https://arxiv.org/abs/2003.08505))."
    ),
    "mAP@100": (
        "The sum of P(j) over the ranks j <= 100 of the items of the class, divided by min(R, 100) "
        "([Weyand et al. 2020](https://arxiv.org/abs/2004.01804), Google Landmarks v2)."
    ),
    "Average precision": "1/R times the sum of P(j) over the ranks of all items of the class.",
    "MRR": "Mean reciprocal rank: 1 / rank of the nearest item of the query's class.",
    "MacroStd": (
        "The standard deviation of the means of the groups (the divisor is their number); 0 where "
        "all are served alike. Of a sample of queries, less the variance that the draw adds."
    ),
    "ICNN": (
        "From the 4 nearest others of each item: how near those of its class are, how far the "
        "others, and the share of the first; 0 to 1, higher is better "
        "([SuSana Distancia](https://arxiv.org/abs/2305.09062), reconstructed)."
    ),
    "AMI of k-means": (
        "Adjusted mutual information of k-means with the classes, k their number; about 0 by "
        "chance, 1 for the classes themselves (Vinh et al. 2010, scikit-learn)."
    ),
    "NMI of k-means": "Normalized mutual information of the same; not corrected for chance.",
    "Alignment": (
        "Mean squared distance, on unit vectors, of the pairs of a class; lower is better "
        "([Wang and Isola 2020](https://arxiv.org/abs/2005.10242))."
    ),
    "Uniformity": (
        "Logarithm of the mean of exp(-2 d^2) over all pairs, on unit vectors; lower is better, 0 "
        "where all rows are alike ([Wang and Isola 2020](https://arxiv.org/abs/2005.10242))."
    ),
    "TCM value": (
        "Mean of 0.9 - cos over the pairs of a class with cos <= 0.9, plus mean of cos - 0.5 over "
        "the pairs of two classes with cos >= 0.5; lower is better "
        "([Zhang et al. 2023](https://arxiv.org/abs/2307.04047))."
    ),
    "UNPG gap": (
        "The least similarity within a class minus the greatest between two; above 0 only where "
        "one threshold separates everything "
        "([Jung et al. 2022](https://arxiv.org/abs/2203.11593))."
    ),
    "UNPG gap, 1 %": (
        "The same without the 1 % least similar pairs of a class and the 1 % most similar of two."
    ),
}
THREE_RECALLS = (
    "Three figures are called recall@k. **hit@k**: is any of the k nearest of the class? "
    "**Recall@k (IR)**: which share of the class is among the k nearest? **Recall@k (ANN)**: which "
    "share of the true k nearest does the index return, whatever their labels? The first two are "
    "here, of exact neighbors; the third is on the Recall page."
)


def answer(
    name: str, k: int, whole: Estimate, groups: GroupFigures, cut: Slices, *, of_label: bool
) -> str:
    """The section's sentence: a figure over all queries, and the group that is served worst."""
    return f"{_stated(name, k, whole)}{_worst(name, groups, cut, of_label)}."


def _stated(name: str, k: int, whole: Estimate) -> str:
    if name not in SHARES:
        return f"{name} is {number(whole.value)} ({number(whole.low)} to {number(whole.high)})"
    said = f"{percent(whole.value)} ({number(100 * whole.low)} to {percent(whole.high)})"
    if k == 1 and name in ("hit@k", "Precision@k"):
        return SHARES["Precision@1"].format(said)
    if k == 1 and name == "Recall@k (IR)":
        return f"The nearest other item is on average {said} of an item's class"
    return SHARES[name].format(said, k=k)


def _worst(name: str, groups: GroupFigures, cut: Slices, of_label: bool) -> str:
    if len(groups.groups) < 2:
        return ""
    if groups.value[0] == groups.value[-1]:
        return f"; the same for all {len(groups.groups):,} {'classes' if of_label else 'groups'}"
    first, *others = groups.worst
    value = float(groups.value[first])
    said = percent(value) if name in SHARES else number(value)
    who = cut.names[groups.groups[first]]
    if of_label and not any(letter.isalpha() for letter in who):
        who = f"class {who}"
    if others:
        who = f"{who} and {count(len(others), 'other')}"
    return f"; worst{'' if of_label else f' by {cut.column}'}: {who}, {said}"


def basis(study: RetrievalStudy) -> str:
    """Of which queries the figures are, and how the intervals are made."""
    asked, by = len(study.scores.used), MEASURED_BY[study.metric]
    if study.is_sample:
        drawn = "a random sample"
        if study.least_of_a_class is not None:
            drawn = (
                f"a stratified sample with at least {study.least_of_a_class} of each class that "
                "has so many"
            )
        first = (
            f"{asked:,} of {study.eligible:,} items are queries ({drawn}, seed {study.seed}; means "
            "are weighted to stand for all)"
        )
    else:
        first = f"All {count(asked, 'item')} are queries"
    notes = [
        f"{first}, each against all other items by {by}, exactly. Intervals are 95 %, by bootstrap "
        f"over the queries ({RESAMPLES} resamples)."
    ]
    alone = study.n - study.missing - study.eligible
    if alone:
        notes.append(f"{count(alone, 'item is', 'items are')} alone in a class and no query.")
    if study.missing:
        notes.append(
            f"{count(study.missing, 'item')} without a label: no query, but in the lists of others."
        )
    return " ".join(notes)


def spread(name: str, groups: GroupFigures, *, of_label: bool) -> str:
    """What the figure is with every group counting once, and how far the groups differ."""
    kind = ("class", "classes") if of_label else ("group", "groups")
    many = count(len(groups.groups), *kind)
    if len(groups.groups) < 2:
        return f"{many}: there is nothing to compare."
    few = int(np.count_nonzero(groups.queries < FEWEST_RANKED))
    said = (
        f"{name} with each of {many} counting once: {_with_interval(groups.macro)}; standard "
        f"deviation of their means (MacroStd): {_with_interval(groups.macro_std)}."
    )
    if few and few < len(groups.groups):
        said += (
            f" {count(few, *kind)} of fewer than {FEWEST_RANKED} queries "
            f"{'is' if few == 1 else 'are'} not called the worst."
        )
    return said


def _with_interval(one: Estimate) -> str:
    return f"{number(one.value)} ({number(one.low)} to {number(one.high)})"


def group_table(groups: GroupFigures, cut: Slices, name: str) -> pd.DataFrame:
    """One line per group, the lowest first."""
    return pd.DataFrame(
        {
            cut.column: [cut.names[code] for code in groups.groups],
            "items": groups.rows,
            "queries": groups.queries,
            name: groups.value,
            "low": groups.low,
            "high": groups.high,
        }
    )


def figure_table(summary: RetrievalSummary, k: int) -> pd.DataFrame:
    """One line per figure: over all queries, and with each group counting once."""
    return pd.DataFrame(
        [
            {
                "figure": at_k(name, k),
                "mean": whole.value,
                "low": whole.low,
                "high": whole.high,
                "macro": summary.groups[name].macro.value,
                "MacroStd": summary.groups[name].macro_std.value,
            }
            for name, whole in summary.overall.items()
        ]
    )


def at_k(name: str, k: int) -> str:
    """A figure's name with its k.

    >>> at_k("Recall@k (IR)", 5), at_k("MRR", 5)
    ('Recall@5 (IR)', 'MRR')
    """
    return name.replace("@k", f"@{k}") if FIGURES[name].takes_k else name


def curve_table(found: dict[str, tuple[Any, Any, Any]]) -> pd.DataFrame:
    """One line per k: each figure with its interval."""
    lines = len(next(iter(found.values()))[0])
    columns: dict[str, Any] = {"k": np.arange(1, lines + 1)}
    for name, (mean, low, high) in found.items():
        columns |= {name: mean, f"{name} low": low, f"{name} high": high}
    return pd.DataFrame(columns)


def query_table(study: RetrievalStudy, labels: np.ndarray, k: int) -> pd.DataFrame:
    """One line per query. labels: (n,) the class of each row by name."""
    values = {at_k(name, k): figure.of(study.scores, k) for name, figure in FIGURES.items()}
    return pd.DataFrame(
        {
            "row": study.scores.used,
            "class": labels[study.scores.used],
            "others of the class": study.scores.relevant,
            "weight": study.weights,
            **values,
        }
    )


def space_table(found: Separation) -> pd.DataFrame:
    """One line per figure about the space: its value, a range, what that is, and of what it is."""
    pairs = f"pairs of {found.pair_rows:,} of {found.n:,} items"
    starts = f"{len(found.clusters.ami)} starts"
    clustered = f"{starts} on {found.clusters.rows:,} items"
    aligned, uniform = found.alignment, found.uniformity
    tcm, gap = found.tcm, found.gap
    lines: list[tuple[str, float, tuple[float, float] | None, str, str]] = []
    if found.icnn is not None:
        of = f"{found.icnn_rows:,} of {found.n:,} items as queries"
        lines.append(("ICNN", found.icnn.score, None, "", of))
    for name, values in (("AMI", found.clusters.ami), ("NMI", found.clusters.nmi)):
        ends = float(values.min()), float(values.max())
        lines.append((f"{name} of k-means", float(values.mean()), ends, starts, clustered))
    lines += [
        ("Alignment", aligned.value, None, "", f"all {aligned.pairs:,} pairs of a class"),
        ("Uniformity", uniform.value, uniform.interval, "95 %", f"pairs of {uniform.rows:,} items"),
        ("TCM value", tcm.value, tcm.interval, "95 %", pairs),
        ("UNPG gap", gap.gap, None, "", f"{SCORES[found.metric]}, {pairs}"),
        ("UNPG gap, 1 %", gap.inner_gap, None, "", f"{SCORES[found.metric]}, {pairs}"),
    ]
    return pd.DataFrame(
        [
            (name, value, *(ends or (math.nan, math.nan)), what, of)
            for name, value, ends, what, of in lines
        ],
        columns=["figure", "value", "low", "high", "range", "of"],
    )


def shown_space(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of `space_table` to be read: three digits, and the range in one column."""
    ranges = [
        "" if math.isnan(low) else f"{_shown(low)} to {_shown(high)} ({what})"
        for low, high, what in zip(table["low"], table["high"], table["range"], strict=True)
    ]
    return pd.DataFrame(
        {
            "figure": table["figure"],
            "value": [_shown(value) for value in table["value"]],
            "range": ranges,
            "of": table["of"],
        }
    )


def _shown(value: float) -> str:
    """A number to three digits; what is 0 but for rounding is 0."""
    return number(value if math.isnan(value) else round(value, 9))


def space_words(found: Separation) -> str:
    """What the gap and the margins say of all pairs."""
    gap = found.gap
    if gap.gap > 0:
        first = "One threshold separates all pairs of these classes"
    else:
        first = (
            f"No threshold separates the classes: {percent(gap.impostors_above)} of the impostor "
            "pairs are at least as near as the farthest pair of a class, and "
            f"{percent(gap.genuine_below)} of the pairs of a class are no nearer than the nearest "
            "impostor pair"
        )
    of = "" if found.pair_rows == found.n else f" (pairs of {found.pair_rows:,} items drawn)"
    return (
        f"{first}{of}. {percent(found.tcm.all_short)} of the pairs of a class have a cosine below "
        f"0.9, and {percent(found.tcm.all_near)} of the impostor pairs one above 0.5."
    )


def margin_table(found: Separation, names: tuple[str, ...]) -> pd.DataFrame:
    """One line per class: its alignment, and the shares of its pairs with such a cosine."""
    tcm = pd.DataFrame(
        {
            "class": [names[code] for code in found.tcm.classes],
            "genuine below 0.9": found.tcm.genuine_short,
            "impostors above 0.5": found.tcm.impostors_near,
        }
    )
    aligned = pd.DataFrame(
        {
            "class": [names[code] for code in found.alignment.classes],
            "alignment": found.alignment.by_class,
        }
    )
    frame = aligned.merge(tcm, on="class", how="left")
    return frame.sort_values("alignment", ascending=False, kind="stable", ignore_index=True)


def as_json(
    study: RetrievalStudy, summary: RetrievalSummary, cut: Slices, k: int, fingerprint: str
) -> dict[str, Any]:
    """Everything of the section as values of JSON; what is not defined is null."""
    return {
        "data": fingerprint,
        "metric": study.metric,
        "rows": study.n,
        "queries": len(study.scores.used),
        "eligible": study.eligible,
        "seed": study.seed,
        "k": k,
        "slice": cut.column,
        "figures": {
            at_k(name, k): {
                "definition": DEFINITIONS[name],
                "all_queries": _plain(whole),
                "macro": _plain(summary.groups[name].macro),
                "macro_std": _plain(summary.groups[name].macro_std),
                "groups": _group_lines(summary.groups[name], cut),
            }
            for name, whole in summary.overall.items()
        },
    }


def _group_lines(groups: GroupFigures, cut: Slices) -> list[dict[str, Any]]:
    return [
        {
            "name": cut.names[groups.groups[i]],
            "items": int(groups.rows[i]),
            "queries": int(groups.queries[i]),
            **_plain(Estimate(groups.value[i], groups.low[i], groups.high[i])),
        }
        for i in range(len(groups.groups))
    ]


def _plain(one: Estimate) -> dict[str, float | None]:
    parts = {"value": one.value, "low": one.low, "high": one.high}
    return {name: None if math.isnan(part) else float(part) for name, part in parts.items()}
