"""The verdict on an index: how many items it loses, mostly why, and a rebuild that helps."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import load_sample
from core.distances import Metric
from core.index import Census, HnswGraph, HnswParams, build_hnsw
from core.studies import CHANGES, Diagnosis, judge, what_if
from core.studies.inspection import verdict
from core.studies.inspection.verdict import (
    CLASS_ORDER,
    DUPLICATES,
    FIXES,
    LENGTHS,
    NEAR_MEAN,
    SMALL_EF,
    SMALL_M,
    ZEROS,
    main_cause,
)
from tests.core.index.datasets import uneven_norms
from tests.core.index.graphs import hand_graph
from tests.core.studies.inspection.test_diagnosis import (
    class_after_class,
    normal,
    with_copies,
    with_zeros,
)

Vectors = np.ndarray


def with_mean() -> Vectors:
    random = np.random.default_rng(5)
    centers = random.normal(size=(100, 64))
    rows = centers[random.integers(0, 100, 4000)] + 0.3 * random.normal(size=(4000, 64))
    copies = random.choice(4000, 400, replace=False)
    rows[copies] = rows.mean(axis=0) + 1e-3 * random.normal(size=(400, 64))
    return rows.astype(np.float32)


@pytest.mark.parametrize(
    ("vectors", "params", "kind", "figure"),
    [
        (with_zeros(5000, 32, 0.1), HnswParams("euclidean", ef_construction=100), ZEROS, 500),
        (
            with_copies(4000, 16, 0.3),
            HnswParams("euclidean", ef_construction=100),
            DUPLICATES,
            1201,
        ),
        (with_mean(), HnswParams("euclidean", m=4, ef_construction=40), NEAR_MEAN, 400),
        (
            class_after_class()[0],
            HnswParams("euclidean", ef_construction=40),
            CLASS_ORDER,
            0.0101,
        ),
        (normal(5000, 64), HnswParams("euclidean", m=4), SMALL_M, 4),
        (normal(5000, 64), HnswParams("euclidean", m=8, ef_construction=16), SMALL_EF, 16),
        (uneven_norms(), HnswParams("inner_product", m=8), LENGTHS, 20.1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_commonest_cause_is_named_and_its_fix_helps(
    vectors: Vectors, params: HnswParams, kind: str, figure: float
) -> None:
    found = judge(build_hnsw(vectors, params))
    assert found.diagnosis.broken
    assert found.cause is not None
    assert found.cause.kind == kind
    assert found.cause.figure == pytest.approx(figure, rel=0.01)
    assert 0.5 <= found.cause.share <= 1
    rebuilt = what_if(
        build_hnsw(vectors, params),
        vectors,
        params,
        found.cause.fix,
        ef=40,
        k=10,
        m=max(16, 2 * params.m),
        ef_construction=200,
        queries=50,
    )
    after = judge(rebuilt.after.graph).diagnosis
    assert after.lost_share < found.diagnosis.lost_share / 2


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("name", ["wordnet", "digits"])
def test_a_sound_index_has_no_cause(name: str, metric: Metric) -> None:
    found = judge(build_hnsw(load_sample(name).vectors, HnswParams(metric)))
    assert not found.diagnosis.broken
    assert found.cause is None
    assert (found.m, found.diagnosis.ef, found.diagnosis.searched) == (16, 512, 500)
    assert found.diagnosis.lost_share == 0
    assert np.isnan(found.diagnosis.final_recall)


def test_every_fix_is_a_change_of_what_if() -> None:
    assert set(FIXES.values()) <= set(CHANGES)


def taken(graph: HnswGraph, lost: list[int], checked: list[int], found: list[int]) -> Census:
    """A census in which `lost` are unreachable, and of `checked` only `found` are found."""
    rows = np.arange(graph.n)
    hit = np.isin(checked, found)
    return Census(~np.isin(rows, lost), graph.deleted, np.array(checked), hit, hit, 1, 0)


# Ten points in a ring, M 2; nothing is equal, near the mean or in order (each step is 5 of 10).
ANGLES = 2 * np.pi * np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]) / 10
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32) + 3
RING = hand_graph([{i: [(i + 1) % 10] for i in range(10)}], 0, vectors=CIRCLE)


def test_each_row_counts_for_those_that_it_stands_for() -> None:
    # 0 and 1 are unreachable and have links in. Of 4 searched for out of 10, 5 is not found: it
    # stands for 2.5 rows. All come of the links, so the cause is M, with a share of 1.
    whole = main_cause(RING, taken(RING, [0, 1], [2, 3, 4, 5], [2, 3, 4]))
    assert whole is not None
    assert (whole.kind, whole.share, whole.figure) == (SMALL_M, 1.0, 2.0)
    # In order around the ring each row is 2 sin 18 degrees = 0.618 from the next, and the median
    # of two at random is 2 sin 54 degrees = 1.618 or more: 5 stops for the order, 0 and 1 do not.
    ordered = CIRCLE[np.argsort(ANGLES)]
    graph = replace(RING, vectors=ordered)
    found = main_cause(graph, taken(graph, [0, 1], [2, 3, 4, 5], [2, 3, 4]))
    assert found is not None
    assert found.kind == CLASS_ORDER
    assert found.share == pytest.approx(2.5 / 4.5)
    step, half = 2 * np.sin(np.pi / 10), 2 * np.sin(3 * np.pi / 10)
    assert found.figure == pytest.approx(step / half, rel=1e-3)
    fewer = main_cause(graph, taken(graph, [0, 1, 9], [2, 3, 4, 5], [2, 3, 4]))
    assert fewer is not None
    assert (fewer.kind, fewer.share) == (SMALL_M, pytest.approx(3 / 5.5))


def test_a_copy_that_comes_first_is_no_loss() -> None:
    census = taken(RING, [], [2, 5], [2])
    assert main_cause(RING, replace(census, first=np.array([True, True]))) is None


def test_only_some_unreachable_rows_are_asked_and_stand_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 5 of 10 unreachable, 1 asked: it stands for 5, and the row that is not found for 2.5.
    monkeypatch.setattr(verdict, "EXPLAINED", 1)
    graph = replace(RING, vectors=CIRCLE[np.argsort(ANGLES)])
    found = main_cause(graph, taken(graph, [0, 1, 6, 7, 8], [2, 3, 4, 5], [2, 3, 4]))
    assert found is not None
    assert (found.kind, found.share) == (SMALL_M, pytest.approx(5 / 7.5))


@pytest.mark.parametrize(
    ("m", "ef_construction", "kind"),
    [
        (5, None, SMALL_M),
        (5, 11, SMALL_M),
        (5, 10, SMALL_EF),
        (4, 8, SMALL_M),  # so few links that better ones help less than more
    ],
)
def test_an_ef_construction_up_to_two_m_is_narrow(
    m: int, ef_construction: int | None, kind: str
) -> None:
    graph = replace(RING, m=m, ef_construction=ef_construction)
    found = main_cause(graph, taken(graph, [0], [1], [1]))
    assert found is not None
    assert found.kind == kind


def test_a_crowd_of_copies_keeps_searches_from_other_rows() -> None:
    # Three copies with M 2 are a crowd, 3 of 10 rows; 6 links to none of them.
    crowd = CIRCLE.copy()
    crowd[[0, 1, 2]] = crowd[0]
    graph = replace(RING, vectors=crowd)
    found = main_cause(graph, taken(graph, [6], [3], [3]))
    assert found is not None
    assert (found.kind, found.figure) == (DUPLICATES, 3)
    pair = crowd.copy()
    pair[2] = CIRCLE[2]
    two = replace(RING, vectors=pair)
    alone = main_cause(two, taken(two, [6], [3], [3]))
    assert alone is not None
    assert alone.kind == SMALL_M


# ---- the shares of a diagnosis


def test_the_share_of_lost_items_and_its_interval() -> None:
    # 100 of 1,000 are unreachable; of 400 searched for 40 more are not found. Wilson for 0.1 of
    # 400: z^2 = 3.841459; scale 1.00960365; middle (0.1 + 0.00480182) / scale = 0.10380491; half
    # 1.959964 / scale x sqrt(0.09 / 400 + 3.841459 / 640000) = 0.02950.
    found = Diagnosis(n=1000, unreachable=100, searched=400, not_found=40, ef=512)
    assert found.lost_share == pytest.approx(0.2)
    low, high = found.lost_interval
    assert low == pytest.approx(0.1 + 0.103805 - 0.029505, abs=1e-5)
    assert high == pytest.approx(0.1 + 0.103805 + 0.029505, abs=1e-5)


def test_where_all_or_none_are_searched_for_there_is_no_interval() -> None:
    whole = Diagnosis(n=400, unreachable=100, searched=400, not_found=40, ef=512)
    assert whole.lost_share == pytest.approx(0.35)
    assert whole.lost_interval == (pytest.approx(0.35), pytest.approx(0.35))
    by_dot = Diagnosis(n=400, unreachable=100, searched=0, not_found=0, ef=512)
    assert by_dot.lost_interval == (0.25, 0.25)
    assert np.isnan(Diagnosis(n=0, unreachable=0, searched=0, not_found=0, ef=512).lost_share)
