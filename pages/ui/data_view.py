"""What the Data page says of a set: facts, findings and the metric that fits."""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import DataSummary, EmbeddingSet, summarize
from core.spaces import Metric
from pages.ui import cache, items
from pages.ui.messages import count, number

ROWS_SHOWN = 200
UNIT = 1e-2
UNEVEN = 3.0
FORMATS = (
    "Formats: .npy and .npz arrays; .csv, .tsv and .parquet tables with a column of lists or "
    "numbered columns of numbers; .jsonl with one object or list per line."
)


@dataclass(frozen=True)
class Finding:
    """Something about the data that changes what search or thresholds do."""

    what: str
    items: int
    effect: str


@cache.cached
def summary(embeddings: EmbeddingSet) -> DataSummary:
    """First facts, measured once."""
    return summarize(embeddings)


@cache.cached
def norms(embeddings: EmbeddingSet) -> npt.NDArray[np.float64]:
    """Length of each vector, (n,)."""
    vectors = embeddings.vectors
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)))


def answer(embeddings: EmbeddingSet) -> str:
    """The page's sentence."""
    facts = summary(embeddings)
    classes = ""
    if facts.largest_class is not None and facts.smallest_class is not None:
        classes = (
            f" in {count(facts.n_classes, 'class', 'classes')} of {facts.smallest_class[1]:,} to "
            f"{facts.largest_class[1]:,} members"
        )
    return (
        f"{embeddings.name} holds {count(facts.n, 'vector')} of "
        f"{count(facts.dim, 'dimension')}{classes}."
    )


def recommended_metric(embeddings: EmbeddingSet) -> tuple[Metric, str]:
    """A metric that fits the lengths of the vectors, and why."""
    facts = summary(embeddings)
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
    if facts.n_unlabeled:
        found.append(
            Finding("rows without a label", facts.n_unlabeled, "Thresholds leave them out.")
        )
    return found


def finding_table(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The findings as rows."""
    return pd.DataFrame(
        [(f.what, f.items, f.effect) for f in findings(embeddings)],
        columns=["finding", "items", "what it does"],
    )


def class_sizes(embeddings: EmbeddingSet) -> npt.NDArray[np.int64]:
    """Members of each class, in order of the codes."""
    labels = embeddings.labels
    if labels is None:
        return np.empty(0, dtype=np.int64)
    return np.bincount(labels[labels >= 0], minlength=len(embeddings.class_names))


def class_table(embeddings: EmbeddingSet) -> pd.DataFrame:
    """Classes and their members, largest first."""
    frame = pd.DataFrame({"class": embeddings.class_names, "members": class_sizes(embeddings)})
    return frame.sort_values("members", ascending=False, kind="stable", ignore_index=True)


def first_rows(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The first rows with all their metadata."""
    frame = embeddings.metadata.head(ROWS_SHOWN).copy()
    frame.insert(0, "row", np.arange(len(frame)))
    frame["vector"] = [list(vector[:16]) for vector in embeddings.vectors[: len(frame)].tolist()]
    return frame


def as_npz(embeddings: EmbeddingSet) -> bytes:
    """The set as an .npz that `read_embeddings` reads back: vectors, labels and names."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"vectors": embeddings.vectors}
    if embeddings.labels is not None:
        arrays["label"] = items.label_texts(embeddings)
    arrays["name"] = items.short_names(embeddings)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
