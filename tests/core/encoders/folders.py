"""Tiny folders of models, as sentence-transformers and model2vec write them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.core.data.files import as_safetensors

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "cat",
    "dog",
    "run",
    "##s",
    "##ning",
    ",",
    ".",
    "!",
    "a",
    "b",
    "##b",
    "un",
    "##a",
    "##able",
    "##ab",
    "\u4e2d",
    "\u00e9",
    "e",
    "##e",
    "o",
    "\u03c3",
    "##\u03c3",
]
WIDTH, INNER, HEADS, LAYERS, POSITIONS = 8, 12, 2, 2, 10
CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": len(PIECES),
    "layer_norm_eps": 1e-5,
}
KINDS = "sentence_transformers.models."


def shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of the network."""
    found: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    linear = {
        "attention.self.query": (WIDTH, WIDTH),
        "attention.self.key": (WIDTH, WIDTH),
        "attention.self.value": (WIDTH, WIDTH),
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (INNER, WIDTH),
        "output.dense": (WIDTH, INNER),
    }
    norms = ["embeddings.LayerNorm"]
    for number in range(LAYERS):
        start = f"encoder.layer.{number}"
        for name, shape in linear.items():
            found |= {f"{start}.{name}.weight": shape, f"{start}.{name}.bias": shape[:1]}
        norms += [f"{start}.attention.output.LayerNorm", f"{start}.output.LayerNorm"]
    for name in norms:
        found |= {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}
    return found


def tensors(seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes().items()}


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def write_bert(
    folder: Path,
    *,
    pooling: str = "mean_tokens",
    normalizes: bool = False,
    prefix: str = "",
    weights: dict[str, npt.NDArray[Any]] | None = None,
) -> Path:
    """A folder with vocab.txt; its texts have at most 8 tokens."""
    stages = ["Transformer", "Pooling", *(["Normalize"] if normalizes else [])]
    paths = ["", "1_Pooling", "2_Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": paths[i], "type": f"{KINDS}{kind}"}
        for i, kind in enumerate(stages)
    ]
    write_json(folder / "modules.json", modules)
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 8})
    modes = {f"pooling_mode_{name}": name == pooling for name in ("cls_token", "mean_tokens")}
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH} | modes)
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    stored = tensors() if weights is None else weights
    content = as_safetensors(**{f"{prefix}{name}": each for name, each in stored.items()})
    (folder / "model.safetensors").write_bytes(content)
    return folder


def tokenizer_json(pieces: list[str], **model: Any) -> dict[str, Any]:
    """As `tokenizers` saves it."""
    places = {name: place for place, name in enumerate(pieces)}
    return {
        "added_tokens": [
            {"id": place, "content": name, "special": True, "normalized": False}
            for name, place in places.items()
            if name.startswith("[")
        ],
        "normalizer": {"type": "BertNormalizer", "lowercase": True, "strip_accents": None},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": places} | model,
    }


def write_static(
    folder: Path, pieces: list[str], *, config: dict[str, Any] | None = None, **arrays: Any
) -> Path:
    """A folder of model2vec."""
    write_json(folder / "config.json", {"model_type": "model2vec"} | (config or {}))
    write_json(folder / "tokenizer.json", tokenizer_json(pieces))
    (folder / "model.safetensors").write_bytes(as_safetensors(**arrays))
    return folder
