"""Regions of maps small enough to see the answer: their parts, words and labels."""

import numpy as np
import pytest

from core.data import load_sample
from core.errors import ParameterError
from core.projection import UmapSettings, regions_parts, stored_umap
from core.projection.regions import Region, codes_of_regions, label_regions, word_regions
from core.projection.regions_hills import Hills
from core.projection.regions_labels import label_names
from core.projection.regions_parts import Level, Part, parts_of
from core.projection.regions_words import count_words, is_same_word, word_names

RANDOM = np.random.default_rng(0)


def cloud(center: tuple[float, ...], n: int, spread: float = 0.2) -> np.ndarray:
    return RANDOM.normal(center, spread, (n, len(center)))


def near(region: Region, place: tuple[float, ...]) -> bool:
    return bool(np.linalg.norm(region.place - place) < 1.0)


# Five hills. 1 joins 0 at 5 (its peak is 2 times that), 2 joins 0 at 8 (9 / 8), 3 joins 1 at 5
# (6 / 5); 4 has no pass.
FIVE = Hills(
    of=np.repeat(np.arange(5), [400, 300, 100, 100, 100]),
    places=np.zeros((5, 2)),
    peak=np.array([20.0, 10, 9, 6, 4]),
    parent=np.array([-1, 0, 0, 1, -1]),
    saddle=np.array([0.0, 5, 8, 5, 0]),
    size=np.array([400, 300, 100, 100, 100]),
)


def told(parts: tuple[Part, ...]) -> list[tuple[int, int, int, int, list[int]]]:
    return [
        (each.hill, each.level, each.parent, each.size, np.flatnonzero(each.hills).tolist())
        for each in parts
    ]


def test_a_hill_stands_where_its_peak_is_far_above_its_saddle() -> None:
    assert FIVE.standing.tolist()[1:4] == [2.0, 1.125, 1.2]
    parts = parts_of(FIVE, (Level(1.5, 0.0),))
    assert told(parts) == [(0, 0, -1, 500, [0, 2]), (1, 0, -1, 400, [1, 3]), (4, 0, -1, 100, [4])]


def test_finer_levels_name_what_joined_before() -> None:
    parts = parts_of(FIVE, (Level(3.0, 0.0), Level(1.5, 0.0), Level(1.1, 0.0)))
    assert told(parts) == [
        (0, 0, -1, 900, [0, 1, 2, 3]),
        (4, 0, -1, 100, [4]),
        (1, 1, 0, 400, [1, 3]),
        (2, 2, 0, 100, [2]),  # in 0, which is named at the widest level
        (3, 2, 2, 100, [3]),  # in 1
    ]


def test_from_its_saddle_times_the_factor_on_a_hill_stands() -> None:
    assert told(parts_of(FIVE, (Level(2.0, 0.0),)))[1] == (1, 0, -1, 400, [1, 3])
    assert [each.hill for each in parts_of(FIVE, (Level(2.0001, 0.0),))] == [0, 4]


def test_where_hills_stand_by_default() -> None:
    # Peaks of so many times their saddle of 1, beside hill 0, and of so many of 100,000 points.
    standing = [1.51, 1.49, 1.26, 1.24, 1.11, 1.09]
    assert levels_of(standing, [10_000] * 6) == [0, 1, 1, 2, 2, None]
    assert levels_of([2.0] * 6, [1_000, 999, 200, 199, 40, 39]) == [0, 1, 1, 2, 2, None]


def levels_of(standing: list[float], sizes: list[int]) -> list[int | None]:
    """The level at which each hill beside a large one is named first."""
    own = np.array([100_000 - sum(sizes), *sizes])
    beside = len(sizes)
    parts = parts_of(
        Hills(
            of=np.repeat(np.arange(beside + 1), own),
            places=np.zeros((beside + 1, 2)),
            peak=np.array([10.0, *standing]),
            parent=np.array([-1, *[0] * beside]),
            saddle=np.array([0.0, *[1.0] * beside]),
            size=own,
        )
    )
    found = {each.hill: each.level for each in parts}
    return [found.get(hill) for hill in range(1, beside + 1)]


def test_a_hill_of_few_points_joins_or_is_left_out_of_the_level() -> None:
    # A quarter of 1,000 points: 2 and 3 are too small, and so is 4, which has nothing to join.
    parts = parts_of(FIVE, (Level(1.1, 0.25), Level(1.1, 0.05)))
    assert told(parts)[:2] == [(0, 0, -1, 500, [0, 2]), (1, 0, -1, 400, [1, 3])]
    assert [(each.hill, each.level) for each in parts[2:]] == [(2, 1), (3, 1), (4, 1)]
    assert [each.parent for each in parts[2:]] == [0, 1, -1]


def test_a_hill_that_stands_at_a_wider_level_stands_at_every_finer_one() -> None:
    # 1 has 400 points with 3, of its own 300: fewer than 350, but it has stood before.
    parts = parts_of(FIVE, (Level(1.5, 0.35), Level(1.1, 0.05), Level(1.1, 0.35)))
    assert [each.hill for each in parts] == [0, 1, 2, 3, 4]


def test_the_smallest_parts_beyond_the_most_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions_parts, "MOST", 3)
    parts = parts_of(FIVE, (Level(3.0, 0.0), Level(1.5, 0.0), Level(1.1, 0.0)))
    # Of 900, 100 (hill 4), 400, 100 and 100 points the first 100 stays; 1 lies in 0, now too.
    assert [(each.hill, each.parent) for each in parts] == [(0, -1), (4, -1), (1, 0)]


def line_of_parts(*sizes: int, inside: int = 0) -> tuple[tuple[Part, ...], np.ndarray]:
    """Parts side by side, a hill each; the last `inside` of them lie in the first."""
    of = np.repeat(np.arange(len(sizes)), sizes)
    first = np.arange(len(sizes)) == 0
    first[len(sizes) - inside :] = True
    parts = [
        Part(each, int(deep), 0 if deep else -1, np.arange(len(sizes)) == each, size)
        for each, size in enumerate(sizes)
        for deep in [each >= len(sizes) - inside]
    ]
    parts[0] = Part(0, 0, -1, first, sizes[0] + sum(sizes[len(sizes) - inside :] * bool(inside)))
    return tuple(parts), of


def names(parts: tuple[Part, ...], of: np.ndarray, texts: list[str]) -> list[str]:
    return word_names(parts, of, count_words(texts))


def test_words_that_a_region_has_more_than_the_rest_name_it() -> None:
    # 40 texts and 20; "the" is everywhere, "left" holds 10 of 40.
    texts = [f"the {'apple' if i < 30 else 'pear'}{' left' * (i < 10)}" for i in range(40)]
    texts += ["The ship, the ship!" if i < 15 else "the harbor" for i in range(20)]
    # left: apple p = 30/40, q = 30/60: lift 1.5 < 2, as of every word of two thirds of all texts.
    # right: ship p = 15/20, q = 15/60: lift 3; harbor 5/20 against 5/60: lift 3.
    assert names(*line_of_parts(40, 20), texts) == ["", "ship, harbor"]


def test_a_part_within_another_is_named_by_what_sets_it_apart_there() -> None:
    # 60 texts of fish, of which the last 20 are of eels and 10 of these of rivers; 60 of birds.
    texts = ["fish sea"] * 40 + ["bird air"] * 60 + ["fish eel"] * 10 + ["fish eel river"] * 10
    parts, of = line_of_parts(40, 60, 20, inside=1)
    # around: fish 60/60, sea 40/60, both lift 2; eel 20/60. within: eel 20/20 against 20/60 of the
    # part and 20/120 of all, river 10/20 against 10/60; fish is as common around, and is used.
    assert names(parts, of, texts) == ["fish, sea", "air, bird", "eel, river"]


def test_a_word_as_common_in_the_part_around_names_nothing() -> None:
    # "deep" holds all 60 texts of the part, also the 20 within; only the widest name has it.
    texts = ["deep"] * 40 + ["high"] * 90 + ["deep"] * 20
    parts, of = line_of_parts(40, 90, 20, inside=1)
    assert names(parts, of, texts) == ["deep", "", ""]  # high: 90 of 150, lift 1.67


def test_a_word_of_more_than_half_of_the_regions_is_in_no_name() -> None:
    # "the" is in 30 of 30, 3 of 30 and 0 of 90 texts: of 150 in 33, lift 4.5, in two of three
    # regions. "oak" is in 30, lift 5; "elm" in 6, all in the second: lift 5.
    texts = ["the oak"] * 30 + ["the elm"] * 3 + ["elm"] * 3 + [""] * 114
    assert names(*line_of_parts(30, 30, 90), texts) == ["oak", "elm", ""]
    # Two texts are too few to count: "the" is in one region of three.
    fewer = ["the oak"] * 30 + ["the elm"] * 2 + ["elm"] * 4 + [""] * 114
    assert names(*line_of_parts(30, 30, 90), fewer) == ["oak, the", "elm", ""]


def test_a_word_names_the_first_of_its_regions() -> None:
    # sea: p = 1, q = 50/170: lift 3.4 in both; the 20 are left without a name.
    texts = ["land"] * 60 + ["air"] * 60 + ["sea"] * 50
    assert names(*line_of_parts(60, 60, 30, 20), texts) == ["land", "air", "sea", ""]


def test_forms_of_a_word_are_not_both_in_a_name() -> None:
    texts = ["flower flowers petals"] * 10 + ["flower"] * 5 + [""] * 85
    # flower 15/15, flowers 10/15, petals 10/15: the second is a form of the first.
    assert names(*line_of_parts(15, 85), texts)[0] == "flower, petals"
    assert is_same_word("Family", "families")
    assert is_same_word("sea", "seas")
    assert not is_same_word("genus", "genera")
    assert not is_same_word("star", "starvation")


def test_words_are_spelled_as_most_texts_do() -> None:
    counted = count_words(["river Nile", "Nile", "NILE Érable", "érable", "Érable 12 a_b no"])
    assert counted.words == ("Nile", "river", "Érable")
    held = [[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert counted.held.toarray().tolist() == held


def test_counting_reports_and_can_be_stopped() -> None:
    seen: list[tuple[int, int]] = []
    count_words(["word"] * 10_001, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 10_001), (10_000, 10_001)]

    def stop(_done: int, _total: int) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        count_words(["word"], progress=stop)


def test_one_label_with_its_share_or_the_two_commonest() -> None:
    parts, of = line_of_parts(10, 10, 10, 5)
    codes = np.array([0] * 6 + [1] * 4 + [1] * 5 + [2] * 4 + [0] + [2] + [-1] * 9 + [-1] * 5)
    found = label_names(parts, of, codes, ["a", "b", "c"])
    assert [each.name for each in found] == ["a 60 %", "b, c", "c 100 %", ""]
    assert [each.leading for each in found] == ["a", "b", "c", ""]


def test_a_part_with_the_labels_of_the_part_around_has_no_name() -> None:
    parts, of = line_of_parts(20, 10, 10, 10, inside=2)
    codes = np.array([0] * 20 + [1] * 10 + [0] * 9 + [1] + [0] * 5 + [1] * 5)
    # around: a 34 of 40, 85 %. within: a 90 %, the same; the other is a and b, each half.
    found = label_names(parts, of, codes, ["a", "b"])
    assert [each.name for each in found] == ["a 85 %", "b 100 %", "", "a, b"]


@pytest.mark.parametrize("axes", [2, 3])
def test_planted_clouds_by_words_and_labels(axes: int) -> None:
    centers = [(0.0,) * axes, (9.0,) * axes, (0.0,) * (axes - 1) + (9.0,)]
    sizes, spoken = (300, 200, 100), ("oak", "ship", "moon")
    places = np.concatenate([cloud(at, n) for at, n in zip(centers, sizes, strict=True)])
    codes = np.repeat([2, 0, 1], sizes)
    texts = np.repeat([f"the {word} of it" for word in spoken], sizes).tolist()
    order = RANDOM.permutation(600)
    labels = label_regions(places[order], codes[order], ["x", "y", "z"])
    words = word_regions(places[order], count_words([texts[each] for each in order]))
    widest = [each for each in labels if each.level == 0]
    assert [(each.name, each.size) for each in widest] == [
        ("z 100 %", 300),
        ("x 100 %", 200),
        ("y 100 %", 100),
    ]
    assert [each.label for each in widest] == ["z", "x", "y"]
    # oak: p = 1, q = 300/600: lift 2; all three words hold.
    assert [each.name for each in words if each.level == 0] == list(spoken)
    for region, center in zip(widest, centers, strict=True):
        assert near(region, center)
    code = codes_of_regions(places[order], widest)
    np.testing.assert_array_equal(code, np.repeat([0, 1, 2], sizes)[order])
    away = codes_of_regions(places + 50, widest)
    assert (away == -1).all()


def test_fewer_than_ten_points_make_no_region() -> None:
    places = np.concatenate([cloud((0, 0), 60), cloud((9, 9), 12), cloud((0, 9), 9)])
    found = label_regions(places, np.array([0] * 60 + [1] * 12 + [2] * 9), ["a", "b", "c"])
    assert [each.name for each in found if each.level == 0] == ["a 100 %", "b 100 %"]
    assert label_regions(places[:9], np.zeros(9, np.int64), ["a"]) == ()


def test_texts_without_words_name_nothing() -> None:
    words = count_words(["", "1 2 3", "a b"] * 16 + ["", ""])
    assert words.words == ()
    assert word_regions(cloud((0, 0), 50), words) == ()


@pytest.mark.parametrize("components", [2, 3])
def test_the_sample_is_named_where_its_words_and_labels_are(components: int) -> None:
    sample = load_sample("wordnet")
    projection = stored_umap(sample.vectors, components, UmapSettings())
    assert projection is not None
    assert sample.labels is not None
    places = projection.coordinates
    found = label_regions(places, sample.labels, sample.class_names)
    pure = [each for each in found if each.name.startswith(("noun.plant", "noun.animal"))]
    assert pure
    for region in pure[:4]:  # the naive count: the commonest of the 25 points nearest to the name
        around = sample.labels[np.argsort(np.linalg.norm(places - region.place, axis=1))[:25]]
        assert sample.class_names[np.bincount(around).argmax()] == region.label
    texts = sample.metadata["gloss"].astype(str).tolist()
    named = {each.name.split(", ")[0] for each in word_regions(places, count_words(texts))}
    assert {"fish", "flowers", "fabric"} <= named


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"codes must hold one value for each of 3 points"):
        label_regions(np.zeros((3, 2)), np.zeros(2, np.int64), ["a"])
    with pytest.raises(ParameterError, match=r"words must hold one value for each of 3 points"):
        word_regions(np.zeros((3, 2)), count_words(["a"]))
