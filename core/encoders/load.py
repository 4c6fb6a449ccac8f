"""The folder of a model on this machine -> a `TextEncoder`; nothing is fetched or unpickled."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.encoders.bert import Pooling, read_bert
from core.encoders.encoder import TextEncoder
from core.encoders.folder import Folder
from core.encoders.static import KnownPieces, max_length, read_static
from core.encoders.tokenizer import Tokenizer, read_tokenizer
from core.errors import EncoderError

MODULES, CONFIG = "modules.json", "config.json"
SENTENCE_BERT, SENTENCE_CONFIG = "sentence_bert_config.json", "config_sentence_transformers.json"
STATIC = "model2vec"
RUNS = (
    "What runs here: folders of sentence-transformers with a BERT model (all-MiniLM-L6-v2, "
    "bge-small-en-v1.5, ...), and folders of model2vec with a WordPiece vocabulary "
    "(potion-base-8M, ...)"
)
POOLINGS: dict[str, Pooling] = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
FEWEST_TOKENS = 3  # the frame and one piece


def load_encoder(folder: str | Path) -> TextEncoder:
    """The encoder of a local folder; raises EncoderError, which says what is wrong with it.

    Two kinds are known: sentence-transformers with a BERT model, mean or CLS pooling and perhaps
    normalization, and model2vec. Weights are mapped from disk, so the files must not be changed in
    place while the encoder is in use.
    """
    room = Folder(Path(folder))
    if not room.path.is_dir():
        raise EncoderError(f"There is no folder {str(folder)!r}. Give the folder of a model.")
    if room.settings(CONFIG).get("model_type") == STATIC:
        return _static(room)
    return _bert(room, _stages(room))


def _static(folder: Folder) -> TextEncoder:
    config, tokenizer = folder.settings(CONFIG), read_tokenizer(folder, of_bert=False)
    network = read_static(folder, tokenizer.largest_id + 1)
    to_ids = KnownPieces(tokenizer, max_length(config))
    return TextEncoder(
        name=folder.name,
        dim=network.width,
        max_tokens=to_ids.most,
        fingerprint=folder.fingerprint,
        to_ids=to_ids,
        to_vectors=network,
        normalizes=bool(config.get("normalize", False)),
    )


@dataclass(frozen=True)
class _Stages:
    pooling: Pooling
    normalizes: bool
    skips_prompt: bool


def _stages(folder: Folder) -> _Stages:
    """What follows the network; raises EncoderError for stages that are not run here."""
    if not folder.has(MODULES):
        raise EncoderError(f"{folder.name!r} has no {MODULES}. {RUNS}.")
    stated = folder.json(MODULES)
    try:
        stages = [(str(each["type"]).split(".")[-1], str(each["path"])) for each in stated]
    except (TypeError, KeyError) as error:
        raise EncoderError(f"{MODULES} of {folder.name!r} is damaged.") from error
    kinds = tuple(kind for kind, _ in stages)
    if kinds not in (("Transformer", "Pooling"), ("Transformer", "Pooling", "Normalize")):
        raise EncoderError(
            f"{folder.name!r} is made of {', '.join(kinds)[:200] or 'nothing'}. {RUNS}."
        )
    if stages[0][1] not in ("", "."):
        raise EncoderError(f"The network of {folder.name!r} must lie in the folder itself.")
    config = folder.settings(f"{stages[1][1]}/{CONFIG}")
    skips_prompt = config.get("include_prompt") is False
    return _Stages(_pooling(folder, config), len(stages) == 3, skips_prompt)


def _pooling(folder: Folder, config: dict[str, Any]) -> Pooling:
    on = [
        name for name, is_on in config.items() if name.startswith("pooling_mode") and is_on is True
    ]
    stated = config.get("pooling_mode")
    if isinstance(stated, str):
        on = [f"pooling_mode_{stated}", *on]
    chosen = {
        POOLINGS.get(name) or POOLINGS.get(f"{name}_token{'s' * ('cls' not in name)}")
        for name in on
    }
    if len(chosen) != 1 or None in chosen:
        raise EncoderError(
            f"{folder.name!r} pools by {', '.join(on)[:200] or 'nothing'}. Here a text's vector is "
            "the mean of all tokens or the first token."
        )
    return next(each for each in chosen if each is not None)


def _bert(folder: Folder, stages: _Stages) -> TextEncoder:
    kind = folder.settings(CONFIG).get("model_type", "of no stated kind")
    if kind != "bert":
        raise EncoderError(f"The model of {folder.name!r} is {str(kind)[:40]}. {RUNS}.")
    network, tokenizer = read_bert(folder, stages.pooling), read_tokenizer(folder, of_bert=True)
    if tokenizer.largest_id >= len(network.words):
        raise EncoderError(
            f"The vocabulary of {folder.name!r} has ids up to {tokenizer.largest_id:,}, and the "
            f"network {len(network.words):,} words. The files are of two models, or damaged."
        )
    most = min(_max_tokens(folder), len(network.places))
    prompt = _prompt(folder)
    if prompt and stages.skips_prompt:
        raise EncoderError(
            f"{folder.name!r} puts a prompt before each text and leaves it out of the mean, which "
            "is not done here."
        )
    return TextEncoder(
        name=folder.name,
        dim=network.width,
        max_tokens=most,
        fingerprint=folder.fingerprint,
        to_ids=partial(_framed, tokenizer, most, prompt, _lowers(folder)),
        to_vectors=network,
        normalizes=stages.normalizes,
    )


def _framed(tokenizer: Tokenizer, most: int, prompt: str, lowers: bool, text: str) -> list[int]:
    text = f"{prompt}{text.strip()}"
    return tokenizer.framed(text.lower() if lowers else text, most)


def _max_tokens(folder: Folder) -> int:
    """As sentence-transformers reads it: of its own file, else of the tokenizer's."""
    own = folder.settings(SENTENCE_BERT).get("max_seq_length")
    stated: Any = own or folder.settings("tokenizer_config.json").get("model_max_length", 2**31)
    is_number = isinstance(stated, int | float) and not isinstance(stated, bool)
    if not is_number or not stated >= FEWEST_TOKENS:  # NaN is no number of tokens
        raise EncoderError(
            f"{folder.name!r} states a text of at most {str(stated)[:40]} tokens; it must be a "
            f"number of at least {FEWEST_TOKENS}."
        )
    return int(min(stated, 2**31))


def _lowers(folder: Folder) -> bool:
    return folder.settings(SENTENCE_BERT).get("do_lower_case") is True


def _prompt(folder: Folder) -> str:
    """What the model puts before each text, where it names a prompt for all."""
    config = folder.settings(SENTENCE_CONFIG)
    name, prompts = config.get("default_prompt_name"), config.get("prompts")
    if name is None:
        return ""
    if not isinstance(prompts, dict) or not isinstance(prompts.get(name), str):
        raise EncoderError(f"{SENTENCE_CONFIG} names a prompt {name!r}, and has none of that name.")
    return str(prompts[name])
