"""A text encoder: texts in, vectors out, whatever the model behind it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.blas import one_blas_thread
from core.distances import Floats
from core.errors import EncoderError, ParameterError
from core.progress import CountProgress, unheard

TOKENS_AT_ONCE = 2_048  # of a batch, padding included: some 50 MB at 512 tokens a text
SMALLEST_LENGTH = 1e-12


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A model that gives each text a vector; made by `load_encoder`.

    name: of the model. dim: of its vectors. max_tokens: of a text, the frame included; what goes
    beyond is not read. fingerprint: differs from that of every other model.
    to_ids: a text as ids. to_vectors: a batch of such lists as (b, dim) float32. normalizes:
    whether vectors get length 1.
    """

    name: str
    dim: int
    max_tokens: int
    fingerprint: str
    to_ids: Callable[[str], list[int]]
    to_vectors: Callable[[Sequence[list[int]]], Floats]
    normalizes: bool

    def encode(self, texts: Sequence[str], *, progress: CountProgress | None = None) -> Floats:
        """(n, dim) float32, one row a text, in their order; on one thread.

        progress: called with the number of texts done and of all. Raises EncoderError where the
        weights give values that are not finite.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ParameterError("texts must be a list of texts; for a single text t pass [t].")
        report, done = progress or unheard, 0
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        ids = [self.to_ids(text) for text in texts]
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            for rows in _batches([len(each) for each in ids]):
                vectors[rows] = self.to_vectors([ids[row] for row in rows])
                done += len(rows)
                report(done, len(texts))
            if self.normalizes:
                lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
                vectors /= np.maximum(lengths, SMALLEST_LENGTH)
        if not np.isfinite(vectors).all():
            raise EncoderError(
                f"The encoder {self.name!r} gave values that are not finite: its weights are "
                "damaged. Copy the folder again."
            )
        return vectors


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows in batches of texts of like length, so that little is padded; the longest first."""
    batch, longest = list[int](), 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        longest = longest or max(1, lengths[row])
        if batch and longest * (len(batch) + 1) > TOKENS_AT_ONCE:
            yield batch
            batch, longest = [], max(1, lengths[row])
        batch.append(row)
    if batch:
        yield batch
