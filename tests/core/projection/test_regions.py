"""Regions of maps small enough to see the answer."""

import numpy as np
import pytest

from core.data import load_sample
from core.errors import ParameterError
from core.projection import UmapSettings, stored_umap
from core.projection.regions import CELLS, Region, _Grid, class_regions, word_regions

RANDOM = np.random.default_rng(0)


def cloud(center: tuple[float, ...], n: int, spread: float = 0.2) -> np.ndarray:
    return RANDOM.normal(center, spread, (n, len(center)))


def near(region: Region, place: tuple[float, ...]) -> bool:
    return bool(np.linalg.norm(region.place - place) < 1.0)


@pytest.mark.parametrize("axes", [2, 3])
def test_a_class_is_named_where_most_of_it_lies(axes: int) -> None:
    # "b" has 30 points at 9 and 10 among the 60 of "a" at 0, where it is not the commonest.
    low, high = (0.0,) * axes, (9.0,) * axes
    places = np.concatenate([cloud(low, 60), cloud(high, 30), cloud(low, 10)])
    codes = np.array([0] * 60 + [1] * 40)
    a, b = class_regions(places, codes, ["a", "b"])
    assert (a.name, b.name) == ("a", "b")
    assert near(a, low)
    assert near(b, high)
    assert b.size >= 30


def test_a_cell_belongs_to_its_commonest_class() -> None:
    # Corner (0, 0): 3 of a, 2 of b; corner (9, 9): 4 of b. In the first b has no home.
    places = np.array([[0.0, 0.0]] * 5 + [[9.0, 9.0]] * 4)
    found = class_regions(places, np.array([0, 0, 0, 1, 1, 1, 1, 1, 1]), ["a", "b"])
    assert [(each.name, each.size) for each in found] == [("b", 4), ("a", 3)]
    width = 9.0 / CELLS[2]
    np.testing.assert_allclose(found[0].place, [9 - width / 2] * 2)
    np.testing.assert_allclose(found[1].place, [width / 2] * 2)


def test_of_two_parts_of_a_class_the_denser_is_named() -> None:
    places = np.concatenate([cloud((0, 0), 20), cloud((9, 0), 50), cloud((0, 9), 60)])
    codes = np.array([0] * 70 + [1] * 60)
    (place,) = (each.place for each in class_regions(places, codes, "xy") if each.name == "x")
    assert np.linalg.norm(place - [9, 0]) < 1


def test_a_class_that_is_nowhere_the_commonest_and_missing_labels_have_no_name() -> None:
    places = np.array([[0.0, 0.0]] * 7 + [[5.0, 5.0]] * 2)
    codes = np.array([0, 0, 0, 1, 1, -1, -1, -1, -1])
    assert [each.name for each in class_regions(places, codes, ["a", "b", "c"])] == ["a"]


def test_equal_classes_are_the_lower_codes() -> None:
    places = np.zeros((4, 2))
    found = class_regions(places, np.array([1, 1, 0, 0]), ["a", "b"])
    assert [(each.name, each.size) for each in found] == [("a", 2)]


def test_the_density_is_smoothed_by_binomial_weights() -> None:
    # Two passes of [1, 2, 1] / 4 are [1, 4, 6, 4, 1] / 16 along an axis.
    places = np.zeros((3, 2))
    places[1:] = [[48.0, 48.0], [24.2, 24.2]]
    grid = _Grid(places)
    alone = grid.density(np.array([False, False, True])).reshape(48, 48)
    np.testing.assert_allclose(alone[24, 22:27], np.array([1, 4, 6, 4, 1]) / 16 * 6 / 16)
    np.testing.assert_allclose(alone[22:27, 24], np.array([1, 4, 6, 4, 1]) / 16 * 6 / 16)
    assert alone.sum() == pytest.approx(1.0)


def test_ascent_goes_to_the_densest_neighbor_and_of_equal_ones_to_the_first() -> None:
    grid = _Grid(np.array([[0.0, 0.0], [1.0, 1.0]]))
    density = np.zeros((48, 48))
    density[10, 10], density[11, 11] = 1.0, 2.0
    uphill = grid.uphill(density.reshape(-1)).reshape(48, 48)
    assert uphill[10, 10] == 11 * 48 + 11
    assert uphill[9, 9] == 10 * 48 + 10
    assert uphill[11, 11] == 11 * 48 + 11
    assert uphill[0, 0] == 0
    assert uphill[30, 30] == 29 * 48 + 29


def test_words_that_a_region_has_more_than_the_rest_name_it() -> None:
    # 40 at the left, 20 at the right; "the" is everywhere, "left" holds 10 of 40.
    places = np.concatenate([cloud((0, 0), 40), cloud((9, 9), 20)])
    texts = [f"the {'apple' if i < 30 else 'pear'}{' left' * (i < 10)}" for i in range(40)]
    texts += ["The ship, the ship!" if i < 15 else "the harbor" for i in range(20)]
    # left: apple p = 30/40, q = 30/60: lift 1.5 < 2, as of every word of two thirds of all texts.
    # right: ship p = 15/20, q = 15/60: lift 3; harbor 5/20 against 5/60: lift 3.
    (right,) = word_regions(places, np.array(texts))
    assert right.name == "ship, harbor"
    assert right.size == 20
    assert near(right, (9, 9))


def test_a_word_of_more_than_half_of_the_regions_is_in_no_name() -> None:
    # "the" is in 30 of 30 texts at the left, 3 of 30 above and 0 of 90 at the right: of 150 in 33,
    # lift 4.5, in two of three regions. "oak" is in 30, lift 5; "elm" in 6, all above: lift 5.
    places = np.concatenate([cloud((0, 0), 30), cloud((0, 9), 30), cloud((9, 9), 90)])
    texts = ["the oak"] * 30 + ["the elm"] * 3 + ["elm"] * 3 + [""] * 114
    assert {each.name for each in word_regions(places, np.array(texts))} == {"oak", "elm"}
    # Two texts above are too few to count: "the" is in one region of three.
    fewer = ["the oak"] * 30 + ["the elm"] * 2 + ["elm"] * 4 + [""] * 114
    named = {each.name for each in word_regions(places, np.array(fewer))}
    assert named == {"oak, the", "elm"}


def test_a_word_names_the_largest_of_its_regions() -> None:
    groups = [("sea", 30, (0, 0)), ("sea", 20, (9, 0)), ("land", 60, (0, 9)), ("air", 60, (9, 9))]
    places = np.concatenate([cloud(place, n) for _, n, place in groups])
    texts = np.array([f"of {word} x{i % 2}" for word, n, _ in groups for i in range(n)])
    found = {each.name: each.size for each in word_regions(places, texts)}
    # sea: p = 1, q = 50/170: lift 3.4 in both; the 20 at the right are left without a name.
    assert found == {"land": 60, "air": 60, "sea": 30}


def test_fewer_than_three_texts_and_ten_points_make_no_name() -> None:
    places = np.concatenate([cloud((0, 0), 60), cloud((9, 9), 12), cloud((0, 9), 9)])
    texts = np.array(["common"] * 60 + ["rare", "rare"] + ["other"] * 10 + ["few"] * 9)
    assert [each.name for each in word_regions(places, texts)] == ["other"]


def test_texts_without_words_name_nothing() -> None:
    assert word_regions(cloud((0, 0), 50), np.array(["", "1 2 3", "a b"] * 16 + ["", ""])) == ()


@pytest.mark.parametrize("components", [2, 3])
def test_the_sample_has_names_where_their_classes_are(components: int) -> None:
    sample = load_sample("wordnet")
    projection = stored_umap(sample.vectors, components, UmapSettings())
    assert projection is not None
    assert sample.labels is not None
    found = class_regions(projection.coordinates, sample.labels, sample.class_names)
    assert {"noun.plant", "noun.animal", "noun.person"} <= {each.name for each in found[:6]}
    for region in found[:6]:  # the naive count: the commonest of the 15 points nearest to the name
        apart = np.linalg.norm(projection.coordinates - region.place, axis=1)
        around = sample.labels[np.argsort(apart)[:15]]
        assert sample.class_names[np.bincount(around[around >= 0]).argmax()] == region.name
    again = class_regions(projection.coordinates, sample.labels, sample.class_names)
    assert [each.name for each in again] == [each.name for each in found]


def test_words_of_the_sample() -> None:
    sample = load_sample("wordnet")
    projection = stored_umap(sample.vectors, 2, UmapSettings())
    assert projection is not None
    texts = sample.metadata["gloss"].astype(str).to_numpy().astype(np.str_)
    named = [each.name for each in word_regions(projection.coordinates, texts)]
    assert "flowers, genus" in named
    assert "fish, marine" in named


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"codes must hold one value for each of 3 points"):
        class_regions(np.zeros((3, 2)), np.zeros(2, np.int64), ["a"])
    with pytest.raises(ParameterError, match=r"texts must hold one value for each of 3 points"):
        word_regions(np.zeros((3, 2)), np.array(["a"]))
    with pytest.raises(ParameterError, match=r"\(n, 2\) or \(n, 3\) with at least 1 row"):
        class_regions(np.zeros((0, 2)), np.zeros(0, np.int64), ["a"])
