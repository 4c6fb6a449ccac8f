"""Rebuild noise in words, of changes made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.index import HnswParams
from core.studies import Change, RebuildSpread
from pages.ui.display import noise_words
from pages.ui.display.noise_words import Judged

LESS = Judged("recall@10", Change(0.95, 0.9425, 0.006), in_points=True)
MORE = Judged("distance computations", Change(1000.0, 1012.0, 40.0))
NOT_KNOWN = Judged("cost", Change(1000.0, float("nan"), 40.0))

SPREAD = RebuildSpread(
    params=HnswParams("euclidean", m=12, ef_construction=80),
    seeds=(7, 8, 9),
    shuffled=True,
    k=5,
    n=4000,
    queries=200,
    ef=np.arange(5, 8),
    recall=np.array([[0.60, 0.70, 0.80], [0.62, 0.70, 0.82], [0.64, 0.70, 0.84]]),
    distance_computations=np.array([[100.0, 110, 120], [102, 110, 122], [104, 110, 124]]),
    recall_residual=np.zeros(3),
    computations_residual=np.zeros(3),
    unreachable=np.array([4, 0, 1200]),
)


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (
            [LESS, MORE],
            "Beyond rebuild noise: recall@10 -0.75 points, where two builds of one setting differ "
            "by up to 0.60. Inside rebuild noise: distance computations +12, where two builds of "
            "one setting differ by up to 40.",
        ),
        (
            [MORE, NOT_KNOWN],
            "Inside rebuild noise: distance computations +12, where two builds of one setting "
            "differ by up to 40. Rebuild noise is not known for cost.",
        ),
    ],
)
def test_what_changed_is_told_by_whether_it_is_more_than_noise(
    judged: list[Judged], words: str
) -> None:
    assert noise_words.sentence(judged) == words


def test_a_cell_has_the_verdict_and_both_sizes() -> None:
    assert noise_words.cell(LESS) == "beyond rebuild noise: -0.75 points (noise 0.60)"
    assert noise_words.cell(MORE) == "inside rebuild noise: +12 (noise 40)"
    assert noise_words.cell(NOT_KNOWN) == "not known"


def test_a_change_as_large_as_the_noise_is_inside_of_it() -> None:
    assert noise_words.verdict(Change(0.5, 0.75, 0.25)) == "inside rebuild noise"
    assert noise_words.verdict(Change(0.75, 0.5, 0.25)) == "inside rebuild noise"
    assert noise_words.verdict(Change(0.75, 0.5, 0.2499)) == "beyond rebuild noise"


def test_the_basis_names_the_setting_and_what_rebuilds_differ_by() -> None:
    assert noise_words.basis(SPREAD) == (
        "Rebuild noise: 3 rebuilds of M 12, ef_construction 80, with other seeds, each in a random "
        "order of its own; all answer the same 200 queries. Two builds of one setting differ by at "
        "most the noise in 95 % of cases, both figures together (Student's t over the rebuilds, "
        "paired by query). Unreachable items of the rebuilds: 0 to 1,200."
    )
    params = HnswParams("euclidean", m=12, ef_construction=80, threads=4)
    same = replace(SPREAD, shuffled=False, unreachable=np.array([3, 3, 3]), params=params)
    assert "ef_construction 80, 4 threads, with other seeds, in the same order;" in (
        noise_words.basis(same)
    )
    assert noise_words.basis(same).endswith("Unreachable items of the rebuilds: 3.")
