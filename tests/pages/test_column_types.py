"""Every page on data whose metadata holds every type of column, each with a missing cell."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.index import HnswParams
from pages.data import summary
from pages.map import colors as map_colors
from pages.ui.display import items
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace
from tests.core.data.test_plain_columns import COLUMNS
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import PAGES, complaints

N = 60
LABELS = ("category", "nullable flag", "arrow dictionary", "interval", "lists", "zoned")


def frame_of_all() -> pd.DataFrame:
    rows = np.arange(N) % 3
    return pd.DataFrame(
        {name: column.take(rows).reset_index(drop=True) for name, (column, *_) in COLUMNS.items()}
    )


def of_all(label_column: str) -> EmbeddingSet:
    vectors = np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32)
    return EmbeddingSet.from_arrays(
        vectors, metadata=frame_of_all(), label_column=label_column, name="all types"
    )


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, page: str, label: str
) -> None:
    monkeypatch.setattr(workspace, "sample", lambda _: of_all(label))
    open_page(app, page, k=3)
    assert complaints(app) == []
    assert len(app.title) == 1


def test_each_column_colors_the_map_or_is_not_offered() -> None:
    work = Workspace("all", of_all("category"), HnswParams())
    offered = map_colors.choices(work.embeddings)
    for name in ("category", "nullable number", "arrow day", "interval", "mixed", "lists"):
        assert name in offered
    for name in offered:
        if name in COLUMNS:
            colors = map_colors.colors(work, name)
            assert colors is not None


def test_names_searches_and_tables_know_what_is_missing() -> None:
    embeddings = of_all("category")
    assert items.label_texts(embeddings)[:3].tolist() == ["b", "", "a"]
    assert items.find(embeddings, "b", most=N).size > 0
    assert len(summary.as_npz(embeddings)) > 0


def test_an_uploaded_table_with_a_category_that_misses_a_cell(app: AppTest) -> None:
    values = np.random.default_rng(0).normal(size=(N, 3))
    frame = pd.DataFrame({f"x{i}": values[:, i] for i in range(3)})
    frame["kind"] = pd.Categorical(["left", None, "right"] * (N // 3))
    frame["label"] = pd.Categorical(["one", "two", None] * (N // 3))
    content = io.BytesIO()
    frame.to_parquet(content)
    app.run()
    bring_file(app, "mine.parquet", content.getvalue())
    for page in PAGES:
        app.switch_page(f"pages/{page}/page.py").run()
        assert complaints(app) == [], page
    app.switch_page("pages/data/page.py").run()
    assert "in 2 classes of 20 to 20 members" in sentence(app)
