"""The files of a model's folder: small ones are read, weights are mapped from disk; no pickle."""

import hashlib
import json
import mmap
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.readers.safetensors import Tensors, stored_tensors
from core.distances import Floats
from core.errors import DataError, EncoderError

WEIGHTS = "model.safetensors"
READ = (
    WEIGHTS,
    "1_Pooling/config.json",
    "config.json",
    "config_sentence_transformers.json",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
PICKLES = ("pytorch_model.bin", "model.bin", "model.pt", "model.pkl")
IN_PARTS = "model.safetensors.index.json"
LARGEST_TEXT = 100_000_000  # bytes; the vocabulary of a large multilingual model has 17 million
PLAIN_NAMES = ("model", "snapshot", "")
OF_HUB = re.compile(r"models--(?:.+--)?(?P<name>.+)")  # https://huggingface.co/docs/hub/local-cache
CONVERT = (
    "Convert it where it was made: sentence_transformers.SentenceTransformer(FOLDER).save(NEW) "
    "writes model.safetensors"
)


@dataclass(frozen=True)
class Folder:
    """The folder of a model; every method raises EncoderError for a file that cannot be used."""

    path: Path

    @property
    def name(self) -> str:
        """What the model is called: the name of its folder, or of its place in the hub's cache."""
        path = self.path.resolve()
        for parent in path.parents:
            of_hub = OF_HUB.fullmatch(parent.name)
            if of_hub is not None and parent.name == path.parent.parent.name:
                return of_hub["name"]
        return path.name if path.name not in PLAIN_NAMES else f"{path.parent.name}/{path.name}"

    @property
    def fingerprint(self) -> str:
        """32 hex digits that change with the place, the size or the time of a file that is read."""
        digest = hashlib.blake2b(repr(self.path.resolve()).encode(), digest_size=16)
        for name in READ:
            try:
                known = (self.path / name).stat()
                digest.update(repr((name, known.st_size, known.st_mtime_ns)).encode())
            except (OSError, ValueError):  # there is none
                continue
        return digest.hexdigest()

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return self._inside(name).is_file()

    def text(self, name: str) -> str:
        """A file of text in UTF-8."""
        path = self._inside(name)
        try:
            size = path.stat().st_size
            if size > LARGEST_TEXT:
                raise EncoderError(
                    f"{name} has {size:,} bytes, and {LARGEST_TEXT:,} are read. It is no such file "
                    "of a model."
                )
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise EncoderError(f"{name} of {self.name!r} cannot be read: {reason}.") from error

    def json(self, name: str) -> Any:
        """A file of JSON, whatever it holds."""
        try:
            return json.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            raise EncoderError(
                f"{name} of {self.name!r} is not JSON: {str(error)[:200]}. Copy the folder again."
            ) from error

    def settings(self, name: str) -> dict[str, Any]:
        """A file of JSON that holds one object; an empty one where there is no such file."""
        if not self.has(name):
            return {}
        found = self.json(name)
        if not isinstance(found, dict):
            raise EncoderError(f"{name} of {self.name!r} must be one JSON object.")
        return found

    def weights(self) -> "Weights":
        """The tensors, mapped from disk."""
        if not self.has(WEIGHTS):
            raise EncoderError(self._without_weights())
        path = self._inside(WEIGHTS)
        try:
            with path.open("rb") as file:
                mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            return Weights(stored_tensors(mapped))
        except (OSError, ValueError, DataError) as error:  # ValueError: an empty file
            raise EncoderError(f"{WEIGHTS} of {self.name!r} cannot be used: {error}") from error

    def _without_weights(self) -> str:
        pickle = next((name for name in PICKLES if self.has(name)), None)
        if pickle is not None:
            return (
                f"{self.name!r} holds its weights as {pickle}, a pickle, which can run code and is "
                f"never opened here. {CONVERT}."
            )
        if self.has(IN_PARTS):
            return (
                f"{self.name!r} holds its weights in several files, of which one is read. Save it "
                "in one: save_pretrained(NEW, max_shard_size='100GB')."
            )
        return f"{self.name!r} has no {WEIGHTS}, the weights of the model. Copy the whole folder."

    def _inside(self, name: str) -> Path:
        """A file by the name that the folder gives it; the hub's cache links to files elsewhere."""
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\0" in name or "\\" in name:
            raise EncoderError(f"{name[:100]!r} is no file inside of {self.name!r}.")
        return self.path.joinpath(*parts)


@dataclass(frozen=True, eq=False)
class Weights:
    """Tensors by name, of the shapes that the settings ask for."""

    tensors: Tensors

    def has(self, name: str) -> bool:
        """Whether there is such a tensor, of a kind of numbers that is read."""
        return name in self.tensors.stored

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; raises EncoderError where there is none."""
        if not self.has(name):
            left_out = next((why for why in self.tensors.left_out if repr(name) in why), "")
            raise EncoderError(
                f"{WEIGHTS} has no tensor {name!r}, which this kind of model needs"
                f"{f' ({left_out})' if left_out else ''}. It is of another kind or damaged."
            )
        return self.tensors.stored[name].shape

    def array(self, name: str) -> npt.NDArray[Any]:
        """A tensor as it is stored, bfloat16 as float32; without a copy of the others."""
        try:
            return self.tensors.array(name)
        except DataError as error:
            raise EncoderError(f"{WEIGHTS}: {error}") from error

    def floats(self, name: str, *shape: int) -> Floats:
        """A tensor of this shape as float32: not copied where it is stored so."""
        self._check(name, shape)
        return self.array(name).astype(np.float32, copy=False)

    def integers(self, name: str, *shape: int) -> npt.NDArray[np.int64]:
        """A tensor of whole numbers of this shape."""
        self._check(name, shape)
        values = self.array(name)
        if values.dtype.kind not in "iu":
            raise EncoderError(
                f"The tensor {name!r} must hold whole numbers; it is {values.dtype}."
            )
        return values.astype(np.int64)

    def _check(self, name: str, shape: tuple[int, ...]) -> None:
        if self.shape(name) != shape:
            raise EncoderError(
                f"The tensor {name!r} has the shape {self.shape(name)}, and the settings of the "
                f"model ask for {shape}. {WEIGHTS} and config.json are of two models, or damaged."
            )
