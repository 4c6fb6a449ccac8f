"""A report in words, as JSON, as JUnit XML and as a page, from results made by hand."""

import json
import math
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest

from core.gate import (
    SCHEMA,
    Checked,
    GateReport,
    LostBound,
    MemoryBound,
    OpisBound,
    RecallBound,
    html_page,
    json_text,
    junit_text,
)
from core.gate.bounds import Bound
from core.gate.junit import junit_error
from core.gate.page import POLICY
from core.gate.report import apart

RECALL = Checked(
    bound=RecallBound(k=10, ef=64, at_least=0.95, counts="lower_end"),
    name="recall@10 at ef 64",
    figure=0.96,
    interval=(0.945, 0.971),
    limit=0.95,
    side="at_least",
    judged=0.945,
    items=1000,
    of="held-out rows",
    phrase="{figure} on average over {items} held-out rows",
)
LOST = Checked(
    bound=LostBound(ef=40, at_most=2),
    name="lost items at ef 40",
    figure=3.0,
    interval=None,
    limit=2.0,
    side="at_most",
    judged=3.0,
    items=2000,
    of="items of the index",
    phrase="{figure} of {items} items of the index, 1 unreachable, 2 more not found",
    named=("row 7: <b>x</b> & \u202e", "row 9: \ufffe\x01"),
)
MEMORY = Checked(
    bound=MemoryBound(at_most_mb=12.5),
    name="memory",
    figure=11.75,
    interval=None,
    limit=12.5,
    side="at_most",
    judged=11.75,
    items=2000,
    of="items of the index",
    phrase="{figure} for the vectors and links of {items} items",
    unit="MB",
)
REPORT = GateReport(
    data="mine <i>",
    n=2000,
    dim=8,
    checks=(RECALL, LOST, MEMORY),
    index="built here",
    queries="1,000 rows",
    notes=("float64 became float32.",),
)


def test_each_sentence_says_figure_interval_bound_and_verdict() -> None:
    assert RECALL.sentence == (
        "recall@10 at ef 64: 0.96 on average over 1,000 held-out rows, 95 % interval 0.945 to "
        "0.971, of which the lower end counts; the bound is at least 0.95: broken, 0.945 is below "
        "it."
    )
    assert LOST.sentence == (
        "lost items at ef 40: 3 of 2,000 items of the index, 1 unreachable, 2 more not found; the "
        "bound is at most 2: broken, 3 is above it."
    )
    assert MEMORY.sentence == (
        "memory: 11.75 MB for the vectors and links of 2,000 items; the bound is at most 12.5 MB: "
        "passed."
    )
    noisy = replace(RECALL, noise=0.0061)
    assert noisy.sentence.endswith(
        "; two builds of this setting differ by up to 0.0061; the bound is at least 0.95: broken, "
        "0.945 is below it, by less than rebuild noise."
    )
    assert not replace(noisy, noise=0.004).is_inside_noise
    assert not replace(noisy, judged=0.95).is_inside_noise
    by_mean = replace(RECALL, judged=0.96, bound=RecallBound(k=10, ef=64, at_least=0.95))
    assert by_mean.sentence.endswith("0.971; the bound is at least 0.95: passed.")


@pytest.mark.parametrize(
    ("checked", "passed"),
    [
        (replace(RECALL, judged=0.95), True),
        (replace(RECALL, judged=math.nextafter(0.95, 0)), False),
        (replace(LOST, judged=2.0), True),
        (replace(LOST, judged=math.nan), False),
    ],
)
def test_a_bound_holds_up_to_itself(checked: Checked, passed: bool) -> None:
    assert checked.passed is passed


def test_the_answer_counts_the_broken() -> None:
    assert REPORT.answer == (
        "2 of 3 bounds broken for mine <i>: recall@10 at ef 64, lost items at ef 40."
    )
    assert replace(REPORT, checks=(MEMORY,)).answer == "The one bound holds for mine <i>."
    assert replace(REPORT, checks=(MEMORY, MEMORY)).answer == "All 2 bounds hold for mine <i>."
    assert replace(REPORT, checks=(LOST,)).answer.startswith("1 of 1 bound broken")
    assert REPORT.about == (
        "Data: 2,000 vectors of 8 dimensions.",
        "Index: built here.",
        "Queries: 1,000 rows.",
        "float64 became float32.",
    )


def test_a_figure_beside_its_bound_never_looks_equal_to_it() -> None:
    assert apart(math.nextafter(0.95, 0), 0.95) == repr(math.nextafter(0.95, 0))
    assert apart(0.9499999, 0.95) == "0.9499999"
    assert apart(0.95, 0.95) == "0.95"
    assert apart(1e-7, 0.01) == "1e-07"
    assert apart(math.nan, 1.0) == "nan"
    assert apart(math.inf, 1.0) == "inf"


def test_json_holds_everything_under_a_named_schema() -> None:
    made = json.loads(json_text(REPORT))
    assert made["schema"] == SCHEMA == "nearfield-gate/1"
    assert (made["passed"], made["data"]) == (False, {"name": "mine <i>", "n": 2000, "dim": 8})
    assert made["bounds"][0] == {
        "kind": "recall_at_k",
        "settings": {"k": 10, "ef": 64, "at_least": 0.95, "counts": "lower_end"},
        "name": "recall@10 at ef 64",
        "figure": 0.96,
        "interval": [0.945, 0.971],
        "side": "at_least",
        "limit": 0.95,
        "counts": "lower_end",
        "judged": 0.945,
        "passed": False,
        "items": 1000,
        "of": "held-out rows",
        "unit": "",
        "named": [],
        "rebuild_noise": None,
        "sentence": RECALL.sentence,
    }
    assert made["bounds"][1]["interval"] is None
    undefined = replace(LOST, figure=math.nan, judged=math.nan)
    assert (
        json.loads(json_text(replace(REPORT, checks=(undefined,))))["bounds"][0]["figure"] is None
    )


def test_junit_has_a_test_for_each_bound() -> None:
    suite = ElementTree.fromstring(junit_text(REPORT, seconds=1.5))[0]
    assert (suite.tag, suite.attrib) == (
        "testsuite",
        {
            "name": "nearfield",
            "tests": "3",
            "failures": "2",
            "errors": "0",
            "skipped": "0",
            "time": "1.500",
        },
    )
    assert [case.get("name") for case in suite] == [each.name for each in REPORT.checks]
    assert suite[0].get("classname") == "nearfield.recall_at_k"
    assert [[part.tag for part in case] for case in suite] == [["failure"], ["failure"], []]
    assert suite[1][0].get("message") == LOST.sentence
    lines = (suite[1][0].text or "").splitlines()
    assert lines[1:3] == ["row 7: <b>x</b> & [U+202E]", "row 9: ?[U+0001]"]
    refused = ElementTree.fromstring(junit_error("no & such file"))[0]
    assert (refused.get("errors"), refused[0][0].tag) == ("1", "error")
    assert refused[0][0].get("message") == "no & such file"


def test_the_page_stands_alone_and_shows_text_letter_by_letter() -> None:
    page = html_page(REPORT)
    assert f'content="{POLICY}"' in page
    assert not re.search(r"<script|https?://|<b>x</b>|<i>|\bon\w+=", page)
    assert "row 7: &lt;b&gt;x&lt;/b&gt; &amp; " in page
    assert "\u202e" not in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 3
    shown = re.sub("\u2068|\u2069", "", unescape(re.sub(r"<[^>]*>", "", page)))
    for checked in REPORT.checks:
        assert checked.finding[1:] in shown
    assert "2 of 3 bounds broken for mine <i>" in shown


def test_the_picture_puts_figure_and_bound_on_one_scale() -> None:
    page = html_page(replace(REPORT, checks=(RECALL,)))
    mark = float(re.findall(r"d='M([\d.]+) 3V", page)[0])
    dot = float(re.findall(r"cx='([\d.]+)'", page)[0])
    low, high = map(float, re.findall(r"d='M([\d.]+) 13H([\d.]+)'", page)[0])
    # 0.945 to 0.971 with a twentieth of 0.026 at each end fills 224 pixels from the 8th on:
    # 0.95 lies 0.0063 of 0.0286 from the low end, 8 + 224 * 0.2203 = 57.3.
    assert mark == pytest.approx(57.3, abs=0.1)
    assert low < mark < dot < high
    assert f"M{mark:.1f} 13.0H240" in page  # it holds to the right
    undefined = replace(LOST, figure=math.nan, judged=math.nan)
    assert "<svg" not in html_page(replace(REPORT, checks=(undefined,)))


def test_a_bound_without_a_choice_counts_as_it_is() -> None:
    bounds: list[Bound] = [LostBound(ef=4, at_most=1), OpisBound(at_most=1)]
    assert [replace(LOST, bound=bound).counts for bound in bounds] == ["figure", "score"]
