"""Labeled sets made by hand, and the page opened on one of its sections."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from core.metrics import OperatingPoint
from core.studies import Estimate, pair_study
from pages.thresholds.lab import Lab
from pages.ui.session.uploads import uploads
from tests.pages.test_answers import open_page

RANDOM = np.random.default_rng(11)
CODES = np.repeat(np.arange(3), [8, 6, 4])
VECTORS = (RANDOM.normal(size=(3, 4))[CODES] + 0.8 * RANDOM.normal(size=(18, 4))).astype(np.float32)


def items(
    vectors: np.ndarray, labels: Sequence[str | None], name: str = "mine", **columns: object
) -> EmbeddingSet:
    frame = pd.DataFrame({"label": list(labels), **columns})
    return EmbeddingSet.from_arrays(vectors, metadata=frame, name=name, label_column="label")


def made(embeddings: EmbeddingSet, metric: Metric = "cosine") -> Lab:
    assert embeddings.labels is not None
    study = pair_study(embeddings.vectors, embeddings.labels, metric=metric)
    return Lab(embeddings, metric, None, study)


def five(metric: Metric = "cosine") -> Lab:
    """Angles: ant at 0, 10 and 48 degrees, bee at 90 and 120.

    Cosines: ant 0.9848 (a0, a10), 0.6691 (a0, a48) and 0.7880 (a10, a48), bee 0.8660; across 0.7431
    (a48, b90), 0.3090, 0.1736, 0, -0.3420 and -0.5.
    """
    angles = np.radians([0, 10, 48, 90, 120])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    names = ["item a0", "item a10", "item a48", "item b90", "item b120"]
    return made(items(vectors, ["ant"] * 3 + ["bee"] * 2, title=names), metric)


def eighteen(word: str = "a long text") -> EmbeddingSet:
    """Three classes of 8, 6 and 4 rows of four dimensions, with a year and a text."""
    return items(
        VECTORS,
        [f"class {code}" for code in CODES],
        year=np.arange(18) % 3 + 2000,
        text=[f"{word} of item {row}" for row in range(18)],
    )


def point(score: float = 0.7, far: float = 0.01, frr: float = 0.25) -> OperatingPoint:
    return OperatingPoint(score, 0, far, frr)


def known(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high)


def open_section(app: AppTest, embeddings: EmbeddingSet, section: str, **query: object) -> AppTest:
    """A section of the page on these items."""
    key = uploads().add(embeddings)
    return open_page(app, "thresholds", data=key, section=section, **query)


def notes(app: AppTest) -> str:
    return " ".join(note.value for note in app.caption).replace("\\", "")
