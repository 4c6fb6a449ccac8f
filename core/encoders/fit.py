"""Whether an encoder made the vectors of a set: some of its texts encoded, beside their vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.checks import check_count
from core.data import EmbeddingSet
from core.distances import Float64s, Floats
from core.encoders.encoder import TextEncoder
from core.progress import CountProgress, unheard

Verdict = Literal["same", "related", "other", "dimensions", "no texts"]
SAME = 0.99  # cosine from which a vector counts as reproduced: float16 and int8 stay above it
CERTAIN = 0.999  # mean cosine from which no other text is tried
RELATED, FEWEST = 0.5, 10  # share of rows nearest to their own text, and rows for that to tell
LEVEL = 1e-6  # cosines this near to one another are equal
FIRST_LOOK = 5  # rows on which all candidates are tried
LOOKED_AT_AGAIN = 3  # candidates that are tried on all rows: a few may be equal on the first
MOST_JOINED = 6  # text columns that are joined by two, the longest
JOINT, OTHER_JOINTS = ": ", (" ", ". ", ", ", " - ")


@dataclass(frozen=True)
class TextSource:
    """One column, or two that are joined. name: as a person reads it, "words: gloss"."""

    columns: tuple[str, ...]
    joint: str = JOINT

    @property
    def name(self) -> str:
        """The columns with what stands between them."""
        return self.joint.join(self.columns)

    def texts(self, embeddings: EmbeddingSet, rows: npt.NDArray[np.int64]) -> list[str]:
        """The text of each of these rows; a missing cell is empty."""
        frame = embeddings.metadata.iloc[rows]
        cells = [frame[column].fillna("").astype(str) for column in self.columns]
        return [self.joint.join(each) for each in zip(*cells, strict=True)]


@dataclass(frozen=True, eq=False)
class EncoderFit:
    """What became of the texts of some rows.

    encoder, encoder_dim: name and dimensions of the model. dim: of the data. rows: (s,) that were
    sampled. source: the text that came nearest, None where nothing could be encoded. cosines: (s,)
    between its vectors and those of the data. own: share of the rows whose vector is nearest to
    their own text, of all rows sampled.
    """

    encoder: str
    encoder_dim: int
    dim: int
    rows: npt.NDArray[np.int64]
    source: TextSource | None
    cosines: Float64s
    own: float

    @property
    def reproduced(self) -> int:
        """Rows whose vector the encoder gives again."""
        return int((self.cosines >= SAME).sum())

    @property
    def median(self) -> float:
        """Median cosine; NaN where nothing could be encoded."""
        return float(np.median(self.cosines)) if len(self.cosines) else float("nan")

    @property
    def verdict(self) -> Verdict:
        """What follows. "related": the same model, most likely, and another text."""
        if self.encoder_dim != self.dim:
            return "dimensions"
        if self.source is None:
            return "no texts"
        if self.median >= SAME:
            return "same"
        enough = len(self.rows) >= FEWEST and self.own >= RELATED
        return "related" if enough else "other"


def fit_of(
    encoder: TextEncoder,
    embeddings: EmbeddingSet,
    *,
    sample: int = 20,
    seed: int = 0,
    progress: CountProgress | None = None,
) -> EncoderFit:
    """Encode the texts of `sample` rows, drawn with `seed`, and hold them against their vectors.

    Every text column is tried, and the longest ones joined by two in both orders, on a few of the
    rows; where none gives their vectors again, the best two with other signs between them. The best
    few are then tried on all rows. Cosines do not depend on lengths, so that the metric of the
    data does not matter.
    """
    size = min(check_count(sample, "sample"), embeddings.n)
    rows = np.sort(np.random.default_rng(seed).choice(embeddings.n, size, replace=False))
    sources = candidates(embeddings.text_columns) if encoder.dim == embeddings.dim else []
    if not sources:
        return _without_texts(encoder, embeddings, rows)
    report = progress or unheard
    look = rows if len(rows) <= FIRST_LOOK else rows[:: -(-len(rows) // FIRST_LOOK)]
    first = _Tried(encoder, embeddings, look)
    best = first.ranked(sources, lambda done, total: report(done, 2 * total))
    pair = next((source for source in best if len(source.columns) > 1), None)
    if pair is not None and first.mean(best[0]) < CERTAIN:
        others = [TextSource(pair.columns, joint) for joint in OTHER_JOINTS]
        best = first.ranked([*best, *others], unheard)
    whole = _Tried(encoder, embeddings, rows)
    source, *_ = whole.ranked(
        best[:LOOKED_AT_AGAIN], lambda done, total: report(total + done, 2 * total)
    )
    cosines = whole.cosines(source)
    return EncoderFit(
        encoder.name,
        encoder.dim,
        embeddings.dim,
        rows,
        source,
        np.diagonal(cosines).copy(),
        float((np.diagonal(cosines) >= cosines.max(axis=1) - LEVEL).mean()),
    )


def candidates(columns: Sequence[str]) -> list[TextSource]:
    """What may have been encoded of these columns, the longest of which stand last."""
    single = [TextSource((column,)) for column in columns]
    return [*single, *map(TextSource, permutations(columns[-MOST_JOINED:], 2))]


def _without_texts(
    encoder: TextEncoder, embeddings: EmbeddingSet, rows: npt.NDArray[np.int64]
) -> EncoderFit:
    nothing = np.empty(0, dtype=np.float64)
    return EncoderFit(encoder.name, encoder.dim, embeddings.dim, rows, None, nothing, float("nan"))


class _Tried:
    """Candidates on the same rows; a text that several have is encoded once."""

    def __init__(
        self, encoder: TextEncoder, embeddings: EmbeddingSet, rows: npt.NDArray[np.int64]
    ) -> None:
        self._encoder, self._embeddings, self._rows = encoder, embeddings, rows
        self._truth = _unit(embeddings.vectors[rows])
        self._made: dict[str, Any] = {}

    def ranked(self, sources: Sequence[TextSource], progress: CountProgress) -> list[TextSource]:
        """All of them, encoded, that of the highest mean cosine first."""
        texts = dict.fromkeys(text for source in sources for text in self._texts(source))
        fresh = [text for text in texts if text not in self._made]
        vectors = _unit(self._encoder.encode(fresh, progress=progress))
        self._made.update(zip(fresh, vectors, strict=True))
        return sorted(sources, key=lambda source: -self.mean(source))

    def cosines(self, source: TextSource) -> Float64s:
        """(s, s): of each row's text with each row's vector; only of what `ranked` has encoded."""
        made = np.stack([self._made[text] for text in self._texts(source)])
        return np.asarray(made @ self._truth.T)

    def mean(self, source: TextSource) -> float:
        return float(np.diagonal(self.cosines(source)).mean())

    def _texts(self, source: TextSource) -> list[str]:
        return source.texts(self._embeddings, self._rows)


def _unit(rows: Floats) -> Float64s:
    """Rows (s, d) of length 1; zeros stay, and are at right angles to everything."""
    wide = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide / np.where(lengths > 0, lengths, 1.0))
