"""The sets that come with Nearfield."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.embedding_set import EmbeddingSet
from core.data.images import png_data_uri
from core.errors import ParameterError

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


def sample_names() -> tuple[str, ...]:
    """Names that `load_sample` takes, the one that the app opens with first."""
    return tuple(SAMPLES)


def load_sample(name: str) -> EmbeddingSet:
    """A sample by name: "wordnet" or "digits"; sample_data/README.md has origin and license.

    >>> load_sample("digits").vectors.shape
    (1797, 64)
    """
    if name not in SAMPLES:
        raise ParameterError(f"There is no sample {name!r}. Choose {' or '.join(SAMPLES)}.")
    return SAMPLES[name]()


def _wordnet() -> EmbeddingSet:
    return EmbeddingSet.from_arrays(
        np.load(FOLDER / "wordnet_minilm.npy", allow_pickle=False),
        metadata=pd.read_parquet(FOLDER / "wordnet_synsets.parquet"),
        label_column="lexname",
        name="WordNet sample",
        notes=(
            "WordNet 3.0 synsets, their words and gloss embedded by all-MiniLM-L6-v2",
            "WordNet 3.0 Copyright 2006 by Princeton University; the model is under Apache 2.0",
        ),
    )


def _digits() -> EmbeddingSet:
    with np.load(FOLDER / "digits.npz", allow_pickle=False) as file:
        pixels, labels = file["pixels"], file["label"]
    images = [png_data_uri(255 - 15 * image.reshape(8, 8)) for image in pixels]
    return EmbeddingSet.from_arrays(
        pixels,
        metadata=pd.DataFrame({"label": labels, "image": images}),
        name="Handwritten digits",
        notes=(
            "8 x 8 pictures of handwritten digits, one dimension per pixel, 0 to 16",
            "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0",
        ),
    )


SAMPLES: dict[str, Callable[[], EmbeddingSet]] = {"wordnet": _wordnet, "digits": _digits}
