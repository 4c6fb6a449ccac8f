"""Which text of a set an encoder gives the vectors of, on sets whose origin is known."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.encoders import EncoderFit, TextEncoder, TextSource, fit_of, load_encoder
from core.encoders.fit import candidates
from tests.core.encoders.folders import write_static

LETTERS = list("abcdefghijklmnopqrstuvwxyz")
N = 60


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    """Of words that are letters, and of the marks that may join two texts."""
    pieces = [
        "[PAD]",
        "[UNK]",
        *LETTERS,
        *(f"##{letter}" for letter in LETTERS),
        ":",
        ".",
        ",",
        "-",
    ]
    vectors = np.random.default_rng(0).normal(size=(len(pieces), 16)).astype(np.float32)
    return load_encoder(write_static(tmp_path_factory.mktemp("m"), pieces, embeddings=vectors))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    texts = ["".join(random.choice(LETTERS, 8)) for _ in range(2 * N)]
    titles = ["".join(random.choice(LETTERS, 4)) for _ in range(N)]
    body = [f"{a} {b}" for a, b in zip(texts[:N], texts[N:], strict=True)]
    return pd.DataFrame({"title": titles, "body": body, "year": np.arange(N)})


def made(encoder: TextEncoder, texts: list[str], frame: pd.DataFrame) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(3 * encoder.encode(texts), metadata=frame, name="mine")


@pytest.mark.parametrize(
    ("columns", "joint"),
    [
        (("body",), ": "),
        (("title",), ": "),
        (("title", "body"), ": "),
        (("body", "title"), ": "),
        (("title", "body"), " "),
        (("title", "body"), ". "),
        (("title", "body"), " - "),
    ],
)
def test_the_text_is_found_whatever_it_was_made_of(
    encoder: TextEncoder, frame: pd.DataFrame, columns: tuple[str, ...], joint: str
) -> None:
    texts = [joint.join(cells) for cells in zip(*(frame[c] for c in columns), strict=True)]
    fit = fit_of(encoder, made(encoder, texts, frame), sample=12, seed=4)
    assert fit.source is not None
    # The mean of all pieces does not know their order: both orders are as good, the first is taken.
    assert (set(fit.source.columns), fit.verdict) == (set(columns), "same")
    assert fit.source.name == joint.join(fit.source.columns)
    assert (fit.reproduced, fit.own, len(fit.rows)) == (12, 1.0, 12)
    np.testing.assert_allclose(fit.cosines, 1, atol=1e-6)


def test_another_text_of_the_same_model_is_related(
    encoder: TextEncoder, frame: pd.DataFrame
) -> None:
    texts = [
        f"{body} {title} xyz" for body, title in zip(frame["body"], frame["title"], strict=True)
    ]
    fit = fit_of(encoder, made(encoder, texts, frame[["body"]]), sample=20)
    expected = cosine(encoder.encode(texts), encoder.encode(list(frame["body"])))[fit.rows]
    assert (fit.verdict, fit.source) == ("related", TextSource(("body",)))
    np.testing.assert_allclose(fit.cosines, expected, atol=1e-6)
    assert fit.median == pytest.approx(np.median(expected))


def test_vectors_of_another_model(encoder: TextEncoder, frame: pd.DataFrame) -> None:
    others = np.random.default_rng(2).normal(size=(N, 16))
    fit = fit_of(encoder, EmbeddingSet.from_arrays(others, metadata=frame, name="x"))
    assert fit.verdict == "other"
    assert fit.reproduced == 0
    assert fit.median < 0.5


def test_other_dimensions_and_no_texts_encode_nothing(
    encoder: TextEncoder, frame: pd.DataFrame
) -> None:
    fits = [
        fit_of(encoder, EmbeddingSet.from_arrays(np.eye(N), metadata=frame, name="x")),
        fit_of(encoder, EmbeddingSet.from_arrays(np.ones((N, 16)), name="x")),
    ]
    assert [fit.verdict for fit in fits] == ["dimensions", "no texts"]
    assert [(fit.source, len(fit.cosines), np.isnan(fit.median)) for fit in fits] == [
        (None, 0, True),
        (None, 0, True),
    ]


def test_empty_cells_few_rows_and_zero_vectors(encoder: TextEncoder) -> None:
    frame = pd.DataFrame({"text": ["a", None, "b"]})
    vectors = encoder.encode(["a", "", "b"])
    assert not vectors[1].any()
    fit = fit_of(encoder, EmbeddingSet.from_arrays(vectors, metadata=frame, name="x"))
    np.testing.assert_allclose(fit.cosines, [1, 0, 1], atol=1e-6)
    assert (fit.verdict, fit.reproduced) == ("same", 2)


def test_the_same_seed_gives_the_same_rows(encoder: TextEncoder, frame: pd.DataFrame) -> None:
    data = made(encoder, list(frame["body"]), frame)
    heard: list[tuple[int, int]] = []
    first = fit_of(encoder, data, sample=7, seed=3, progress=lambda *done: heard.append(done))
    assert first.rows.tolist() == fit_of(encoder, data, sample=7, seed=3).rows.tolist()
    assert first.rows.tolist() != fit_of(encoder, data, sample=7, seed=5).rows.tolist()
    assert [done / total for done, total in heard] == sorted(done / total for done, total in heard)
    assert heard[-1][0] == heard[-1][1]


def test_half_of_ten_rows_that_know_their_text_tell_a_relation() -> None:
    def fit(own: float, size: int, cosines: list[float]) -> EncoderFit:
        rows, source = np.arange(size), TextSource(("a",))
        return EncoderFit("m", 2, 2, rows, source, np.array(cosines), own)

    assert fit(0.5, 10, [0.5] * 10).verdict == "related"
    assert fit(0.4, 10, [0.5] * 10).verdict == "other"
    assert fit(1.0, 9, [0.5] * 9).verdict == "other"  # too few rows to tell
    assert fit(1.0, 10, [0.99] * 6 + [0.1] * 4).verdict == "same"
    assert fit(1.0, 10, [0.99] * 6 + [0.1] * 4).reproduced == 6


def test_candidates_are_all_columns_and_the_longest_by_two() -> None:
    names = [source.name for source in candidates(["a", "b", "c"])]
    assert names == ["a", "b", "c", "a: b", "a: c", "b: a", "b: c", "c: a", "c: b"]
    assert len(candidates([str(i) for i in range(9)])) == 9 + 6 * 5


def cosine(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    dots = (left.astype(float) * right).sum(axis=1)
    return dots / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
