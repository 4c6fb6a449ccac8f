"""The section's parts: which of them a set of few labels, or of none, opens with."""

from streamlit.testing.v1 import AppTest

from pages.thresholds import open_world
from tests.pages.thresholds.conftest import open_part, told


def test_a_set_without_labels_opens_with_the_part_that_needs_none(unlabeled: AppTest) -> None:
    open_part(unlabeled)
    assert told(unlabeled).startswith("Cosine similarity >= ")


def test_a_part_that_needs_labels_says_so(unlabeled: AppTest) -> None:
    open_part(unlabeled, "Several thresholds")
    assert told(unlabeled) == (
        "Several thresholds: at least 2 classes of two members are needed; the data has none."
    )
    assert "Another space, which needs none" in str(unlabeled.info[0].value).replace("\\", "")


def test_how_many_classes_there_are_is_said() -> None:
    assert open_world.refusal("Unseen classes", 4, 1) == (
        "Unseen classes: at least 4 classes of two members are needed; the data has 1 class."
    )
