"""Studies that take long say how far they are, in order, and end where the report says so."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from core import studies
from core.data import EmbeddingSet
from core.distances import Floats
from core.index import HnswGraph, HnswParams, build_hnsw, census
from core.metrics.pair_resamples import resample_pairs
from core.metrics.spectrum import second_moment
from core.progress import Progress, counted
from core.studies.inspection.diagnosis import quick_census

LABELS = np.arange(400) % 8


@cache
def rows() -> Floats:
    """Eight classes; the last hundred rows are equal, so that searches lose some."""
    random = np.random.default_rng(5)
    made = random.normal(size=(8, 6))[LABELS] + random.normal(size=(400, 6)) * 0.5
    made[300:] = made[0]
    return made.astype(np.float32)


@cache
def graph() -> HnswGraph:
    return build_hnsw(rows(), HnswParams("euclidean", m=3, ef_construction=6, threads=1))


@cache
def pairs() -> Any:
    return studies.pair_study(rows(), LABELS)


def calibrated(progress: Progress) -> Any:
    resamples = resample_pairs(pairs().counts)
    totals = pairs().counts.totals
    return studies.calibrated_estimates(totals, resamples, most=5, progress=progress)


WORK: dict[str, tuple[Callable[[Progress], Any], int]] = {
    "moments": (
        lambda progress: studies.measure_moments(
            EmbeddingSet.from_arrays(rows(), name="rows"), progress
        ),
        2,
    ),
    "judge": (lambda progress: studies.judge(graph(), progress=progress), 6),
    "lost items": (
        lambda progress: studies.lost_items(graph(), census(graph(), ef=4), progress=progress),
        3,
    ),
    "estimates": (lambda progress: studies.estimates(pairs(), progress=progress), 400),
    "calibrated": (calibrated, 5),
    "doubtful labels": (
        lambda progress: studies.doubtful_labels(
            rows(), LABELS, progress=counted(progress, "{:,} of {:,} rows")
        ),
        1,
    ),
    "quick census": (
        lambda progress: quick_census(graph(), 10, progress=counted(progress, "{:,} of {:,}")),
        1,
    ),
}


class EnoughError(Exception):
    """Raised by a report that wants no more."""


@pytest.mark.parametrize("name", WORK)
def test_it_says_how_far_it_is_and_ends_where_the_report_raises(name: str) -> None:
    work, least = WORK[name]
    told = list[tuple[float, str]]()
    work(lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert len(told) >= least
    assert shares == sorted(shares)
    assert 0.0 <= shares[0] <= shares[-1] <= 1.0
    assert all(words for _, words in told)
    heard = list[float]()

    def enough(share: float, _: str) -> None:
        heard.append(share)
        if len(heard) == least:
            raise EnoughError

    with pytest.raises(EnoughError):
        work(enough)
    assert heard == shares[:least]


def test_what_is_said_changes_no_result() -> None:
    said = list[tuple[float, str]]()

    def note(share: float, words: str) -> None:
        said.append((share, words))

    plain, heard = studies.estimates(pairs()), studies.estimates(pairs(), progress=note)
    assert repr(plain.figures) == repr(heard.figures)
    lost, told = (
        studies.lost_items(graph(), census(graph(), ef=4), progress=each) for each in (None, note)
    )
    assert lost.cause.tolist() == told.cause.tolist()


def test_a_second_moment_is_told_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[tuple[int, int]]()
    monkeypatch.setattr(
        "core.metrics.spectrum.blocks_of",
        lambda vectors: [vectors[:150], vectors[150:390], vectors[390:]],
    )
    moment = second_moment(rows(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 400), (150, 400), (390, 400)]
    np.testing.assert_allclose(moment, rows().T.astype(float) @ rows() / 400, rtol=1e-5, atol=1e-6)
