from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.figures.experiments.growth import growth_costs
from core.figures.theme import surface
from core.index import HnswParams
from core.studies.experiments.growth import Growth, GrowthStep

SIZES = (512, 1024, 2048, 4096, 8192)  # 2^9 to 2^13
OFF = (1, -2, 0, 2, -1)  # sums to 0, and to 0 with -2..2: -2 + 2 + 0 + 2 - 2


def made(sizes: tuple[int, ...] = SIZES) -> Growth:
    """Costs 100 log2 n + 50 but for OFF, hops log2 n, and one step that misses the target."""
    steps = [
        GrowthStep(n, 20.0, 100 * np.log2(n) + 50 + off, float(np.log2(n)), 1.0)
        for n, off in zip(sizes, OFF, strict=False)
    ]
    missed = GrowthStep(16_384, float("nan"), float("nan"), float("nan"), 2.0)
    params = HnswParams("euclidean", m=8, ef_construction=100)
    return Growth(10, 0.95, 100, params, (*steps, missed))


def lines(figure: Any, form: str) -> tuple[Any, Any, Any]:
    """Band, line inside and line beyond the measured sizes of a fit."""
    band, inside, beyond = [trace for trace in figure.data if trace.legendgroup == form]
    return band, inside, beyond


def test_steps_that_cross_the_target_are_points() -> None:
    points = growth_costs(made()).data[-1]
    assert (points.name, points.mode) == ("measured", "markers")
    assert list(points.x) == list(SIZES)
    assert list(points.y) == [951, 1048, 1150, 1252, 1349]  # 100 (9..13) + 50 and OFF


def test_fit_is_solid_where_measured_and_dashed_out_to_a_billion_rows() -> None:
    _, inside, beyond = lines(growth_costs(made()), "log")
    assert (inside.line.dash, beyond.line.dash) == ("solid", "dash")
    assert [inside.x[0], inside.x[-1]] == pytest.approx([512, 8192])
    assert [beyond.x[0], beyond.x[-1]] == pytest.approx([8192, 1e9])
    # OFF moves neither the slope nor the mean: the fit is 100 log2 n + 50
    assert inside.y[0] == pytest.approx(950)
    assert beyond.y[-1] == pytest.approx(100 * np.log2(1e9) + 50)
    assert (inside.showlegend, beyond.showlegend) == (True, False)


def test_band_is_the_prediction_interval_beyond_the_measured_sizes() -> None:
    band, _, beyond = lines(growth_costs(made()), "log")
    # residuals OFF: s = sqrt(10 / 3); 8,192 is 2 from the mean 11 of log2 n, whose squares sum to
    # 10; t of 97.5 % with 3 degrees of freedom is 3.18245
    half = 3.18245 * np.sqrt(10 / 3) * np.sqrt(1 + 1 / 5 + 4 / 10)
    assert band.x[0] == band.x[-1] == pytest.approx(8192)
    assert band.y[0] == pytest.approx(1350 + half, rel=1e-6)
    assert band.y[-1] == pytest.approx(1350 - half, rel=1e-6)
    assert band.x.max() == pytest.approx(1e9)
    assert beyond.customdata[0].tolist() == pytest.approx([1350 - half, 1350 + half], rel=1e-6)
    assert (band.fill, band.hoverinfo) == ("toself", "skip")
    assert band.fillcolor.startswith("rgba(")


def test_both_forms_are_drawn_in_colors_of_their_own() -> None:
    figure = growth_costs(made())
    _, log, _ = lines(figure, "log")
    _, power, beyond = lines(figure, "power")
    assert log.line.color != power.line.color == beyond.line.color
    fit = made().fit("distance_computations", "power")
    assert fit is not None
    assert beyond.y[-1] == pytest.approx(fit.at(1e9)[0])
    assert power.name == f"a power of n, R² {fit.r_squared:.2f}"


def test_what_is_extrapolated_is_shaded() -> None:
    figure = growth_costs(made(), dark=True)
    (region,) = figure.layout.shapes
    (words,) = figure.layout.annotations
    assert region.x0 == 8192
    assert region.x1 >= 1e9
    assert region.fillcolor == surface(True).grid
    assert words.text == "extrapolated →"
    assert words.x == pytest.approx(np.log10(8192))


def test_axis_ends_above_the_fits() -> None:
    fit = made().fit("distance_computations", "power")
    assert fit is not None
    axis = growth_costs(made()).layout.yaxis
    assert axis.range == (0, pytest.approx(1.3 * fit.at(1e9)[0]))
    assert axis.title.text == "distance computations per query<br>at recall@10 of 0.95"


def test_other_costs() -> None:
    figure = growth_costs(made(), "hops")
    assert list(figure.data[-1].y) == [9, 10, 11, 12, 13]
    assert figure.layout.yaxis.title.text.startswith("hops per query")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_than_four_steps_have_no_fit(count: int) -> None:
    figure = growth_costs(made(SIZES[:count]))
    (points,) = figure.data
    assert list(points.x) == list(SIZES[:count])
    assert figure.layout.shapes == ()
    assert "no fit" in figure.layout.annotations[0].text


def test_four_steps_have_one() -> None:
    assert len(growth_costs(made(SIZES[:4])).data) == 7  # two bands, four lines, the points


def test_unknown_name() -> None:
    with pytest.raises(
        ParameterError, match="name must be one of distance_computations, hops, ef;"
    ):
        growth_costs(made(), "seconds")
