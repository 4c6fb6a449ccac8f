"""What is said of a text encoder, by hand-made results."""

from dataclasses import replace

import numpy as np

from core.encoders import EncoderFit, TextSource
from pages.ui.display.encoder_words import fits, misleads, must_come_from

FIT = EncoderFit(
    encoder="small-v2",
    encoder_dim=384,
    dim=384,
    rows=np.arange(20),
    source=TextSource(("words", "gloss")),
    cosines=np.array([1.0] * 19 + [0.5]),
    own=1.0,
)


def test_vectors_that_are_reproduced() -> None:
    assert fits(FIT) == (
        "small-v2 reproduces the vectors of 19 of 20 sampled rows (median cosine 1.00) from "
        '"words: gloss".'
    )
    assert not misleads(FIT)


def test_another_text_of_the_model() -> None:
    related = replace(FIT, cosines=np.full(20, 0.834), own=0.7, source=TextSource(("gloss",)))
    assert fits(related) == (
        "The data most likely comes from small-v2, and from another text than its columns hold: "
        '14 of 20 sampled rows are nearest to their own "gloss", at a median cosine of 0.83.'
    )
    assert not misleads(related)


def test_another_model() -> None:
    other = replace(FIT, cosines=np.full(20, 0.12), own=0.05)
    assert fits(other) == (
        "The data comes from another model than small-v2: median cosine 0.12 between 20 sampled "
        "rows and their texts. What a text finds here says nothing."
    )
    assert misleads(other)


def test_other_dimensions_and_no_texts() -> None:
    nothing = replace(FIT, source=None, cosines=np.empty(0), own=float("nan"))
    assert fits(replace(nothing, dim=1_024)) == (
        "The data comes from another model than small-v2, which gives 384 dimensions; the data "
        "has 1,024. No text can be searched for."
    )
    assert fits(nothing) == (
        "The data must come from small-v2; it has no column of text by which that could be checked."
    )
    assert (misleads(replace(nothing, dim=1_024)), misleads(nothing)) == (True, False)


def test_which_model_the_data_must_come_from() -> None:
    assert must_come_from("small-v2") == (
        "The text becomes a vector by small-v2; the data must come from the same model."
    )
