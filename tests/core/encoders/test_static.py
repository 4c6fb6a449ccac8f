"""model2vec: means of vectors worked by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.encoders import load_encoder
from core.errors import EncoderError
from tests.core.encoders.folders import tokenizer_json, write_json, write_static

PIECES = ["[PAD]", "[UNK]", "cat", "dog", "##s"]
VECTORS = np.array([[9, 9], [9, 9], [1, 0], [0, 3], [4, 4]], dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        ("cat", [1, 0]),
        ("Cat dog", [0.5, 1.5]),
        ("cats", [2.5, 2]),  # (1 + 4) / 2, (0 + 4) / 2
        ("cat zebra dog zebra", [0.5, 1.5]),  # what is unknown is dropped
        ("zebra", [0, 0]),
        ("", [0, 0]),
        ("dog dog cat", [1 / 3, 2]),
    ],
)
def test_a_text_is_the_mean_of_its_known_pieces(
    tmp_path: Path, text: str, vector: list[float]
) -> None:
    encoder = load_encoder(write_static(tmp_path, PIECES, embeddings=VECTORS))
    np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=1e-6)
    assert (encoder.dim, encoder.max_tokens) == (2, 512)


def test_lengths_become_1_where_the_settings_say_so(tmp_path: Path) -> None:
    config = {"normalize": True, "max_length": 3}
    encoder = load_encoder(write_static(tmp_path, PIECES, config=config, embeddings=VECTORS))
    # Three tokens are read, cat ##s cat: (6, 4) / 3 is (3, 2) / sqrt(13) at length 1. Zeros stay.
    found = encoder.encode(["cats cats", "zebra"])
    np.testing.assert_allclose(found, [[0.832050, 0.554700], [0.0, 0.0]], atol=1e-6)
    # 3 x 3 letters are looked at, for the pieces have 3, 3, 3, 5 and 5: "cat dog d".
    assert encoder.to_ids("cat dog dog") == [2, 3]


def test_vectors_that_tokens_share_and_weights(tmp_path: Path) -> None:
    places = np.array([0, 0, 1, 1, 0])
    weights = np.array([1, 1, 2, 4, 1], dtype=np.float32)
    shared = np.array([[1, 1], [1, 3]], dtype=np.float16)
    folder = write_static(tmp_path, PIECES, embeddings=shared, mapping=places, weights=weights)
    # cat: 2 * (1, 3), dog: 4 * (1, 3); their mean is (3, 9).
    np.testing.assert_allclose(load_encoder(folder).encode(["cat dog"]), [[3, 9]])


def test_no_limit_of_length_reads_everything(tmp_path: Path) -> None:
    config = {"max_length": None}
    encoder = load_encoder(write_static(tmp_path, PIECES, config=config, embeddings=VECTORS))
    assert len(encoder.to_ids("cat " * 3000)) == 3000


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"embeddings": VECTORS[:4]}, "5 tokens, and model.safetensors 4 vectors"),
        ({"vectors": VECTORS}, "has no tensor 'embeddings'"),
        ({"embeddings": VECTORS[0]}, r"one row for each token; it has the shape \(2,\)"),
        ({"embeddings": VECTORS, "mapping": np.arange(5) + 1}, "names vectors that are not there"),
        ({"embeddings": VECTORS, "mapping": np.arange(4)}, r"'mapping' has the shape \(4,\)"),
        ({"embeddings": VECTORS, "mapping": np.ones(5, np.float32)}, "must hold whole numbers"),
        ({"embeddings": VECTORS, "weights": VECTORS}, r"'weights' has the shape \(5, 2\)"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    tmp_path: Path, arrays: dict[str, Any], said: str
) -> None:
    with pytest.raises(EncoderError, match=said):
        load_encoder(write_static(tmp_path, PIECES, **arrays))


@pytest.mark.parametrize("length", [0, -1, "long", 2.5, True])
def test_a_length_that_is_none(tmp_path: Path, length: object) -> None:
    folder = write_static(tmp_path, PIECES, config={"max_length": length}, embeddings=VECTORS)
    with pytest.raises(EncoderError, match="max_length must be a whole number of at least 1"):
        load_encoder(folder)


def test_sentence_pieces_are_refused_by_name(tmp_path: Path) -> None:
    folder = write_static(tmp_path, PIECES, embeddings=VECTORS)
    write_json(folder / "tokenizer.json", tokenizer_json(PIECES, type="Unigram"))
    with pytest.raises(EncoderError, match=r"The model of tokenizer.json is 'Unigram', not Word"):
        load_encoder(folder)
