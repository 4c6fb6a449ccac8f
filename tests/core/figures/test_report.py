"""The report: every text letter by letter, plotly once, nothing asked of a network."""

import re

import pandas as pd
import plotly.graph_objects as go

from core.figures.report import ReportPart, report_page

EVIL = "<script>alert('x')</script> & \"quotes\""


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
    assert (
        page.count("&lt;script&gt;alert") == 9
    )  # title, h1, note, h2, note, alt, column, cell, code


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
