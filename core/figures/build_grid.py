"""The build grid: each setting's figures as a heat map, and its costs against one another."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, SEQUENTIAL, layout, surface
from core.studies.build_grid import BuildGrid, GridSetting

GRID_VALUES = {
    "ef": "smallest ef for the target",
    "distance_computations": "distance computations per query at the target",
    "build_seconds": "build time, s",
    "bytes_per_vector": "bytes per vector, links included",
    "own_check": "hnswlib's own check: recall of M neighbors at ef = ef_construction",
    "unfindable_share": "share of items not found by their own vector at ef 40",
}
AT_TARGET = ("ef", "distance_computations")  # not defined where the target is missed


def grid_heatmap(
    grid: BuildGrid,
    value: str = "distance_computations",
    *,
    dark: bool = False,
    height: int = 380,
) -> go.Figure:
    """One field of the settings for each M and ef_construction; the recommended one is framed."""
    tone = surface(dark)
    ms = sorted({setting.m for setting in grid.settings})
    widths = sorted({setting.ef_construction for setting in grid.settings})
    z = np.full((len(widths), len(ms)), np.nan)
    for setting in grid.settings:
        place = widths.index(setting.ef_construction), ms.index(setting.m)
        z[place] = _value(setting, value)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.add_heatmap(
        x=[str(m) for m in ms],
        y=[str(width) for width in widths],
        z=z,
        text=[[_text(number) for number in row] for row in z],
        texttemplate="%{text}",
        colorscale=SEQUENTIAL,
        showscale=False,
        hovertemplate="M %{x}, ef_construction %{y}: %{text}<extra></extra>",
        xgap=2,
        ygap=2,
    )
    for row, column in np.argwhere(np.isnan(z)):
        figure.add_annotation(
            x=str(ms[column]), y=str(widths[row]), text="none", showarrow=False, xref="x", yref="y"
        )
    best = grid.recommended
    if best is not None:
        _frame(figure, ms.index(best.m), widths.index(best.ef_construction), tone.text)
    figure.update_layout(title={"text": GRID_VALUES[value], "font": {"size": 13}, "x": 0})
    figure.update_xaxes(title="M", type="category", showgrid=False)
    figure.update_yaxes(title="ef_construction", type="category", showgrid=False)
    return figure


def grid_pareto(grid: BuildGrid, *, dark: bool = False, height: int = 380) -> go.Figure:
    """Search cost against memory of the settings that reach the target, sized by build time.

    Settings on the Pareto front of memory, build time and search cost are colored and named.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    slowest = max(setting.build_seconds for setting in grid.settings)
    pairs = list(zip(grid.settings, grid.pareto.tolist(), strict=True))
    for name, front, color in (("beaten by another", False, tone.other), ("front", True, FOUND)):
        some = [each for each, on_front in pairs if each.reaches and on_front == front]
        figure.add_scatter(
            x=[each.bytes_per_vector for each in some],
            y=[each.distance_computations for each in some],
            mode="markers+text" if front else "markers",
            name="no other is better in all" if front else name,
            text=[_name(each) for each in some],
            textposition="top center",
            customdata=[[each.ef, each.build_seconds] for each in some],
            marker={
                "color": color,
                "size": [8 + 16 * np.sqrt(each.build_seconds / slowest) for each in some],
                "line": {"color": _lines(some, grid, tone.page), "width": 2},
            },
            hovertemplate="%{text}, ef %{customdata[0]}: %{x:,.0f} bytes, %{y:,.0f} distances, "
            "built in %{customdata[1]:.2f} s<extra></extra>",
        )
    figure.update_xaxes(title="bytes per vector, links included")
    figure.update_yaxes(title="distance computations per query at the target")
    return figure


def _value(setting: GridSetting, value: str) -> float:
    if value in AT_TARGET and not setting.reaches:
        return float("nan")
    return float(getattr(setting, value))


def _text(number: float) -> str:
    if np.isnan(number):
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 or number == round(number) else f"{number:.3g}"


def _name(setting: GridSetting) -> str:
    return f"M {setting.m}, efc {setting.ef_construction}"


def _lines(some: list[GridSetting], grid: BuildGrid, page: str) -> list[str]:
    return [MISSED if each == grid.recommended else page for each in some]


def _frame(figure: go.Figure, column: int, row: int, color: str) -> None:
    figure.add_shape(
        type="rect",
        x0=column - 0.49,
        x1=column + 0.49,
        y0=row - 0.49,
        y1=row + 0.49,
        line={"color": MISSED, "width": 3},
    )
    figure.add_annotation(
        x=1,
        y=1.0,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        text="framed: recommended",
        showarrow=False,
        font={"color": color, "size": 12},
    )
