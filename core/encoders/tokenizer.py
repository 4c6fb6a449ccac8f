"""The tokenizer of a model's folder: its vocabulary, its spelling, and what frames each text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.encoders.folder import Folder
from core.encoders.wordpiece import CONTINUES, LONGEST_WORD, Spelling, WordPiece
from core.errors import EncoderError

TOKENIZER, VOCABULARY, CONFIG = "tokenizer.json", "vocab.txt", "tokenizer_config.json"
RUNS = "What is read is WordPiece after BERT's normalizer, as of BERT and of most model2vec models"
OF_BERT = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
ALSO_SPECIAL = {"pad_token": "[PAD]", "mask_token": "[MASK]"}


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """pieces: the vocabulary. before, after: ids that frame each text, [CLS] and [SEP]."""

    pieces: WordPiece
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def largest_id(self) -> int:
        """Largest id that a text may have."""
        return max(self.pieces.vocabulary.values())

    @property
    def unknown_id(self) -> int:
        """Id of what is not in the vocabulary."""
        return self.pieces.vocabulary[self.pieces.unknown]

    def framed(self, text: str, most: int) -> list[int]:
        """Ids of a text in its frame, at most `most` in all."""
        inside = max(0, most - len(self.before) - len(self.after))
        return [*self.before, *self.pieces.ids(text, inside), *self.after]


def read_tokenizer(folder: Folder, *, of_bert: bool) -> Tokenizer:
    """From tokenizer.json, else from vocab.txt; raises EncoderError for another kind.

    of_bert: whether tokenizer_config.json overrules the spelling, as transformers lets it.
    """
    if folder.has(TOKENIZER):
        return _from_json(folder, _own_spelling(folder) if of_bert else {})
    if folder.has(VOCABULARY):
        return _from_vocabulary(folder)
    raise EncoderError(
        f"{folder.name!r} has neither {TOKENIZER} nor {VOCABULARY}. {RUNS}; models with "
        "byte-pair or sentence pieces (vocab.json, merges.txt, sentencepiece) cannot be run here."
    )


def _from_json(folder: Folder, own: Mapping[str, bool]) -> Tokenizer:
    stated = folder.settings(TOKENIZER)
    model = _part(stated, "model", ("WordPiece",))
    normalizer = _part(stated, "normalizer", ("BertNormalizer",))
    _part(stated, "pre_tokenizer", ("BertPreTokenizer",))
    vocabulary = model.get("vocab")
    unknown = model.get("unk_token", "[UNK]")
    if not isinstance(vocabulary, dict):
        raise EncoderError(f"The vocabulary of {TOKENIZER} must be an object of piece and id.")
    added = _added(stated.get("added_tokens"))
    pieces = WordPiece(
        _checked({**vocabulary, **added}, unknown, TOKENIZER),
        _spelling({**normalizer, **own}),
        unknown,
        str(model.get("continuing_subword_prefix", CONTINUES)),
        _whole(model.get("max_input_chars_per_word", LONGEST_WORD), "max_input_chars_per_word"),
        tuple(added),
    )
    return Tokenizer(pieces, *_frame(stated.get("post_processor"), pieces.vocabulary))


def _part(stated: Mapping[str, Any], name: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    """A part of tokenizer.json that is of one of these kinds."""
    part = stated.get(name)
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or kind not in kinds:
        raise EncoderError(
            f"The {name.replace('_', '-')} of {TOKENIZER} is {str(kind)[:40]!r}, not {kinds[0]}. "
            f"{RUNS}; byte-pair and sentence pieces (RoBERTa, XLM-R, most multilingual models) "
            "cannot be run here."
        )
    return part


def _added(stated: Any) -> dict[str, int]:
    """Pieces that are found in a text as they are written, with their ids."""
    if stated is None:
        return {}
    try:
        for each in stated:
            if each.get("normalized") or each.get("single_word"):
                raise EncoderError(
                    f"The added token {str(each['content'])[:40]!r} of {TOKENIZER} is looked for "
                    "in changed text or as a whole word only, which cannot be done here."
                )
        return {str(each["content"]): each["id"] for each in stated if each["content"]}
    except (TypeError, KeyError, AttributeError) as error:
        raise EncoderError(f"The added tokens of {TOKENIZER} are damaged.") from error


def _frame(stated: Any, known: Mapping[str, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids before and after each text."""
    kind = stated.get("type") if isinstance(stated, dict) else None
    try:
        if stated is None:
            names: list[str | None] = [None]
        elif kind == "BertProcessing":
            names = [stated["cls"][0], None, stated["sep"][0]]
        elif kind == "TemplateProcessing":
            names = [
                each["SpecialToken"]["id"] if "SpecialToken" in each else None
                for each in stated["single"]
            ]
        else:
            raise EncoderError(f"The post-processor {str(kind)[:40]!r} cannot be run here. {RUNS}.")
        text = names.index(None)
        return tuple(known[str(n)] for n in names[:text]), tuple(
            known[str(n)] for n in names[text + 1 :]
        )
    except (TypeError, KeyError, ValueError, IndexError) as error:
        raise EncoderError(f"The post-processor of {TOKENIZER} is damaged.") from error


def _from_vocabulary(folder: Folder) -> Tokenizer:
    lines = folder.text(VOCABULARY).split("\n")
    names = [line.rstrip("\r") for line in lines[: len(lines) - (lines[-1] == "")]]
    config = folder.settings(CONFIG)
    special = {key: _content(config.get(key, name)) for key, name in OF_BERT.items()}
    others = [_content(config.get(key, name)) for key, name in ALSO_SPECIAL.items()]
    vocabulary = {name: place for place, name in enumerate(names)}
    for name in special.values():
        _checked(vocabulary, name, VOCABULARY)
    found = tuple(dict.fromkeys(n for n in [*special.values(), *others] if n in vocabulary))
    spelling = _spelling({"lowercase": True, **_own_spelling(folder)})
    pieces = WordPiece(vocabulary, spelling, special["unk_token"], specials=found)
    frame = ((vocabulary[special["cls_token"]],), (vocabulary[special["sep_token"]],))
    return Tokenizer(pieces, *frame)


def _content(token: Any) -> str:
    """A special token, which newer files describe by an object."""
    return str(token.get("content", "")) if isinstance(token, dict) else str(token)


def _own_spelling(folder: Folder) -> dict[str, Any]:
    """What tokenizer_config.json says of the spelling, by the names of tokenizer.json."""
    names = {
        "do_lower_case": "lowercase",
        "strip_accents": "strip_accents",
        "tokenize_chinese_chars": "handle_chinese_chars",
    }
    config = folder.settings(CONFIG)
    return {name: config[key] for key, name in names.items() if key in config}


def _spelling(stated: Mapping[str, Any]) -> Spelling:
    lowercase = bool(stated.get("lowercase", True))
    accents = stated.get("strip_accents")
    return Spelling(
        lowercase=lowercase,
        strips_accents=lowercase if accents is None else bool(accents),
        parts_chinese=bool(stated.get("handle_chinese_chars", True)),
        cleans=bool(stated.get("clean_text", True)),
    )


def _checked(vocabulary: dict[str, Any], unknown: Any, file: str) -> dict[str, int]:
    if not isinstance(unknown, str) or unknown not in vocabulary:
        raise EncoderError(f"The vocabulary of {file} has no {str(unknown)[:40]!r}. It is damaged.")
    if not all(type(each) is int and each >= 0 for each in vocabulary.values()):
        raise EncoderError(f"The ids of {file} must be whole numbers from 0 on. It is damaged.")
    return vocabulary


def _whole(value: Any, name: str) -> int:
    if type(value) is not int or value < 1:
        raise EncoderError(f"{name} must be a whole number of at least 1; got {str(value)[:40]!r}.")
    return value
