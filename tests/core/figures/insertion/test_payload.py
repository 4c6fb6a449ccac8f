"""The payload of the player of insertions: its pictures, steps and chapters."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.figures import ShownInsertion, insertion_payload, insertion_script, insertion_style
from core.figures.insertion.places import Places
from core.index import DROPPED, HnswParams, insert_after
from tests.core.figures.insertion.made import MADE, NAMES, NEW, SELECTION, at_level, ids
from tests.core.index.datasets import clustered

SHOWN = ShownInsertion(MADE, NAMES, "euclidean")


def payload(**changes: Any) -> dict[str, Any]:
    return json.loads(json.dumps(insertion_payload(replace(SHOWN, **changes))))


def test_the_steps_follow_the_insertion() -> None:
    kinds = [step["kind"] for step in payload()["steps"]]
    assert kinds == [
        *("level", "descent", "descent", "descent"),
        *("search", "search", "search"),  # after 1, 2 and all 3 expansions
        *("rule", "rule", "rule", "rule"),  # three asked, then the two that are not
        *("links", "pruned", "back", "end"),
    ]


def test_the_chapters_lead_to_their_first_steps() -> None:
    content = payload()
    assert [(it["title"], it["step"]) for it in content["chapters"]] == [
        ("Level", 0),
        ("Descent", 1),
        ("Layer 0: search", 4),
        ("selection", 7),
        ("links back", 12),
        ("End", 14),
    ]
    assert content["steps"][8]["words"][1].startswith("Dropped: it is nearer to the kept")


def test_the_candidates_stand_at_their_distance_with_their_verdict() -> None:
    scene = payload()["scenes"][1]
    assert (scene["kind"], scene["center"], scene["limit"]) == ("layer", NEW, 2)
    assert scene["row"] == [0, 1, 2, 3, 4]
    assert scene["r"] == [0.125, 0.5, 0.625, 0.75, 1.0]
    assert scene["verdict"] == [0, 1, 0, 2, 2]
    assert scene["against"] == [-1, 0, 0, -1, -1]
    assert scene["between"] == [None, 0.25, 0.875, None, None]
    assert scene["visited"] == [4, 3, 2, 1, 0, 8]  # the start first
    assert scene["vr"] == [1.0, 0.75, 0.625, 0.5, 0.125, 1.25]
    assert scene["back"] == [{"place": 2, "linked": True}, {"place": 0, "linked": True}]


def test_places_of_a_pruned_list_are_those_of_the_list_not_rows() -> None:
    scene = payload()["scenes"][2]
    assert (scene["kind"], scene["center"]) == ("reverse", 2)
    assert scene["row"] == [5, NEW, 1, 6, 7]
    assert scene["against"] == [-1, 0, 1, 0, 0]


def test_the_descent_names_the_places_of_its_steps() -> None:
    scene = payload()["scenes"][0]
    assert scene["row"] == [3, 4, 8]
    assert scene["r"] == [0.75, 1.0, 1.25]
    assert scene["steps"] == [
        {"layer": 2, "origin": 2, "nearest": 0, "visited": [0, 1]},
        {"layer": 2, "origin": 0, "nearest": 0, "visited": [2]},
        {"layer": 1, "origin": 0, "nearest": 0, "visited": [1]},
    ]


def test_a_layer_of_few_candidates_has_one_step_for_all() -> None:
    content = payload(made=replace(MADE, trace=at_level(1)))
    kinds = [step["kind"] for step in content["steps"]]
    assert kinds[:5] == ["level", "search", "rule", "links", "back"]
    assert content["scenes"][0]["applied"] is False
    assert content["level"] == 1


def test_the_first_item_has_a_level_and_an_end() -> None:
    trace = replace(MADE.trace, layers=(), descent=(), n=0, entry_point=-1, becomes_entry=True)
    content = payload(
        made=replace(MADE, trace=trace, touched=ids(), vectors=MADE.vectors[:0]), names={0: "x"}
    )
    assert [(step["kind"], step["scene"]) for step in content["steps"]] == [
        ("level", -1),
        ("end", -1),
    ]


def test_lengths_are_named_where_the_metric_has_them() -> None:
    assert payload()["lengths"] == "euclidean"
    assert payload(metric="cosine")["lengths"] == "cosine"
    assert payload(metric="inner_product")["lengths"] is None
    assert payload(metric="inner_product")["distance_name"] == "inner product distance"


def test_the_name_tells_insertions_apart_and_not_themes() -> None:
    light, dark = insertion_payload(SHOWN), insertion_payload(SHOWN, dark=True)
    assert light["id"] == dark["id"]
    assert light["roles"] != dark["roles"]
    other = replace(SHOWN, names={**NAMES, 0: "asp"})
    assert insertion_payload(other)["id"] != light["id"]


@pytest.mark.parametrize("dim", [8, 90])
def test_angles_are_those_of_a_pca(dim: int) -> None:
    from sklearn.decomposition import PCA

    rows = clustered(200, dim)
    made = insert_after(
        rows, HnswParams("euclidean", m=6, ef_construction=50), np.arange(199), rows[199]
    )
    selection = made.trace.layers[0].selection
    fitted = PCA(2, svd_solver="full").fit(rows[selection.rows].astype(np.float64))
    flat = fitted.transform(rows[selection.rows].astype(np.float64))
    signs = np.sign(
        np.take_along_axis(
            fitted.components_, np.abs(fitted.components_).argmax(axis=1)[:, None], axis=1
        )
    )[:, 0]
    expected = np.arctan2(flat[:, 1] * signs[1], flat[:, 0] * signs[0])
    ours = Places(made).angles(selection.rows, selection.rows)
    np.testing.assert_allclose(np.exp(1j * ours), np.exp(1j * expected), atol=1e-6)


def test_the_new_item_has_its_own_vector() -> None:
    np.testing.assert_array_equal(Places(MADE).vectors(ids(NEW, 1)), [[0, 0], [0.5, 0]])


def test_one_row_has_no_plane() -> None:
    assert Places(MADE).angles(ids(1), ids(1)).tolist() == [0.0]


def test_every_name_that_a_picture_needs_is_there() -> None:
    rows = clustered(400)
    made = insert_after(rows, HnswParams("euclidean", m=4), np.arange(399), rows[399])
    names = {row: f"row {row}" for row in [*made.touched.tolist(), 399]}
    content = insertion_payload(ShownInsertion(made, names, "euclidean"))
    for scene in content["scenes"]:
        shown = {*scene["row"], *scene.get("visited", []), scene["center"]}
        assert {str(row) for row in shown} <= content["names"].keys()
    assert DROPPED in content["scenes"][-1]["verdict"]


@pytest.mark.parametrize("name", ["mountInsertion", "makeTheme", "niceTicks", "written"])
def test_the_script_defines_what_it_uses(name: str) -> None:
    assert f"function {name}(" in insertion_script()
    assert "http" not in insertion_script()
    assert ".nf-insertion" in insertion_style()


def test_a_selection_tells_kept_from_the_others() -> None:
    assert SELECTION.kept.tolist() == [0, 2]
    assert SELECTION.dropped.tolist() == [1, 3, 4]
