"""What the section `No labels` says: sentences, the table and the file, all pure functions."""

import json
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.score_units import ScoreUnit
from core.studies.thresholds.floor import Basis, Floor, FloorStudy
from core.studies.thresholds.floor_scores import RESAMPLES
from core.studies.thresholds.operating import Estimate
from pages.ui.display.text import count, number, percent

FEW_KEPT = 0.5  # of the best answers: below it they are "only" so many
DEFINITION = (
    "score: the least observed score at or above which at most the share of the unrelated scores "
    "lies. kept_best: share of the queries whose nearest row is at or above it. kept_nearest: "
    "share of the k nearest rows of all queries. Intervals: 2.5 and 97.5 % points of resamples of "
    "rows, of queries and of off-topic queries."
)


def one_in(share: float) -> str:
    """A share as one of how many.

    >>> one_in(0.001)
    '1 in 1,000'
    """
    return f"1 in {round(1 / share):,}"


def answer(study: FloorStudy, floor: Floor, basis: Basis, unit: ScoreUnit, bearable: float) -> str:
    """The section's sentence; bearable: the total error up to which a floor separates."""
    least = study.least_error(basis)
    if least.total > bearable:
        return (
            f"No {_limit(unit)} separates them in this space: the best, "
            f"{_value(least.score, unit)}, {_lets(basis, percent(least.unrelated))} and "
            f"loses the best answer of {percent(least.lost)} of the queries, "
            f"{percent(least.total)} together, where at most {percent(bearable)} was asked for."
        )
    if np.isnan(floor.score.value):
        return refusal(study, floor.share, basis)
    low, high = ends(floor.score, unit)
    kept = floor.kept_best.value
    only = "only " if kept < FEW_KEPT else ""
    return (
        f"{'An' if unit.is_distance else 'A'} {_limit(unit)} {_value(floor.score.value, unit)} "
        f"({low} to {high}) {_lets(basis, one_in(floor.share))} and keeps the best answer of "
        f"{only}{percent(kept)} of the queries."
    )


def refusal(study: FloorStudy, share: float, basis: Basis) -> str:
    """Why a share cannot be told from so few unrelated scores."""
    scores = len(study.scores_of(basis))
    what = (
        count(scores, "unrelated pair")
        if basis == "pairs"
        else count(scores, "off-topic query", "off-topic queries")
    )
    told = [floor.share for floor in study.floors(basis) if not np.isnan(floor.score.value)]
    instead = f"ask for {one_in(min(told))} or more often" if told else "there are too few of them"
    more = "load more rows" if basis == "pairs" else "bring more of them"
    return f"{one_in(share)} is below the resolution of {what}: {instead}, or {more}."


def passing(study: FloorStudy, floor: Floor, basis: Basis) -> str:
    """How many unrelated rows each query meets above the floor, or an empty text."""
    if basis != "pairs" or np.isnan(floor.score.value):
        return ""
    rows = floor.passed * study.n
    many = number(rows, 2) if rows < 10 else f"{round(rows):,}"
    warning = ": the floor alone does not keep them out of a long list" if rows > 1 else ""
    return (
        f"Each query is compared with {study.n:,} rows, so about {many} unrelated ones pass for "
        f"each query{warning}."
    )


def strangers(floor: Floor) -> str:
    """How many off-topic queries get an answer at the floor, or an empty text."""
    if floor.answered is None or np.isnan(floor.score.value):
        return ""
    value, low, high = floor.answered.value, floor.answered.low, floor.answered.high
    return (
        f"{percent(value)} ({percent(low)} to {percent(high)}) of the off-topic queries still get "
        "an answer."
    )


def all_copies(study: FloorStudy, wanted: bool) -> str:
    """That off-topic queries were wanted and none is left, or an empty text."""
    if not wanted or study.off_topic is not None:
        return ""
    return (
        f"All {study.off_topic_copies:,} off-topic queries are near copies of rows of this data, "
        "so they are not off-topic; random pairs are used."
    )


def basis_words(study: FloorStudy, queries: str) -> str:
    """What the figures rest on: pairs, queries, what was left out, and how intervals are made."""
    drawn = (
        f"all {study.n:,} rows"
        if study.paired_rows == study.n
        else f"{study.paired_rows:,} of {study.n:,} rows, drawn with seed {study.seed}"
    )
    copies = ""
    if study.near_copies:
        copies = f" without {count(study.near_copies, 'pair')} of near copies, which are related,"
    parts = [
        f"Unrelated: all {count(len(study.unrelated), 'pair')} of {drawn},{copies} of which some "
        "are related by chance, so that the floor is rather too strict than too lax.",
        f"Queries: {len(study.nearest):,} {queries}"
        f"{', each without itself' if study.own else ''}, compared with all rows; "
        f"{study.k} nearest of each.",
    ]
    if study.own and study.best_copies:
        parts.append(
            f"The best answer of {count(study.best_copies, 'query', 'queries')} is a near copy."
        )
    if study.off_topic_copies:
        parts.append(
            f"{count(study.off_topic_copies, 'off-topic query', 'off-topic queries')} left out: "
            "near copies of a row."
        )
    parts.append(
        f"Intervals of 95 % by {RESAMPLES} resamples of rows and of queries, never of pairs. "
        "Labels are not used."
    )
    return " ".join(parts)


def figures(
    study: FloorStudy, floor: Floor, basis: Basis, unit: ScoreUnit
) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the cards beside the picture."""
    least = study.least_error(basis)
    told = [
        (
            "Least total error",
            f"{percent(least.total)} at {_value(least.score, unit)}",
            f"There {percent(least.unrelated)} of the unrelated pass and "
            f"{percent(least.lost)} of the queries lose their best answer.",
        )
    ]
    if np.isnan(floor.score.value):
        return told
    low, high = ends(floor.score, unit)
    lost = study.k * (1.0 - floor.kept_nearest.value)
    return [
        (
            "Limit" if unit.is_distance else "Floor",
            _value(floor.score.value, unit),
            f"{unit.name} {unit.sign} this passes; 95 %: {low} to {high}.",
        ),
        ("Best answers kept", percent(floor.kept_best.value), _interval(floor.kept_best)),
        (
            f"{study.k} nearest kept",
            percent(floor.kept_nearest.value),
            _interval(floor.kept_nearest),
        ),
        (
            "Answers lost per query",
            number(lost),
            f"Of the {study.k} nearest rows, how many do not pass on average.",
        ),
        *(
            []
            if floor.answered is None
            else [
                (
                    "Off-topic answered",
                    percent(floor.answered.value),
                    f"Off-topic queries whose nearest row passes. {_interval(floor.answered)}",
                )
            ]
        ),
        *told,
    ]


def table(study: FloorStudy, basis: Basis, unit: ScoreUnit) -> pd.DataFrame:
    """A line for each share: the floor, its interval, and what it costs."""
    lines = []
    for floor in study.floors(basis):
        line: dict[str, Any] = {"unrelated that may pass": one_in(floor.share)}
        if np.isnan(floor.score.value):
            lines.append(line | {"note": "below resolution"})
            continue
        low, high = sorted(unit.of([floor.score.low, floor.score.high]).tolist())
        line |= {
            unit.name: float(unit.of(floor.score.value)),
            "from": low,
            "to": high,
            "best answers kept": floor.kept_best.value,
            "kept, from": floor.kept_best.low,
            "kept, to": floor.kept_best.high,
            f"{study.k} nearest kept": floor.kept_nearest.value,
            "answers lost per query": study.k * (1.0 - floor.kept_nearest.value),
        }
        if basis == "pairs":
            line["unrelated rows that pass per query"] = floor.passed * study.n
        if floor.answered is not None:
            line["off-topic queries answered"] = floor.answered.value
        lines.append(line)
    frame = pd.DataFrame(lines)
    if "note" not in frame:
        return frame
    frame["note"] = frame["note"].fillna("")
    return frame[[*frame.columns.drop("note"), "note"]]


def record(
    study: FloorStudy, floor: Floor, basis: Basis, unit: ScoreUnit, *, data: str, queries: str
) -> str:
    """The floors as JSON, the chosen one first, with what they rest on."""
    least = study.least_error(basis)
    content = {
        "data": data,
        "metric": study.metric,
        "unit": unit.name,
        "passes": f"{unit.name} {unit.sign} the floor",
        "unrelated": "random pairs of rows" if basis == "pairs" else "off-topic queries",
        "unrelated_scores": len(study.scores_of(basis)),
        "near_copies_left_out": study.near_copies,
        "rows": study.n,
        "rows_paired": study.paired_rows,
        "queries": f"{len(study.nearest):,} {queries}",
        "k": study.k,
        "seed": study.seed,
        "chosen": _floor_record(floor, unit),
        "floors": [_floor_record(each, unit) for each in study.floors(basis)],
        "least_total_error": {
            "at": float(unit.of(least.score)),
            "unrelated_passed": least.unrelated,
            "best_answers_lost": least.lost,
        },
        "definitions": DEFINITION,
    }
    return json.dumps(content, indent=2) + "\n"


def ends(found: Estimate, unit: ScoreUnit) -> tuple[str, str]:
    """The ends of a score's interval in a unit, the smaller first."""
    low, high = sorted(unit.of([found.low, found.high]).tolist())
    return number(low), number(high)


def _floor_record(floor: Floor, unit: ScoreUnit) -> dict[str, Any]:
    if np.isnan(floor.score.value):
        return {"share": floor.share, "floor": None, "why": "below resolution"}
    return {
        "share": floor.share,
        "floor": float(unit.of(floor.score.value)),
        "interval": sorted(unit.of([floor.score.low, floor.score.high]).tolist()),
        "unrelated_passed": floor.passed,
        "kept_best": _triple(floor.kept_best),
        "kept_nearest": _triple(floor.kept_nearest),
        "off_topic_answered": None if floor.answered is None else _triple(floor.answered),
    }


def _triple(found: Estimate) -> list[float]:
    return [found.value, found.low, found.high]


def _limit(unit: ScoreUnit) -> str:
    """What the threshold is called: a floor under a similarity, an upper limit of a distance."""
    return f"upper limit of {unit.name}" if unit.is_distance else f"floor of {unit.name}"


def _value(score: float, unit: ScoreUnit) -> str:
    return number(float(unit.of(score)))


def _lets(basis: Basis, share: str) -> str:
    if basis == "pairs":
        of = "unrelated pairs" if share.startswith("1 in") else "of the unrelated pairs"
        return f"lets {share} {of} through"
    of = "off-topic queries" if share.startswith("1 in") else "of the off-topic queries"
    return f"answers {share} {of}"


def _interval(found: Estimate) -> str:
    return f"95 %: {percent(found.low)} to {percent(found.high)}."
