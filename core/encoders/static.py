"""model2vec: the mean of the vectors that a text's pieces have, in any order.

Source: https://github.com/MinishLab/model2vec. The stored vectors are those after PCA and after
weights by frequency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.encoders.folder import WEIGHTS, Folder
from core.encoders.tokenizer import Tokenizer
from core.errors import EncoderError

EMBEDDINGS, OF_TOKENS, PLACES = "embeddings", "weights", "mapping"
MAX_LENGTH = 512  # where config.json states none
UNLIMITED = 2**31


@dataclass(frozen=True, eq=False)
class StaticVectors:
    """vectors: (v, dim). places: (tokens,) of each token's vector. weights: (tokens,), or None."""

    vectors: npt.NDArray[Any]
    places: npt.NDArray[np.int64]
    weights: Floats | None

    @property
    def width(self) -> int:
        """Dimensions of its vectors."""
        return int(self.vectors.shape[1])

    def __call__(self, ids: Sequence[list[int]]) -> Floats:
        """Lists of ids as (b, width): means; zeros where a list is empty."""
        made = np.zeros((len(ids), self.width), dtype=np.float32)
        for row, each in enumerate(ids):
            if each:
                vectors = self.vectors[self.places[each]].astype(np.float32)
                if self.weights is not None:
                    vectors *= self.weights[each][:, None]
                made[row] = vectors.mean(axis=0)
        return made


def read_static(folder: Folder, tokens: int) -> StaticVectors:
    """The vectors of a folder whose tokenizer has this many tokens; raises EncoderError."""
    stored = folder.weights()
    shape = stored.shape(EMBEDDINGS)
    if len(shape) != 2 or 0 in shape:
        raise EncoderError(
            f"The tensor {EMBEDDINGS!r} must have one row for each token; it has the shape {shape}."
        )
    places = np.arange(tokens)
    if stored.has(PLACES):
        places = stored.integers(PLACES, tokens)
    elif len(places) != shape[0]:
        raise EncoderError(
            f"The vocabulary has {tokens:,} tokens, and {WEIGHTS} {shape[0]:,} vectors. The files "
            "are of two models, or damaged."
        )
    if places.min() < 0 or places.max() >= shape[0]:
        raise EncoderError(
            f"The tensor {PLACES!r} names vectors that are not there. It is damaged."
        )
    weights = stored.floats(OF_TOKENS, tokens) if stored.has(OF_TOKENS) else None
    return StaticVectors(stored.array(EMBEDDINGS), places, weights)


def max_length(config: dict[str, Any]) -> int:
    """Most tokens of a text; null for no limit."""
    stated = config.get("max_length", MAX_LENGTH)
    if stated is None:
        return UNLIMITED
    if type(stated) is not int or stated < 1:
        raise EncoderError(f"max_length must be a whole number of at least 1; got {stated!r}.")
    return stated


@dataclass(frozen=True, eq=False)
class KnownPieces:
    """Text to ids as model2vec does it: cut by letters, then by tokens; unknown ones dropped."""

    tokenizer: Tokenizer
    most: int

    @property
    def letters(self) -> int:
        """Of a text that are looked at: `most` times the median length of a token."""
        lengths = [len(each) for each in self.tokenizer.pieces.vocabulary]
        return self.most * int(np.median(lengths))

    def __call__(self, text: str) -> list[int]:
        """The ids that have a vector."""
        unknown = self.tokenizer.unknown_id
        ids = self.tokenizer.pieces.ids(text[: self.letters], self.most)
        return [each for each in ids if each != unknown]
