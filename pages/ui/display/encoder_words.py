"""What is said of a text encoder: which model the data must come from, and whether it does."""

from core.encoders import EncoderFit
from pages.ui.display.text import count

HOW_TO = (
    "To search by text, start the server with the folder of the model that made the vectors: "
    "nearfield FILE --encoder FOLDER, or NEARFIELD_ENCODER=FOLDER."
)


def must_come_from(name: str) -> str:
    """Beside the box, before anything was compared."""
    return f"The text becomes a vector by {name}; the data must come from the same model."


def fits(fit: EncoderFit) -> str:
    """One sentence or two: how well the encoder gives the vectors of the data again."""
    return {
        "same": _same,
        "related": _related,
        "other": _other,
        "dimensions": _dimensions,
        "no texts": _no_texts,
    }[fit.verdict](fit)


def misleads(fit: EncoderFit) -> bool:
    """Whether what a text finds says nothing, so that the sentence is a warning."""
    return fit.verdict in ("other", "dimensions")


def _same(fit: EncoderFit) -> str:
    return (
        f"{fit.encoder} reproduces the vectors of {fit.reproduced:,} of "
        f"{count(len(fit.rows), 'sampled row')} (median cosine {fit.median:.2f}) from {_text(fit)}."
    )


def _related(fit: EncoderFit) -> str:
    nearest = round(fit.own * len(fit.rows))
    return (
        f"The data most likely comes from {fit.encoder}, and from another text than its columns "
        f"hold: {nearest:,} of {len(fit.rows):,} sampled rows are nearest to their own "
        f"{_text(fit)}, at a median cosine of {fit.median:.2f}."
    )


def _other(fit: EncoderFit) -> str:
    return (
        f"The data comes from another model than {fit.encoder}: median cosine {fit.median:.2f} "
        f"between {count(len(fit.rows), 'sampled row')} and their texts. What a text finds here "
        "says nothing."
    )


def _dimensions(fit: EncoderFit) -> str:
    return (
        f"The data comes from another model than {fit.encoder}, which gives "
        f"{fit.encoder_dim:,} dimensions; the data has {fit.dim:,}. No text can be searched for."
    )


def _no_texts(fit: EncoderFit) -> str:
    return (
        f"The data must come from {fit.encoder}; it has no column of text by which that could be "
        "checked."
    )


def _text(fit: EncoderFit) -> str:
    return "no text" if fit.source is None else f'"{fit.source.name}"'
