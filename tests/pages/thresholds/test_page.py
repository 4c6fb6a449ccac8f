"""The page and its sections: what is offered, and what stands where there are no labels."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from pages.ui.session.uploads import uploads
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import CODES, VECTORS, eighteen, items, notes, open_section

SECTIONS = ["Decide", "Consistency", "Groups", "Errors", "Take away"]
ALL = [*SECTIONS[:4], "No labels", "Retrieval", "Open world", "Take away"]
WITHOUT_LABELS = ["No labels", "Open world"]


def test_sections_are_chosen_and_kept(app: AppTest) -> None:
    open_section(app, eighteen(), "Groups")
    (view,) = [box for box in app.main.button_group if box.label == "View"]
    assert view.value == "Groups"
    assert list(view.options) == ALL
    said = {sentence(app)}
    for section in ("Decide", "Consistency", "Errors", "Take away"):
        (view,) = [box for box in app.main.button_group if box.label == "View"]
        view.set_value(section).run()
        assert complaints(app) == []
        said.add(sentence(app))
    assert len(said) == 5


def offered(app: AppTest) -> list[str]:
    (view,) = [box for box in app.main.button_group if box.label == "View"]
    return list(view.options)


@pytest.mark.parametrize("labels", [["same"] * 18, [f"own {row}" for row in range(18)]])
def test_fewer_than_two_classes_say_what_to_do(app: AppTest, labels: list[str | None]) -> None:
    """A link to a section that needs labels opens one that does not."""
    open_section(app, items(VECTORS, labels), "Groups")
    assert complaints(app) == []
    assert offered(app) == WITHOUT_LABELS
    assert (
        "The other sections need labels: at least two classes of two members. Choose a column "
        "whose values repeat as the label on the Data page." in notes(app)
    )


@pytest.mark.parametrize("section", WITHOUT_LABELS)
def test_a_set_without_labels_opens(app: AppTest, section: str) -> None:
    key = uploads().add(EmbeddingSet.from_arrays(VECTORS, name="bare"))
    open_page(app, "thresholds", data=key, section=section)
    assert complaints(app) == []
    assert offered(app) == WITHOUT_LABELS
    assert sentence(app)


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
def test_an_upload_with_markup_in_its_classes(app: AppTest, name: str) -> None:
    frame = pd.DataFrame(VECTORS, columns=["v0", "v1", "v2", "v3"])
    frame["label"] = [f"<i>class</i> {code}" for code in CODES]
    content = io.BytesIO()
    frame.to_csv(content, index=False) if name.endswith("csv") else frame.to_parquet(content)
    app.run()
    bring_file(app, name, content.getvalue())
    for section in SECTIONS:
        app.query_params["section"] = section
        app.switch_page("pages/thresholds/page.py").run()
        assert complaints(app) == []
    assert "49 genuine and 104 impostor pairs of 18 rows in 3 classes" in notes(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_rows_without_a_label_and_rows_of_their_own(app: AppTest, section: str) -> None:
    labels: list[str | None] = [f"class {code}" for code in CODES]
    labels[16:] = [None, "alone"]
    open_section(app, items(VECTORS, labels), section)
    assert complaints(app) == []
    # 8, 6 and 2 rows in classes and one of its own: 28 + 15 + 1 genuine of 17 x 16 / 2 = 136.
    basis = "All 44 genuine and 92 impostor pairs of 17 rows in 3 classes."
    assert f"{basis} 1 row without a label left out." in notes(app)
    if section == "Consistency":
        assert "1 row is alone in a class" in notes(app)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_smallest_labeled_set_opens(app: AppTest, section: str, metric: Metric) -> None:
    open_section(app, items(np.eye(4), list("aabb"), name="four"), section, metric=metric)
    assert complaints(app) == []
    assert sentence(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_classes_of_one_vector_open(app: AppTest, section: str) -> None:
    open_section(app, items(np.ones((6, 3)), list("aaabbb"), name="flat"), section)
    assert complaints(app) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_two_small_classes_among_rows_of_their_own(app: AppTest, section: str) -> None:
    """Resamples without any genuine pair, and sections that need more than there is."""
    vectors = np.random.default_rng(5).normal(size=(30, 4))
    labels: list[str | None] = ["a", "a", "b", "b", *(f"own {row}" for row in range(26))]
    open_section(app, items(vectors, labels, name="few"), section, over="classes")
    assert complaints(app) == []
