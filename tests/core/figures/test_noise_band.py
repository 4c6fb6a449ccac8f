"""The band of rebuild noise, and what lies beyond it."""

import pytest

from core.figures import NoiseLine, rebuild_noise
from core.figures.theme import FOUND, MISSED
from core.studies import Change


def test_the_band_is_where_another_build_may_lie() -> None:
    lines = [
        NoiseLine("recall", Change(0.9, 0.95, 0.02), (0.89, 0.91), ("before", "M <b>8</b>")),
        NoiseLine("cost", Change(100.0, 103.0, 5.0), (98.0, 101.0)),
    ]
    figure = rebuild_noise(lines)
    assert [(band.x0, band.x1) for band in figure.layout.shapes] == [
        (pytest.approx(0.88), pytest.approx(0.92)),
        (95.0, 105.0),
    ]
    drawn = [(trace.name, list(trace.x), trace.marker.color) for trace in figure.data]
    assert drawn[0][:2] == ("a rebuild", [0.89, 0.91])
    assert drawn[1][:2] == ("before", [0.9])
    assert drawn[2] == ("M &lt;b&gt;8&lt;/b&gt;", [0.95], MISSED)  # beyond
    assert drawn[5] == ("after", [103.0], FOUND)  # inside
    for axis, values in ((figure.layout.xaxis, (0.88, 0.95)), (figure.layout.xaxis2, (95, 105))):
        assert axis.range[0] < values[0]
        assert axis.range[1] > values[1]


def test_noise_that_is_not_known_has_no_band() -> None:
    figure = rebuild_noise([NoiseLine("cost", Change(100.0, 100.0, float("nan")), ())])
    assert not figure.layout.shapes
    assert figure.layout.xaxis.range[0] < 100 < figure.layout.xaxis.range[1]
