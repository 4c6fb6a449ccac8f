"""Which pairs the page is about: all, or those of a sample until all are counted."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.studies import pair_study
from pages.thresholds import lab as labs
from pages.thresholds.lab import Lab
from pages.ui.results import labeled_pairs
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import VECTORS, eighteen, five, items, notes, open_section


def test_the_basis_tells_which_pairs_were_counted() -> None:
    assert five().basis == "All 4 genuine and 6 impostor pairs of 5 rows in 2 classes."
    drawn = replace(five().study, rows=5, n=1_200, seed=3, sampled="rows")
    assert replace(five(), study=drawn).basis == (
        "The 4 genuine and 6 impostor pairs of 5 rows in 2 classes, drawn from 1,200 rows (each "
        "class its share, seed 3)."
    )
    missing = replace(five().study, missing=2)
    assert replace(five(), study=missing).basis.endswith(
        "classes. 2 rows without a label left out."
    )
    whole = replace(drawn, sampled="classes")
    assert replace(five(), study=whole).basis.endswith(
        "drawn from 1,200 rows (whole classes, seed 3)."
    )


def test_names_are_those_of_the_eligible_classes() -> None:
    labels = ["z", "b", "b", None, "m", "a", "a"]
    mine = items(np.random.default_rng(0).normal(size=(7, 3)), labels)
    assert mine.labels is not None
    lab = Lab(mine, "cosine", None, pair_study(mine.vectors, mine.labels))
    assert lab.names == ["a", "b"]
    assert labs.eligible_classes(mine) == 2
    assert labs.eligible_classes(items(VECTORS[:3], ["a", "b", "c"])) == 0


def test_other_pairs_have_another_fingerprint() -> None:
    lab = five()
    others = [
        replace(lab, metric="euclidean"),
        replace(lab, rows=6_000),
        replace(lab, keep_singletons=False),
        replace(lab, embeddings=eighteen()),
    ]
    assert len({each.fingerprint for each in [lab, *others]}) == 5


def test_classes_at_a_threshold_by_hand() -> None:
    frame = labs.classes_at(five(), 0.7)
    # ant: 2 of 3 pairs pass and 1 of 6 impostors: 2 x 2/3 x 5/6 / (2/3 + 5/6); bee: all pass.
    assert frame["class"].tolist() == ["ant", "bee"]
    assert frame["FRR"].tolist() == pytest.approx([1 / 3, 0])
    assert frame["FAR"].tolist() == pytest.approx([1 / 6, 1 / 6])
    assert frame["utility"].tolist() == pytest.approx([20 / 27, 10 / 11])


@pytest.mark.parametrize("section", ["Decide", "Consistency", "Groups", "Errors", "Take away"])
def test_a_sample_gives_way_to_all_pairs(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    """The first run shows the sample and counts all; its rerun shows all."""
    for module in (labs, labeled_pairs):
        monkeypatch.setattr(module, "FIRST_ROWS", 12)
    shown: list[int | None] = []
    original = labs.lab

    def watched(*args: object, **how: object) -> Lab:
        found = original(*args, **how)  # type: ignore[arg-type]
        shown.append(found.rows)
        return found

    monkeypatch.setattr(labs, "lab", watched)
    open_section(app, eighteen(f"not yet counted, {section}"), section)
    assert complaints(app) == []
    assert shown[0] == 12
    assert shown[-1] is None
    assert "All 49 genuine and 104 impostor pairs of 18 rows in 3 classes." in notes(app)


def test_above_a_limit_the_sample_stays(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (labs, labeled_pairs):
        monkeypatch.setattr(module, "FIRST_ROWS", 12)
    monkeypatch.setattr(labs, "EXACT_ROWS", 17)
    open_section(app, eighteen("never counted"), "Decide")
    assert complaints(app) == []
    assert sentence(app).startswith("At cosine similarity >= ")
    assert "of 12 rows in 3 classes, drawn from 18 rows (each class its share, seed 0)" in notes(
        app
    )
    assert (
        "All pairs are counted up to 17 rows; here there are 18, so that the figures stay those of "
        "the sample." in notes(app)
    )
