"""A small set whose classes spread unlike, and what the open page holds."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from pages.ui.session.uploads import uploads
from tests.pages.test_app import complaints

RANDOM = np.random.default_rng(12)
LABELS = np.repeat(np.arange(6), [16, 14, 12, 12, 10, 8])
VECTORS = (
    RANDOM.normal(size=(6, 6))[LABELS]
    + RANDOM.normal(size=(72, 6)) * np.linspace(0.3, 1.2, 6)[LABELS, None]
).astype(np.float32)
NAMES = [f"<b>kind</b> {code}" for code in LABELS]


@pytest.fixture
def labeled(app: AppTest) -> AppTest:
    """The app with a link to the set, and to its labels."""
    frame = pd.DataFrame({"label": NAMES})
    return linked(app, EmbeddingSet.from_arrays(VECTORS, metadata=frame, name="mine"))


@pytest.fixture
def unlabeled(app: AppTest) -> AppTest:
    """The app with a link to the vectors alone."""
    return linked(app, EmbeddingSet.from_arrays(VECTORS, name="mine"))


def linked(app: AppTest, embeddings: EmbeddingSet) -> AppTest:
    app.query_params["data"] = uploads().add(embeddings)
    return app


def open_part(app: AppTest, part: str | None = None, **query: str) -> AppTest:
    """A part of the section Open world; by default the one that it opens with."""
    asked = {} if part is None else {"world": part}
    for name, value in {"section": "Open world", **asked, **query}.items():
        app.query_params[name] = value
    app.switch_page("pages/thresholds/page.py").run()
    assert complaints(app) == []
    return app


def told(app: AppTest) -> str:
    """The sentence at the top, without the marks of Markdown."""
    return str(app.title[0].value).replace("\\", "")


def notes(app: AppTest) -> str:
    return " ".join(str(note.value) for note in app.caption).replace("\\", "")
