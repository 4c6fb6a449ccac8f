"""An index file that does not fit the data or the metric: said on every page until it is mended."""

import json
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.index import read_index
from pages.recall import export
from pages.ui.session.uploads import uploads
from tests.core.index.datasets import uneven_norms
from tests.core.index.index_files import hnswlib_bytes, usearch_bytes
from tests.pages.test_app import PAGES
from tests.pages.test_layers import bring, card
from tests.pages.test_recall import notes, open_section, press, sentence

DIGITS = load_sample("digits")
STALE = DIGITS.vectors.copy()
STALE[::3] = STALE[::3][::-1]  # 599 rows, of which the middle one stays
DIFFERENT = int((DIGITS.vectors != STALE).any(axis=1).sum())


def told(app: AppTest) -> list[str]:
    return [str(warning.value).replace("\\", "") for warning in app.warning]


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def usearch(app: AppTest, content: bytes) -> AppTest:
    return bring(app, content, "as the file says")


@pytest.fixture
def stale(app: AppTest) -> AppTest:
    open_section(app, "Curve", size="200", metric="euclidean")
    return usearch(app, usearch_bytes(STALE, m=16))


def test_a_third_of_the_rows_made_anew_is_said_on_every_page(stale: AppTest) -> None:
    assert DIFFERENT == 598
    for page in PAGES:
        stale.switch_page(f"pages/{page}/page.py").run()
        assert not stale.exception
        (words, *_) = told(stale)
        assert words.startswith(
            "598 of 1,797 rows of the index hold other vectors than the loaded data Handwritten"
        )
        assert "(ids 0, 3, 6, 9, 12, ...)" in words
        assert "Use the index's vectors as data" in labels(stale)
    assert "labels: label" in card(stale)


def test_the_index_s_vectors_as_data_end_it(stale: AppTest) -> None:
    press(stale, "Use the index's vectors as data")
    assert told(stale) == []
    assert "usearch" in card(stale)
    assert "labels: label" in card(stale)
    assert re.search(r"ef \d+ reaches a recall@10", sentence(stale))


def test_a_new_index_of_the_data_ends_it(stale: AppTest) -> None:
    press(stale, "Keep the data and build a new index")
    assert told(stale) == []
    assert "usearch" not in card(stale)
    assert stale.query_params["data"] == "digits"


def test_what_is_taken_away_carries_it(stale: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Any, ...]] = []
    kept = export._files

    def noted(*given: Any) -> None:
        seen.append(given)
        kept(*given)

    monkeypatch.setattr(export, "_files", noted)
    stale.segmented_control(key="section").set_value("Take away").run()
    assert not stale.exception
    assert "ef_construction is not in the file" in sentence(stale)
    assert "not known: it is not in the file" in stale.code[0].value.replace("\n# ", " ")
    assert "ef_construction 200" not in sentence(stale)
    work, found, study, asked, recipe, refused = seen[-1]
    assert refused == ""
    plain = json.loads(json.dumps(export.curve_json(work, found, asked)))
    assert plain["index"]["ef_construction"] == "not in the file"
    assert plain["index"]["seed"] == "not in the file"
    assert plain["index"]["differing_rows"] == 598
    assert [words[:20] for words in plain["index"]["warnings"]] == ["598 of 1,797 rows of"]
    page = export.report(work, found, study, asked, recipe).decode()
    assert "598 of 1,797 rows of the index hold other vectors" in page
    assert "ef_construction not in the file" in page
    assert ", seed 100" not in page


def test_an_index_of_the_same_rows_is_not_spoken_of(app: AppTest) -> None:
    open_section(app, "Curve", size="200", metric="euclidean")
    usearch(app, usearch_bytes(DIGITS.vectors, m=16, dtype="f16"))
    assert told(app) == []
    assert "ef_construction not in the file" in card(app)
    assert "not in the file: seed, threads, insertion order, build time" in card(app)


def test_an_index_that_shares_no_row_becomes_the_data_and_says_so_once(app: AppTest) -> None:
    open_section(app, "Curve", size="200", metric="euclidean")
    usearch(app, usearch_bytes(DIGITS.vectors[::-1] + 1, m=16))
    (words,) = told(app)
    assert words.startswith("None of the 1,797 rows of the index whose ids are row numbers of")
    app.run()
    assert told(app) == []


@pytest.fixture
def wrong_metric(app: AppTest) -> AppTest:
    items = EmbeddingSet.from_arrays(uneven_norms(), name="uneven")
    query = {"data": uploads().add(items), "metric": "euclidean"}
    open_section(app, "Curve", size="200", **query)
    return bring(app, hnswlib_bytes(uneven_norms(), space="ip", m=16), "euclidean")


def test_a_metric_that_the_links_contradict_is_said_and_mended(wrong_metric: AppTest) -> None:
    app = wrong_metric
    graph = read_index(hnswlib_bytes(uneven_norms(), space="ip", m=16), metric="euclidean")
    assert told(app)[0] == graph.notes[-1]
    assert "Euclidean distance" in card(app)
    assert "not in the file: metric (as you said), seed" in card(app)
    press(app, "Open it with inner product")
    assert not any("contradict" in words for words in told(app))
    assert "inner product distance" in card(app)
    assert "hnswlib file: M 16" in card(app)
    assert not app.exception


def test_studies_and_rebuilds_say_what_they_are_built_with(app: AppTest) -> None:
    open_section(app, "Studies", metric="euclidean")
    usearch(app, usearch_bytes(DIGITS.vectors, m=16))
    words = "ef_construction 200 (not in the file: hnswlib's default) and seed 100"
    assert words in notes(app)
    app.switch_page("pages/layers/page.py").run()
    app.segmented_control(key="section").set_value("What if").run()
    assert words in notes(app)
    assert not app.exception


def test_zero_rows_under_euclidean_distance_lead_to_the_census(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(3000, 32)).astype(np.float32)
    rows[np.random.default_rng(1).choice(3000, 300, replace=False)] = 0
    items = EmbeddingSet.from_arrays(rows, name="failed inputs")
    open_section(app, "Curve", size="200", data=uploads().add(items), metric="euclidean")
    (words,) = told(app)
    found = re.search(r"This index loses (\d+) % of its items \(([\d,]+) of 3,000 cannot", words)
    assert found is not None
    assert int(found[2].replace(",", "")) > 300
    assert "mostly because 300 vectors are zero" in words
    assert f"loses {found[1]} % of its items, mostly because 300 vectors are zero" in card(app)
    links = [link.proto for link in app.get("page_link")]
    assert [link.label for link in links] == 2 * ["See why", "Try a fix: no duplicates"]
    assert "section=Anatomy" in links[0].query_string
    assert "section=What+if" in links[1].query_string
    assert "change=without+duplicates" in links[1].query_string
    app.query_params["section"] = "Anatomy"
    app.switch_page("pages/layers/page.py").run()
    assert told(app)[0] == words
    assert any(
        str(text.value).replace("\\", "").startswith("**zero vectors in the way:")
        for text in app.markdown
    )
    press(app, "Try a fix: no duplicates")
    assert app.segmented_control(key="section").value == "What if"
    change = app.selectbox(key="change")
    assert change.value == "without duplicates"
    assert "The census suggests it first" in notes(app)
    assert not app.exception
    assert not app.error
