"""What is marked on the map: by letters, by a finding, by a vector from elsewhere."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load_sample
from core.distances import distance_matrix
from core.index import Neighbors
from pages.map import marks
from tests.pages.test_app import complaints

NEAR = Neighbors(np.array([[4, 2, 0]]), np.array([[0.1, 0.25, 0.123456]]))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (0, "0 items hold these letters."),
        (1, "1 item holds these letters."),
        (2000, "2,000 items hold these letters."),
        (2001, "2,001 items hold these letters; the first 2,000 are marked."),
    ],
)
def test_marked_items_are_counted(found: int, words: str) -> None:
    assert marks.letters_words(found) == words
    assert len(marks.Marked(np.arange(found)).drawn) == min(found, 2000)


def test_the_items_of_a_finding_are_counted() -> None:
    assert marks.finding_words(2, "near copies") == "2 items of the finding 'near copies'."
    told = marks.finding_words(3000, "hubs")
    assert told == "3,000 items of the finding 'hubs'; the first 2,000 are marked."


def test_the_nearest_are_listed_by_distance_without_what_the_filters_hide() -> None:
    every = marks.nearest(NEAR, "the vector", "inner_product", None)
    assert every.rows.tolist() == [4, 2, 0]
    assert every.words == (
        "The 3 items nearest to the vector, by inner product distance, are marked."
    )
    passing = np.array([True, True, False, True, True])
    some = marks.nearest(NEAR, '"tea"', "cosine", passing)
    assert some.rows.tolist() == [4, 0]
    assert some.columns["distance"].tolist() == [0.1, 0.1235]
    assert some.words == (
        'The 3 items nearest to "tea", by cosine distance, are marked; the filters hide 1 of them.'
    )


def test_a_pasted_vector_marks_its_nearest_items(app: AppTest) -> None:
    digits = load_sample("digits")
    app.query_params["data"] = "digits"
    app.switch_page("pages/map/page.py").run()
    vector = digits.vectors[9] + digits.vectors[30]
    app.text_area("_pasted_64").set_value(" ".join(map(str, vector.tolist()))).run()
    assert complaints(app) == []
    said = [note.value.replace("\\", "") for note in app.caption]
    assert "The 50 items nearest to the vector, by cosine distance, are marked." in said
    distances = distance_matrix(vector[None], digits.vectors, "cosine")[0]
    table = app.dataframe[-1].value
    assert table["row"].tolist() == np.argsort(distances, kind="stable")[:50].tolist()
