"""The report: every text letter by letter, plotly once, nothing asked of a network."""

import re
from html.parser import HTMLParser

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from core.figures.report import ReportPart, report_page

EVIL = "<script>alert('x')</script> & \"quotes\""
TEXTS = ("title", "h1", "h2", "p", "th", "td", "pre")


class Reader(HTMLParser):
    """What a browser would read: texts by tag, tags in order, labels, and files to load."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self.tags: list[str] = []
        self.labels: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append("figure" if found.get("role") == "img" else tag)
        if "aria-label" in found:
            self.labels.append(found["aria-label"] or "")
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in TEXTS and data.strip():
            self.texts.setdefault(self.tags[-1], []).append(data)


def test_texts_are_escaped_wherever_they_stand() -> None:
    part = ReportPart(
        EVIL,
        note=EVIL,
        figure=go.Figure(),
        alt=EVIL,
        table=pd.DataFrame({EVIL: [EVIL]}),
        code=EVIL,
    )
    page = report_page(EVIL, EVIL, [EVIL], [part])
    assert "<script>alert" not in page
    # Title, h1, note, h2, note, alt, column, cell and code.
    assert page.count("&lt;script&gt;alert") == 9
    reader = Reader()
    reader.feed(page)
    assert reader.texts == {"title": [EVIL], "h1": [EVIL], "p": [EVIL, EVIL], "h2": [EVIL]} | {
        "th": [EVIL],
        "td": [EVIL],
        "pre": [EVIL],
    }
    assert reader.labels == [EVIL]


def test_what_a_figure_holds_ends_no_script() -> None:
    figure = go.Figure(layout={"title": {"text": "</script><script>alert(1)</script>"}})
    body = report_page("t", "a", [], [ReportPart("p", figure=figure)]).split("<body>")[-1]
    assert "</script><script>alert" not in body
    scripts = re.findall(r"</?script", body)
    assert scripts.count("<script") == scripts.count("</script")


def test_plotly_stands_in_the_page_once_for_all_figures() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    parts = [ReportPart(name, figure=figure, alt=name) for name in "abc"]
    page = report_page("t", "a", [], parts)
    assert page.count(get_plotlyjs()) == 1
    reader = Reader()
    reader.feed(page)
    assert page.replace(get_plotlyjs(), "").count("Plotly.newPlot(") == 3
    assert reader.labels == ["a", "b", "c"]
    assert reader.loaded == []  # no tag names a file, here or on a network


def test_what_a_part_lacks_is_left_out_and_the_rest_keeps_its_order() -> None:
    part = ReportPart("Heading", "Below", go.Figure(), "Alt", pd.DataFrame({"c": [7]}), "x = 1")
    page = report_page("t", "Answer", ["One", "Two"], [part, ReportPart("Bare")])
    reader = Reader()
    reader.feed(page)
    kinds = ["h1", "p", "p", "h2", "p", "figure", "table", "pre", "h2"]
    assert [tag for tag in reader.tags if tag in kinds] == kinds
    assert reader.texts["p"] == ["One", "Two", "Below"]
    assert reader.texts["h2"] == ["Heading", "Bare"]
    assert (reader.texts["th"], reader.texts["td"]) == (["c"], ["7"])


def test_the_page_asks_for_nothing_and_holds_its_parts_in_order() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    parts = [ReportPart("First", figure=figure, alt="a line"), ReportPart("Second", code="x = 1")]
    page = report_page("Title", "Answer", ["Note"], parts)
    body = page.split("<body>")[-1]
    places = [body.index(text) for text in ("Answer", "Note", "<h2>First", "<h2>Second")]
    assert places == sorted(places)
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page) == []
    assert body.count("Plotly.newPlot(") == 1
    assert "aria-label='a line'" in body
    assert "<pre>x = 1</pre>" in body
