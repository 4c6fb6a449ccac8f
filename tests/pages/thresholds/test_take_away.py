"""The operating point to take along: JSON, tables, report, lines of code, and a test."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from core.engines.floor import threshold_lines
from core.gate import FarBound, OpisBound, TarBound, check, parse_bounds
from core.index import HnswParams
from core.metrics import ScoreUnit, errors_by_group, point_at, point_at_far, units_of
from core.studies import Estimates, OpisSettings, class_consistency, estimates
from pages.thresholds import consistency, decide, gate, groups, operating, pair_cards, take_away
from pages.thresholds import lab as labs
from pages.ui.session.workspace import Workspace
from tests.pages.conftest import ROOT, Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import CODES, VECTORS, eighteen, known, made, open_section, point

SIMILARITY, DISTANCE = units_of("cosine")[:2]
LAB = made(eighteen())
FITTED = class_consistency(LAB.counts, OpisSettings())
POINT = point_at(LAB.counts.totals, 0.5)


@pytest.fixture(scope="module")
def found() -> Estimates:
    return estimates(LAB.study)


def test_the_sentence_has_both_rates_with_their_intervals() -> None:
    far, tar = known(0.001, 0.0005, 0.002), known(0.64, 0.6, 0.68)
    assert take_away.answer(point(0.62, far=0.001, frr=0.36), SIMILARITY, far, tar) == (
        "cosine similarity >= 0.6200: FAR 0.100 % (95 %: 0.0500 % to 0.200 %), TAR 64 % (95 %: 60 "
        "% to 68 %)."
    )
    none = known(0.64, math.nan, math.nan)
    assert take_away.answer(point(0.62, frr=0.36), DISTANCE, far, none) == (
        "cosine distance <= 0.3800: FAR 1 % (95 %: 0.0500 % to 0.200 %), TAR 64 % (no interval)."
    )


def bounds(text: str) -> dict[str, object]:
    """The constants of a kept test."""
    names: dict[str, object] = {}
    exec(compile(text, "<kept>", "exec"), names)
    return {key: names[key] for key in ("METRIC", "SCORE", "MOST_FAR", "LEAST_TAR", "MOST_OPIS")}


def test_the_bounds_are_the_ends_of_the_intervals() -> None:
    far, tar = known(0.1, 0.05, 0.2), known(0.64, 0.6, 0.68)
    fitted = replace(FITTED, interval=(0.01, 0.5))
    text = take_away.test_text(LAB, POINT, DISTANCE, far, tar, fitted, "classes")
    assert bounds(text) == {
        "METRIC": "cosine",
        "SCORE": POINT.score,
        "MOST_FAR": 0.2,
        "LEAST_TAR": 0.6,
        "MOST_OPIS": 0.5,
    }
    assert text.startswith('"""Holds the threshold cosine distance <= 0.5')
    assert "measured on mine." in text
    assert "NEARFIELD_LABEL=label" in text
    assert "by drawing classes." in text


def test_an_end_that_is_not_defined_asserts_nothing() -> None:
    none = known(0.1, math.nan, math.nan)
    fitted = replace(FITTED, interval=(math.nan, math.nan))
    found = bounds(take_away.test_text(LAB, POINT, SIMILARITY, none, none, fitted, "items"))
    assert (found["MOST_FAR"], found["LEAST_TAR"], found["MOST_OPIS"]) == (1.0, 0.0, 1.0)
    # A basic interval may end below the value itself, which the same data must pass.
    low = replace(FITTED, interval=(0.0, FITTED.opis.opis / 2))
    found = bounds(take_away.test_text(LAB, POINT, SIMILARITY, none, none, low, "items"))
    assert found["MOST_OPIS"] == FITTED.opis.opis


def test_the_point_as_json(found: Estimates) -> None:
    values = take_away.point_json(LAB, POINT, found, FITTED, "items")
    far, tar = found.at(POINT)
    assert values["data"] == {
        "name": "mine",
        "fingerprint": LAB.embeddings.fingerprint,
        "label_column": "label",
        "rows": 18,
        "of_rows": 18,
        "seed": None,
        "classes": 3,
    }
    assert values["metric"] == "cosine"
    assert list(values["threshold"]) == [unit.name for unit in units_of("cosine")]
    assert values["threshold"]["cosine distance"] == pytest.approx(1 - POINT.score)
    assert values["accept"]["cosine distance"] == "<="
    assert values["accept"]["cosine similarity"] == ">="
    assert (values["genuine_pairs"], values["impostor_pairs"]) == (49, 104)
    assert values["far"] == {"value": far.value, "low": far.low, "high": far.high}
    assert values["tar"] == {"value": tar.value, "low": tar.low, "high": tar.high}
    assert values["opis"]["value"] == FITTED.opis.opis
    assert (values["opis"]["low"], values["opis"]["high"]) == FITTED.interval
    assert values["opis"]["unit_of_range"] == "L2 on unit vectors"
    assert values["intervals"] == {"level": 0.95, "drawn": "items", "seed": 0}
    assert set(values["definitions"]) == {"rates", *decide.DEFINITIONS}
    sampled = replace(LAB, study=replace(LAB.study, rows=18, n=40, seed=9, sampled="rows"))
    data = take_away.point_json(sampled, POINT, found, FITTED, "items")["data"]
    assert (data["of_rows"], data["seed"]) == (40, 9)


def test_json_has_null_for_what_is_not_defined() -> None:
    given = {"a": math.nan, "b": {"c": math.inf, "d": 1.5}, "e": "nan", "f": None, "g": 3}
    assert take_away._without_nan(given) == {
        "a": None,
        "b": {"c": None, "d": 1.5},
        "e": "nan",
        "f": None,
        "g": 3,
    }


def test_the_report_holds_the_sentence_the_basis_and_every_part(found: Estimates) -> None:
    text = take_away.report(LAB, POINT, SIMILARITY, found, FITTED).decode()
    far, tar = found.at(POINT)
    said = text.replace("&gt;", ">").replace("&amp;", "&")
    assert take_away.answer(POINT, SIMILARITY, far, tar) in said
    assert LAB.basis in said
    for part in (
        "Scores of genuine and of impostor pairs",
        "FAR and FRR",
        "DET",
        "Utility of each class",
        "False match rates between classes",
        consistency.answer(FITTED),
        "class 2",
        "TAR at FAR 0.01",
    ):
        assert part in said, part
    random = np.random.default_rng(0)
    many = made(
        EmbeddingSet.from_arrays(
            random.normal(size=(404, 4)),
            metadata=pd.DataFrame({"label": [f"c{code}" for code in np.arange(404) // 2]}),
            name="many",
            label_column="label",
        )
    )
    fitted = class_consistency(many.counts)
    other = take_away.report(many, POINT, SIMILARITY, estimates(many.study), fitted).decode()
    assert "False match rates between classes" not in other


@pytest.mark.parametrize("unit", units_of("cosine"))
def test_the_bounds_of_a_gate_are_the_ends_of_the_intervals(unit: ScoreUnit) -> None:
    work = Workspace("x", eighteen(), HnswParams())
    rates, fitted = (
        (known(0.1, 0.05, 0.2), known(0.64, 0.6, 0.68)),
        replace(FITTED, interval=(0.01, 0.5)),
    )
    made = gate.bounds_of(work, LAB, POINT, unit, rates, fitted)
    threshold = float(unit.of(POINT.score))
    assert made.bounds == (
        FarBound(threshold, max(0.2, POINT.far), unit.name),
        TarBound(threshold, 0.6, unit.name),
        OpisBound(0.5),
    )
    assert made.data.label == "label"
    assert check(eighteen(), made).checks[0].figure == POINT.far
    words = gate.margins(POINT, unit, made, "classes")
    assert words[0] == "The bounds are the ends of the 95 % intervals, by drawing classes."
    assert words[2].endswith("now, at least 60 %.")
    unknown = (known(0.1, math.nan, math.nan),) * 2
    assert gate.bounds_of(work, LAB, POINT, unit, unknown, fitted).bounds == (OpisBound(0.5),)


# ---- on the page


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_section_under_each_metric(app: AppTest, metric: Metric) -> None:
    open_section(app, eighteen(), "Take away", metric=metric)
    assert complaints(app) == []
    lab = made(eighteen(), metric)
    at = point_at_far(lab.counts.totals, 0.01)
    assert at is not None
    unit = units_of(metric)[0]
    assert sentence(app) == take_away.answer(at, unit, *estimates(lab.study).at(at))
    code = app.code[0].value
    for system, line in threshold_lines(metric, at.score):
        assert f"# {system}\n{line}" in code


def test_every_file_is_read_back(app: AppTest, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Take away", far="0.2", over="classes")
    assert complaints(app) == []
    at = point_at_far(LAB.counts.totals, 0.2)
    assert at is not None
    found = estimates(LAB.study, over="classes")
    values = json.loads(downloads.text("operating_point.json"))
    wanted = take_away._without_nan(take_away.point_json(LAB, at, found, FITTED, "classes"))
    assert values == json.loads(json.dumps(wanted))
    assert values["figures"]["TAR at FAR 1e-06"] == {"value": None, "low": None, "high": None}
    for name, table in (
        ("classes_at_threshold", labs.classes_at(LAB, at.score).drop(columns="place")),
        ("far_frr_by_threshold", decide.rates_table(LAB, SIMILARITY)),
        ("utility_by_class", consistency.utility_table(LAB, FITTED.opis, SIMILARITY)),
        (
            "fmr_by_classes",
            groups.cell_table(errors_by_group(LAB.counts, at.score), LAB.names),
        ),
        ("nearest_impostors", pair_cards.table(LAB, LAB.counts.nearest_impostors, SIMILARITY)),
        ("farthest_genuine", pair_cards.table(LAB, LAB.counts.farthest_genuine, SIMILARITY)),
    ):
        pd.testing.assert_frame_equal(downloads.csv(f"{name}.csv"), table, check_dtype=False)
    assert len(downloads.csv("nearest_impostors.csv")) == 104
    report = downloads.text("nearfield_threshold.html")
    assert report.lower().startswith("<!doctype html>")
    text = downloads.text("test_threshold.py")
    far, tar = found.at(at)
    assert bounds(text)["MOST_FAR"] == far.high
    assert bounds(text)["LEAST_TAR"] == tar.low
    assert text.strip() == app.code[1].value.strip()
    gated = check(eighteen(), parse_bounds(downloads.text("threshold_bounds.toml")))
    assert gated.passed
    assert [each.figure for each in gated.checks] == [at.far, at.tar, FITTED.opis.opis]
    assert gated.checks[0].limit == pytest.approx(far.high, abs=2e-6)
    assert gated.checks[1].limit == pytest.approx(tar.low, abs=2e-6)


def test_the_test_passes_on_the_data_that_it_was_made_from(
    app: AppTest, downloads: Downloads, tmp_path: object
) -> None:
    open_section(app, eighteen(), "Take away", far="0.2")
    folder = str(tmp_path)
    with open(f"{folder}/test_threshold.py", "w") as file:
        file.write(downloads.text("test_threshold.py"))
    frame = pd.DataFrame(VECTORS, columns=list("wxyz"))
    frame["label"] = [f"class {code}" for code in CODES]
    frame.to_csv(f"{folder}/vectors.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_threshold.py"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NEARFIELD_VECTORS": "vectors.csv",
            "NEARFIELD_LABEL": "label",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_sentence_follows_the_unit(app: AppTest) -> None:
    open_section(app, eighteen(), "Take away", unit="cosine distance")
    assert complaints(app) == []
    at = point_at_far(LAB.counts.totals, 0.01)
    assert at is not None
    assert sentence(app).startswith(f"{operating.value_text(DISTANCE, at.score)}: FAR ")
