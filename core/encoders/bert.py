"""The network of BERT, forward, in numpy.

Source: Devlin et al. 2019 (https://arxiv.org/abs/1810.04805), Vaswani et al. 2017
(https://arxiv.org/abs/1706.03762); names of tensors as transformers' BertModel has them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.distances import Floats
from core.encoders.folder import Folder, Weights
from core.errors import EncoderError

Pooling = Literal["mean", "cls"]
CONFIG = "config.json"
PREFIXES = ("", "bert.")  # of the names, as the model was saved
FAR_BELOW = np.float32(-1e9)  # the score of padding, whose weight is then 0


@dataclass(frozen=True, eq=False)
class Linear:
    """weight: (out, in). bias: (out,)."""

    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Rows (..., in) as (..., out)."""
        made: Floats = rows @ self.weight.T
        made += self.bias
        return made


@dataclass(frozen=True, eq=False)
class Norm:
    """Layer normalization. scale, shift: (width,)."""

    scale: Floats
    shift: Floats
    epsilon: float

    def __call__(self, rows: Floats) -> Floats:
        """(x - mean) / sqrt(variance + epsilon) * scale + shift, over the last axis."""
        centered: Floats = rows - rows.mean(axis=-1, keepdims=True)
        variance = np.square(centered).mean(axis=-1, keepdims=True)
        centered /= np.sqrt(variance + np.float32(self.epsilon))
        centered *= self.scale
        centered += self.shift
        return centered


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention, then two linear maps around a GELU; each is added to what came in, and normed."""

    query: Linear
    key: Linear
    value: Linear
    mixed: Linear
    after_attention: Norm
    wide: Linear
    narrow: Linear
    after_wide: Norm
    heads: int

    def __call__(self, rows: Floats, mask: Floats) -> Floats:
        """rows: (b, length, width). mask: (b, 1, 1, length), added to the scores."""
        rows = self.after_attention(rows + self.mixed(self._attended(rows, mask)))
        return self.after_wide(rows + self.narrow(gelu(self.wide(rows))))

    def _attended(self, rows: Floats, mask: Floats) -> Floats:
        batch, length, width = rows.shape
        of_head = width // self.heads

        def apart(values: Floats) -> Floats:
            return values.reshape(batch, length, self.heads, of_head).transpose(0, 2, 1, 3)

        scores = apart(self.query(rows)) @ apart(self.key(rows)).transpose(0, 1, 3, 2)
        scores *= np.float32(1 / math.sqrt(of_head))
        scores += mask
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        together = (scores @ apart(self.value(rows))).transpose(0, 2, 1, 3)
        return together.reshape(batch, length, width)


@dataclass(frozen=True, eq=False)
class Bert:
    """The whole network. words: (vocabulary, width). places: (positions, width). kind: (width,)."""

    words: Floats
    places: Floats
    kind: Floats
    first: Norm
    layers: tuple[Layer, ...]
    pooling: Pooling

    @property
    def width(self) -> int:
        """Dimensions of its vectors."""
        return int(self.words.shape[1])

    def __call__(self, ids: Sequence[list[int]]) -> Floats:
        """Lists of ids as (b, width): the first token's vector, or the mean over all tokens."""
        lengths = np.array([len(each) for each in ids])
        padded = np.zeros((len(ids), int(lengths.max())), dtype=np.int64)
        for row, each in enumerate(ids):
            padded[row, : len(each)] = each
        inside = np.arange(padded.shape[1]) < lengths[:, None]
        mask = np.where(inside, np.float32(0), FAR_BELOW)[:, None, None, :]
        rows = self.first(self.words[padded] + self.places[: padded.shape[1]] + self.kind)
        for layer in self.layers:
            rows = layer(rows, mask)
        if self.pooling == "cls":
            return rows[:, 0]
        rows *= inside[:, :, None]
        return np.asarray(rows.sum(axis=1) / np.float32(lengths[:, None]))


def gelu(values: Floats) -> Floats:
    """x times the share of a standard normal below x: x / 2 * (1 + erf(x / sqrt(2)))."""
    from scipy.special import erf

    share: Floats = erf(values * np.float32(math.sqrt(0.5)))
    share += np.float32(1)
    share *= values
    share *= np.float32(0.5)
    return share


def read_bert(folder: Folder, pooling: Pooling) -> Bert:
    """The network of a folder, each tensor held against config.json; raises EncoderError."""
    config, weights = folder.settings(CONFIG), folder.weights()
    _check_kind(config)
    width, inner = _size(config, "hidden_size"), _size(config, "intermediate_size")
    heads, layers = _size(config, "num_attention_heads"), _size(config, "num_hidden_layers")
    if width % heads:
        raise EncoderError(
            f"{CONFIG} states {heads:,} heads for a width of {width:,}, which they do not divide."
        )
    epsilon = config.get("layer_norm_eps", 1e-12)
    if not isinstance(epsilon, float | int) or not 0 < epsilon < 1:
        raise EncoderError(f"layer_norm_eps of {CONFIG} must be between 0 and 1; got {epsilon!r}.")
    start = next((p for p in PREFIXES if weights.has(f"{p}{_WORDS}")), "")
    parts = _Parts(weights, start, float(epsilon))
    sizes = (_size(config, "vocab_size"), _size(config, "max_position_embeddings"))
    kinds = weights.floats(f"{start}{_KINDS}", _size(config, "type_vocab_size"), width)
    return Bert(
        weights.floats(f"{start}{_WORDS}", sizes[0], width),
        weights.floats(f"{start}{_PLACES}", sizes[1], width),
        kinds[0],
        parts.norm("embeddings.LayerNorm", width),
        tuple(parts.layer(number, width, inner, heads) for number in range(layers)),
        pooling,
    )


_WORDS = "embeddings.word_embeddings.weight"
_PLACES = "embeddings.position_embeddings.weight"
_KINDS = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True, eq=False)
class _Parts:
    weights: Weights
    start: str
    epsilon: float

    def linear(self, name: str, out: int, into: int) -> Linear:
        name = f"{self.start}{name}"
        return Linear(
            self.weights.floats(f"{name}.weight", out, into),
            self.weights.floats(f"{name}.bias", out),
        )

    def norm(self, name: str, width: int) -> Norm:
        """A norm; models that were turned over from TensorFlow call its parts gamma and beta."""
        name = f"{self.start}{name}"
        old = self.weights.has(f"{name}.gamma")
        scale, shift = ("gamma", "beta") if old else ("weight", "bias")
        return Norm(
            self.weights.floats(f"{name}.{scale}", width),
            self.weights.floats(f"{name}.{shift}", width),
            self.epsilon,
        )

    def layer(self, number: int, width: int, inner: int, heads: int) -> Layer:
        name = f"encoder.layer.{number}"
        return Layer(
            self.linear(f"{name}.attention.self.query", width, width),
            self.linear(f"{name}.attention.self.key", width, width),
            self.linear(f"{name}.attention.self.value", width, width),
            self.linear(f"{name}.attention.output.dense", width, width),
            self.norm(f"{name}.attention.output.LayerNorm", width),
            self.linear(f"{name}.intermediate.dense", inner, width),
            self.linear(f"{name}.output.dense", width, inner),
            self.norm(f"{name}.output.LayerNorm", width),
            heads,
        )


def _check_kind(config: dict[str, Any]) -> None:
    """Raise EncoderError for what this network would run wrongly."""
    asked = {
        "hidden_act": ("gelu", "its function is GELU by erf"),
        "position_embedding_type": ("absolute", "its positions are absolute"),
        "is_decoder": (False, "it reads a text in both directions"),
    }
    for name, (value, why) in asked.items():
        if config.get(name, value) != value:
            raise EncoderError(
                f"{CONFIG} states {name} {str(config[name])[:40]!r}. Of BERT models the usual kind "
                f"is run here: {why}."
            )


def _size(config: dict[str, Any], name: str) -> int:
    value = config.get(name)
    if type(value) is not int or value < 1:
        raise EncoderError(
            f"{name} of {CONFIG} must be a whole number of at least 1; got {str(value)[:40]!r}."
        )
    return value
