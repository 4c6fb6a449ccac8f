"""The Recall page: its sections, other queries, every study, and what it gives to take away."""

import base64
import contextlib
import json
import threading
import time
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.engines import ENGINES
from core.gate import QuerySettings, check, parse_bounds
from core.index import HnswParams, build_hnsw, ef_curve, exact_neighbors
from core.studies import (
    EfTradeoff,
    ef_tradeoff,
    given_queries,
    hardness,
    honest_tradeoffs,
    sample_queries,
)
from pages.recall.studies import chooser, runs
from pages.recall.studies.runs import Finished, Part, Study, finished_parts
from pages.ui.jobs import progress_bar
from pages.ui.jobs.runner import Runner
from pages.ui.results import indexes, tradeoffs
from pages.ui.session.uploads import uploads
from tests.pages.conftest import Downloads, new_app
from tests.pages.test_app import complaints
from tests.patience import PATIENCE

SECTIONS = ("Curve", "Queries", "Time", "Compare", "Studies", "Take away")
DIGITS = load_sample("digits")
GRAPH = build_hnsw(DIGITS.vectors, HnswParams())
INSIDE = "rows of the index"


def open_section(app: AppTest, section: str, **query: str) -> AppTest:
    for name, value in {"data": "digits", "section": section, **query}.items():
        app.query_params[name] = value
    return app.switch_page("pages/recall/page.py").run()


def sentence(app: AppTest) -> str:
    return app.title[0].value.replace("\\", "")


def notes(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


def open_study(app: AppTest, title: str) -> AppTest:
    """Press the button of its card."""
    app.button(key=f"open_{title}").click()
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def test_some_rows_give_a_first_curve_while_the_index_of_all_is_built(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tradeoffs, "LOOKED_AT", 400)
    monkeypatch.setattr(tradeoffs, "FEWEST_LOOKED_AT", 400)
    monkeypatch.setattr(tradeoffs, "FIRST", 50)
    monkeypatch.setattr(indexes, "graph", lambda _: None)
    open_section(app, "Curve")
    assert complaints(app) == []
    assert sentence(app).startswith("On 400 of the 1,797 rows, ef ")
    assert "A first look: 400 rows drawn with seed 0; 50 queries of them are held out" in notes(app)


def test_the_first_look_is_the_held_out_curve_of_the_rows_that_were_drawn() -> None:
    found = tradeoffs._first_look(
        DIGITS, HnswParams("euclidean"), (10,), 600, progress=lambda *_: None
    )
    drawn = np.random.default_rng(0).permutation(DIGITS.n)[:600]
    asked, kept = DIGITS.vectors[drawn[:256]], DIGITS.vectors[drawn[256:]]
    study = found.of_k(10)
    truth = exact_neighbors(kept, asked, 10, metric="euclidean")
    curve = ef_curve(build_hnsw(kept, HnswParams("euclidean")), asked, truth)
    assert (found.count, found.whole, study.queries.in_index) == (256, True, False)
    assert np.array_equal(study.curve.hits, np.rint(10 * curve.recall))
    assert np.array_equal(study.curve.distance_computations, curve.distance_computations)


def test_a_build_says_from_its_first_row_on_how_long_it_takes() -> None:
    told: list[tuple[float, str]] = []
    seconds = iter([100.0, 100.0, 101.0, 116.0, 130.0])
    report = indexes.with_time_left(
        lambda share, words: told.append((share, words)),
        DIGITS,
        HnswParams(),
        lambda: next(seconds),
    )
    for share, words in ((0.01, "18 rows"), (0.5, "half"), (1.0, "all")):
        report(share, words)
    at_first = "expected: under 10 s at the speed of a 2-core server, for no build of this data "
    assert told == [
        (0.0, at_first + "was measured"),
        (0.01, f"18 rows, {at_first}was measured"),
        (0.5, "half, about 20 s left"),  # 16 s for half of the rows: 16 (2^1.25 - 1) = 22.1
        (1.0, "all"),
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_opens_with_an_answer(app: AppTest, section: str) -> None:
    open_section(app, section)
    assert complaints(app) == []
    assert "on its way" not in sentence(app)


def test_the_number_of_queries_is_as_honest_as_it_says(app: AppTest) -> None:
    study = honest_tradeoffs(GRAPH, DIGITS.vectors, (1, 10, 100), ef_max=512)[10]
    open_section(app, "Curve", source=INSIDE)
    assert f"{len(study.curve.hits):,} queries" in notes(app)
    assert "so far" not in notes(app)
    assert f"at most {study.half_width:.4f} to each side" in notes(app)


def test_a_share_of_the_queries_may_be_the_target(app: AppTest) -> None:
    queries = sample_queries(GRAPH, DIGITS.vectors, 10, size=200)
    study = ef_tradeoff(GRAPH, queries)
    ef = study.smallest_ef_for_share(1.0, 0.97)
    assert ef is not None
    assert ef != study.smallest_ef(1.0)
    query = {"reached": "for a share of queries", "share": "97", "size": "200", "target": "1.0"}
    open_section(app, "Curve", source=INSIDE, **query)
    assert f"ef {ef} reaches" in sentence(app)


def names_drawn(app: AppTest) -> list[str]:
    return [trace["name"] for trace in figure(app)["data"]]


def test_a_kept_curve_is_drawn_beside_the_next(app: AppTest) -> None:
    open_section(app, "Curve", size="200")
    press(app, "Keep curve")
    app.slider(key="k").set_value(5).run()
    name = "Handwritten digits, M 16, ef_construction 200, held-out rows, k 10"
    assert name in names_drawn(app)
    press(app, "Clear kept")
    assert not any("k 10" in each for each in names_drawn(app))


def test_kept_curves_of_other_queries_and_of_another_index_keep_their_names(app: AppTest) -> None:
    open_section(app, "Curve", size="200")
    press(app, "Keep curve")
    app.selectbox(key="source").set_value(INSIDE).run()
    start = "Handwritten digits, M 16, ef_construction 200"
    assert f"{start}, held-out rows, k 10" in names_drawn(app)
    press(app, "Keep curve")
    app.query_params["seed"] = "7"  # another index, which is called the same
    app.run()
    assert f"{start}, {INSIDE}, k 10" in names_drawn(app)
    press(app, "Keep curve")
    app.query_params["seed"] = "8"
    app.run()
    assert f"{start}, {INSIDE}, k 10 (2)" in names_drawn(app)
    # the same setting with other seeds, against rebuilds of it; and one of other queries
    assert notes(app).count("Inside rebuild noise: recall@10") == 2
    assert notes(app).count("held-out rows, k 10: other queries or another k") == 1
    assert "rebuild noise: another build of this setting" in names_drawn(app)


def test_near_misses_are_weighed_by_score_and_distance(app: AppTest) -> None:
    open_section(app, "Curve", size="200", near_misses="True")
    assert complaints(app) == []
    assert "weighted by score 0.99" in notes(app)
    assert "score-weighted recall" in names_drawn(app)
    errors = json.loads(app.get("plotly_chart")[1].proto.spec)["data"]
    assert [trace["name"] for trace in errors] == [
        "mean over queries",
        "95th percentile of queries",
    ]


def test_an_ef_is_foreseen_for_each_query(app: AppTest) -> None:
    open_section(app, "Adaptive ef", target="1.0", k="10", first_hops="4")
    assert complaints(app) == []
    assert "each query's own smallest ef would need" in sentence(app)
    assert "With an ef foreseen from its first 4 hops" in sentence(app)
    assert len(app.dataframe[0].value) == 11  # what the model looks at


def figure(app: AppTest) -> dict[str, list[dict[str, Any]]]:
    drawn: dict[str, list[dict[str, Any]]] = json.loads(app.get("plotly_chart")[0].proto.spec)
    return drawn


def test_uploaded_queries_are_asked_and_named_out_of_distribution(app: AppTest) -> None:
    away = DIGITS.vectors[:50] + np.float32(30)
    key = uploads().add(EmbeddingSet.from_arrays(away, name="far away"))
    study = ef_tradeoff(GRAPH, given_queries(GRAPH, DIGITS.vectors, away, 10))
    open_section(app, "Curve", queries=key, target="0.9")
    assert complaints(app) == []
    assert sentence(app).startswith(f"ef {study.smallest_ef(0.9)} reaches")
    assert "50 queries from elsewhere" in notes(app)
    assert "Out of distribution" in notes(app)


def test_queries_of_another_dimension_in_a_link_are_refused(app: AppTest) -> None:
    wrong = EmbeddingSet.from_arrays(np.ones((3, 5), np.float32), name="other model")
    app.query_params["data"], app.query_params["queries"] = "digits", uploads().add(wrong)
    app.run()
    assert any("Upload them again" in warning.value for warning in app.warning)
    app.button(key="_dismiss").click().run()
    app.switch_page("pages/recall/page.py").run()
    assert complaints(app) == []
    assert "held out" in notes(app)


def test_a_file_with_queries_and_truth_is_asked_both_ways(app: AppTest) -> None:
    rows, asked = DIGITS.vectors[:1500], DIGITS.vectors[1500:1600]
    graph = build_hnsw(rows, HnswParams())
    truth = given_queries(graph, rows, asked, 10).truth.ids
    items = EmbeddingSet.from_arrays(rows, name="split", queries=asked, ground_truth=truth)
    open_section(app, "Curve", data=uploads().add(items))
    assert "the file's agree for 100 % of places" in notes(app)
    words = sentence(app)
    app.toggle(key="stated").set_value(True).run()
    assert complaints(app) == []
    assert sentence(app) == words


def test_a_broken_graph_is_called_one_and_linked_to_the_census(app: AppTest) -> None:
    # Two far clusters, one inserted after the other, with few links: no way over.
    random = np.random.default_rng(0)
    near = random.normal(size=(600, 8)).astype(np.float32)
    copies = np.repeat(near[:1], 400, axis=0)
    items = EmbeddingSet.from_arrays(np.concatenate([copies, near]), name="crowd")
    query = {"data": uploads().add(items), "m": "2", "efc": "4", "metric": "euclidean"}
    open_section(app, "Curve", **query)
    assert any("broken graph" in warning.value for warning in app.warning)
    assert any(link.proto.label == "Open the census of lost items" for link in app.get("page_link"))


def test_no_setting_is_taken_away_from_a_broken_graph_but_its_curve_is(
    app: AppTest, downloads: Downloads
) -> None:
    random = np.random.default_rng(0)
    near = random.normal(size=(600, 8)).astype(np.float32)
    items = EmbeddingSet.from_arrays(np.concatenate([near[:1].repeat(400, 0), near]), name="crowd")
    query = {"data": uploads().add(items), "m": "2", "efc": "4", "metric": "euclidean"}
    open_section(app, "Take away", target="0.5", **query)
    assert not app.exception
    refused = sentence(app)
    assert refused.startswith("No ef is recommended for this index, because it is broken:")
    assert not app.code
    assert set(downloads.offered) >= {"recall_vs_ef.csv", "recall_vs_ef.json"}
    assert not any(name.endswith((".py", ".toml")) for name in downloads.offered)
    table = downloads.csv("recall_vs_ef.csv")
    assert set(table["warning"]) == {refused}
    plain = json.loads(downloads.text("recall_vs_ef.json"))
    assert plain["index"]["warnings"] == [refused]
    assert {curve["chosen_ef"] for curve in plain["curves"]} == {None}
    report = downloads.text("nearfield_recall.html")
    assert refused in report
    assert "The setting for" not in report
    assert "ef_construction 4, seed 100" in report


def test_the_hardest_queries_come_first(app: AppTest) -> None:
    open_section(app, "Queries", m="4", efc="10", size="200", target="1.0", source=INSIDE)
    graph = build_hnsw(DIGITS.vectors, HnswParams(m=4, ef_construction=10))
    table = app.dataframe[0].value
    needs = [np.inf if ef == "none" else int(ef) for ef in table["smallest ef"]]
    assert needs == sorted(needs, reverse=True)
    queries = sample_queries(graph, DIGITS.vectors, 10, size=200)
    measured = hardness(graph, DIGITS.vectors, ef_tradeoff(graph, queries), 1.0)
    worst = np.where(measured.smallest_ef < 0, np.inf, measured.smallest_ef)
    assert needs == sorted(worst.tolist(), reverse=True)[: len(needs)]


def test_latency_is_measured_when_asked_for(app: AppTest) -> None:
    open_section(app, "Time", size="200")
    assert not app.get("plotly_chart")
    press(app, "Measure")
    assert complaints(app) == []
    assert "hnswlib answers half of its queries within" in sentence(app)
    assert "hnswlib 0." in notes(app)


every_study = pytest.mark.parametrize(
    "study", chooser.STUDIES, ids=[study.title for study in chooser.STUDIES]
)


def small(study: Study[Any, Any]) -> dict[str, str]:
    """A link to a study that takes little time."""
    query = {"study": study.title, "target": "0.95", "grid_m": "4", "grid_efc": "40", "m": "6"}
    return query | {"churn_rounds": "1", "order_seeds": "2"}


@every_study
def test_each_study_runs_to_its_end_and_is_kept(app: AppTest, study: Study[Any, Any]) -> None:
    progress_bar.runner.clear()  # another test may have run it
    query = small(study)
    open_section(app, "Studies", **query)
    assert sentence(app) == study.question
    assert not app.get("plotly_chart")
    press(app, "Run the study")
    assert complaints(app) == []
    assert sentence(app) != study.question
    assert app.get("plotly_chart")
    again = new_app()
    open_section(again, "Studies", **query)  # another session finds the result
    assert sentence(again) == sentence(app)


class EnoughError(Exception):
    """Raised by a progress as soon as the finished parts can be drawn."""


@every_study
def test_finished_parts_are_drawn_before_the_study_ends_and_it_goes_on_from_them(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, study: Study[Any, Any]
) -> None:
    finished: list[Finished] = []

    def stopped(part: Part, settings: Any) -> None:
        finished.append(finished_parts(part, settings))

        def progress(fraction: float, message: str = "", partial: Any = None) -> None:  # noqa: ARG001
            if finished[0].so_far.result is not None:
                raise EnoughError

        with contextlib.suppress(EnoughError):
            study.run(part, settings, progress=progress)

    query = small(study) | {"grid_efc": "20,24", "m": "5"}
    with monkeypatch.context() as patch:
        patch.setattr(study.run, "need", stopped)
        open_section(app, "Studies", **query)
        press(app, "Run the study")
    assert complaints(app) == []
    so_far = finished[0].so_far
    assert 0 < so_far.finished < so_far.total
    assert f"{so_far.finished:,} of {so_far.total:,} parts finished" in notes(app)
    assert app.get("plotly_chart") or len(app.dataframe)
    assert sentence(app) == study.question
    kept = dict(finished[0].done)
    app.run()
    assert sentence(app) != study.question
    assert "parts finished" not in notes(app)
    assert all(finished[0].done[key] is value for key, value in kept.items())
    assert len(finished[0].done) == so_far.total


def test_a_link_with_a_former_title_opens_the_study(app: AppTest) -> None:
    open_section(app, "Studies", study="Duplicates and updates")
    assert complaints(app) == []
    assert app.segmented_control(key="study").value == "Updates"
    assert sentence(app) == "What do duplicates, deletions and updates do to this index?"


def test_the_curve_is_exported_as_bounds_that_hold_at_once(
    app: AppTest, downloads: Downloads
) -> None:
    options = {"reached": "for a share of queries", "share": "80", "m": "4", "efc": "10"}
    open_section(app, "Take away", k="5", target="0.8", **options)
    assert complaints(app) == []
    bounds = parse_bounds(downloads.text("recall_bounds.toml"))
    report = check(DIGITS, bounds)
    assert report.passed
    for checked in report.checks:  # the figures of the page, to the last digit that it writes
        assert checked.interval is not None
        assert checked.interval[0] - 0.0001 < checked.limit <= checked.interval[0]
    assert [each.bound.kind for each in report.checks] == ["recall_at_k", "served_queries"]
    assert report.checks[1].figure >= 0.8  # the target
    assert report.checks[1].bound == bounds.bounds[1]
    assert report.index.startswith("built here, HNSW of cosine distance, M 4, ef_construction 10")
    assert report.queries.startswith("179 of 179 rows held out")
    assert "nearfield check DATA --bounds recall_bounds.toml" in notes(app)
    assert "the lower end of its 95 % interval" in notes(app)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_setting_is_written_for_each_system(
    app: AppTest, engine: str, downloads: Downloads
) -> None:
    queries = sample_queries(GRAPH, DIGITS.vectors, 10, size=200)
    ef = ef_tradeoff(GRAPH, queries).smallest_ef(0.99)
    open_section(app, "Take away", engine=engine, size="200", source=INSIDE)
    assert complaints(app) == []
    assert sentence(app).startswith(f"M 16, ef_construction 200 and ef {ef},")
    assert f"at ef {ef}, over 200 rows of the index on 1,797 x 64 vectors" in app.code[0].value
    assert "Those queries are rows of the index" in " ".join(app.code[0].value.split())
    bounds = parse_bounds(downloads.text("recall_bounds.toml"))
    assert bounds.queries == QuerySettings("index", 200)
    if engine == "hnswlib":
        assert check(DIGITS, bounds).passed


def held_out_study(params: HnswParams = HnswParams()) -> EfTradeoff:  # noqa: B008
    held = np.random.default_rng(0).permutation(1797)[:179]
    rest = np.delete(DIGITS.vectors, held, axis=0)
    graph = build_hnsw(rest, params)
    return ef_tradeoff(graph, given_queries(graph, rest, DIGITS.vectors[held], 10))


def test_held_out_rows_in_no_index_are_the_queries_unless_others_are_chosen(app: AppTest) -> None:
    study = held_out_study()
    open_section(app, "Curve")
    assert complaints(app) == []
    assert sentence(app).startswith(f"ef {study.smallest_ef(0.99)} reaches")
    assert "179 queries: rows drawn with seed 0 and held out" in notes(app)
    assert "the other 1,618 rows" in notes(app)


def test_rows_of_the_index_are_a_second_paler_curve(app: AppTest) -> None:
    params = HnswParams(m=3, ef_construction=10)
    graph = build_hnsw(DIGITS.vectors, params)
    inside = ef_tradeoff(graph, sample_queries(graph, DIGITS.vectors, 10, size=1000))
    open_section(app, "Curve", m="3", efc="10", target="0.9")
    there, here = inside.smallest_ef(0.9), held_out_study(params).smallest_ef(0.9)
    assert there != here
    assert f"They reach the target at ef {there}," in notes(app)
    assert f"these need ef {here}." in notes(app)
    (line,) = [it for it in figure(app)["data"] if "rows of the index" in it["name"]]
    drawn = np.frombuffer(base64.b64decode(line["y"]["bdata"]), line["y"]["dtype"])
    np.testing.assert_allclose(drawn, inside.mean_recall, atol=1e-6)


def test_a_former_name_of_the_queries_in_a_link_still_opens_them(app: AppTest) -> None:
    open_section(app, "Curve", source="rows of the data", size="200")
    assert complaints(app) == []
    assert sentence(app).startswith("On rows of the index as queries, ef")


def test_the_hardest_held_out_rows_are_named(app: AppTest) -> None:
    held = np.random.default_rng(0).permutation(1797)[:179]
    open_section(app, "Queries", m="3", efc="5")
    assert complaints(app) == []
    rows = app.dataframe[0].value["row"].tolist()
    assert len(rows) == 50
    assert set(rows) <= set(held.tolist())


@pytest.mark.parametrize("others", [("map",), ("map", "layers", "data")])
def test_the_controls_of_a_study_are_as_they_were_left_however_many_pages_later(
    app: AppTest, others: tuple[str, ...]
) -> None:
    open_section(app, "Curve")
    app.slider(key="target").set_value(0.97)
    app.segmented_control(key="section").set_value("Studies").run()
    open_study(app, "Build grid")
    app.multiselect(key="grid_m").set_value([4, 24])
    app.number_input(key="grid_seeds").set_value(2).run()
    app.slider(key="k").set_value(7).run()
    app.segmented_control(key="section").set_value("Time").run()
    app.segmented_control(key="section").set_value("Studies").run()
    for other in others:
        app.switch_page(f"pages/{other}/page.py").run()
    app.query_params.clear()  # as a click in the side bar does
    app.switch_page("pages/recall/page.py").run()
    assert complaints(app) == []
    assert sentence(app) == "Which M and ef_construction should this data be built with?"
    assert app.multiselect(key="grid_m").value == [4, 24]
    assert app.number_input(key="grid_seeds").value == 2
    assert app.slider(key="k").value == 7
    assert app.slider(key="target").value == 0.97


def test_a_link_wins_over_what_was_left(app: AppTest) -> None:
    open_section(app, "Studies", study="Build grid")
    app.number_input(key="grid_seeds").set_value(2).run()
    app.switch_page("pages/map/page.py").run()
    app.query_params["section"], app.query_params["study"] = "Studies", "Build grid"
    app.query_params["grid_seeds"] = "4"
    app.switch_page("pages/recall/page.py").run()
    assert app.number_input(key="grid_seeds").value == 4


def expected_time(app: AppTest) -> list[str]:
    return [each.value for each in app.caption if each.value.startswith("Expected time: ")]


def test_each_study_has_a_card_with_its_question_and_expected_time(app: AppTest) -> None:
    open_section(app, "Studies", k="8")  # no other test has results of it
    assert complaints(app) == []
    assert (
        sentence(app) == "What would change if the data or the index did? Six studies measure it."
    )
    said = [markdown.value.replace("\\", "") for markdown in app.main.markdown]
    for study in chooser.STUDIES:
        assert f"**{study.title}**" in said
        assert study.question in said
        assert study.shows in notes(app)
        assert app.button(key=f"open_{study.title}").label == "Open"
    assert len(expected_time(app)) == 6
    assert not app.get("plotly_chart")
    assert not app.main.slider  # the controls of the studies are read, not drawn
    assert not app.main.number_input


def test_a_card_opens_its_study_and_there_is_a_way_back(app: AppTest) -> None:
    open_section(app, "Studies")
    open_study(app, "Updates")
    assert sentence(app) == "What do duplicates, deletions and updates do to this index?"
    assert app.query_params["study"] == "Updates"
    app.segmented_control(key="study").set_value("All studies").run()
    assert sentence(app).endswith("Six studies measure it.")
    app.run()
    assert sentence(app).endswith("Six studies measure it.")


def test_a_card_shows_the_last_answer_and_says_so_where_it_is_of_other_settings(
    app: AppTest,
) -> None:
    open_section(app, "Studies", **small(chooser.STUDIES[0]) | {"k": "9"})  # as no other test
    run_study(app)
    said = sentence(app)
    app.segmented_control(key="study").set_value("All studies").run()
    assert complaints(app) == []
    assert said in notes(app)
    assert "With other settings" not in notes(app)
    assert len(expected_time(app)) == 5
    assert len(app.get("plotly_chart")) == 1
    open_study(app, "Build grid")
    app.number_input(key="grid_seeds").set_value(3).run()
    app.segmented_control(key="study").set_value("All studies").run()
    assert f"With other settings: {said}" in notes(app)
    assert len(expected_time(app)) == 6


def test_a_study_says_how_long_it_will_take_before_it_is_run(app: AppTest) -> None:
    open_section(app, "Studies", study="Growth")
    (words,) = expected_time(app)
    assert words.endswith((" s.", " min."))  # measured: the index was built


def test_looking_at_cards_does_not_push_out_finished_parts(app: AppTest) -> None:
    query = small(chooser.STUDIES[0])
    open_section(app, "Studies", **query)
    run_study(app)
    app.segmented_control(key="study").set_value("All studies").run()
    before = list(runs._parts)
    for rows in range(5, 8):
        app.session_state["k"] = rows
        app.run()
    assert list(runs._parts) == before


def run_study(app: AppTest) -> AppTest:
    """Run it, unless an earlier test has the result."""
    if any(button.label == "Run the study" for button in app.button):
        press(app, "Run the study")
    return app


def own_queries_of(n: int) -> str:
    asked = np.random.default_rng(5).normal(size=(n, 64)).astype(np.float32)
    return uploads().add(EmbeddingSet.from_arrays(np.abs(asked) * 8, name="log"))


def test_a_study_asks_the_queries_that_the_page_has(app: AppTest) -> None:
    query = small(chooser.STUDIES[0]) | {"source": "uploaded queries", "target": "0.5"}
    open_section(app, "Studies", queries=own_queries_of(30), **query)
    assert "Queries: your 30 queries." in notes(app)
    run_study(app)
    assert complaints(app) == []
    assert "over your 30 queries" in sentence(app)
    assert "1,797 rows indexed; queries: your 30 queries." in notes(app)


def test_of_many_own_queries_two_thousand_are_asked(app: AppTest) -> None:
    query = {"study": "Build grid", "source": "uploaded queries"}
    open_section(app, "Studies", queries=own_queries_of(2100), **query)
    assert "Queries: 2,000 of your 2,100, drawn with seed 0." in notes(app)


def test_a_study_holds_rows_out_where_the_page_asks_rows(app: AppTest) -> None:
    open_section(app, "Studies", **small(chooser.STUDIES[0]))
    assert "Queries: rows held out of every index of the study." in notes(app)
    run_study(app)
    assert "over 179 held-out rows" in sentence(app)
    assert "1,618 rows indexed; queries: 179 held-out rows, in no index." in notes(app)


class Slow:
    """A study that is under way until it is let go on."""

    def __init__(self, patch: pytest.MonkeyPatch, study: Study[Any, Any]) -> None:
        self.calls: list[Any] = []
        self.more, self._study = threading.Event(), study
        self._function = study.run._function
        patch.setattr(study.run, "_function", self)
        self.__module__, self.__qualname__ = self._function.__module__, "run"

    def __call__(self, progress: Any, part: Part, settings: Any) -> Any:
        self.calls.append(settings)

        def slowly(share: float, words: str = "") -> None:
            progress(share, words)
            if finished_parts(part, settings).so_far.result is not None:
                assert self.more.wait(PATIENCE)

        return self._function(slowly, part, settings)


def test_a_study_goes_on_while_other_pages_are_open_and_is_found_with_its_parts(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    background = Runner(threads=2)
    monkeypatch.setattr(progress_bar, "runner", lambda: background)
    study = chooser.STUDIES[0]
    slow = Slow(monkeypatch, study)
    open_section(app, "Curve")
    wait_for(app, lambda: "reaches" in sentence(app))
    app.segmented_control(key="section").set_value("Studies").run()
    open_study(app, study.title)
    app.multiselect(key="grid_m").set_value([4, 12])
    app.multiselect(key="grid_efc").set_value([64]).run()
    run_study(app)
    wait_for(app, lambda: "1 of 7 parts finished" in notes(app))
    for other in ("data", "thresholds"):
        app.switch_page(f"pages/{other}/page.py").run()
    app.query_params.clear()
    app.switch_page("pages/recall/page.py").run()
    assert complaints(app) == []
    assert "1 of 7 parts finished" in notes(app)
    app.segmented_control(key="study").set_value("All studies").run()
    assert "Running: 1 of 7 parts finished." in notes(app)
    open_study(app, study.title)
    slow.more.set()
    wait_for(app, lambda: sentence(app) != study.question)
    assert len(slow.calls) == 1
    assert slow.calls[0].ms == (4, 12)
    assert slow.calls[0].widths == (64,)


def wait_for(app: AppTest, is_there: Any) -> None:
    """Run the page again until it shows what a job in the background has given."""
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < deadline, (sentence(app), notes(app), complaints(app))
        time.sleep(0.05)
        app.run()
