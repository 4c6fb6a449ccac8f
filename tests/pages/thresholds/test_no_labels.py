"""The section `No labels` on data without and with labels, with uploads, and its files."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.engines.floor import threshold_lines
from core.studies.thresholds.floor import floor_study
from tests.pages.conftest import Downloads, bring_file
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.patience import PATIENCE

RANDOM = np.random.default_rng(4)
ROWS = RANDOM.normal(size=(60, 4)).astype(np.float32)
LEFT, RIGHT = np.arange(0, 60, 2), np.arange(1, 60, 2)
SAME = np.arange(30) % 2


def written(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_csv(content, index=False)
    return content.getvalue()


def npy(rows: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, rows)
    return content.getvalue()


def open_section(app: AppTest, **query: str) -> None:
    app.run()
    bring_file(app, "mine.npy", npy(ROWS))
    for name, value in {"section": "No labels", **query}.items():
        app.query_params[name] = value
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []


def notes(app: AppTest) -> str:
    return " ".join(note.value for note in app.caption).replace("\\", "")


def upload(app: AppTest, label: str, name: str, content: bytes) -> None:
    (box,) = [each for each in app.main.file_uploader if each.label == label]
    box.set_value([(name, content, "")]) if box.accept_multiple_files else box.set_value(
        (name, content, "")
    )
    app.run()


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_an_unlabeled_set_has_a_floor(app: AppTest, downloads: Downloads, metric: str) -> None:
    open_section(app, metric=metric, bearable="50 %", floor_share="1 in 10")
    study = floor_study(ROWS, metric=metric)  # type: ignore[arg-type]
    words = sentence(app)
    if study.least_error("pairs").total > 0.5:
        assert "separates them in this space" in words
    else:
        assert "lets 1 in 10 unrelated pairs through" in words
    assert "all 1,770 pairs of all 60 rows" in notes(app)
    assert "A probability needs pairs that were judged, or labels." in app.info[-1].value.replace(
        "\\", ""
    )
    record = json.loads(downloads.text("similarity_floor.json"))
    assert record["metric"] == metric
    table = downloads.csv("similarity_floors.csv")
    assert table["unrelated that may pass"].tolist()[:2] == ["1 in 10", "1 in 100"]
    assert table["note"].tolist()[3:] == ["below resolution"] * 2
    assert record["chosen"]["floor"] == pytest.approx(table.iloc[0, 1])
    written = [f"# {system}\n{line}" for system, line in
        threshold_lines(study.metric, study.by_pairs[0].score.value)]  # fmt: skip
    assert app.code[0].value == "\n".join(written)
    assert record["chosen"]["kept_best"][0] == study.by_pairs[0].kept_best.value


def test_a_share_that_cannot_be_told_is_refused(app: AppTest) -> None:
    open_section(app, bearable="50 %", floor_share="1 in 10,000")
    assert sentence(app) == (
        "1 in 10,000 is below the resolution of 1,770 unrelated pairs: ask for 1 in 1,000 or more "
        "often, or load more rows."
    )


def test_off_topic_queries_and_queries_are_uploaded(app: AppTest) -> None:
    open_section(app, bearable="50 %")
    upload(app, "Off-topic queries", "far.npy", npy(-3.0 - np.abs(ROWS[:20])))
    assert complaints(app) == []
    assert "of the off-topic queries still get an answer" in notes(app)
    upload(app, "Off-topic queries", "wrong.npy", npy(ROWS[:, :3]))
    assert "Off-topic queries must have 4 dimensions" in app.error[0].value.replace("\\", "")
    upload(app, "Your own queries", "log.npy", npy(ROWS[:10] + 0.01))
    assert complaints(app) == []
    assert "Queries: 10 uploaded queries, compared with all rows" in notes(app)


def test_judged_pairs_are_kept_calibrated_and_can_be_chosen_anew(
    app: AppTest, downloads: Downloads
) -> None:
    frame = pd.DataFrame({"id1": LEFT, "id2": RIGHT, "label": SAME, "score": 2 - SAME})
    frame.loc[29, "id2"] = 99
    open_section(app)
    upload(app, "Judged pairs", "pairs.csv", written(frame))
    assert app.warning[-1].value.replace("\\", "") == (
        "Choose the column of the judgment (label, score stand level)."
    )
    (box,) = [each for each in app.selectbox if each.label == "Judgment"]
    box.set_value("label").run()
    assert complaints(app) == []
    said = notes(app)
    assert "pairs.csv: 29 judged pairs, 14 same and 15 different" in said
    assert "1 line left out: line 30 (58, 99): second item not in the data" in said
    assert "Of 29 pairs of 29 judged items" in said
    left_out = downloads.csv("judged_pairs_left_out.csv")
    assert left_out.values.tolist() == [[30, 58, 99, 1, "second item not in the data"]]
    app.switch_page("pages/data/page.py").run()
    app.switch_page("pages/thresholds/page.py").run()
    assert "pairs.csv: 29 judged pairs, 14 same and 15 different" in notes(app)
    (forget,) = [each for each in app.button if each.label == "Forget these judged pairs"]
    forget.click().run()
    assert complaints(app) == []
    assert "judged pairs" not in notes(app)


def held_pairs(label: str) -> None:
    """A script that holds a table, and tells which judged pairs other sections get."""
    import numpy as np
    import pandas as pd
    import streamlit as st

    from core.data import EmbeddingSet
    from core.index import HnswParams
    from pages.thresholds import judged
    from pages.ui.session.workspace import Workspace

    mine, other = (EmbeddingSet.from_arrays(np.eye(n, 4), name="mine") for n in (4, 3))
    frame = pd.DataFrame({"id1": [0, 1], "id2": [2, 3], label: [1, 0], "score": [0, 1]})
    judged._TABLE.set(judged.Table(frame, "pairs", mine.fingerprint, label))
    for items in (mine, other):
        pairs = judged.held(Workspace("mine", items, HnswParams()))
        st.text("none" if pairs is None else f"{pairs.left} {pairs.right} {pairs.same}")


@pytest.mark.parametrize(
    ("label", "told"),
    [("same", ["[0 1] [2 3] [ True False]", "none"]), ("label", ["none", "none"])],
)
def test_other_sections_get_the_pairs_that_are_held(label: str, told: list[str]) -> None:
    """Of the data they were uploaded for; not while a column is to be chosen."""
    app = AppTest.from_function(held_pairs, kwargs={"label": label}, default_timeout=PATIENCE).run()
    assert [text.value for text in app.text] == told


def test_labels_calibrate_where_there_are_some(app: AppTest) -> None:
    frame = pd.DataFrame(ROWS, columns=["v0", "v1", "v2", "v3"]).assign(
        label=[f"class {i % 4}" for i in range(60)]
    )
    app.run()
    bring_file(app, "mine.csv", written(frame))
    app.query_params["section"] = "No labels"
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []
    assert "Labels are not used." in notes(app)
    assert "Of 1,770 pairs of 60 rows, which belong together where the labels are equal" in notes(
        app
    )
