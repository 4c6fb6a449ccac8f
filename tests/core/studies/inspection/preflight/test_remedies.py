"""What a remedy leaves: rows, labels, queries and ground truth, by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.distances import Metric
from core.errors import ParameterError
from core.index import exact_neighbors
from core.studies import (
    Remedy,
    closeness_findings,
    knn_lists,
    labels_that_look_wrong,
    measure_moments,
    quick_findings,
    shape_findings,
    treated,
)
from core.studies.inspection.preflight.remedies import Action
from tests.core.studies.inspection.preflight.planted import planted

RANDOM = np.random.default_rng(8)
VECTORS = RANDOM.normal(size=(60, 10)) + 1
QUERIES = RANDOM.normal(size=(4, 10))
VECTORS[3, 4], QUERIES[1, 4] = 40, -70
MIDDLE = np.median(VECTORS[:, 4])
SPREAD = 6 * 1.4826 * np.median(np.abs(VECTORS[:, 4] - MIDDLE))
LIMITS = (MIDDLE - SPREAD, MIDDLE + SPREAD)


def asked(metric: Metric | None = "euclidean") -> EmbeddingSet:
    frame = pd.DataFrame({"label": ["b", "a", "c"] * 20, "name": [f"i{i}" for i in range(60)]})
    truth = exact_neighbors(VECTORS, QUERIES, 3, metric=metric or "euclidean").ids
    return EmbeddingSet.from_arrays(
        VECTORS,
        metadata=frame,
        name="asked",
        notes=["as read"],
        queries=QUERIES,
        ground_truth=truth,
        metric=metric,
    )


def out(*ids: int) -> np.ndarray:
    return np.array(ids, np.int64)


@pytest.mark.parametrize(
    "remedy",
    [Remedy("scale to length 1", "long vectors"), Remedy("leave out rows", "hubs", np.array([3]))],
)
@pytest.mark.parametrize(
    "changed",
    [
        lambda items: items.relabeled("name"),
        lambda items: items.with_metadata(items.metadata[["name"]]),
    ],
)
def test_a_set_with_other_labels_or_metadata_is_another_set_after_a_remedy(
    changed: Callable[[EmbeddingSet], EmbeddingSet], remedy: Remedy
) -> None:
    items = changed(asked())
    made = treated(items, remedy)
    np.testing.assert_array_equal(made.bare.vectors, made.vectors)
    assert made.fingerprint != items.fingerprint
    assert made.bare.fingerprint != items.bare.fingerprint


def test_rows_leave_with_their_labels_and_the_truth_is_renumbered() -> None:
    items = asked()
    assert items.ground_truth is not None
    spare = [row for row in range(60) if row not in items.ground_truth]
    left = treated(items, Remedy("leave out rows", "zero vectors", out(*spare[:2])))
    kept = np.setdiff1d(np.arange(60), spare[:2])
    np.testing.assert_array_equal(left.vectors, items.vectors[kept])
    assert left.metadata["name"].tolist() == [f"i{i}" for i in kept]
    assert left.label_texts.tolist() == items.label_texts[kept].tolist()
    assert left.ground_truth is not None
    np.testing.assert_array_equal(
        left.ground_truth, exact_neighbors(VECTORS[kept], QUERIES, 3, metric="euclidean").ids
    )
    assert left.name == "asked, without 2 zero vectors"
    assert left.notes[-1] == "2 of 60 rows left out: zero vectors"
    assert left.notes[:2] == items.notes[:2]
    assert (left.metric, left.fingerprint != items.fingerprint) == ("euclidean", True)
    assert not left.vectors.flags.writeable


def test_a_truth_that_names_a_row_that_leaves_is_left_out() -> None:
    items = asked()
    assert items.ground_truth is not None
    row = int(items.ground_truth[2, 1])
    lists = int((items.ground_truth == row).any(axis=1).sum())
    left = treated(items, Remedy("leave out rows", "near copies", out(row)))
    assert left.ground_truth is None
    assert left.notes[-1] == (
        f"the ground truth was left out: {lists} of its 4 lists hold rows that were left out"
    )


def test_a_class_whose_members_leave_is_gone() -> None:
    left = treated(asked(), Remedy("leave out rows", "some", np.arange(1, 60, 3)))
    assert left.class_names == ("b", "c")
    assert left.class_sizes.tolist() == [20, 20]


def test_queries_leave_with_their_truth() -> None:
    items = asked()
    left = treated(items, Remedy("leave out queries", "queries among the rows", out(1)))
    assert left.queries is not None
    assert items.ground_truth is not None
    np.testing.assert_array_equal(left.queries, QUERIES[[0, 2, 3]].astype(np.float32))
    np.testing.assert_array_equal(left.ground_truth, items.ground_truth[[0, 2, 3]])
    assert left.name == "asked, without 1 queries among the rows"
    bare = EmbeddingSet.from_arrays(VECTORS, name="bare")
    with pytest.raises(ParameterError, match="no queries"):
        treated(bare, Remedy("leave out queries", "queries among the rows", out(1)))


@pytest.mark.parametrize(
    ("remedy", "expected", "name"),
    [
        (
            Remedy("scale to length 1", "long vectors"),
            lambda x: x / np.linalg.norm(x, axis=1, keepdims=True),
            "asked, normalized",
        ),
        (Remedy("subtract the mean", "m"), lambda x: x - VECTORS.mean(axis=0), "asked, centered"),
        (Remedy("multiply", "float16", factor=0.25), lambda x: x / 4, "asked, times 0.25"),
        (
            Remedy("leave out dimensions", "constant dimensions", out(2, 9)),
            lambda x: x[:, [0, 1, 3, 4, 5, 6, 7, 8]],
            "asked, without 2 constant dimensions",
        ),
        (
            Remedy("clip", "heavy-tailed dimensions", out(4)),
            lambda x: np.where(np.arange(10) == 4, np.clip(x, *LIMITS), x),
            "asked, 1 dimension clipped",
        ),
    ],
)
def test_values_of_rows_and_queries_change_alike(
    remedy: Remedy, expected: object, name: str
) -> None:
    assert callable(expected)
    changed = treated(asked(), remedy)
    assert changed.queries is not None
    np.testing.assert_allclose(changed.vectors, expected(VECTORS), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(changed.queries, expected(QUERIES), rtol=1e-5, atol=1e-6)
    assert changed.name == name
    assert changed.label_column == "label"


def test_removed_directions_hold_no_variance_and_the_rest_stays() -> None:
    items = asked()
    moments = measure_moments(items)
    changed = treated(items, Remedy("remove directions", "dominant directions", directions=2))
    left = measure_moments(changed)
    np.testing.assert_allclose(left.eigenvalues[:8], moments.eigenvalues[2:], rtol=1e-5)
    np.testing.assert_allclose(left.mean, 0, atol=1e-6)
    assert changed.name == "asked, without its mean and 2 directions"


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_kept_directions_change_no_distance(metric: Metric) -> None:
    flat = VECTORS.copy()
    flat[:, 9] = flat[:, 0] - 2 * flat[:, 1]
    queries = QUERIES.copy()
    queries[:, 9] = queries[:, 0] - 2 * queries[:, 1]
    items = EmbeddingSet.from_arrays(flat, name="flat", queries=queries, metric=metric)
    changed = treated(items, Remedy("keep directions", "dead directions", directions=9))
    assert changed.queries is not None
    assert (changed.dim, changed.name) == (9, "flat, in 9 directions")
    before = exact_neighbors(flat, queries, 5, metric=metric)
    after = exact_neighbors(changed.vectors, changed.queries, 5, metric=metric)
    np.testing.assert_array_equal(after.ids, before.ids)
    np.testing.assert_allclose(after.distances, before.distances, atol=1e-5)


@pytest.mark.parametrize(
    ("action", "metric", "stays"),
    [
        ("scale to length 1", "cosine", True),
        ("scale to length 1", "euclidean", False),
        ("subtract the mean", "euclidean", True),
        ("subtract the mean", "cosine", False),
        ("multiply", "inner_product", True),
        ("multiply", None, False),
        ("remove directions", "euclidean", False),
    ],
)
def test_the_truth_stays_only_where_it_is_still_true(
    action: Action, metric: Metric | None, *, stays: bool
) -> None:
    changed = treated(asked(metric), Remedy(action, "why", factor=0.5, directions=1))
    assert (changed.ground_truth is not None) is stays
    said = "the ground truth was left out: the new values may have other neighbors"
    assert (changed.notes[-1] == said) is not stays
    if stays and metric is not None:
        assert changed.queries is not None
        again = exact_neighbors(changed.vectors, changed.queries, 3, metric=metric).ids
        np.testing.assert_array_equal(changed.ground_truth, again)


def test_a_remedy_never_leaves_nothing() -> None:
    with pytest.raises(ParameterError, match="would leave no rows at all"):
        treated(asked(), Remedy("leave out rows", "all", np.arange(60)))
    with pytest.raises(ParameterError, match="would leave no dimensions at all"):
        treated(asked(), Remedy("leave out dimensions", "all", np.arange(10)))
    with pytest.raises(ParameterError, match="rows that are not there: there are 60"):
        treated(asked(), Remedy("leave out rows", "other data", out(60)))


def test_every_remedy_of_the_planted_set_ends_its_finding() -> None:
    """One step, and a second look no longer finds what it was for."""
    items = planted().items

    def look(of: EmbeddingSet) -> dict[str, tuple[int, Remedy | None]]:
        wrong = labels_that_look_wrong(of, knn_lists(of.vectors, 10, "euclidean"))
        every = [
            *quick_findings(of),
            *shape_findings(of, measure_moments(of)),
            *closeness_findings(of, "euclidean"),
            *([wrong] if wrong else []),
        ]
        return {each.kind: (each.count, each.remedy) for each in every}

    ended = {
        kind: look(treated(items, remedy)).get(kind, (0, None))[0]
        for kind, (_, remedy) in look(items).items()
        if remedy is not None
    }
    assert len(ended) >= 11
    ended.pop("dominant directions", None)  # of what is left the next ones have a larger share
    assert {kind: left for kind, left in ended.items() if left} == {}
