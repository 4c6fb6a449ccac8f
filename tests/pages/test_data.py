"""The Data page: what it says of samples and uploads, the findings, the file it gives back."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample, read_embeddings
from pages.data import summary
from pages.ui.jobs.progress_bar import runner
from pages.ui.jobs.runner import Job
from tests.pages.conftest import accept, bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints


def written(app: AppTest) -> str:
    """All that the page says in Markdown and captions."""
    texts = [*app.main.markdown, *app.main.caption]
    return "\n".join(element.value for element in texts).replace("\\", "")


def bring(app: AppTest, frame: pd.DataFrame, name: str) -> None:
    content = io.BytesIO()
    frame.to_csv(content, index=False) if name.endswith("csv") else frame.to_parquet(content)
    bring_file(app, name, content.getvalue(), place=app.main)


def as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def table_of(n: int = 50) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(n, 4)), columns=["x0", "x1", "x2", "x3"])
    frame["label"] = ["rare", *random.choice(["p", "q"], n - 1)]
    frame["text"] = [f"*text* {i}" for i in range(n)]
    return frame


def one_class_each(sizes: list[int]) -> EmbeddingSet:
    labels = np.repeat([f"class {i}" for i in range(len(sizes))], sizes)
    vectors = np.random.default_rng(1).normal(size=(len(labels), 3))
    return EmbeddingSet.from_arrays(
        vectors, metadata=pd.DataFrame({"label": labels}), name="classes"
    )


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
def test_an_upload_is_counted_and_what_was_changed_is_said(app: AppTest, name: str) -> None:
    open_page(app, "data")
    bring(app, table_of(), name)
    assert complaints(app) == []
    assert sentence(app).startswith("mine holds 50 vectors of 4 dimensions in 3 classes of 1 to ")
    assert sentence(app).endswith("members; float64 converted to float32.")
    assert "vectors taken from the columns x0 to x3" in written(app)
    assert "**1 class with one member (33.3 % of 3 classes).**" in written(app)


def test_rows_with_holes_are_named_and_left_out_at_a_button(app: AppTest) -> None:
    frame = table_of()
    frame.loc[3, "x1"] = np.nan
    open_page(app, "data")
    bring(app, frame, "mine.csv")
    assert sentence(app).startswith("WordNet sample holds")
    told = [box.value.replace("\\", "") for box in app.warning]
    assert len(told) == 1
    assert told[0].startswith("Row 3 cannot be used: a value is missing")
    app.button(key="_arrival_drop").click().run()
    assert complaints(app) == []
    assert "49 vectors of 4 dimensions" in written(app)
    accept(app)
    assert sentence(app).startswith("mine holds 49 vectors")
    assert "1 rows dropped" in sentence(app)


def test_a_file_is_shown_first_and_used_at_a_button(app: AppTest) -> None:
    open_page(app, "data")
    app.main.file_uploader[0].set_value([("mine.csv", as_csv(table_of()), "")]).run()
    assert len(app.title) == 0  # the page of the loaded data comes back at a button
    assert "**WordNet sample**" in "".join(each.value for each in app.sidebar.markdown)
    assert app.subheader[0].value.replace("\\", "") == "mine.csv was read, and is not used yet"
    assert "50 vectors of 4 dimensions, stored as float64" in written(app)
    assert "labels: label (3 classes)" in written(app)
    assert "50 rows, PCA, colored by label." in written(app)
    app.button(key="_arrival_cancel").click().run()
    assert sentence(app).startswith("WordNet sample holds")
    assert [button for button in app.button if button.key == "_arrival_use"] == []


def test_a_file_can_be_brought_again_after_it_was_used_or_closed(app: AppTest) -> None:
    first = as_csv(table_of())
    open_page(app, "data")
    bring_file(app, "mine.csv", first, place=app.main)
    app.main.file_uploader[0].set_value([("mine.csv", first, "")]).run()
    assert app.subheader[0].value.replace("\\", "") == "mine.csv was read, and is not used yet"
    app.button(key="_arrival_cancel").click().run()
    app.main.file_uploader[0].set_value([("mine.csv", first, "")]).run()
    assert [button.key for button in app.button if button.key == "_arrival_use"] == ["_arrival_use"]


def test_of_a_file_that_waits_only_the_last_reading_is_kept(app: AppTest) -> None:
    frame = table_of()
    frame.loc[3, "x1"] = np.nan

    def readings() -> int:
        return sum("arrivals._look" in key[0] for key in runner()._jobs)

    open_page(app, "data")
    before = readings()
    app.main.file_uploader[0].set_value([("holes.csv", as_csv(frame), "")]).run()
    app.button(key="_arrival_drop").click().run()
    assert readings() == before + 1
    app.sidebar.file_uploader[0].set_value([("other.csv", as_csv(table_of(40)), "")]).run()
    assert readings() == before + 1
    app.button(key="_arrival_cancel").click().run()
    assert readings() == before


def test_what_the_pages_need_is_worked_out_before_the_file_is_used(app: AppTest) -> None:
    def prepared() -> list[Job]:
        return [job for key, job in runner()._jobs.items() if key[0].endswith("ahead.prepare")]

    open_page(app, "data")
    before = len(prepared())
    app.main.file_uploader[0].set_value([("mine.csv", as_csv(table_of()), "")]).run()
    job = prepared()[-1]
    assert (len(prepared()), job.state) == (before + 1, "done")
    app.button(key="_arrival_cancel").click().run()
    assert job not in prepared()


def test_a_file_that_cannot_be_used_says_why_and_is_closed(app: AppTest) -> None:
    open_page(app, "data")
    bring_file(app, "wrong.csv", b"word\nalpha\nbeta\n", place=app.main)
    assert len(complaints(app)) == 1
    assert "No vectors were found" in complaints(app)[0]
    app.button(key="_arrival_cancel").click().run()
    assert complaints(app) == []
    assert sentence(app).startswith("WordNet sample holds")


def test_of_two_columns_of_vectors_one_is_chosen(app: AppTest) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({name: list(random.normal(size=(30, 4))) for name in ("left", "right")})
    open_page(app, "data")
    bring(app, frame, "mine.parquet")
    assert [words.replace("\\", "") for words in complaints(app)] == [
        "Several columns could hold the vectors: left, right. Choose one."
    ]
    app.selectbox(key="_arrival_vectors").set_value("right").run()
    accept(app)
    assert complaints(app) == []
    assert sentence(app).startswith("mine holds 30 vectors of 4 dimensions")


def test_a_table_of_metadata_can_come_beside_the_vectors(app: AppTest) -> None:
    open_page(app, "data")
    rows = b"".join(b"%d\t%d\n" % (i, i % 5) for i in range(30))
    words = b"".join(b"word %d\n" % (i % 3) for i in range(30))
    files = [("metadata.tsv", words, ""), ("vectors.tsv", rows, "")]
    app.main.file_uploader[0].set_value(files).run()
    accept(app)
    assert complaints(app) == []
    assert sentence(app).startswith("vectors holds 30 vectors of 2 dimensions in 3 classes")


def test_a_sample_can_be_chosen_on_the_page(app: AppTest) -> None:
    open_page(app, "data")
    next(box for box in app.main.selectbox if box.label == "Or a sample").set_value("digits").run()
    assert sentence(app).startswith("Handwritten digits holds 1,797 vectors")
    assert app.query_params["data"] in ("digits", ["digits"])


def test_classes_are_listed_largest_first() -> None:
    table = summary.class_table(one_class_each([2, 9, 4]))
    assert table["class"].tolist() == ["class 1", "class 2", "class 0"]
    assert table["members"].tolist() == [9, 4, 2]


@pytest.mark.parametrize(
    ("vectors", "metric", "why"),
    [
        (np.arange(1.0, 9.0)[:, None], "euclidean", "1 dimension"),
        (np.vstack([np.zeros(3), np.eye(3)]), "euclidean", "1 zero vector has"),
        (np.eye(4), "cosine", "nearly the same length"),
        (np.diag([1.0, 1.0, 1.0, 90.0]), "cosine", "(median 1, largest 90)"),
        (np.diag([1.0, 1.5, 2.0, 1.2]), "cosine", "trained for directions"),
    ],
)
def test_the_recommended_metric_has_its_reason(vectors: np.ndarray, metric: str, why: str) -> None:
    recommended, reason = summary.metric_words(EmbeddingSet.from_arrays(vectors, name="some"))
    assert recommended == metric
    assert why in reason


def test_the_download_reads_back_the_same() -> None:
    given = load_sample("digits")
    back = read_embeddings(summary.as_npz(given), name="back.npz")
    assert back.fingerprint == given.fingerprint


def test_columns_named_as_those_of_the_table_do_not_clash(app: AppTest) -> None:
    frame = table_of().assign(row=7, vector="text")
    open_page(app, "data")
    bring(app, frame, "mine.csv")
    assert complaints(app) == []


def test_the_first_rows_are_shown(app: AppTest) -> None:
    digits = load_sample("digits")
    open_page(app, "data", data="digits")
    table = app.dataframe[-1].value
    assert table["row"].tolist() == list(range(200))
    assert table["label"].tolist() == digits.metadata["label"].tolist()[:200]
    assert "The first 200 of 1,797 rows, and 16 of the 64 dimensions" in written(app)
