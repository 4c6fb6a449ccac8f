"""A selection: explained in words, filtered, tagged, walked to Recall and to a subset."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.data.filters import Filter, Range, Values
from core.data.histograms import Histogram, histogram
from core.figures.histograms.page import histograms_content
from core.projection import Projection
from core.studies import Explanation, Trait, explain, facts_of
from pages.map import explained, filter, kept, map_names, selection
from pages.map.selection import _Selection
from pages.ui.controls import widgets
from tests.pages.conftest import bring_file
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints


def trait(kind: str, column: str, name: str, inside: float, outside: float) -> Trait:
    sides = (inside, outside, 81, 70, inside - outside, 1e-9, 1e-8)
    return Trait(kind, column, name, *sides)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (
            trait("label", "lexname", "noun.plant", 0.81, 0.07),
            "noun.plant: 81 % of the selection, 7 % of the rest",
        ),
        (
            trait("category", "pos", "noun", 1.0, 0.5),
            "pos noun: 100 % of the selection, 50 % of the rest",
        ),
        (
            trait("word", "gloss", "tree", 0.25, 0.00123),
            "the word tree in gloss: 25 % of the selection, 0.123 % of the rest",
        ),
        (
            trait("missing", "owner", "", 0.5, 0.0),
            "no owner: 50 % of the selection, 0 % of the rest",
        ),
        (
            trait("number", "weight", "", 12.5, 4.0),
            "weight: median 12.5 in the selection, 4 in the rest",
        ),
        (
            trait("date", "seen", "", 1.5778368e18, 1.5463008e18),
            "seen: median 2020-01-01 00:00:00 in the selection, 2019-01-01 00:00:00 in the rest",
        ),
    ],
)
def test_each_trait_in_words(each: Trait, words: str) -> None:
    assert explained.line(each) == words


def test_the_answer_names_what_the_selection_has_most_of() -> None:
    more, less = trait("word", "t", "oak", 0.5, 0.1), trait("word", "t", "sea", 0.0, 0.9)
    found = Explanation((less, more), 100, 900, 40)
    assert explained.answer(found) == (
        "100 rows, set apart most by the word oak in t: 50 % of the selection, 10 % of the rest."
    )
    assert explained.basis(found) == (
        "100 selected rows against 900 others: 40 comparisons by labels, values, words and "
        "numbers, 2 traits with a corrected p of at most 0.05."
    )
    assert explained.lines(found) == ["Rarer or lower here: the word sea in t"]
    second = trait("label", "l", "x", 0.4, 0.1)
    assert explained.lines(Explanation((more, second), 100, 900, 40)) == [
        "x: 40 % of the selection, 10 % of the rest"
    ]
    own, others = trait("category", "tag", "mine", 1.0, 0.0), trait("word", "t", "x", 1.0, 0.0)
    lacking = trait("missing", "tag", "", 0.0, 1.0)
    tagged = Explanation((own, lacking, others, second), 100, 900, 40)
    assert explained.without_own_tag(tagged, ["tag"]).traits == (others, second)
    assert explained.without_own_tag(tagged, []) == tagged
    none = Explanation((), 1, 9, 3)
    assert explained.answer(none) == "1 row: nothing tells them from the rest."
    only_less = Explanation((less,), 5, 9, 3)
    assert explained.answer(only_less) == "5 rows: nothing is commoner here than in the rest."
    unknown = Explanation((), 5, 9, 0)
    assert (
        explained.answer(unknown) == "5 rows: nothing is known of them that could set them apart."
    )
    table = explained.table(found)
    assert table["times as common"].tolist() == [0.0, 5.0]
    assert table["in the selection"].tolist() == ["0 %", "50 %"]


def test_hostile_names_are_texts() -> None:
    frame = pd.DataFrame({"<i>b</i>": ["<script>alert(1)</script>"] * 6 + ["ok"] * 14})
    mine = EmbeddingSet.from_arrays(np.eye(20), metadata=frame, label_column=None, name="mine")
    found = explain(facts_of(mine), np.arange(6))
    assert found.traits[0].name in ("<script>alert(1)</script>", "ok")
    drawn = histogram(frame["<i>b</i>"])
    assert drawn is not None
    content = histograms_content([drawn], [drawn.counts()], [Values("<i>b</i>", ("ok",))])
    assert content[0]["title"] == "<i>b</i>"
    assert content[0]["chosen"] == [0]
    assert content[0]["left"] == [14, 6, 0]


def bars_of(values: Any, name: str) -> Histogram:
    found = histogram(pd.Series(values, name=name))
    assert found is not None
    return found


NUMBERS = bars_of([*np.arange(48.0), np.nan], "size")
KINDS = bars_of(list("aaabbc"), "kind")


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ({"column": 0, "does": "brush", "first": 5, "last": 9}, (Range("size", 10, 20),)),
        ({"column": 0, "does": "brush", "first": 0, "last": 23}, (Range("size"),)),
        ({"column": 1, "does": "toggle", "bar": 1}, (Values("kind", ("b",)),)),
        ({"column": 0, "does": "toggle", "bar": 24}, (Values("size", missing=True),)),
        ({"column": 1, "does": "brush", "first": 0, "last": 1}, ()),
        ({"column": 2, "does": "clear"}, ()),
        ({"column": 0, "does": "brush", "first": -1, "last": 3}, ()),
        ({"column": 0, "does": "brush", "first": 1.5, "last": 3}, ()),
        ({"column": True, "does": "clear"}, ()),
        ({"column": 0, "does": "eat"}, ()),
        ({"column": 1, "does": "toggle", "bar": 99}, ()),
        ("text", ()),
        (None, ()),
    ],
)
def test_what_the_histograms_tell_filters(told: Any, after: tuple[Filter, ...]) -> None:
    assert filter.after_event([NUMBERS, KINDS], (), told) == after


def test_a_filter_is_taken_away_again() -> None:
    held = (Range("size", 10, 20), Values("kind", ("b",)))
    told = {"column": 0, "does": "clear"}
    assert filter.after_event([NUMBERS, KINDS], held, told) == held[1:]
    everything = bars_of(np.arange(48.0), "size")
    told = {"column": 0, "does": "brush", "first": 0, "last": 23}
    assert filter.after_event([everything], held, told) == held[1:]


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (Range("w", 1200.5, None), "w from 1,200.5 on"),
        (Range("w"), "w of any value"),
        (
            Range("d", 1.5778368e18, 1.57788e18, is_date=True),
            "d from 2020-01-01 to below 2020-01-01 12:00:00",
        ),
        (Values("k", ("a", "b", "c")), "k a, b or c"),
        (Values("k", tuple("abcdef"), missing=True), "k a, b, c, d or 2 more or missing"),
        (Values("k", ("a",), others=True), "k not a"),
        (Values("k", (), missing=True), "k missing"),
    ],
)
def test_a_filter_in_words(each: Filter, words: str) -> None:
    assert filter.filter_words(each) == words


def test_tags_and_rows_are_taken_along() -> None:
    frame = pd.DataFrame({"tag": [None, "<b>", None, "x,y"], "vector": list("abcd")})
    mine = EmbeddingSet.from_arrays(np.eye(4), metadata=frame, name="mine")
    assert kept.csv_of_tags(mine, "tag") == 'row,tag\n1,<b>\n3,"x,y"\n'
    back = pd.read_parquet(io.BytesIO(kept.parquet_of(mine, np.array([2, 3]))))
    assert back.columns.tolist() == ["row", "tag", "vector", "vector "]
    assert np.stack(back["vector "].tolist()).tolist() == np.eye(4)[[2, 3]].tolist()


def square(low: float, high: float, op: str) -> dict[str, Any]:
    return {"op": op, "polygon": [[low, -1], [high, -1], [high, 1], [low, 1]]}


def test_an_area_takes_only_the_rows_that_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"selection": _Selection()}
    monkeypatch.setattr(selection._SELECTION, "get", lambda: held["selection"])
    monkeypatch.setattr(
        selection._SELECTION, "set", lambda value: held.__setitem__("selection", value)
    )
    monkeypatch.setattr(selection._LINK_READ, "get", lambda: True)
    monkeypatch.setattr(selection._LINK_READ, "set", lambda _: None)
    monkeypatch.setattr(widgets, "put", lambda **_: None)
    mine = EmbeddingSet.from_arrays(np.eye(6), name="mine")
    places = np.column_stack([np.arange(6.0), np.zeros(6)]).astype(np.float32)
    line = Projection(places, "pca", None, 0)
    odd = np.arange(6) % 2 == 1

    def take(low: float, high: float, op: str, shown: Any, filtered: str) -> list[int]:
        selection.take_area(mine, line, "pca", square(low, high, op), shown, filtered)
        return selection.rows(mine).tolist()

    assert take(-0.5, 3.5, "replace", odd, "f") == [1, 3]
    assert selection.link(mine, "f") != ""
    assert selection.link(mine, "") == ""  # without the filter the area selects other rows
    assert take(3.5, 4.5, "add", None, "") == [1, 3, 4]
    assert selection.link(mine, "") == ""
    assert take(2.5, 4.5, "subtract", odd, "f") == [1, 4]  # 4 is hidden, so it stays
    assert take(-0.5, 1.5, "replace", None, "") == [0, 1]
    around = selection.link(mine, "")
    assert around.startswith("pca~replace~")
    selection.put(mine, np.array([0, 1]), "kept")
    assert (selection.name(), selection.link(mine, "")) == ("kept", around)
    selection.put(mine, np.array([0, 2]), "kept")
    assert selection.link(mine, "") == ""
    selection.take_area(mine, line, map_names.NO_NAME, square(-0.5, 2.5, "replace"))
    assert selection.rows(mine).tolist() == [0, 1, 2]
    assert selection.link(mine, "") == ""  # the map changes: the area will select other rows


def button(app: AppTest, key: str) -> Any:
    return next(each for each in app.button if each.key == key)


def captions(app: AppTest) -> str:
    return "\n".join(each.value for each in app.caption)


def test_from_a_selection_to_recall_and_to_a_subset(app: AppTest) -> None:
    """Also with names of columns and values that could be taken for something else."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(300, 4)), columns=[f"v{i}" for i in range(4)])
    frame["label"] = np.repeat(["<i>x</i>", "y", "z"], 100)
    frame["<b>;:=,?%"] = ["a;b", "c,d", None] * 100
    frame["note"] = [f"item {'alpha' if row < 100 else 'beta'} {row}" for row in range(300)]
    content = io.BytesIO()
    frame.to_parquet(content)
    app.run()
    bring_file(app, "mine.parquet", content.getvalue())
    app.query_params["filter"] = "<b>%3B%3A%3D%2C%3F%25:=a%3Bb?;gone:1..2"
    app.query_params["histograms"] = "true"
    app.switch_page("pages/map/page.py").run()
    assert complaints(app) == ["A part of the link's filter could not be used\\: gone"]
    assert "**200 of 300 shown**: <b\\>" in captions(app).replace("\\<", "<")
    work = app.session_state["_workspace"]
    rows = np.arange(50)
    app.session_state["_slot_map_selection"] = _Selection(selection._name(work.embeddings), rows)
    app.session_state["listed"] = "Selected"
    button(app, "_filter_show_all").click().run()
    assert complaints(app) == []
    raw = "\n".join(each.value for each in app.markdown)
    said = raw.replace("\\", "")
    # 50 of the 100 of the class are selected, and 50 of the 250 others are of it.
    assert "apart most by <i>x</i>: 100 % of the selection, 20 % of the rest." in said
    assert "- the word alpha in note: 100 % of the selection, 20 % of the rest" in said
    assert "<i>" not in raw  # texts of the data are escaped
    assert sorted(app.dataframe[-1].value["row"]) == rows.tolist()
    next(each for each in app.text_input if str(each.key).startswith(kept.NAME)).set_value(
        "my *rows*"
    )
    button(app, "_tag_write").click().run()
    assert complaints(app) == []
    assert any(each.key == "_tag_away_tag" for each in app.button)
    button(app, "_selection_recall").click().run()
    assert complaints(app) == []
    assert "On rows of the index as queries" in sentence(app)
    assert "50 queries: every row of my \\*rows\\*, in the index" in captions(app)
    app.switch_page("pages/map/page.py").run()
    button(app, "_selection_subset").click().run()
    assert complaints(app) == []
    assert "A subset: mine" in captions(app)
    assert "**50 of 50 shown**" in captions(app)
    button(app, "_subset_back").click().run()
    assert "**300 of 300 shown**" in captions(app)
    assert complaints(app) == []
