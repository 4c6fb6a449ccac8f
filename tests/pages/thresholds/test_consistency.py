"""Does one threshold fit all classes: the sentence, the figures, the notes and the tables."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from core.figures import Space
from core.metrics import OpisByChance, OpisResult, opis_by_chance, point_at, units_of
from core.studies import (
    ChanceStudy,
    Consistency,
    EqualSizes,
    OpisSettings,
    class_consistency,
    equal_sizes,
)
from pages.thresholds import chosen_class, consistency, operating
from pages.thresholds.consistency import answer, figures
from pages.ui.display.text import number
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import CODES, VECTORS, eighteen, known, made, notes, open_section

LAB = made(eighteen())
MEASURED = class_consistency(LAB.counts)
EVEN = np.linspace(0.006, 0.008, 21)  # mean 0.007; 0.025 and 0.975 quantiles 0.00605 and 0.00795
SETTINGS = OpisSettings()
SIMILARITY = units_of("cosine")[0]


def result(value: float = 0.0218, signs: tuple[int, ...] = (-1, -1, 1)) -> OpisResult:
    return replace(MEASURED.opis, opis=value, signs=np.array(signs))


def found(value: float = 0.0218, signs: tuple[int, ...] = (-1, -1, 1)) -> Consistency:
    return Consistency(result(value, signs), 0.0625, (0.0125, 0.0325), (0.03, 0.09))


def chance(observed: float, draws: np.ndarray = EVEN, rows: int = 18) -> ChanceStudy:
    return ChanceStudy(OpisByChance(observed, draws, 5), rows, 18, 7)


def test_opis_beyond_chance_is_told_as_a_multiple() -> None:
    # 0.0218 / 0.007 = 3.11; above all of 21 draws.
    assert answer(found(), chance(0.0218)) == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 (95 %: 0.0125 to 0.0325), 3.1 "
        "times what classes of equal spread and these sizes give by chance (0.00700). 2 of 3 "
        "classes are served worse than the mean."
    )
    one = answer(found(signs=(-1, 1, 0)), chance(0.0218, np.zeros(21)))
    assert one == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 (95 %: 0.0125 to 0.0325), where "
        "classes of equal spread and these sizes give 0 by chance. 1 of 3 classes is served worse "
        "than the mean."
    )


def test_opis_that_a_draw_reaches_is_as_equal_as_chance_allows() -> None:
    assert answer(found(0.0075), chance(0.0075)) == (
        "One threshold serves the 3 classes as equally as chance allows: OPIS 0.00750 (95 %: "
        "0.0125 to 0.0325), where classes of equal spread and these sizes give 0.00700 by chance "
        "(95 %: 0.00605 to 0.00795)."
    )


def test_chance_of_a_sample_is_told_beside_the_opis_of_the_sample() -> None:
    # 0.014 / 0.007 = 2, of the sample; not 0.0218 / 0.007
    assert answer(found(), chance(0.014, rows=12)) == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 (95 %: 0.0125 to 0.0325), and "
        "0.0140 in a sample of 12 rows, 2.0 times what classes of equal spread and these sizes "
        "give by chance (0.00700). 2 of 3 classes are served worse than the mean."
    )


def test_without_the_draws_opis_has_its_zero_alone() -> None:
    assert answer(found()) == (
        "One threshold serves the 3 classes unequally by OPIS 0.0218 (95 %: 0.0125 to 0.0325); 0 "
        "is equal. 2 of 3 classes are served worse than the mean."
    )


@pytest.mark.parametrize("value", [0.0, 1e-30])
def test_opis_of_zero_is_equal_whatever_chance_gives(value: float) -> None:
    for drawn in (None, chance(value), chance(value, np.zeros(21))):
        assert answer(found(value), drawn) == (
            "One threshold serves all 3 classes equally: OPIS is 0."
        )
    assert "unequally" in answer(found(1e-20))  # one pair of very many


def test_a_space_that_does_not_separate_is_said_first() -> None:
    said = answer(found(0.042), chance(0.0075), known(0.506, 0.49, 0.52))
    assert said.startswith(
        "This space does not separate these classes (AUC 0.506, 95 %: 0.490 to 0.520; 0.5 is "
        "chance). One threshold serves the 3 classes "
    )


def test_figures_and_what_they_are_of() -> None:
    cards = {name: (value, told) for name, value, told in figures(found(), SETTINGS)}
    assert list(cards) == ["OPIS", "epsilon-OPIS"]
    assert cards["OPIS"][0] == "0.0218"
    assert "95 %: 0.0125 to 0.0325" in cards["OPIS"][1]
    assert cards["epsilon-OPIS"] == (
        "0.0625",
        "The same for the worst 10 % of the classes together. 95 %: 0.0300 to 0.0900.",
    )
    equal = EqualSizes(4, 3, np.array([0.01, 0.02, 0.03]))
    cards = {
        name: (value, told)
        for name, value, told in figures(found(), OpisSettings(epsilon=0.25), chance(0.0218), equal)
    }
    assert list(cards) == ["OPIS", "OPIS by chance", "epsilon-OPIS", "OPIS, equal sizes"]
    assert cards["epsilon-OPIS"][1].startswith("The same for the worst 25 % of")
    value, told = cards["OPIS by chance"]
    assert value == "0.00700"
    assert told.startswith("Mean of 21 draws (seed 5; 95 %: 0.00605 to 0.00795)")
    assert told.endswith("of all rows.")
    assert cards["OPIS, equal sizes"] == (
        "0.0200",
        "Mean of 3 draws of 4 members of each of 3 classes (0.0100 to 0.0300). Compare data sets "
        "by this figure, at the same number of members.",
    )


def test_the_card_of_chance_names_its_sample() -> None:
    cards = figures(found(), SETTINGS, chance(0.014, rows=12))
    (told,) = [words for name, _, words in cards if name == "OPIS by chance"]
    assert told.endswith("of 12 of 18 rows, whole classes drawn with seed 7, where OPIS is 0.0140.")


def test_small_classes_and_lone_rows_are_told() -> None:
    large = replace(MEASURED.opis, class_sizes=np.array([8, 6, 5]))
    assert consistency.small_classes(large, SETTINGS) == ""
    small = replace(large, class_sizes=np.array([5, 4, 2]))
    assert consistency.small_classes(small, SETTINGS) == (
        "2 classes have fewer than 5 members: their rates move in large steps, which raises OPIS. "
        "Do not compare it with other data; set a least number of members, or compare classes of "
        "the same size."
    )
    other = replace(large, n_singletons=2)
    assert consistency.small_classes(other, OpisSettings(min_size=4)) == (
        "Classes of fewer than 4 members have no utility; their rows count as impostors of the "
        "others. 2 rows are alone in a class and count as impostors only."
    )
    one = replace(large, class_sizes=np.array([4, 5]), n_singletons=1)
    said = consistency.small_classes(one, SETTINGS)
    assert said.startswith("1 class has fewer than 5 members")
    assert said.endswith("1 row is alone in a class and counts as an impostor only.")


def test_a_threshold_outside_is_told_with_its_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operating, "unit", lambda _: SIMILARITY)
    # Lengths from 0.6 to 0.8: cosines from 1 - 0.18 = 0.82 down to 0.68.
    ranged = replace(MEASURED.opis, calibration_range=np.array([0.6, 0.8]))
    totals = LAB.counts.totals
    for score in (0.82, 0.75, 0.68):
        assert consistency.outside_words(ranged, LAB, point_at(totals, score)) == ""
    strict = point_at(totals, 0.9)
    assert consistency.outside_words(ranged, LAB, strict) == (
        f"The threshold of Decide, cosine similarity >= {strict.score:.4f}, is too strict for this "
        "picture, which reaches from 0.6800 to 0.8200."
    )
    assert "is too lax for" in consistency.outside_words(ranged, LAB, point_at(totals, 0.5))


def test_the_utility_table_has_a_line_per_class_and_threshold() -> None:
    table = consistency.utility_table(LAB, MEASURED.opis, SIMILARITY)
    assert len(table) == 3 * 101
    assert table["class"].unique().tolist() == ["class 0", "class 1", "class 2"]
    first = table[table["class"] == "class 0"]
    np.testing.assert_allclose(
        first["threshold (cosine similarity)"], 1 - MEASURED.opis.thresholds**2 / 2, atol=6e-6
    )
    for place, name in enumerate(["class 0", "class 1", "class 2"]):
        own = table[table["class"] == name]
        np.testing.assert_allclose(own["utility"], MEASURED.opis.class_utility[place], atol=6e-6)
        mean = MEASURED.opis.class_utility.mean(axis=0)
        np.testing.assert_allclose(own["mean of the classes"], mean, atol=6e-6)


def test_contributions_have_a_verdict_by_what_is_off() -> None:
    # Mean sensitivity 0.6, specificity 0.9. a accepts too few of its own; b too many others; c is
    # better by fewer false matches, d by fewer missed ones; e is the mean.
    rates = [(0.2, 0.9), (0.6, 0.7), (0.6, 1.0), (1.0, 0.95), (0.6, 0.95)]
    made_up = replace(
        MEASURED.opis,
        contributions=np.array([0.5, 0.3, 0.1, 0.1, 0.0]),
        signs=np.array([-1, -1, 1, 1, 0]),
        classes=np.arange(5),
        class_sizes=np.arange(5) + 10,
        sensitivity=np.array([[hit] * 3 for hit, _ in rates]),
        specificity=np.array([[safe] * 3 for _, safe in rates]),
    )
    lab = replace(
        LAB,
        embeddings=_named(("a", "b", "c", "d", "e")),
    )
    table = consistency.contribution_table(lab, made_up)
    assert table["class"].tolist() == ["a", "b", "c", "d", "e"]
    assert table["members"].tolist() == [10, 11, 12, 13, 14]
    np.testing.assert_allclose(table["share of OPIS"], [0.5, 0.3, 0.1, 0.1, 0.0])
    assert table["verdict"].tolist() == [
        "worse: the threshold is too tight",
        "worse: it is too loose",
        "better: fewer false matches",
        "better: fewer missed matches",
        "at the mean",
    ]


def _named(names: tuple[str, ...]) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(
        np.eye(len(names), dtype=np.float32),
        metadata=pd.DataFrame({"label": list(names)}),
        name="named",
        label_column="label",
    )


def test_contributions_are_sorted_and_add_up() -> None:
    table = consistency.contribution_table(LAB, MEASURED.opis)
    assert table["contribution"].is_monotonic_decreasing
    assert table["share of OPIS"].sum() == pytest.approx(1.0)
    assert table["contribution"].mean() == pytest.approx(MEASURED.opis.opis)


def test_spaces_are_listed_with_their_intervals() -> None:
    table = consistency.space_table([Space("a", 0.9, 0.02, (0.01, 0.03))])
    assert table.to_dict("records") == [
        {"space": "a", "hit@1": 0.9, "OPIS": 0.02, "OPIS, low": 0.01, "OPIS, high": 0.03}
    ]


def test_a_class_below_the_least_size_has_no_place() -> None:
    few = class_consistency(LAB.counts, OpisSettings(min_size=5)).opis
    assert few.classes.tolist() == [0, 1]
    assert [consistency._place(LAB, few, place) for place in (None, 0, 1, 2)] == [None, 0, 1, None]


def test_a_click_on_a_line_chooses_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(MEASURED.opis, classes=np.array([1, 2]))
    chosen: list[int] = []
    monkeypatch.setattr(chosen_class, "choose", lambda _, place: chosen.append(place))
    for clicked in (0, 1, 2, None):
        monkeypatch.setattr(chosen_class, "taken", lambda _, place=clicked: place)
        consistency._on_click(LAB, few, "chart")()
    assert chosen == [1, 2]


# ---- on the page


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_section_under_each_metric(app: AppTest, metric: Metric) -> None:
    open_section(app, eighteen(), "Consistency", metric=metric)
    assert complaints(app) == []
    value = class_consistency(made(eighteen(), metric).counts)
    said = sentence(app)
    assert f"OPIS {number(value.opis.opis)} (95 %: " in said
    cards = {figure.label: figure.value for figure in app.metric}
    assert cards["OPIS"] == number(value.opis.opis)
    assert cards["epsilon-OPIS"] == number(value.epsilon_opis)
    equal = equal_sizes(VECTORS, CODES, size=4, metric=metric)
    assert cards["OPIS, equal sizes"] == number(equal.mean)
    drawn = opis_by_chance(VECTORS, CODES, score=SETTINGS.scorer(metric), metric=metric)
    assert cards["OPIS by chance"] == number(drawn.mean)
    assert "1 class has fewer than 5 members" in notes(app)
    assert "Over the thresholds of FAR 1 % to 10 %." in notes(app)


def test_options_change_what_is_measured(app: AppTest) -> None:
    open_section(
        app,
        eighteen(),
        "Consistency",
        opis_from="0.02",
        opis_to="0.3",
        opis_c="2",
        opis_reference=consistency.REFERENCES["pooled"],
        opis_members="6",
        opis_epsilon="0.5",
        opis_equal="3",
        opis_method="exact",
    )
    assert complaints(app) == []
    settings = OpisSettings(
        far=(0.02, 0.3), c=2.0, reference="pooled", min_size=6, epsilon=0.5, method="exact"
    )
    value = class_consistency(LAB.counts, settings)
    cards = {figure.label: figure.value for figure in app.metric}
    assert cards["OPIS"] == number(value.opis.opis)
    assert cards["epsilon-OPIS"] == number(value.epsilon_opis)
    equal = equal_sizes(VECTORS, CODES, size=3, settings=settings)
    assert cards["OPIS, equal sizes"] == number(equal.mean)
    assert "Over the thresholds of FAR 2 % to 30 %." in notes(app)
    assert "Classes of fewer than 6 members have no utility" in notes(app)


def test_a_range_from_high_to_low_is_turned(app: AppTest) -> None:
    open_section(app, eighteen(), "Consistency", opis_from="0.3", opis_to="0.02")
    assert complaints(app) == []
    assert "Over the thresholds of FAR 2 % to 30 %." in notes(app)


def test_a_chosen_class_opens(app: AppTest) -> None:
    open_section(app, eighteen(), "Consistency", **{"class": "class 1"})
    assert complaints(app) == []
    (box,) = [box for box in app.main.selectbox if box.key == "class"]
    assert box.value == "class 1"


def test_files_of_the_section(app: AppTest, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Consistency")
    for table in ("class_utility", "contributions", "accuracy_consistency"):
        app.session_state[f"{table}_table"] = True
    app.run()
    assert complaints(app) == []
    for name, rows in (
        ("class_utility", consistency.utility_table(LAB, MEASURED.opis, SIMILARITY)),
        ("contributions", consistency.contribution_table(LAB, MEASURED.opis)),
    ):
        pd.testing.assert_frame_equal(downloads.csv(f"{name}.csv"), rows, check_dtype=False)
    space = downloads.csv("accuracy_consistency.csv")
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    near = unit @ unit.T - 9 * np.eye(18)
    hit = (CODES[near.argmax(axis=1)] == CODES).mean()
    assert space["space"].tolist() == ["mine, cosine"]
    assert space["hit@1"].tolist() == pytest.approx([hit])
    assert space["OPIS"].tolist() == pytest.approx([MEASURED.opis.opis])
