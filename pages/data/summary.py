"""What the Data page says of a set: facts, findings and the metric that fits."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import DataSummary, EmbeddingSet, summarize
from core.data.embedding_set import LABEL_NAMES
from core.distances import Metric
from core.figures.data import norm_counts
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.display.text import count, number, plain
from pages.ui.session.workspace import Workspace

ROWS_SHOWN = 200
VALUES_SHOWN = 16
UNIT = 1e-2
UNEVEN = 3.0
IMBALANCE = 10
FLAT = 2  # dimensions in which directions say little
FORMATS = (
    "Formats: .npy, .npz, .h5 and .hdf5 arrays; .csv, .tsv and .parquet tables with a column "
    "of lists or numbered columns of numbers; .jsonl with one object or list per line."
)


@dataclass(frozen=True)
class Finding:
    """Something about the data that changes what search or thresholds do."""

    what: str
    count: int
    effect: str


@jobs.cached
def summary(embeddings: EmbeddingSet) -> DataSummary:
    """First facts, measured once."""
    return summarize(embeddings)


@jobs.cached
def norms(embeddings: EmbeddingSet) -> npt.NDArray[np.float64]:
    """Length of each vector, (n,)."""
    vectors = embeddings.vectors
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)))


def answer(work: Workspace) -> str:
    """The page's sentence; for data that a visitor brought, also what was changed on the way."""
    embeddings, facts = work.embeddings, summary(work.embeddings)
    classes = ""
    if facts.largest_class is not None and facts.smallest_class is not None:
        classes = (
            f" in {count(facts.n_classes, 'class', 'classes')} of {facts.smallest_class[1]:,} to "
            f"{facts.largest_class[1]:,} members"
        )
    return (
        f"{embeddings.name} holds {count(facts.n, 'vector')} of "
        f"{count(facts.dim, 'dimension')}{classes}{'' if work.is_sample else _changes(embeddings)}."
    )


def _changes(embeddings: EmbeddingSet) -> str:
    changed = [text for text in embeddings.notes if "converted" in text or "dropped" in text]
    return "".join(f"; {text}" for text in changed)


def recommended_metric(embeddings: EmbeddingSet) -> tuple[Metric, str]:
    """A metric that fits the lengths of the vectors, and why."""
    facts = summary(embeddings)
    if facts.dim <= FLAT:
        return "euclidean", (
            f"in {count(facts.dim, 'dimension')} there are too few directions for cosine to tell "
            "items apart"
        )
    if facts.n_zero_rows:
        return "euclidean", (
            f"{count(facts.n_zero_rows, 'zero vector has', 'zero vectors have')} no direction for "
            "cosine; choose cosine all the same if the model was trained for it"
        )
    if facts.norm_min > 0 and facts.norm_max <= facts.norm_min * (1 + UNIT):
        return "cosine", (
            "all vectors have nearly the same length, so that cosine, inner product and Euclidean "
            "distance order neighbors alike"
        )
    if facts.norm_max > UNEVEN * facts.norm_median:
        return "cosine", (
            f"lengths differ widely (median {number(facts.norm_median)}, largest "
            f"{number(facts.norm_max)}): under inner product the longest would dominate"
        )
    return "cosine", (
        "most embedding models are trained for directions; choose Euclidean where lengths carry "
        "meaning, as in counts or pixels"
    )


def findings(embeddings: EmbeddingSet) -> list[Finding]:
    """What stands out, worst first; empty where nothing does."""
    facts, found = summary(embeddings), []
    if facts.n_zero_rows:
        found.append(
            Finding(
                "zero vectors",
                facts.n_zero_rows,
                "They have no direction: cosine distance to everything is 1.",
            )
        )
    if facts.n_duplicate_rows:
        found.append(
            Finding(
                "exact duplicates of an earlier row",
                facts.n_duplicate_rows,
                "They fill each other's links and answers; many of them can cut the graph.",
            )
        )
    if facts.norm_max > UNEVEN * facts.norm_median:
        longest = int(np.count_nonzero(norms(embeddings) > UNEVEN * facts.norm_median))
        found.append(
            Finding(
                f"vectors over {UNEVEN:g} times the median length",
                longest,
                "Under inner product they are near everything and hide the others.",
            )
        )
    if facts.n_singleton_classes:
        found.append(
            Finding(
                "classes with one member",
                facts.n_singleton_classes,
                "They have no genuine pair: thresholds count them as impostors only.",
            )
        )
    small = small_classes(embeddings)
    if small:
        found.append(
            Finding(
                f"classes with less than 1/{IMBALANCE} of the largest's members",
                small,
                "Averages over items follow the large classes, and the rates of the small ones "
                "move in large steps: read thresholds class by class.",
            )
        )
    if facts.n_unlabeled:
        found.append(
            Finding("rows without a label", facts.n_unlabeled, "Thresholds leave them out.")
        )
    return found


def finding_table(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The findings as rows."""
    return pd.DataFrame(
        [(f.what, f.count, f.effect) for f in findings(embeddings)],
        columns=["finding", "count", "what it does"],
    )


def class_sizes(embeddings: EmbeddingSet) -> npt.NDArray[np.int64]:
    """Members of each class, in order of the codes."""
    labels = embeddings.labels
    if labels is None:
        return np.empty(0, dtype=np.int64)
    return np.bincount(labels[labels >= 0], minlength=len(embeddings.class_names))


def small_classes(embeddings: EmbeddingSet) -> int:
    """Classes of two members or more that hold less than a tenth of the largest's."""
    sizes = class_sizes(embeddings)
    return int(np.count_nonzero((sizes > 1) & (IMBALANCE * sizes < sizes.max(initial=0))))


def norm_table(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The histogram of lengths as rows."""
    counts, edges = norm_counts(norms(embeddings))
    return pd.DataFrame({"length from": edges[:-1], "to": edges[1:], "vectors": counts})


def lengths(embeddings: EmbeddingSet) -> str:
    """Shortest, median and longest vector in words."""
    facts = summary(embeddings)
    return (
        f"Euclidean norms from {facts.norm_min:.4g} to {facts.norm_max:.4g}, median "
        f"{facts.norm_median:.4g}."
    )


def notes(embeddings: EmbeddingSet) -> str:
    """What was converted, dropped or guessed, as a Markdown list."""
    texts = embeddings.notes or ("nothing was converted, dropped or guessed",)
    return "\n".join(f"- {plain(text)}" for text in texts)


def class_table(embeddings: EmbeddingSet) -> pd.DataFrame:
    """Classes and their members, largest first."""
    frame = pd.DataFrame({"class": embeddings.class_names, "members": class_sizes(embeddings)})
    return frame.sort_values("members", ascending=False, kind="stable", ignore_index=True)


def first_rows(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The first rows with all their metadata."""
    frame = embeddings.metadata.head(ROWS_SHOWN).copy()
    if "row" not in frame.columns:
        frame.insert(0, "row", np.arange(len(frame)))
    shown = "vector" if "vector" not in frame.columns else "vector (values)"
    frame[shown] = embeddings.vectors[: len(frame), :VALUES_SHOWN].tolist()
    return frame


def as_npz(embeddings: EmbeddingSet) -> bytes:
    """The set as an .npz that `read_embeddings` reads back, with all its columns.

    Numbers stay numbers, all else becomes text, "" where it is missing. Labels that stand in a
    column of another name are repeated as `label`, which is where a reader looks for them.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {"vectors": embeddings.vectors}
    if embeddings.queries is not None:
        arrays["queries"] = embeddings.queries
    if embeddings.ground_truth is not None:
        arrays["ground_truth"] = embeddings.ground_truth
    frame = embeddings.metadata
    if embeddings.labels is not None and not set(LABEL_NAMES) & {
        c.casefold() for c in frame.columns
    }:
        arrays["label"] = items.label_texts(embeddings)
    for name in frame.columns:
        taken = name in arrays or name in ("file", "allow_pickle")
        arrays[f"{name} (column)" if taken else name] = _as_array(frame[name])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _as_array(column: "pd.Series[Any]") -> npt.NDArray[np.generic]:
    if column.dtype.kind in "iufb" and not column.isna().any():
        return column.to_numpy()
    if column.dtype.kind in "iuf":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.array(
        [
            "" if missing else str(value)
            for value, missing in zip(column, column.isna(), strict=True)
        ],
        dtype=np.str_,
    )
