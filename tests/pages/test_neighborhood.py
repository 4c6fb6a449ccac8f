"""The sections of the Neighbors page: their sentences from hand-made results, and each opened."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.index import Neighbors
from core.studies import ComparedPair, Copies, DiverseList, MetricLists, Path, Popularity
from core.studies.neighborhood.by_metric import ranks_in
from pages.neighbors import around, cards, diverse, nearest, other_metrics, second_item
from pages.neighbors.answers import nearest_words
from pages.ui.results import indexes
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints

NAMES = np.array(["ash", "birch", "cedar", "dogwood", "elm"])
SECTIONS = ("Other metrics", "Diverse", "Compare two", "Way", "Around")


def ids(*rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(rows, np.int64)


def test_the_nearest_are_said_before_there_is_an_index() -> None:
    near = Neighbors(ids(2, 1)[None], np.array([[0.25, 0.5]]))
    said = nearest_words(near, "inner_product", NAMES, "ash")
    assert said == "Nearest to ash is cedar at inner product distance 0.250."
    assert nearest.slope_words(2.5, 10).startswith("Dashed: distances by rank where rows fill 2.50")


def lists() -> MetricLists:
    named = {
        "cosine": ids(1, 2),
        "euclidean": ids(2, 3),
        "inner_product": ids(1, 2),
        "snr": ids(4, 3),
    }
    rows = ids(1, 2, 3, 4)
    far = {name: np.zeros(2) for name in named}
    return MetricLists(named, far, rows, {name: ranks_in(own, rows) for name, own in named.items()})


def test_ranks_under_other_metrics() -> None:
    said = other_metrics.answer(lists(), "euclidean", "ash")
    assert said == (
        "Of the 2 nearest to ash by Euclidean distance, so many stay: 1 under cosine, 1 under "
        "inner product, 1 under SNR."
    )
    frame = pd.DataFrame({"name": NAMES})
    data = EmbeddingSet.from_arrays(np.eye(5), metadata=frame, name="trees")
    table = other_metrics.table(lists(), data, "euclidean")
    assert table["row"].tolist() == [2, 3, 1, 4]
    assert table["rank, Euclidean"].tolist()[:2] == [1, 2]
    assert table["rank, cosine"].isna().tolist() == [False, True, False, True]


def test_what_a_diverse_list_leaves_out_and_takes_in() -> None:
    changed = DiverseList(ids(1, 4), ids(2), ids(4), 0.5)
    assert diverse.answer(changed, NAMES, "ash") == (
        "At λ 0.5 the list for ash leaves out cedar of the 2 nearest and takes in elm."
    )
    same = DiverseList(ids(1, 2), ids(), ids(), 1.0)
    assert diverse.answer(same, NAMES, "ash") == "At λ 1 the list is the 2 nearest to ash."


def test_two_items_and_the_way_between_them() -> None:
    found = ComparedPair(
        {"cosine": 0.125, "snr": 2.0}, 3, 7, ids(1), ids(4, 2), np.array([1.0, 2.0])
    )
    assert second_item.compared_words(found, NAMES, 0, 3, 10) == (
        "dogwood is neighbor 3 of ash, which is neighbor 7 of it; they share 1 of their 10 "
        "nearest, and between them stands elm."
    )
    assert second_item.distances_table(found).to_numpy().tolist() == [
        ["cosine distance", "0.1250"],
        ["SNR distance", "2"],
    ]
    path = Path(
        np.array([0, 0.5, 1]), ids(0, 1, 3)[:, None], np.array([[0.0], [0.2], [0]]), "straight"
    )
    assert second_item.path_words(path, NAMES, 0, 3) == (
        "The straight way from ash to dogwood passes birch; 1 change of the nearest in 3 steps."
    )
    table = second_item.path_table(path, NAMES)
    assert table["share of the way"].tolist() == ["0 %", "50 %", "100 %"]
    assert table["nearest 1"].tolist() == ["ash", "birch", "dogwood"]


def test_what_an_item_is_among_all() -> None:
    copies = Copies(ids(1), ids(2, 3), np.array([0.1, 0.2]), 0.25)
    assert around.copies_words(copies, "ash", 5000) == (
        "Of 5,000 items, 1 other row has the values of ash, and 2 more are near copies, within a "
        "length of 0.250."
    )
    few = Copies(ids(), ids(), np.empty(0), float("nan"))
    assert around.copies_words(few, "ash", 5).endswith("not sought in so little data.")
    assert (
        around.level_words(0, 3, 1.0) == "Layers: it stands on layer 0 alone, where all items are."
    )
    assert around.level_words(1, 3, 0.06) == (
        "Layers: it reaches layer 1 of 3, as 6 % of the items do."
    )
    hub = around.popularity_words(Popularity(60, 20.0, 0.99, 0.1), 20, "all items")
    assert hub == (
        "k-occurrence: it stands in 60 of the lists of 20 nearest of all items, more than 99 % of "
        "the items do; the mean is 20: a hub, at least 3 times the mean."
    )
    never = around.popularity_words(Popularity(0, 20.0, 0.0, 0.1), 20, "all items")
    assert never.endswith("an anti-hub, which no list holds, as are 10 % of the items.")


def test_the_card_says_row_class_and_longest_text() -> None:
    words = load_sample("wordnet")
    assert cards.own_words(words, 7) == (
        "row 7 · lexname: noun.act · a conspicuous mistake whose effects seem to reverberate"
    )
    assert cards.own_words(load_sample("digits"), 7) == "row 7 · label: 7"


def test_neighbors_wait_for_no_index(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "graph", lambda _: None)
    open_page(app, "neighbors", data="digits", item=7)
    assert complaints(app) == []
    digits = load_sample("digits")
    unit = digits.vectors / np.linalg.norm(digits.vectors, axis=1, keepdims=True)
    order = np.argsort(-(unit @ unit[7]), kind="stable")
    assert app.dataframe[0].value["row"].tolist() == order[1:11].tolist()
    assert f"is 7 (row {order[1]:,}) at cosine distance" in sentence(app)


def test_every_section_opens(app: AppTest) -> None:
    open_page(app, "neighbors", data="digits", item=7, other=9, section="Other metrics")
    said = [sentence(app)]
    for section in SECTIONS[1:]:
        app.session_state["section"] = section
        app.run()
        assert len(app.title) == 1
        said.append(sentence(app))
    assert complaints(app) == []
    starts = ("Of the 10", "At λ 0.7", "9 (row 9) is neighbor", "The straight way", "Of 1,797")
    assert [text.startswith(start) for text, start in zip(said, starts, strict=True)] == [True] * 5


def test_a_link_keeps_the_second_item_and_lambda(app: AppTest) -> None:
    open_page(app, "neighbors", data="digits", item=7, section="Diverse", **{"lambda": 1.0, "k": 5})
    assert sentence(app) == "At λ 1 the list is the 5 nearest to 7 (row 7)."
