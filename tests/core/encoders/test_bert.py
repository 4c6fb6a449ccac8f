"""The network against one written in loops, letter for letter from its description."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.encoders import load_encoder
from core.encoders.bert import FAR_BELOW, gelu
from core.errors import EncoderError, ParameterError
from tests.core.encoders.folders import (
    CONFIG,
    HEADS,
    LAYERS,
    PIECES,
    WIDTH,
    tensors,
    tokenizer_json,
    write_bert,
    write_json,
)

TEXTS = ["the cat runs", "dog", "", "a b a b a b a b a b a b", "unable, running!", "the the"]
IDS = {  # by hand: [CLS] 2, [SEP] 3, at most 8 in all
    "the cat runs": [2, 5, 6, 8, 9, 3],
    "dog": [2, 7, 3],
    "": [2, 3],
    "a b a b a b a b a b a b": [2, 14, 15, 14, 15, 14, 15, 3],
    "unable, running!": [2, 17, 19, 11, 8, 10, 13, 3],
    "the the": [2, 5, 5, 3],
}


def linear(w: dict[str, Any], name: str, row: list[float]) -> list[float]:
    weight, bias = w[f"{name}.weight"], w[f"{name}.bias"]
    return [
        sum(float(weight[o, i]) * row[i] for i in range(len(row))) + float(bias[o])
        for o in range(len(bias))
    ]


def norm(w: dict[str, Any], name: str, row: list[float]) -> list[float]:
    mean = sum(row) / len(row)
    variance = sum((x - mean) ** 2 for x in row) / len(row)
    scale, shift = w[f"{name}.weight"], w[f"{name}.bias"]
    return [
        (x - mean) / math.sqrt(variance + CONFIG["layer_norm_eps"]) * float(scale[i])
        + float(shift[i])
        for i, x in enumerate(row)
    ]


def tokens_of(w: dict[str, Any], ids: list[int]) -> list[list[float]]:
    """The vector of each token, by Python's floats and loops alone."""
    words, places = (
        w["embeddings.word_embeddings.weight"],
        w["embeddings.position_embeddings.weight"],
    )
    kind = w["embeddings.token_type_embeddings.weight"][0]
    rows = [
        norm(
            w,
            "embeddings.LayerNorm",
            [float(words[t, i]) + float(places[p, i]) + float(kind[i]) for i in range(WIDTH)],
        )
        for p, t in enumerate(ids)
    ]
    size = WIDTH // HEADS
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        q, k, v = (
            [linear(w, f"{name}.attention.self.{part}", row) for row in rows]
            for part in ("query", "key", "value")
        )
        mixed = []
        for p in range(len(rows)):
            together: list[float] = []
            for head in range(HEADS):
                part = range(head * size, (head + 1) * size)
                scores = [
                    sum(q[p][i] * k[other][i] for i in part) / math.sqrt(size)
                    for other in range(len(rows))
                ]
                powers = [math.exp(score) for score in scores]
                shares = [power / sum(powers) for power in powers]
                together += [sum(s * v[o][i] for o, s in enumerate(shares)) for i in part]
            mixed.append(linear(w, f"{name}.attention.output.dense", together))
        rows = [
            norm(
                w, f"{name}.attention.output.LayerNorm", [x + y for x, y in zip(a, b, strict=True)]
            )
            for a, b in zip(rows, mixed, strict=True)
        ]
        wide = [
            [0.5 * x * (1 + math.erf(x / math.sqrt(2))) for x in row]
            for row in (linear(w, f"{name}.intermediate.dense", row) for row in rows)
        ]
        rows = [
            norm(
                w,
                f"{name}.output.LayerNorm",
                [x + y for x, y in zip(a, linear(w, f"{name}.output.dense", b), strict=True)],
            )
            for a, b in zip(rows, wide, strict=True)
        ]
    return rows


@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
@pytest.mark.parametrize("normalizes", [False, True])
def test_vectors_are_those_of_the_loops(tmp_path: Path, pooling: str, normalizes: bool) -> None:
    encoder = load_encoder(write_bert(tmp_path, pooling=pooling, normalizes=normalizes))
    found = encoder.encode(TEXTS)  # of five lengths: padded, and put back in order
    assert (found.shape, found.dtype, encoder.max_tokens) == ((6, WIDTH), np.float32, 8)
    for text, vector in zip(TEXTS, found, strict=True):
        assert encoder.to_ids(text) == IDS[text]
        rows = np.array(tokens_of(tensors(), IDS[text]))
        expected = rows[0] if pooling == "cls_token" else rows.mean(axis=0)
        if normalizes:
            expected = expected / np.linalg.norm(expected)
        np.testing.assert_allclose(vector, expected, atol=2e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(tmp_path: Path) -> None:
    encoder = load_encoder(write_bert(tmp_path))
    heard: list[tuple[int, int]] = []
    many = encoder.encode(TEXTS * 60, progress=lambda done, total: heard.append((done, total)))
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(many, np.tile(alone, (60, 1)), atol=1e-5)
    # The longest have 8 tokens: 2,048 / 8 = 256 texts at once, of 360.
    assert heard == [(256, 360), (360, 360)]
    assert encoder.encode([]).shape == (0, WIDTH)


def test_names_of_tensors_and_numbers_of_half_the_size(tmp_path: Path) -> None:
    stored = {name: each.astype(np.float16) for name, each in tensors().items()}
    first = "embeddings.LayerNorm"
    stored[f"{first}.gamma"] = stored.pop(f"{first}.weight")
    stored[f"{first}.beta"] = stored.pop(f"{first}.bias")
    found = load_encoder(write_bert(tmp_path, prefix="bert.", weights=stored)).encode(["dog"])[0]
    rounded = {name: each.astype(np.float16) for name, each in tensors().items()}
    expected = np.array(tokens_of(rounded, IDS["dog"])).mean(axis=0)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_gelu_by_hand() -> None:
    # 1 / 2 * (1 + erf(1 / sqrt 2)) = 0.841345 is the share of a standard normal below 1.
    values = np.array([0.0, 1.0, -1.0], dtype=np.float32)
    np.testing.assert_allclose(gelu(values), [0.0, 0.841345, -0.158655], atol=1e-6)
    assert np.exp(FAR_BELOW) == 0


def test_a_tokenizer_as_json_gives_the_same_ids(tmp_path: Path) -> None:
    plain = load_encoder(write_bert(tmp_path))
    stated = tokenizer_json(PIECES)
    frames: list[dict[str, Any]] = [
        {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            ],
        },
        {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
    ]
    for frame in frames:
        write_json(tmp_path / "tokenizer.json", stated | {"post_processor": frame})
        encoder = load_encoder(tmp_path)
        assert [encoder.to_ids(text) for text in TEXTS] == [plain.to_ids(text) for text in TEXTS]


def test_what_a_folder_says_of_case_and_prompt(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    write_json(folder / "tokenizer_config.json", {"do_lower_case": False})
    assert load_encoder(folder).to_ids("Cat") == [2, 1, 3]  # only "cat" is known
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 8, "do_lower_case": True})
    assert load_encoder(folder).to_ids("Cat") == [2, 6, 3]
    prompts = {"prompts": {"query": "the "}, "default_prompt_name": "query"}
    write_json(folder / "config_sentence_transformers.json", prompts)
    assert load_encoder(folder).to_ids(" Cat ") == [2, 5, 6, 3]


def test_a_pooling_by_its_newer_name(tmp_path: Path) -> None:
    old = load_encoder(write_bert(tmp_path, pooling="cls_token")).encode(TEXTS)
    write_json(tmp_path / "1_Pooling" / "config.json", {"pooling_mode": "cls"})
    np.testing.assert_array_equal(load_encoder(tmp_path).encode(TEXTS), old)
    write_json(tmp_path / "1_Pooling" / "config.json", {"pooling_mode": "mean"})
    assert not np.allclose(load_encoder(tmp_path).encode(TEXTS), old)


def test_a_text_is_never_longer_than_the_network_has_places(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 512})
    encoder = load_encoder(folder)
    assert encoder.max_tokens == CONFIG["max_position_embeddings"]
    assert encoder.encode(["a " * 50]).shape == (1, WIDTH)


def test_weights_that_are_not_finite_are_an_error(tmp_path: Path) -> None:
    broken = tensors()
    broken["encoder.layer.1.output.dense.bias"][3] = np.nan
    encoder = load_encoder(write_bert(tmp_path, weights=broken))
    with pytest.raises(EncoderError, match="not finite: its weights are damaged"):
        encoder.encode(["dog"])


def test_one_text_in_place_of_a_list_is_refused(tmp_path: Path) -> None:
    encoder = load_encoder(write_bert(tmp_path))
    with pytest.raises(ParameterError, match=r"for a single text t pass \[t\]"):
        encoder.encode("dog")
    with pytest.raises(ParameterError, match="texts must be a list of texts"):
        encoder.encode(["dog", 3])  # type: ignore[list-item]


def test_the_settings_are_those_of_the_test(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    assert json.loads((folder / "config.json").read_text())["vocab_size"] == len(PIECES)
