"""A test to take away: a pytest file that holds a threshold to what was measured.

The file reads vectors and labels with `core.data`, counts their pairs with `core.metrics`, and
asserts bounds that are the ends of the 95 % intervals of the data at hand.
"""

import shlex
from dataclasses import dataclass

from core.distances import Metric
from core.visible import marked

TEMPLATE = '''"""Holds the threshold {shown} to what Nearfield measured on {data}.

Run with the folder of Nearfield on the path, on new vectors of the same model:

    NEARFIELD_VECTORS=vectors.parquet NEARFIELD_LABEL={label} python -m pytest {file}

The bounds are the ends of the 95 % intervals, by drawing {over}.
"""

import os

import pytest

from core.data import EmbeddingSet, read_embeddings
from core.metrics import PairCounts, count_pairs, opis_of_counts, point_at

METRIC = {metric!r}
SCORE = {score!r}  # {shown}
MOST_FAR = {far!r}
LEAST_TAR = {tar!r}
MOST_OPIS = {opis!r}


@pytest.fixture(scope="module")
def counts() -> PairCounts:
    items: EmbeddingSet = read_embeddings(
        os.environ["NEARFIELD_VECTORS"], label_column=os.environ.get("NEARFIELD_LABEL")
    )
    assert items.labels is not None, "name the column of the classes in NEARFIELD_LABEL"
    return count_pairs(items.vectors, items.labels, metric=METRIC)


def test_few_impostor_pairs_are_accepted(counts: PairCounts) -> None:
    assert point_at(counts.totals, SCORE).far <= MOST_FAR


def test_most_genuine_pairs_are_accepted(counts: PairCounts) -> None:
    assert point_at(counts.totals, SCORE).tar >= LEAST_TAR


def test_one_threshold_fits_all_classes(counts: PairCounts) -> None:
    assert opis_of_counts(counts).opis <= MOST_OPIS
'''


@dataclass(frozen=True)
class Bounds:
    """What the test asserts; score: of the threshold. far, opis: at most; tar: at least."""

    score: float
    far: float
    tar: float
    opis: float


def threshold_test(
    bounds: Bounds,
    *,
    metric: Metric,
    shown: str,
    data: str,
    label: str,
    over: str,
    file: str,
) -> str:
    """The text of the test.

    shown: the threshold in words. data: what was measured. label: the column of the classes. over:
    what was drawn for the intervals. file: the name that the file gets.
    """
    return TEMPLATE.format(
        shown=_one_line(shown),
        data=_one_line(data),
        label=_one_line(shlex.quote(label)),
        over=over,
        file=file,
        metric=metric,
        score=bounds.score,
        far=bounds.far,
        tar=bounds.tar,
        opis=bounds.opis,
    )


def _one_line(text: str) -> str:
    """A text from a user as a part of a docstring: on one line, without quotes and backslashes."""
    return " ".join(marked(text).replace("\\", "/").replace('"', "'").split())
