"""Folders that are of another kind, incomplete, damaged or hostile: one sentence each."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.encoders import load_encoder
from core.encoders.folder import READ, Folder
from core.errors import CoreError, EncoderError
from tests.core.encoders.folders import (
    CONFIG,
    KINDS,
    PIECES,
    tensors,
    tokenizer_json,
    write_bert,
    write_json,
)

Change = Callable[[Path], object]


def config(**values: Any) -> Change:
    return lambda folder: write_json(folder / "config.json", CONFIG | values)


def put(name: str, content: Any) -> Change:
    return lambda folder: write_json(folder / name, content)


def put_bytes(name: str, content: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(content)


def both(first: Change, second: Change) -> Change:
    return lambda folder: (first(folder), second(folder))


def remove(name: str, then: str = "") -> Change:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        if then:
            (folder / then).write_bytes(b"\x80\x04cos\nsystem\n.")

    return change


def made_of(*kinds: str) -> Change:
    stages = [
        {"type": f"{KINDS}{kind}", "path": f"{i}_{kind}" if i else ""}
        for i, kind in enumerate(kinds)
    ]
    return put("modules.json", stages)


def tokenizer(**parts: Any) -> Change:
    return put("tokenizer.json", tokenizer_json(PIECES) | parts)


CASES: dict[str, tuple[Change, str]] = {
    "another network": (config(model_type="mpnet"), r"is mpnet. What runs here: folders of sent"),
    "no network": (config(model_type=None), "The model of .* is None"),
    "another function": (config(hidden_act="relu"), "hidden_act 'relu'.*GELU by erf"),
    "other positions": (config(position_embedding_type="relative_key"), "positions are absolute"),
    "a decoder": (config(is_decoder=True), "in both directions"),
    "heads": (config(num_attention_heads=3), "3 heads for a width of 8"),
    "too wide": (config(hidden_size=16), r"has the shape \(2, 8\), and the settings .* \(2, 16\)"),
    "too many layers": (config(num_hidden_layers=3), "no tensor 'encoder.layer.2"),
    "a huge number": (config(num_hidden_layers=10**12), "no tensor 'encoder.layer.2"),
    "a word for a number": (config(hidden_size="8"), "hidden_size of config.json must be a whole"),
    "a yes for a number": (config(num_hidden_layers=True), "num_hidden_layers of config.json must"),
    "epsilon": (config(layer_norm_eps="x"), "layer_norm_eps of config.json must be between"),
    "a list for settings": (put("config.json", []), "config.json of .* must be one JSON object"),
    "no JSON": (put_bytes("config.json", b"{"), "config.json of .* is not JSON"),
    "deep JSON": (put_bytes("config.json", b"[" * 200_000), "config.json of .* is not JSON"),
    "no UTF-8": (put_bytes("config.json", b"\xff{}"), "config.json of .* cannot be read"),
    "no stages": (remove("modules.json"), "has no modules.json. What runs here"),
    "other stages": (made_of("Transformer", "Pooling", "Dense"), "made of Transformer, Pooling, D"),
    "a picture model": (made_of("CLIPModel"), "made of CLIPModel"),
    "stages of nothing": (put("modules.json", [3]), "modules.json of .* is damaged"),
    "stages outside": (
        put(
            "modules.json",
            [{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "../../x"}],
        ),
        "is no file inside of",
    ),
    "the network elsewhere": (
        put(
            "modules.json",
            [{"type": "Transformer", "path": "0"}, {"type": "Pooling", "path": "1_Pooling"}],
        ),
        "must lie in the folder itself",
    ),
    "another pooling": (
        put("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        "pools by pooling_mode_max_tokens",
    ),
    "two poolings": (
        put(
            "1_Pooling/config.json",
            {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
        ),
        "pools by pooling_mode_cls_token, pooling_mode_mean_tokens",
    ),
    "no pooling": (put("1_Pooling/config.json", {}), "pools by nothing"),
    "a pickle": (
        remove("model.safetensors", then="pytorch_model.bin"),
        r"pytorch_model.bin, a pickle, .* never opened here. Convert it",
    ),
    "parts": (
        remove("model.safetensors", then="model.safetensors.index.json"),
        "weights in several files",
    ),
    "no weights": (remove("model.safetensors"), "has no model.safetensors, the weights"),
    "empty weights": (put_bytes("model.safetensors", b""), "model.safetensors of .* cannot be us"),
    "weights of nothing": (
        put_bytes("model.safetensors", b"\x02" + b"\0" * 7 + b"{}"),
        "no tensor",
    ),
    "no tokenizer": (remove("vocab.txt"), "neither tokenizer.json nor vocab.txt"),
    "vocabulary of another": (put_bytes("vocab.txt", b"a\nb\n"), r"vocab.txt has no '\[UNK\]'"),
    "a larger vocabulary": (
        put_bytes("vocab.txt", "\n".join([*PIECES, "x", "y"]).encode()),
        "ids up to 29, and the network 28 words",
    ),
    "byte pairs": (tokenizer(model={"type": "BPE"}), "is 'BPE', not WordPiece"),
    "another normalizer": (tokenizer(normalizer=None), "normalizer of tokenizer.json is 'None'"),
    "other words": (tokenizer(pre_tokenizer={"type": "ByteLevel"}), "pre-tokenizer .* 'ByteLevel'"),
    "another frame": (tokenizer(post_processor={"type": "RobertaProcessing"}), "'RobertaProc"),
    "a damaged frame": (tokenizer(post_processor={"type": "TemplateProcessing"}), "is damaged"),
    "an unknown frame": (
        tokenizer(post_processor={"type": "BertProcessing", "cls": ["<s>", 0], "sep": ["x", 1]}),
        "The post-processor of tokenizer.json is damaged",
    ),
    "ids below 0": (
        put("tokenizer.json", tokenizer_json(PIECES, vocab={"[UNK]": 1, "x": -1})),
        "must be whole numbers from 0 on",
    ),
    "a list of pieces": (put("tokenizer.json", tokenizer_json(PIECES, vocab=[])), "an object of p"),
    "added words": (
        tokenizer(added_tokens=[{"id": 1, "content": "x", "single_word": True}]),
        "The added token 'x' of tokenizer.json is looked for",
    ),
    "added nothing": (tokenizer(added_tokens=[3]), "added tokens of tokenizer.json are damaged"),
    "no length": (put("sentence_bert_config.json", {"max_seq_length": 1}), "at most 1 tokens"),
    "a word for a length": (
        put("sentence_bert_config.json", {"max_seq_length": "x"}),
        "most x tok",
    ),
    "NaN for a length": (
        put("sentence_bert_config.json", {"max_seq_length": math.nan}),
        "most nan",
    ),
    "a prompt left out": (
        both(
            put("1_Pooling/config.json", {"pooling_mode": "mean", "include_prompt": False}),
            put(
                "config_sentence_transformers.json",
                {"default_prompt_name": "q", "prompts": {"q": "x "}},
            ),
        ),
        "leaves it out of the mean",
    ),
    "a prompt that is none": (
        put("config_sentence_transformers.json", {"default_prompt_name": "q", "prompts": {}}),
        "names a prompt 'q', and has none",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_run_is_one_sentence(tmp_path: Path, case: str) -> None:
    change, said = CASES[case]
    folder = write_bert(tmp_path / "mine")
    load_encoder(folder)
    change(folder)
    with pytest.raises(EncoderError, match=said) as refused:
        load_encoder(folder)
    assert len(str(refused.value)) < 600


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="There is no folder"):
        load_encoder(tmp_path / "none")
    with pytest.raises(EncoderError, match=r"has no modules\.json"):
        load_encoder(tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_are_core_errors_or_run(tmp_path: Path, data: st.DataObject) -> None:
    folder = write_bert(tmp_path / "mine")
    write_json(folder / "tokenizer.json", tokenizer_json(PIECES))
    path = folder / data.draw(st.sampled_from([n for n in READ if (folder / n).is_file()]))
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        place = data.draw(st.integers(0, min(len(content), 3000) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    try:
        load_encoder(folder).encode(["the cat runs", ""])
    except CoreError:
        return


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("minilm/model", "minilm/model"),
        ("models--org--small-v2/snapshots/0123abcd", "small-v2"),
        ("models--small-v2/snapshots/0123abcd", "small-v2"),
    ],
)
def test_a_model_is_called_by_its_folder(tmp_path: Path, place: str, name: str) -> None:
    assert load_encoder(write_bert(tmp_path / place)).name == name


def test_the_fingerprint_follows_the_files(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "mine")
    before = Folder(folder).fingerprint
    assert Folder(folder).fingerprint == before == load_encoder(folder).fingerprint
    os.utime(folder / "vocab.txt", ns=(1, 1))
    assert Folder(folder).fingerprint != before


def test_weights_are_mapped_and_not_copied(tmp_path: Path) -> None:
    network: Any = load_encoder(write_bert(tmp_path)).to_vectors
    assert not network.words.flags.owndata
    assert not network.words.flags.writeable
    np.testing.assert_array_equal(network.words, tensors()["embeddings.word_embeddings.weight"])


def test_the_folder_says_what_the_tests_write(tmp_path: Path) -> None:
    stated = json.loads((write_bert(tmp_path) / "modules.json").read_text())
    assert [each["path"] for each in stated] == ["", "1_Pooling"]
