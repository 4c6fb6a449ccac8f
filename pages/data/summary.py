"""What the Data page says of a set: facts, findings and the metric that fits."""

import io

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import (
    DataSummary,
    EmbeddingSet,
    recommended_metric,
    row_norms,
    summarize,
    write_npz,
)
from core.distances import Metric
from core.figures.data import BARS_AT_MOST, norm_counts
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.display.text import count, number, plain
from pages.ui.session.workspace import Workspace

ROWS_SHOWN = 200
VALUES_SHOWN = 16
ROW_COLUMNS = ("row", "vector")  # of the table of first rows, beside those of the data
METRIC_NAMES: dict[Metric, str] = {
    "cosine": "cosine distance",
    "euclidean": "Euclidean distance",
    "inner_product": "inner product",
}
FORMATS = (
    "A file is known by its content: arrays (.npy, .npz, .h5, .h5ad, .safetensors, .fvecs, .fbin), "
    "tables (.csv, .tsv, .txt, .parquet, .jsonl, .xlsx, SQLite) with a column of lists or numbered "
    "columns of numbers, word vectors (.txt, .vec, .bin), and a .zip of vectors, metadata and "
    "pictures; also packed with gzip. A file that is too large to upload opens on your own machine "
    "with nearfield FILE."
)


@jobs.cached
def summary(embeddings: EmbeddingSet) -> DataSummary:
    """First facts, measured once."""
    return summarize(embeddings)


@jobs.cached
def norms(embeddings: EmbeddingSet) -> npt.NDArray[np.float64]:
    """Length of each vector, (n,)."""
    return row_norms(embeddings.vectors)


def answer(work: Workspace) -> str:
    """The page's sentence; for data that a visitor uploaded, also what was changed on the way."""
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


def metric_words(embeddings: EmbeddingSet) -> tuple[Metric, str]:
    """The recommended metric, and why."""
    facts = summary(embeddings)
    advice = recommended_metric(embeddings, summary=facts)
    why = {
        "stated": "the file says so",
        "few dimensions": f"in {count(facts.dim, 'dimension')} there are too few directions for "
        "cosine to tell items apart",
        "zero vectors": f"{count(facts.n_zero_rows, 'zero vector has', 'zero vectors have')} no "
        "direction for cosine; choose cosine all the same if the model was trained for it",
        "equal lengths": "all vectors have nearly the same length, so that cosine, inner product "
        "and Euclidean distance order neighbors alike",
        "uneven lengths": f"lengths differ widely (median {number(facts.norm_median)}, largest "
        f"{number(facts.norm_max)}): under inner product the longest would dominate",
        "directions by default": "most embedding models are trained for directions; choose "
        "Euclidean where lengths carry meaning, as in counts or pixels",
    }
    return advice.metric, why[advice.reason]


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
    frame = pd.DataFrame({"class": embeddings.class_names, "members": embeddings.class_sizes})
    return frame.sort_values("members", ascending=False, kind="stable", ignore_index=True)


def classes_shown(classes: int) -> str:
    """Whether the chart has every class, or which it leaves out."""
    if classes <= BARS_AT_MOST:
        return f"All {count(classes, 'class', 'classes')}, largest first."
    left_out = count(classes - BARS_AT_MOST, "class", "classes")
    return (
        f"The {BARS_AT_MOST:,} largest of {classes:,} classes; the {left_out} of the fewest "
        "members stand in the table."
    )


def first_rows(embeddings: EmbeddingSet) -> pd.DataFrame:
    """The first rows with all their metadata."""
    head = embeddings.metadata.head(ROWS_SHOWN)
    return pd.DataFrame(
        {
            "row": np.arange(len(head)),
            **{items.shown_name(name, ROW_COLUMNS): head[name] for name in head.columns},
            "vector": embeddings.vectors[: len(head), :VALUES_SHOWN].tolist(),
        }
    )


def as_npz(embeddings: EmbeddingSet) -> bytes:
    """The set as a file to download."""
    content = io.BytesIO()
    write_npz(embeddings, content)
    return content.getvalue()
