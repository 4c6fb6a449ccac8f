"""What the Data page says of findings, figures and hubs; remedies, and the way back."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.metrics import two_nn_fit
from core.studies import (
    Finding,
    HubRemoval,
    HubScan,
    NeighborFigures,
    Remedy,
    knn_lists,
    measure_moments,
    neighbor_figures,
    spread_figures,
)
from core.studies.inspection.preflight.classes import OF_LARGE_CLASSES
from core.studies.inspection.preflight.finding import KINDS
from core.studies.inspection.preflight.hub_scan import Removal
from pages.data import figure_words, finding_words, hub_scan
from pages.data import findings as findings_part
from pages.ui.results import preflight
from pages.ui.session.uploads import uploads
from tests.core.studies.inspection.preflight.planted import planted
from tests.core.studies.inspection.preflight.test_hub_scan import far_clusters
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints

NAMES = ["ape", "bee", "cat", "dog", "elk", "fox"]
FRAME = pd.DataFrame({"label": list("aabbbb"), "name": NAMES})
ITEMS = EmbeddingSet.from_arrays(np.eye(6), metadata=FRAME, name="six")
BARE = EmbeddingSet.from_arrays(np.eye(6), name="bare")


def ids(*rows: int) -> np.ndarray:
    return np.array(rows, np.int64)


COPIES = Finding(
    "exact duplicates",
    "row",
    ids(2, 4, 5, 3),
    6,
    ids(0, 2, 3, 4, 5),
    partners=ids(0, 0, 1, 1),
    distances=np.zeros(4),
)
WRONG = Finding(
    "labels that look wrong",
    "row",
    ids(0),
    1000,
    ids(0),
    partners=ids(2),
    distances=np.array([0.5]),
    value=10.0,
    checked=200,
    seed=7,
)


@pytest.mark.parametrize(
    ("finding", "title"),
    [
        (COPIES, "4 exact duplicates of earlier rows (66.7 % of 6 rows)"),
        (WRONG, "1 label that looks wrong (0.500 % of 200 rows drawn with seed 7)"),
        (
            Finding("classes of one", "class", ids(1), 4),
            "1 class with one member (25 % of 4 classes)",
        ),
        (
            Finding("queries among the rows", "query", ids(1, 2), 8),
            "2 queries that are rows of the data (25 % of 8 queries)",
        ),
        (
            Finding("constant dimensions", "dimension", ids(1, 5), 64),
            "2 constant dimensions (3.12 % of 64 dimensions)",
        ),
        (Finding("dead directions", "direction", ids(60, 61, 62), 64), "3 dead directions"),
    ],
)
def test_a_title_says_how_many_of_what(finding: Finding, title: str) -> None:
    assert finding_words.title(finding) == title


def test_a_finding_says_what_it_does_to_search_and_thresholds() -> None:
    assert finding_words.effect(COPIES, "cosine") == (
        "Search: copies fill each other's links and answers; where one has more copies than a list "
        "has places, the graph can fall apart. Thresholds: each pair of copies counts as a genuine "
        "pair at distance 0."
    )
    assert finding_words.effect(WRONG, "cosine") == (
        "Search: no effect by itself. Thresholds: all 10 nearest neighbors carry one other label; "
        "as genuine pairs they look far, as impostor pairs near, and move every rate."
    )
    zeros = Finding("zero vectors", "row", ids(1), 6)
    assert finding_words.effect(zeros, "cosine").startswith(
        "Search: they have no direction, so their cosine distance to everything is 1."
    )
    assert finding_words.effect(zeros, "inner_product").startswith(
        "Search: their inner product with every query is 0."
    )
    long = Finding("long vectors", "row", ids(1), 6, value=41.26)
    assert finding_words.effect(long, "inner_product") == (
        "Search: the longest is 41.3 times the median. Under inner product they are near "
        "everything and hide the others. Thresholds: their pairs set the range."
    )
    assert finding_words.effect(long, "cosine").endswith("Thresholds: no effect by itself.")
    mean = Finding("dominant mean", "direction", ids(0), 6, value=0.687)
    assert finding_words.effect(mean, "cosine") == (
        "Search: the mean holds 68.7 % of the squared lengths. All similarities have it in common, "
        "and differ in what is left. Thresholds: useful values lie in a narrow range."
    )
    assert "Euclidean distances do not see it." in finding_words.effect(mean, "euclidean")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_every_kind_is_told_in_full(kind: str, metric: str) -> None:
    finding = Finding(kind, "row", ids(1), 6, value=3.5)  # type: ignore[arg-type]
    said = finding_words.effect(finding, metric)  # type: ignore[arg-type]
    assert said.startswith("Search: ")
    assert "Thresholds" in said
    assert said.endswith(".")
    assert finding_words.title(finding).startswith("1 ")


def test_examples_are_named() -> None:
    assert finding_words.examples(ITEMS, COPIES) == (
        "cat (row 2) like ape (row 0); elk (row 4) like ape (row 0); fox (row 5) like bee (row 1); "
        "and 1 more"
    )
    assert finding_words.examples(BARE, replace(COPIES, ids=ids(2), partners=ids(0))) == (
        "row 2 like row 0"
    )
    assert finding_words.examples(ITEMS, WRONG) == "ape (row 0): a among b"
    classes = Finding("small classes", "class", ids(0), 2, ids(0, 1))
    assert finding_words.examples(ITEMS, classes) == "a (2)"
    columns = Finding("constant dimensions", "dimension", ids(1, 1234), 2000)
    assert finding_words.examples(ITEMS, columns) == "dimension 1; dimension 1,234"
    asked = Finding("queries among the rows", "query", ids(3), 5, partners=ids(1))
    assert finding_words.examples(ITEMS, asked) == "query 3 like bee (row 1)"
    dead = Finding("dead directions", "direction", ids(4, 5), 6)
    assert finding_words.examples(ITEMS, dead) == ""


def test_the_list_holds_rows_and_pairs() -> None:
    table = finding_words.table(ITEMS, COPIES)
    assert table["row"].tolist() == [2, 4, 5, 3]
    assert table["like row"].tolist() == [0, 0, 1, 1]
    assert table["like"].tolist() == ["ape", "ape", "bee", "bee"]
    assert table["length apart"].tolist() == [0] * 4
    assert finding_words.table(ITEMS, WRONG)["label around"].tolist() == ["b"]
    classes = finding_words.table(ITEMS, Finding("classes of one", "class", ids(1, 0), 2))
    assert classes.to_dict("list") == {"class": ["b", "a"], "members": [4, 2]}


@pytest.mark.parametrize(
    ("remedy", "button"),
    [
        (Remedy("leave out rows", "near copies", np.arange(1200)), "Leave out 1,200 rows"),
        (
            Remedy("leave out rows", OF_LARGE_CLASSES, np.arange(1200)),
            "Leave out 1,200 rows of the large classes",
        ),
        (Remedy("leave out queries", "q", ids(1)), "Leave out 1 query"),
        (Remedy("leave out dimensions", "d", ids(1, 2)), "Leave out 2 dimensions"),
        (Remedy("scale to length 1", "l"), "Scale all vectors to length 1"),
        (Remedy("subtract the mean", "m"), "Subtract the mean"),
        (Remedy("remove directions", "d", directions=1), "Remove the mean and 1 direction"),
        (Remedy("keep directions", "d", directions=61), "Turn onto the 61 directions in use"),
        (Remedy("clip", "h", ids(4)), "Clip 1 dimension"),
        (Remedy("multiply", "f", factor=0.25), "Multiply all values by 0.250"),
    ],
)
def test_a_button_says_what_it_does(remedy: Remedy, button: str) -> None:
    assert finding_words.remedy_words(remedy) == button
    assert finding_words.remedy_help(remedy).endswith((".", "01417)."))


def test_the_line_above_the_list() -> None:
    say = finding_words.summary
    assert say([COPIES, WRONG], "cosine", done=True) == (
        "2 findings, 2 of them of high severity, worst first."
    )
    light = Finding("dead directions", "direction", ids(4), 6)
    assert say([light], "cosine", done=False) == "1 finding, worst first; still looking."
    assert say([], "cosine", done=False) == "Nothing so far; still looking."
    assert say([], "cosine", done=True) == (
        "Nothing stands out in rows, pairs, dimensions, directions, classes and half precision."
    )


def figures(**changes: object) -> NeighborFigures:
    ratios = np.exp(np.linspace(0.01, 1, 50))
    fit = two_nn_fit(np.stack([np.ones(50), ratios], axis=1))
    fit = replace(fit, dimension=14.8, r_squared=0.996, left_out=0)
    made = NeighborFigures(15.2, 0.42, fit, 23.3, 18.2, 29.8, 20, 1.49, 60, 10, 4985, 4985)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_dimension_in_words() -> None:
    assert figure_words.dimension(figures(), 384) == (
        "The vectors have 384 dimensions, and lie on a surface of about 15.2: the points lie on a "
        "line (slope of the line 14.8, which explains 99.6 %)."
    )
    bent = replace(figures().fit, dimension=30.0, left_out=12)
    assert figure_words.dimension(figures(fit=bent), 384) == (
        "TwoNN gives 15.2 for vectors of 384 dimensions, but the points bend off the line (slope "
        "of the line 30, which explains 99.6 %): one dimension does not describe this data, as "
        "where near copies, hubs or several kinds of items are mixed. 12 items have a copy and no "
        "ratio."
    )
    curved = replace(figures().fit, r_squared=0.9)
    assert "bend off the line" in figure_words.dimension(figures(fit=curved), 384)
    assert figure_words.dimension(figures(two_nn=float("nan")), 384) == (
        "TwoNN is not defined: too few items have two neighbors at different distances."
    )


def test_what_the_figures_rest_on() -> None:
    assert figure_words.basis(figures(), "Euclidean distances") == (
        "TwoNN and LID from Euclidean distances, hubness (k = 10) in the lists of all 4,985 rows; "
        "± is the 95 % interval. The other figures are of all rows. The sample is WordNet by "
        "MiniLM, by cosine."
    )
    assert "in lists of 20,000 of 117,659 rows drawn with seed 0" in figure_words.basis(
        figures(rows=20_000, n=117_659), "Euclidean distances"
    )


def test_each_figure_has_its_value_the_samples_and_a_reason() -> None:
    told = figure_words.lines(None, figures())
    assert [(line.name, line.value, line.sample) for line in told] == [
        ("TwoNN dimension", "15.2 ± 0.42", "15.2"),
        ("LID", "23.3, half of the items 18.2 to 29.8", "23.3"),
        ("hubness", "1.49; one item is in 60 lists", "1.49"),
    ]
    assert figure_words.block(told[2]) == (
        "**hubness: 1.49; one item is in 60 lists** (sample: 1.49)  \n"
        + figure_words.WHY["hubness"]
    )
    assert set(figure_words.WHY) == set(figure_words.SAMPLE)


def test_the_values_of_the_sample_are_those_of_the_sample() -> None:
    items = load_sample("wordnet")
    lists = knn_lists(items.vectors, 20, "cosine")
    measured = figure_words.values(
        spread_figures(items, measure_moments(items)), neighbor_figures(lists, lists.as_lengths())
    )
    assert measured == pytest.approx(dict(figure_words.SAMPLE), rel=1e-3)


def scan(hubs: int, removal: Removal | None) -> HubScan:
    few = np.arange(hubs)
    return HubScan(
        few,
        few + 900,
        few + 20,
        (few + 15).astype(np.float64),
        ids(4, 5),
        ids(30, 20),
        ids(7, 1),
        np.array([3.0, 1.0]),
        1.2,
        24,
        10,
        1000,
        1000,
        removal,
    )


def test_hubs_in_words() -> None:
    assert hub_scan.answer(scan(0, None)) == (
        "No item is near to many different regions: the widest is in 30 lists of 7 regions."
    )
    removal = Removal(0.812, 0.35, 4.21, 0.52, 900, 41, 0)
    assert hub_scan.answer(scan(3, removal)) == (
        "3 items are near to many different regions, the widest in 900 lists of 20 of 24 regions. "
        "81.2 % of the other items' lists hold one, in 35 % of their places. Without them the "
        "hubness of the others goes from 4.21 to 0.520, and the most lists that hold one item from "
        "900 to 41."
    )
    assert hub_scan.answer(scan(1, replace(removal, short=6))).endswith(
        "from 900 to 41. 6 lists have too few others among the known neighbors, and are not "
        "counted after."
    )
    assert hub_scan.basis(scan(0, None)) == (
        "Lists of 10 neighbors; 24 regions by k-means. A hub is in at least 5 times as many lists "
        "as the mean, and its effective number of regions (exp of the entropy of its lists over "
        "the regions) is over 3 times the usual 1.20."
    )


@pytest.mark.parametrize(
    ("before", "after", "start"),
    [
        (0.812, 0.951, "Leaving them out gains 0.139: recall@10 of 500 other items at ef 40 is "),
        (0.951, 0.812, "Leaving them out costs 0.139: "),
        (0.94, 0.951, "That is no difference beyond chance: "),
    ],
)
def test_the_recall_without_hubs_in_words(before: float, after: float, start: str) -> None:
    said = hub_scan.recall(HubRemoval(before, 0.01, after, 0.004, 10, 40, 500, 0))
    assert said.startswith(start)
    assert said.endswith(
        f"{before:.3f} ± 0.010 with the hubs and {after:.3f} ± 0.004 in an index without them "
        "(rows of the index as queries, drawn with seed 0; ± is the 95 % interval)."
    )


def test_hubs_are_measured_and_left_out_on_the_page(app: AppTest) -> None:
    items = EmbeddingSet.from_arrays(far_clusters(5), name="poisoned")
    app.query_params["data"], app.query_params["metric"] = uploads().add(items), "euclidean"
    app.switch_page("pages/data/page.py").run()
    assert complaints(app) == []
    said = [each.value.replace("\\", "") for each in app.main.markdown]
    assert any(text.startswith("5 items are near to many different regions") for text in said)
    next(each for each in app.main.toggle if each.key == "hub_recall").set_value(True).run()
    said = [each.value.replace("\\", "") for each in app.main.markdown]
    assert any("in an index without them" in text for text in said)
    next(button for button in app.main.button if button.key == "_remedy_hubs").click().run()
    assert sentence(app).startswith("poisoned, without 5 hubs over many regions holds 1,200")


def test_the_table_of_hubs_is_of_the_widest_where_there_are_none() -> None:
    assert hub_scan.table(ITEMS, scan(0, None))["row"].tolist() == [4, 5]
    assert hub_scan.table(ITEMS, scan(2, None))["lists"].tolist() == [900, 901]


# ---- on the page


def open_planted(app: AppTest, page: str = "data", **query: str) -> EmbeddingSet:
    items = planted().items
    app.query_params["data"] = uploads().add(items)
    app.query_params["metric"] = "euclidean"
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}/page.py").run()
    assert complaints(app) == []
    return items


def press(app: AppTest, label: str) -> None:
    next(button for button in app.main.button if button.label == label).click().run()
    assert complaints(app) == []


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.main.button]


def test_a_remedy_makes_a_version_and_can_be_undone(app: AppTest) -> None:
    items = open_planted(app)
    assert sentence(app).startswith(f"planted holds {items.n:,} vectors")
    press(app, "Leave out 4 rows")  # the exact duplicates
    assert sentence(app).startswith(f"planted, without 4 exact duplicates holds {items.n - 4:,}")
    press(app, "Clip 2 dimensions")
    assert "planted, without 4 exact duplicates, 2 dimensions clipped" in sentence(app)
    press(app, "Back to the version before")
    assert sentence(app).startswith(f"planted, without 4 exact duplicates holds {items.n - 4:,}")
    press(app, "Back to the version before")
    assert sentence(app).startswith(f"planted holds {items.n:,} vectors")
    assert "Back to the version before" not in labels(app)
    last = next(label for label in labels(app) if label.startswith("3"))
    press(app, last)  # forward again, to the last one
    assert "2 dimensions clipped" in sentence(app)


def test_another_remedy_from_an_earlier_version_takes_the_place_of_the_later_ones(
    app: AppTest,
) -> None:
    items = open_planted(app)
    press(app, "Leave out 4 rows")
    press(app, "Back to the version before")
    press(app, "Clip 2 dimensions")
    assert sentence(app).startswith(f"planted, 2 dimensions clipped holds {items.n:,} vectors")
    assert [label for label in labels(app) if label[:1] in "123"] == [
        f"1\\. planted, {items.n:,} x {items.dim:,}"
    ]


def test_a_version_that_the_server_let_go_is_made_again(app: AppTest) -> None:
    items = open_planted(app)
    press(app, "Leave out 4 rows")
    version = app.query_params["data"]
    press(app, "Back to the version before")
    store = uploads()
    first = app.query_params["data"]
    kept = store.get(first[0] if isinstance(first, list) else first)
    assert kept is not None
    store.remove([version], "local")
    press(app, next(label for label in labels(app) if label.startswith("2")))
    assert app.query_params["data"] == version
    assert sentence(app).startswith(f"planted, without 4 exact duplicates holds {items.n - 4:,}")


def test_other_data_has_no_versions_of_this(app: AppTest) -> None:
    open_planted(app)
    press(app, "Leave out 4 rows")
    next(box for box in app.main.selectbox if box.label == "Or a sample").set_value("digits").run()
    assert "Back to the version before" not in labels(app)


def test_the_metric_of_the_index_stays_after_a_remedy(app: AppTest) -> None:
    open_planted(app)
    press(app, "Leave out 4 rows")
    assert app.query_params["metric"] in ("euclidean", ["euclidean"])


def test_the_recommended_metric_is_a_button(app: AppTest) -> None:
    open_planted(app)
    assert "Use Euclidean distance" not in labels(app)
    app.query_params["metric"] = "cosine"
    app.run()
    press(app, "Use Euclidean distance")
    assert app.query_params["metric"] in ("euclidean", ["euclidean"])
    assert "Use Euclidean distance" not in labels(app)


def test_findings_are_listed_worst_first_with_a_file_each(
    app: AppTest, downloads: Downloads
) -> None:
    open_planted(app)
    told = [each.value for each in app.main.markdown if "-badge[" in each.value]
    weights = [text.split("-badge[")[1].split("]")[0] for text in told]
    assert weights == sorted(weights, key=["high", "medium", "low"].index)
    assert len(told) >= 12
    overview = downloads.csv("findings.csv")
    assert overview["severity"].tolist() == weights
    app.session_state["_list_exact_duplicates"] = True
    app.run()
    pairs = downloads.csv("finding_exact_duplicates.csv")
    made = planted()
    assert set(made.copies) <= set(pairs["row"])
    assert set(pairs.columns) >= {"row", "like row", "like", "length apart"}


def test_the_map_marks_the_rows_of_a_finding(app: AppTest) -> None:
    open_planted(app)
    next(b for b in app.main.button if b.key == "_mark_near copies").click().run()
    made = planted()
    assert "finding" in app.query_params
    shown = app.main.dataframe[0].value
    assert set(made.near) <= set(shown["row"])
    assert any("of the finding" in each.value for each in app.main.caption)


def test_every_mark_is_a_finding_that_has_rows() -> None:
    assert preflight.MARKS[0] == preflight.NOTHING
    assert set(preflight.MARKS[1:-1]) < set(KINDS)
    assert "dead directions" not in preflight.MARKS
    assert findings_part.LISTED > 0
