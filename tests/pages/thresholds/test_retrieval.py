"""The section Retrieval: sentences by hand, figures against those computed here, its files."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.metrics import icnn_score, retrieval_scores, tcm_value
from core.studies.thresholds.operating import Estimate
from core.studies.thresholds.retrieval import (
    FIGURES,
    GroupFigures,
    RetrievalStudy,
    RetrievalSummary,
    retrieval_study,
    retrieval_summary,
)
from core.studies.thresholds.separation import Separation, separation
from core.studies.thresholds.slices import Slices
from pages.thresholds import retrieval_words as words
from pages.ui.display.text import number
from pages.ui.session.uploads import uploads
from tests.pages.conftest import Downloads
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints

CUT = Slices("lexname", np.zeros(3, np.int64), ("noun.act", "noun.communication", "verb.body"))
WHOLE = Estimate(0.712, 0.701, 0.723)
LABELS = np.repeat(np.arange(3), [8, 6, 4])
VECTORS = np.random.default_rng(11).normal(size=(3, 4))[LABELS] + np.random.default_rng(12).normal(
    size=(18, 4)
)
NAMES = ("ant", "bee", "cat")


def groups(value: list[float], queries: tuple[int, ...] = (40, 40, 40)) -> GroupFigures:
    values = np.array(value)
    return GroupFigures(
        groups=np.array([1, 2, 0][: len(value)]),
        rows=np.full(len(value), 50),
        queries=np.array(queries[: len(value)]),
        value=values,
        low=values - 0.1,
        high=values + 0.1,
        macro=Estimate(0.6, 0.55, 0.65),
        macro_std=Estimate(0.12, 0.1, 0.15),
    )


THREE = groups([0.41, 0.6, 0.8])


def said(
    name: str, k: int = 10, found: GroupFigures = THREE, cut: Slices = CUT, of_label: bool = True
) -> str:
    return words.answer(name, k, WHOLE, found, cut, of_label=of_label)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Precision@1", "The nearest other item shares the class for {} of the items"),
        (
            "hit@k",
            "At least one of the 10 nearest others shares the class for {} of the items",
        ),
        ("Precision@k", "Of the 10 nearest others of an item, {} share its class on average"),
        (
            "Recall@k (IR)",
            "The 10 nearest others of an item hold {} of its class on average",
        ),
        ("R-precision", "Of as many nearest others as its class has, {} share an item's class"),
    ],
)
def test_shares_are_told_in_words_with_the_worst_class(name: str, expected: str) -> None:
    figure = "71.2 % (70.1 to 72.3 %)"
    assert said(name) == f"{expected.format(figure)}; worst: noun.communication, 41 %."


@pytest.mark.parametrize("name", ["MAP@R", "mAP@100", "Average precision", "MRR"])
def test_figures_that_are_no_shares_are_told_by_name(name: str) -> None:
    assert said(name) == (f"{name} is 0.712 (0.701 to 0.723); worst: noun.communication, 0.410.")


def test_one_neighbor_is_told_as_one() -> None:
    for name in ("hit@k", "Precision@k"):
        assert said(name, k=1) == said("Precision@1")
    assert said("Recall@k (IR)", k=1).startswith(
        "The nearest other item is on average 71.2 % (70.1 to 72.3 %) of an item's class; worst"
    )


def test_every_figure_has_words_and_a_definition() -> None:
    for name in FIGURES:
        assert "0.712" in said(name) or "71.2 %" in said(name)
        assert name in words.DEFINITIONS


def test_another_column_names_itself() -> None:
    cut = replace(CUT, column="pos")
    assert said("Precision@1", cut=cut, of_label=False).endswith(
        "; worst by pos: noun.communication, 41 %."
    )


def test_a_class_named_by_a_number_is_called_a_class() -> None:
    cut = replace(CUT, names=("7", "8", "9"))
    assert said("MRR", cut=cut).endswith("; worst: class 8, 0.410.")
    assert said("MRR", cut=cut, of_label=False).endswith("; worst by lexname: 8, 0.410.")


def test_a_class_of_few_queries_is_not_the_worst() -> None:
    assert said("MRR", found=groups([0.41, 0.6, 0.8], (3, 40, 40))).endswith(
        "; worst: verb.body, 0.600."
    )


def test_level_classes_are_counted() -> None:
    assert said("MRR", found=groups([0.4, 0.4, 0.8])).endswith(
        "; worst: noun.communication and 1 other, 0.400."
    )


def test_equal_groups_and_a_single_one_have_no_worst() -> None:
    assert said("MRR", found=groups([0.7, 0.7, 0.7])).endswith(
        "(0.701 to 0.723); the same for all 3 classes."
    )
    assert said("MRR", found=groups([0.7])) == "MRR is 0.712 (0.701 to 0.723)."


def test_the_spread_of_groups_is_told() -> None:
    assert words.spread("MRR", groups([0.4, 0.6, 0.8], (3, 40, 40)), of_label=True) == (
        "MRR with each of 3 classes counting once: 0.600 (0.550 to 0.650); standard deviation of "
        "their means (MacroStd): 0.120 (0.100 to 0.150). 1 class of fewer than 10 queries is not "
        "called the worst."
    )
    assert words.spread("MRR", groups([0.4]), of_label=False) == (
        "1 group: there is nothing to compare."
    )


@pytest.fixture(scope="module")
def study() -> RetrievalStudy:
    return retrieval_study(VECTORS, LABELS)


@pytest.fixture(scope="module")
def summary(study: RetrievalStudy) -> RetrievalSummary:
    return retrieval_summary(study, LABELS, 3)


@pytest.fixture(scope="module")
def space() -> Separation:
    return separation(VECTORS, LABELS)


def test_the_basis_of_all_queries() -> None:
    labels = np.array([0, 0, 1, 1, 2, -1, -1])
    found = retrieval_study(np.random.default_rng(0).normal(size=(7, 3)), labels)
    assert words.basis(found) == (
        "All 4 items are queries, each against all other items by cosine distance, exactly. "
        "Intervals are 95 %, by bootstrap over the queries (500 resamples). 1 item is alone in a "
        "class and no query. 2 items without a label: no query, but in the lists of others."
    )


def test_the_basis_of_a_sample() -> None:
    found = retrieval_study(VECTORS, LABELS, queries=9, metric="euclidean", seed=4)
    asked = len(found.scores.used)
    assert words.basis(found).startswith(
        f"{asked} of 18 items are queries (a stratified sample with at least 3 of each class that "
        "has so many, seed 4; means are weighted to stand for all), each against all other "
        "items by Euclidean distance"
    )
    drawn = retrieval_study(VECTORS, LABELS, queries=2)
    assert words.basis(drawn).startswith("2 of 18 items are queries (a random sample, seed 0;")


def test_the_tables_hold_the_results(study: RetrievalStudy, summary: RetrievalSummary) -> None:
    cut = Slices("kind", LABELS, NAMES)
    table = words.group_table(summary.groups["MRR"], cut, "MRR").set_index("kind")
    scores = study.scores
    for code, name in enumerate(NAMES):
        own = scores.reciprocal_rank[LABELS[scores.used] == code]
        assert table.loc[name, "MRR"] == pytest.approx(own.mean())
        assert list(table.loc[name, ["queries", "items"]]) == [len(own)] * 2
    figures = words.figure_table(summary, 3).set_index("figure")
    assert figures.loc["Recall@3 (IR)", "mean"] == pytest.approx(scores.recall_at_k[3].mean())
    assert figures.loc["MRR", "macro"] == pytest.approx(table["MRR"].mean())
    assert figures.loc["MRR", "MacroStd"] == pytest.approx(table["MRR"].std(ddof=0))
    queries = words.query_table(study, np.array(NAMES)[LABELS], 3)
    assert queries["hit@3"].tolist() == scores.hit_at_k[3].tolist()
    assert queries["class"].tolist() == [NAMES[code] for code in LABELS]


def test_the_words_on_the_space(space: Separation) -> None:
    gap = replace(
        space.gap,
        gap=-0.8,
        impostors_above=0.25,
        genuine_below=0.5,
    )
    tcm = replace(space.tcm, all_short=0.75, all_near=0.125)
    told = words.space_words(replace(space, gap=gap, tcm=tcm))
    assert told == (
        "No threshold separates the classes: 25 % of the impostor pairs are at least as near as "
        "the farthest pair of a class, and 50 % of the pairs of a class are no nearer than the "
        "nearest impostor pair. 75 % of the pairs of a class have a cosine below 0.9, and 12.5 % "
        "of the impostor pairs one above 0.5."
    )
    apart = replace(gap, gap=0.05)
    told = words.space_words(replace(space, gap=apart, tcm=tcm, pair_rows=9))
    assert told.startswith(
        "One threshold separates all pairs of these classes (pairs of 9 items drawn). 75 %"
    )


def test_the_table_of_the_space(space: Separation) -> None:
    table = words.space_table(space).set_index("figure")
    assert table.loc["TCM value", "value"] == space.tcm.value
    assert list(table.loc["TCM value", ["low", "high"]]) == list(space.tcm.interval)
    assert table.loc["UNPG gap", "of"] == "cosine similarity, pairs of 18 of 18 items"
    for name in table.index:
        assert name in words.DEFINITIONS
    shown = words.shown_space(table.reset_index()).set_index("figure")
    low, high = space.clusters.ami.min(), space.clusters.ami.max()
    assert shown.loc["AMI of k-means", "range"] == f"{low:.3f} to {high:.3f} (3 starts)"
    assert list(shown.loc["UNPG gap", ["value", "range"]]) == [number(space.gap.gap), ""]
    tiny = replace(space, alignment=replace(space.alignment, value=-8e-32))
    shown = words.shown_space(words.space_table(tiny)).set_index("figure")
    assert shown.loc["Alignment", "value"] == "0"
    without = words.space_table(replace(space, icnn=None, metric="inner_product"))
    assert "ICNN" not in without["figure"].tolist()
    margins = words.margin_table(space, NAMES).set_index("class")
    assert margins.loc["bee", "alignment"] == pytest.approx(space.alignment.by_class[1])
    assert margins["alignment"].is_monotonic_decreasing


def open_mine(app: AppTest, frame: pd.DataFrame, **query: object) -> AppTest:
    made = EmbeddingSet.from_arrays(VECTORS, metadata=frame, name="mine")
    key = uploads().add(made)
    return open_page(app, "thresholds", data=key, section="Retrieval", **query)


FRAME = pd.DataFrame({"label": [NAMES[code] for code in LABELS], "side": ["left", "right"] * 9})


def test_the_page_tells_what_the_scores_are_and_gives_them(
    app: AppTest, downloads: Downloads
) -> None:
    open_mine(app, FRAME, metric="euclidean", figure="hit@k", retrieval_k=2)
    assert complaints(app) == []
    scores = retrieval_scores(VECTORS.astype(np.float32), LABELS, metric="euclidean", k=2)
    hit = scores.hit_at_k[2]
    by_class = {name: hit[code == LABELS].mean() for code, name in enumerate(NAMES)}
    assert sentence(app).startswith(
        f"At least one of the 2 nearest others shares the class for {100 * hit.mean():.1f} % ("
    )
    assert f"; worst: {min(by_class, key=by_class.__getitem__)}, " in sentence(app)
    figures = downloads.csv("retrieval_figures.csv").set_index("figure")
    assert figures.loc["hit@2", "mean"] == pytest.approx(hit.mean())
    assert figures.loc["MAP@R", "mean"] == pytest.approx(scores.map_at_r.mean())
    queries = downloads.csv("retrieval_queries.csv")
    assert queries["MRR"].tolist() == pytest.approx(scores.reciprocal_rank.tolist())
    told = json.loads(downloads.text("retrieval.json"))
    assert (told["metric"], told["rows"], told["k"]) == ("euclidean", 18, 2)
    assert told["figures"]["hit@2"]["all_queries"]["value"] == pytest.approx(hit.mean())
    lines = {line["name"]: line["value"] for line in told["figures"]["hit@2"]["groups"]}
    assert lines == pytest.approx(by_class)
    space = downloads.csv("space_figures.csv").set_index("figure")
    icnn = icnn_score(VECTORS.astype(np.float32), LABELS, metric="euclidean").score
    assert space.loc["ICNN", "value"] == pytest.approx(icnn)
    classes = downloads.csv("classes_and_margins.csv").set_index("class")
    expected = tcm_value(VECTORS.astype(np.float32), LABELS)
    for place, name in enumerate(NAMES):
        said_of_class = classes.loc[name, "impostors above 0.5"]
        assert said_of_class == pytest.approx(expected.impostors_near[place])


def test_another_column_and_the_inner_product(app: AppTest) -> None:
    open_mine(app, FRAME, metric="inner_product", slice="side", figure="MRR")
    assert complaints(app) == []
    assert "; worst by side: " in sentence(app)
    notes = " ".join(note.value for note in app.caption).replace("\\", "")
    assert "ICNN is not defined under inner product" in notes
    assert "against all other items by inner product, exactly" in notes


def test_large_data_is_sampled_and_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.thresholds import retrieval

    monkeypatch.setattr(retrieval, "DRAWN", (9, 12))
    monkeypatch.setattr(retrieval, "AT_ONCE", 10)
    open_mine(app, FRAME)
    assert complaints(app) == []
    notes = " ".join(note.value for note in app.caption).replace("\\", "")
    assert "of 18 items are queries (a stratified sample" in notes
    (choice,) = [box for box in app.main.selectbox if box.label == "Queries"]
    assert choice.options == ["9", "12", "all"]
    choice.set_value("all").run()
    assert complaints(app) == []
    notes = " ".join(note.value for note in app.caption).replace("\\", "")
    assert "All 18 items are queries" in notes


def test_the_figures_of_digits(app: AppTest) -> None:
    digits = load_sample("digits")
    scores = retrieval_scores(digits.vectors, digits.labels)  # type: ignore[arg-type]
    open_page(app, "thresholds", data="digits", section="Retrieval")
    assert complaints(app) == []
    share = 100 * scores.precision_at_1.mean()
    assert sentence(app).startswith(f"The nearest other item shares the class for {share:.1f} % (")
