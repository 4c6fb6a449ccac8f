"""Counts, tables and pairs at the threshold, against distances computed here."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.metrics import OpisByChance, opis_by_chance
from core.studies.thresholds.chance import ChanceStudy
from core.studies.thresholds.consistency import ThresholdStudy, classes_at, threshold_study
from pages.thresholds import consistency, rates
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints

RANDOM = np.random.default_rng(11)
LABELS = np.repeat(np.arange(3), [8, 6, 4])
VECTORS = (RANDOM.normal(size=(3, 4))[LABELS] + RANDOM.normal(size=(18, 4))).astype(np.float32)
LEFT, RIGHT = np.triu_indices(18, 1)
SAME = LABELS[LEFT] == LABELS[RIGHT]


def distances(vectors: np.ndarray) -> np.ndarray:
    """L2 distance on unit vectors of every unordered pair."""
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.asarray(np.linalg.norm(unit[LEFT] - unit[RIGHT], axis=1))


@pytest.fixture(scope="module")
def study() -> ThresholdStudy:
    return threshold_study(VECTORS, LABELS)


def upload(app: AppTest, labels: list[str], name: str = "mine.csv") -> None:
    frame = pd.DataFrame(VECTORS, columns=["v0", "v1", "v2", "v3"]).assign(label=labels)
    content = io.BytesIO()
    frame.to_csv(content, index=False) if name.endswith("csv") else frame.to_parquet(content)
    app.run()
    bring_file(app, name, content.getvalue())


def notes(app: AppTest) -> str:
    return " ".join(note.value for note in app.caption).replace("\\", "")


def chosen_shape(app: AppTest) -> object:
    (choice,) = [box for box in app.main.button_group if box.label == "Rates as"]
    return choice.value


def whole(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
def test_counts_of_an_upload_are_those_of_its_pairs(app: AppTest, name: str) -> None:
    upload(app, [f"<i>class</i> {code}" for code in LABELS], name)
    app.query_params["threshold"] = "1.1"
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []
    assert "serves the 3 classes" in sentence(app)
    near = distances(VECTORS) <= 1.1
    said = re.search(
        r"At 1\.100: ([\d,]+) impostor pairs? of ([\d,]+) .* ([\d,]+) genuine pairs? of ([\d,]+)",
        notes(app),
    )
    assert said is not None
    assert [whole(text) for text in said.groups()] == [
        np.count_nonzero(~SAME & near),
        np.count_nonzero(~SAME),
        np.count_nonzero(SAME & ~near),
        np.count_nonzero(SAME),
    ]


def test_the_class_table_holds_the_rates_of_each_class(app: AppTest) -> None:
    upload(app, [f"class {code}" for code in LABELS])
    app.query_params["threshold"] = "1.1"
    app.switch_page("pages/thresholds/page.py").run()
    table = app.dataframe[0].value.set_index("class")
    near = distances(VECTORS) <= 1.1
    for code in range(3):
        inner = SAME & (LABELS[LEFT] == code)
        outer = ~SAME & ((LABELS[LEFT] == code) | (LABELS[RIGHT] == code))
        frr, far = np.mean(~near[inner]), np.mean(near[outer])
        served = 2 * (1 - far) * (1 - frr) / ((1 - far) + (1 - frr))
        line = table.loc[f"class {code}"]
        assert line["members"] == [8, 6, 4][code]
        assert (line["FRR"], line["FAR"]) == pytest.approx((frr, far), abs=6e-5)
        assert line["utility"] == pytest.approx(served, abs=6e-5)
    assert table["utility"].is_monotonic_increasing
    assert "1 class has fewer than 5 members" in notes(app)


def test_the_worst_pairs_are_the_nearest_and_the_farthest(app: AppTest) -> None:
    upload(app, [f"class {code}" for code in LABELS])
    app.query_params["threshold"] = "1.1"
    app.switch_page("pages/thresholds/page.py").run()
    near = distances(VECTORS)
    accepted, rejected = (app.dataframe[slot].value["distance"] for slot in (1, 2))
    wrong = np.sort(near[~SAME & (near <= 1.1)])[:50]
    lost = np.sort(near[SAME & (near > 1.1)])[::-1][:50]
    np.testing.assert_allclose(accepted, wrong, atol=6e-5)
    np.testing.assert_allclose(rejected, lost, atol=6e-5)


@pytest.mark.parametrize("shape", ["FAR and FRR", "ROC", "DET"])
@pytest.mark.parametrize("threshold", [0.0, 0.6, 2.0])
def test_the_rates_open_in_every_shape(app: AppTest, shape: str, threshold: float) -> None:
    open_page(app, "thresholds", data="digits", rates=shape, threshold=threshold)
    assert complaints(app) == []
    assert chosen_shape(app) == shape


def test_an_unknown_shape_in_a_link_gives_the_first(app: AppTest) -> None:
    open_page(app, "thresholds", data="digits", rates="pie")
    assert complaints(app) == []
    assert chosen_shape(app) == "FAR and FRR"


@pytest.mark.parametrize(("shape", "told"), [("ROC", True), ("DET", True), ("FAR and FRR", False)])
def test_a_curve_from_a_sample_says_so(app: AppTest, shape: str, told: bool) -> None:
    # 11,695,696 impostor pairs of WordNet, of which two million are kept: 17.1 %.
    open_page(app, "thresholds", data="wordnet", rates=shape)
    assert complaints(app) == []
    said = "drawn from 100 % of the genuine and 17.1 % of the impostor pairs (seed 0)"
    assert (said in notes(app)) is told


def test_a_curve_from_all_pairs_does_not(study: ThresholdStudy) -> None:
    assert rates.sampled(study, "ROC") == ""


def test_a_threshold_outside_the_picture_is_said(app: AppTest) -> None:
    digits = load_sample("digits")
    low, high = threshold_study(digits.vectors, digits.labels).opis.calibration_range  # type: ignore[arg-type]
    drawn = f"the calibration range of {low:.3f} to {high:.3f}"
    open_page(app, "thresholds", data="digits")
    assert "this picture" not in notes(app)
    for threshold, side in ((round(low, 2) - 0.1, "below"), (round(high, 2) + 0.1, "above")):
        app.main.slider[0].set_value(threshold).run()
        assert complaints(app) == []
        assert f"lies {side} this picture, which shows {drawn}" in notes(app)


def test_other_data_starts_in_the_middle_of_its_own_range(app: AppTest) -> None:
    open_page(app, "thresholds", data="digits")
    before = app.main.slider[0].value
    frame = pd.DataFrame(VECTORS).assign(label=[f"class {code}" for code in LABELS])
    content = frame.to_csv(index=False).encode()
    bring_file(app, "mine.csv", content)
    assert complaints(app) == []
    middle = threshold_study(VECTORS, LABELS).opis.calibration_range.mean()
    assert app.main.slider[0].value == pytest.approx(middle, abs=0.0026)
    assert app.main.slider[0].value != before


@pytest.mark.parametrize("labels", [["same"] * 18, [f"own {row}" for row in range(18)]])
def test_fewer_than_two_classes_say_what_to_do(app: AppTest, labels: list[str]) -> None:
    upload(app, labels)
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []
    assert sentence(app) == "Thresholds need labels: at least two classes of two members."
    assert "label on the Data page" in app.info[0].value.replace("\\", "")


def test_the_utility_table_has_a_line_per_class_and_threshold(study: ThresholdStudy) -> None:
    table = rates.utility_table(study, ("a", "b", "c"))
    assert len(table) == 3 * 101
    assert table["class"].unique().tolist() == ["a", "b", "c"]
    by_class = table.pivot(index="class", columns="threshold", values="utility")
    np.testing.assert_allclose(by_class, study.opis.class_utility, atol=6e-6)
    means = table.groupby("threshold")["mean of the classes"].first()
    np.testing.assert_allclose(means, study.opis.class_utility.mean(axis=0), atol=6e-6)


def test_the_rates_table_counts_pairs_at_each_threshold(study: ThresholdStudy) -> None:
    table = rates.rates_table(study).set_index("threshold")
    near = distances(VECTORS)
    for threshold in (0.0, 0.5, 1.1, 2.0):
        line = table.loc[threshold]
        accepted = np.count_nonzero(~SAME & (near <= threshold))
        rejected = np.count_nonzero(SAME & (near > threshold))
        assert line["impostor pairs accepted"] == accepted
        assert line["genuine pairs rejected"] == rejected
        assert line["FAR"] == pytest.approx(accepted / np.count_nonzero(~SAME))
        assert line["FRR"] == pytest.approx(rejected / np.count_nonzero(SAME))


def test_the_distance_table_holds_every_pair_once(study: ThresholdStudy) -> None:
    table = rates.distance_table(study)
    edges = np.append(table["from"], table["to"].iloc[-1])
    for name, kind in (("genuine pairs", SAME), ("impostor pairs", ~SAME)):
        naive, _ = np.histogram(distances(VECTORS)[kind], bins=edges)
        assert table[name].tolist() == naive.tolist()
        assert table[name].sum() == np.count_nonzero(kind)


def test_labels_that_are_missing_are_left_out_and_told(app: AppTest) -> None:
    upload(app, ["" if row == 17 else f"class {code}" for row, code in enumerate(LABELS)])
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []
    assert "1 row without a label left out" in notes(app)


def test_the_tables_fit_a_labeled_set_of_four_rows() -> None:
    small = EmbeddingSet.from_arrays(
        np.eye(4, dtype=np.float32), metadata=pd.DataFrame({"label": list("aabb")}), name="four"
    )
    found = threshold_study(small.vectors, small.labels)  # type: ignore[arg-type]
    assert len(rates.utility_table(found, small.class_names)) % 2 == 0
    # Right angles: all six pairs lie at the square root of 2, in the interval from 1.41 to 1.415.
    table = rates.distance_table(found)
    held = table[table["genuine pairs"] + table["impostor pairs"] > 0]
    assert held[["from", "to"]].to_numpy().tolist() == [[1.41, 1.415]]
    assert held[["genuine pairs", "impostor pairs"]].to_numpy().tolist() == [[2, 4]]


NAMES = ("ant", "bee", "cat")
EVEN = np.linspace(0.006, 0.008, 21)  # mean 0.007; 0.025 and 0.975 quantiles 0.00605 and 0.00795


def said(
    study: ThresholdStudy, value: float, draws: np.ndarray | None = None, rows: int = 18
) -> str:
    """The page's sentence, up to the threshold, for an OPIS and draws made by hand."""
    chance = None
    if draws is not None:
        observed = value if rows == 18 else 0.014
        chance = ChanceStudy(OpisByChance(observed, draws, 0), rows, 18, 0)
    found = replace(study, opis=replace(study.opis, opis=value))
    classes = classes_at(found, 1.1, NAMES)
    return consistency.answer(found, classes, 1.1, chance).split(" At distance 1.100")[0]


def test_opis_beyond_chance_is_told_as_a_multiple(study: ThresholdStudy) -> None:
    # 0.0218 / 0.007 = 3.11; above all of 21 draws.
    assert said(study, 0.0218, EVEN) == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 over FAR 1 % to 10 %, 3.1 times "
        "what classes of equal spread and these sizes give by chance (0.00700)."
    )
    assert said(study, 0.0218, np.zeros(21)) == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 over FAR 1 % to 10 %, where "
        "classes of equal spread and these sizes give 0 by chance."
    )


def test_opis_that_a_draw_reaches_is_as_equal_as_chance_allows(study: ThresholdStudy) -> None:
    assert said(study, 0.0075, EVEN) == (
        "One threshold serves the 3 classes as equally as chance allows: OPIS 0.00750 over FAR 1 % "
        "to 10 %, where classes of equal spread and these sizes give 0.00700 by chance (95 %: "
        "0.00605 to 0.00795)."
    )


def test_chance_of_a_sample_is_told_beside_the_opis_of_the_sample(study: ThresholdStudy) -> None:
    # 0.014 / 0.007 = 2, of the sample; not 0.0218 / 0.007
    assert said(study, 0.0218, EVEN, rows=12) == (
        "One threshold serves the 3 classes unequally: OPIS 0.0218 over FAR 1 % to 10 %, and "
        "0.0140 in a sample of 12 rows, 2.0 times what classes of equal spread and these sizes "
        "give by chance (0.00700)."
    )


def test_without_the_draws_opis_has_its_zero_alone(study: ThresholdStudy) -> None:
    assert said(study, 0.0218) == (
        "One threshold serves the 3 classes unequally by OPIS 0.0218 (0 is equal) over FAR 1 % to "
        "10 %."
    )


@pytest.mark.parametrize("value", [0.0, 1e-30])
def test_opis_of_zero_is_equal_whatever_chance_gives(study: ThresholdStudy, value: float) -> None:
    for draws in (None, EVEN, np.zeros(21)):
        assert said(study, value, draws) == (
            "One threshold serves all 3 classes equally: OPIS is 0 over FAR 1 % to 10 %."
        )
    assert "unequally" in said(study, 1e-20)  # one pair of very many


def test_classes_of_one_utility_have_one_figure() -> None:
    # Two classes of two, copies of x and of y: at distance 1 all is right, utility 1 for both.
    found = threshold_study(np.repeat(np.eye(2), 2, axis=0), np.array([0, 0, 1, 1]))
    told = consistency.answer(found, classes_at(found, 1.0, NAMES), 1.0)
    assert told.endswith(
        "equally: OPIS is 0 over FAR 1 % to 10 %. At distance 1.000 utility is 1 for every class."
    )


def test_the_card_of_chance_names_its_draws_and_range(study: ThresholdStudy) -> None:
    whole = ChanceStudy(OpisByChance(0.0218, EVEN, 5), 18, 18, 5)
    part = ChanceStudy(OpisByChance(0.014, EVEN, 5), 12, 18, 7)
    cards = {name: (value, told) for name, value, told in consistency.figures(study, whole)}
    value, told = cards["OPIS by chance"]
    assert value == "0.00700"
    assert told.startswith("Mean of 21 draws (seed 5; 95 %: 0.00605 to 0.00795)")
    assert told.endswith("of all rows.")
    (told,) = [card[2] for card in consistency.figures(study, part) if card[0] == "OPIS by chance"]
    assert told.endswith("of 12 of 18 rows, whole classes drawn with seed 7, where OPIS is 0.0140.")
    assert "OPIS by chance" not in [name for name, _, _ in consistency.figures(study)]


def test_the_page_tells_what_equal_classes_give(app: AppTest) -> None:
    digits = load_sample("digits")
    expected = opis_by_chance(digits.vectors, digits.labels)  # type: ignore[arg-type]
    open_page(app, "thresholds", data="digits")
    assert complaints(app) == []
    told = f"{expected.times:.0f} times what classes of equal spread and these sizes give by chance"
    assert f"OPIS {expected.observed:.4f} over FAR 1 % to 10 %, {told}" in sentence(app)
    (card,) = [figure for figure in app.metric if figure.label == "OPIS by chance"]
    assert float(card.value) == pytest.approx(expected.mean, rel=0.01)
