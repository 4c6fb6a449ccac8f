"""What the Data page says of a finding: how many, what they do, which, and the remedy."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.distances import Metric
from core.studies import Finding, Remedy, severity
from core.studies.inspection.preflight.classes import OF_LARGE_CLASSES
from core.studies.inspection.preflight.finding import Kind
from pages.ui.display import items
from pages.ui.display.text import count, number, percent

EXAMPLES = 3
NAME_LENGTH = 40
NOUNS: dict[Kind, tuple[str, str]] = {
    "zero vectors": ("zero vector", "zero vectors"),
    "items near the mean": ("item near the mean", "items near the mean"),
    "exact duplicates": ("exact duplicate of an earlier row", "exact duplicates of earlier rows"),
    "near copies": ("near copy of another row", "near copies of other rows"),
    "two clouds": ("row in a cloud of its own", "rows in a cloud of their own"),
    "labels that look wrong": ("label that looks wrong", "labels that look wrong"),
    "float16 overflow": (
        "row that overflows in half precision",
        "rows that overflow in half precision",
    ),
    "float16 loss": (
        "row that half precision changes by over 1 %",
        "rows that half precision changes by over 1 %",
    ),
    "long vectors": (
        "vector over 3 times the median length",
        "vectors over 3 times the median length",
    ),
    "dominant mean": ("mean that all vectors share", "means that all vectors share"),
    "dominant directions": ("dominant direction", "dominant directions"),
    "queries among the rows": (
        "query that is a row of the data",
        "queries that are rows of the data",
    ),
    "classes of one": ("class with one member", "classes with one member"),
    "small classes": (
        "class below a tenth of the largest",
        "classes below a tenth of the largest",
    ),
    "rows without a label": ("row without a label", "rows without a label"),
    "heavy-tailed dimensions": ("heavy-tailed dimension", "heavy-tailed dimensions"),
    "near-constant dimensions": ("near-constant dimension", "near-constant dimensions"),
    "constant dimensions": ("constant dimension", "constant dimensions"),
    "sparse dimensions": ("sparse dimension", "sparse dimensions"),
    "dead directions": ("dead direction", "dead directions"),
}
NO_THRESHOLDS = "Thresholds: no effect by itself."


def title(finding: Finding) -> str:
    """How many of what, and their share: "11 exact duplicates of earlier rows (0.0093 %)"."""
    words = count(finding.count, *NOUNS[finding.kind])
    if finding.subject in ("direction",):
        return words
    whole = finding.of if finding.checked is None else finding.checked
    plural = {"class": "classes", "query": "queries"}.get(finding.subject, f"{finding.subject}s")
    sampled = "" if finding.checked is None else f" drawn with seed {finding.seed}"
    return f"{words} ({percent(finding.share)} of {whole:,} {plural}{sampled})"


def effect(finding: Finding, metric: Metric) -> str:
    """What they do to search, and to thresholds: a sentence or two of each."""
    search, thresholds = _effects(finding, metric)
    return f"Search: {search} {thresholds}".strip()


def _effects(finding: Finding, metric: Metric) -> tuple[str, str]:
    value = number(finding.value)
    return {
        "zero vectors": (
            {
                "cosine": "they have no direction, so their cosine distance to everything is 1.",
                "euclidean": "they are all equal, and near to whatever is short.",
                "inner_product": "their inner product with every query is 0.",
            }[metric],
            "Thresholds: their pairs say nothing of the model.",
        ),
        "items near the mean": (
            f"they lie at most {value} from the mean, a fifth of the usual, so they are near to "
            "items of every kind; links to them replace others, and many of them cut the graph.",
            "Thresholds: they are accepted with many classes.",
        ),
        "exact duplicates": (
            "copies fill each other's links and answers; where one has more copies than a list has "
            "places, the graph can fall apart.",
            "Thresholds: each pair of copies counts as a genuine pair at distance 0.",
        ),
        "near copies": (
            f"at most {value} apart, 2 % of the length to a usual 10th neighbor, they take the "
            "places of other neighbors.",
            "Thresholds: they make genuine pairs look nearer than new data will be.",
        ),
        "two clouds": (
            f"the gap to the others is {value} times the spread inside, as when two models or two "
            "kinds of items share a file; no list crosses it.",
            "Thresholds: pairs across the gap are all far, whatever their labels.",
        ),
        "labels that look wrong": (
            "no effect by itself.",
            f"Thresholds: all {value} nearest neighbors carry one other label; as genuine pairs "
            "they look far, as impostor pairs near, and move every rate.",
        ),
        "float16 overflow": (
            f"values up to {value} become infinite in half precision, which holds up to 65,504.",
            "Thresholds: distances to these rows are not defined there.",
        ),
        "float16 loss": (
            "small values lose their digits in half precision, by up to "
            f"{percent(finding.value)} of the vector.",
            "Thresholds: distances to these rows change with the store.",
        ),
        "long vectors": (
            f"the longest is {value} times the median. "
            + {
                "cosine": "Cosine does not look at lengths; under inner product they would be near "
                "everything.",
                "euclidean": "They are far from everything, and under inner product near "
                "everything.",
                "inner_product": "Under inner product they are near everything and hide the "
                "others.",
            }[metric],
            NO_THRESHOLDS if metric == "cosine" else "Thresholds: their pairs set the range.",
        ),
        "dominant mean": (
            f"the mean holds {percent(finding.value)} of the squared lengths. "
            + (
                "Euclidean distances do not see it."
                if metric == "euclidean"
                else "All similarities have it in common, and differ in what is left."
            ),
            NO_THRESHOLDS
            if metric == "euclidean"
            else "Thresholds: useful values lie in a narrow range.",
        ),
        "dominant directions": (
            f"{percent(finding.value)} of the variance lies there, so neighbors are decided there.",
            "Thresholds: distances measure little else.",
        ),
        "queries among the rows": (
            f"a row lies within {value} of each, so they find themselves: recall looks better than "
            "on new queries.",
            NO_THRESHOLDS,
        ),
        "classes of one": (
            "no effect.",
            "Thresholds: they have no genuine pair, and count as impostors only.",
        ),
        "small classes": (
            "no effect.",
            f"Thresholds: the largest class has {value} members. Averages over items follow the "
            "large classes, and the rates of the small ones move in large steps: read them class "
            "by class.",
        ),
        "rows without a label": ("no effect.", "Thresholds leave them out."),
        "heavy-tailed dimensions": (
            f"a few values are extreme (kurtosis up to {value}; a normal distribution has 3): "
            "their rows are far from all others, and codes of 8 bits have few steps left for the "
            "rest.",
            "Thresholds: the few rows stretch the range.",
        ),
        "near-constant dimensions": (
            "they vary by less than a thousandth of the usual: memory and time for nothing.",
            NO_THRESHOLDS,
        ),
        "constant dimensions": (
            "one value throughout: memory and time for nothing. Without them Euclidean distances "
            "stay; cosine stays where the value is 0.",
            NO_THRESHOLDS,
        ),
        "sparse dimensions": (
            "95 % or more of their values are 0: they count for few rows, and sparse engines store "
            "them better.",
            NO_THRESHOLDS,
        ),
        "dead directions": (
            "no vector has anything there: with that many fewer dimensions every distance would be "
            "the same.",
            NO_THRESHOLDS,
        ),
    }[finding.kind]


def remedy_words(remedy: Remedy) -> str:
    """What its button says."""
    some = len(remedy.ids)
    if remedy.why == OF_LARGE_CLASSES:
        return f"Leave out {count(some, 'row')} of the large classes"
    return {
        "leave out rows": f"Leave out {count(some, 'row')}",
        "leave out queries": f"Leave out {count(some, 'query', 'queries')}",
        "leave out dimensions": f"Leave out {count(some, 'dimension')}",
        "scale to length 1": "Scale all vectors to length 1",
        "subtract the mean": "Subtract the mean",
        "remove directions": f"Remove the mean and {count(remedy.directions, 'direction')}",
        "keep directions": f"Turn onto the {remedy.directions:,} directions in use",
        "clip": f"Clip {count(some, 'dimension')}",
        "multiply": f"Multiply all values by {number(remedy.factor)}",
    }[remedy.action]


def remedy_help(remedy: Remedy) -> str:
    """What the new version is, before its button is pressed."""
    return {
        "leave out rows": "Labels and metadata follow, and ground truth that is still true.",
        "leave out queries": "The rows of the data stay.",
        "leave out dimensions": "Of the rows and the queries.",
        "scale to length 1": "Inner product and Euclidean distance then order neighbors as cosine.",
        "subtract the mean": "Of the rows, also from the queries; Euclidean distances stay.",
        "remove directions": "All but the top (Mu & Viswanath, arXiv 1702.01417).",
        "keep directions": "A rotation: distances by all three metrics stay.",
        "clip": "At 6 robust deviations from the median of each; the queries too.",
        "multiply": "A power of two changes no digit and no order of neighbors.",
    }[remedy.action]


def examples(embeddings: EmbeddingSet, finding: Finding) -> str:
    """The first few by name: rows, and whom they are like; dimensions and classes by theirs."""
    shown = min(EXAMPLES, finding.count)
    if finding.kind in ("dominant mean", "dominant directions", "dead directions"):
        return ""
    if finding.subject == "dimension":
        told = [f"dimension {place:,}" for place in finding.ids[:shown]]
    elif finding.subject == "class":
        names, sizes = embeddings.class_names, embeddings.class_sizes
        told = [f"{_short(names[i])} ({sizes[i]:,})" for i in finding.ids[:shown]]
    else:
        told = [_example(embeddings, finding, i) for i in range(shown)]
    more = finding.count - shown
    return "; ".join(told) + (f"; and {more:,} more" if more else "")


def _example(embeddings: EmbeddingSet, finding: Finding, place: int) -> str:
    own = int(finding.ids[place])
    name = f"query {own:,}" if finding.subject == "query" else _name(embeddings, own)
    if finding.kind == "labels that look wrong":
        labels = items.label_texts(embeddings)
        assert finding.partners is not None
        among = labels[finding.partners[place]]
        return f"{name}: {_short(labels[own])} among {_short(among)}"
    if finding.partners is None:
        return name
    return f"{name} like {_name(embeddings, int(finding.partners[place]))}"


def _name(embeddings: EmbeddingSet, row: int) -> str:
    name = str(items.short_names(embeddings)[row])
    known = items.name_column(embeddings) is not None and not name.startswith("row ")
    return f"{_short(name)} (row {row:,})" if known else _short(name)


def _short(text: object) -> str:
    words = str(text)
    return words if len(words) <= NAME_LENGTH else f"{words[: NAME_LENGTH - 1]}…"


def table(embeddings: EmbeddingSet, finding: Finding) -> pd.DataFrame:
    """A line for each of what was found: rows by name, pairs with their distance."""
    if finding.subject in ("dimension", "direction"):
        return pd.DataFrame({finding.subject: finding.ids})
    if finding.subject == "class":
        names = [embeddings.class_names[i] for i in finding.ids]
        return pd.DataFrame({"class": names, "members": embeddings.class_sizes[finding.ids]})
    like = _like(embeddings, finding)
    if finding.subject == "query":
        return pd.DataFrame({"query": finding.ids, **like})
    return items.table(embeddings, finding.ids, **like)


def _like(embeddings: EmbeddingSet, finding: Finding) -> dict[str, npt.NDArray[np.generic]]:
    columns: dict[str, npt.NDArray[np.generic]] = {}
    if finding.partners is not None:
        columns["like_row"] = finding.partners
        columns["like"] = items.short_names(embeddings)[finding.partners]
        if finding.kind == "labels that look wrong":
            columns["label_around"] = items.label_texts(embeddings)[finding.partners]
    if finding.distances is not None:
        columns["length_apart"] = finding.distances
    return columns


def overview(findings: list[Finding], metric: Metric) -> pd.DataFrame:
    """All findings, a line each."""
    return pd.DataFrame(
        [
            (each.kind, each.count, each.share, severity(each, metric), effect(each, metric))
            for each in findings
        ],
        columns=["finding", "count", "share", "severity", "what it does"],
    )


def summary(findings: list[Finding], metric: Metric, *, done: bool) -> str:
    """The line above the list."""
    looked = "rows, pairs, dimensions, directions, classes and half precision"
    if not findings:
        return f"Nothing stands out in {looked}." if done else "Nothing so far; still looking."
    high = sum(severity(each, metric) == "high" for each in findings)
    weighty = f", {high:,} of them of high severity" if high else ""
    ends = "." if done else "; still looking."
    return f"{count(len(findings), 'finding')}{weighty}, worst first{ends}"
