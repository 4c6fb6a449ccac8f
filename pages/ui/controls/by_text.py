"""A query by text: the box, the vector that the deployment's encoder gives, and whether it fits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.encoders import EncoderFit, TextEncoder, fit_of, load_encoder
from core.encoders.folder import Folder
from core.errors import EncoderError
from core.limits import encoder_folder
from core.progress import counted
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import encoder_words, messages
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.session.slot import Slot

KEY = "q"
SHOWN = 60  # letters of a text in a sentence
_BESIDE: Slot[tuple[str, int] | None] = Slot("text_beside_item", lambda: None)


@dataclass(frozen=True)
class Model:
    """The folder that the deployment names. fingerprint: changes with its files."""

    folder: str
    name: str
    fingerprint: str


def model() -> Model | None:
    """The model of this server; None where it has none."""
    folder = encoder_folder()
    if folder is None:
        return None
    room = Folder(Path(folder))
    return Model(folder, room.name, room.fingerprint)


def offered() -> bool:
    """Whether a text can be searched for."""
    return encoder_folder() is not None


def box() -> None:
    """Draw the box for the text, and which model the data must come from."""
    widgets.text("Search by text", KEY, placeholder="a word or a sentence")
    named = model()
    if named is not None:
        messages.note(plain(encoder_words.must_come_from(named.name)))


def leave_for(item: int) -> None:
    """Empty the box, before it is drawn, where an item was chosen after the text was typed."""
    text, before = held(), _BESIDE.get()
    if text and before is not None and before[0] == text and before[1] != item:
        widgets.put(**{KEY: ""})
        text = ""
    _BESIDE.set((text, item))


def held() -> str:
    """The text that is searched for, or ""."""
    return widgets.held(KEY, str, "").strip() if offered() else ""


def name_of(text: str) -> str:
    """How the text is called in a sentence."""
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 3].rstrip() + "..."}"'


def vector(embeddings: EmbeddingSet, text: str) -> npt.NDArray[np.float32]:
    """(d,) of the text, as a quick job.

    Raises NotReady while it runs, and EncoderError where the encoder cannot give such a vector.
    """
    named = model()
    if named is None:
        raise EncoderError(encoder_words.HOW_TO)
    encoder = _loaded.require(named)
    if encoder.dim != embeddings.dim:
        raise EncoderError(
            f"{encoder.name} gives {encoder.dim:,} dimensions, and the data has "
            f"{embeddings.dim:,}: it comes from another model. Start the server with the model "
            "that made these vectors."
        )
    found = _vector.require(encoder, text)
    if not found.any():
        raise EncoderError(
            f"{encoder.name} knows no part of this text, which has no vector. Try other words."
        )
    return found


def say_fit(embeddings: EmbeddingSet) -> None:
    """Say how well the encoder gives the data's vectors again, as soon as that is known."""
    named = model()
    if named is None:
        return
    encoder = _loaded.need(named)
    fit = None if encoder is None else _fit.need(encoder, embeddings)
    if fit is not None:
        said = encoder_words.fits(fit)
        messages.warn(said) if encoder_words.misleads(fit) else messages.note(plain(said))


@jobs.job("Loading the text encoder", lane="quick")
def _loaded(progress: Progress, named: Model) -> TextEncoder:
    progress(0.0)
    return load_encoder(named.folder)


@jobs.job("Encoding the text", lane="quick")
def _vector(progress: Progress, encoder: TextEncoder, text: str) -> npt.NDArray[np.float32]:
    progress(0.0)
    found: npt.NDArray[np.float32] = encoder.encode([text])[0].astype(np.float32)
    found.setflags(write=False)
    return found


@jobs.job("Comparing the text encoder with the data")
def _fit(progress: Progress, encoder: TextEncoder, embeddings: EmbeddingSet) -> EncoderFit:
    return fit_of(encoder, embeddings, progress=counted(progress, "{:,} of {:,} texts"))
