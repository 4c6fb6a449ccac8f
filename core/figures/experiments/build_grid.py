"""The build grid: each setting's figures as a heat map, and its costs against one another."""

import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.errors import ParameterError
from core.figures.theme import FOUND, MISSED, SEQUENTIAL, layout, surface
from core.studies.experiments.build_grid_results import BuildGrid, GridSetting

GRID_VALUES: dict[str, str] = {
    "ef": "smallest ef for the target",
    "distance_computations": "distance computations per query at the target",
    "build_seconds": "build time, s",
    "bytes_per_vector": "hnswlib's bytes per vector, links included",
    "own_check": "hnswlib's own check: recall of M neighbors at ef = ef_construction",
    "unfindable_share": "share of items not found by their own vector at ef 40",
}
AT_TARGET = ("ef", "distance_computations")  # not defined where the target is missed
NARROW = 310  # pixels between the axes on a phone, on which labels must not overlap
LABEL = (78, 15)  # pixels of the longest label
SIDES = ("top center", "bottom center", "middle right", "middle left")


def grid_heatmap(
    grid: BuildGrid,
    value: str = "distance_computations",
    *,
    recommend: bool = True,
    dark: bool = False,
    height: int = 380,
) -> go.Figure:
    """One field of the settings for each M and ef_construction; the recommended one is framed.

    Cells without the value are neutral and say "none": the target is missed there. recommend: False
    for a grid that is not finished.
    """
    if value not in GRID_VALUES:
        raise ParameterError(f"value must be one of {', '.join(GRID_VALUES)}; got {value!r}.")
    ms = sorted({setting.m for setting in grid.settings})
    widths = sorted({setting.ef_construction for setting in grid.settings})
    z, missed = np.full((2, len(widths), len(ms)), np.nan)
    for setting in grid.settings:
        place = widths.index(setting.ef_construction), ms.index(setting.m)
        z[place] = _value(setting, value)
        missed[place] = 0.0 if np.isnan(z[place]) else np.nan
    figure = go.Figure(layout=layout(dark=dark, height=height))
    names = {"x": [str(m) for m in ms], "y": [str(width) for width in widths]}
    _draw_cells(figure, z, np.vectorize(_text)(z), names, colorscale=SEQUENTIAL)
    if not np.isnan(missed).all():
        _draw_missed(figure, missed, names, dark)
    best = grid.recommended if recommend else None
    if best is not None:
        _frame(figure, ms.index(best.m), widths.index(best.ef_construction))
    _title(figure, GRID_VALUES[value], framed=best is not None)
    figure.update_xaxes(title="M", type="category", showgrid=False)
    figure.update_yaxes(title="ef_construction", type="category", showgrid=False)
    return figure


def grid_pareto(grid: BuildGrid, *, dark: bool = False, height: int = 380) -> go.Figure:
    """Search cost against memory of the settings that reach the target, sized by build time.

    Settings on the Pareto front of memory, build time and search cost are colored, and named where
    there is room for it.
    """
    tone, best = surface(dark), grid.recommended
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.update_xaxes(
        title="hnswlib's bytes per vector, links included<br>(size of a mark: build time)"
    )
    figure.update_yaxes(title="distance computations per query<br>at the target", type="log")
    pairs = list(zip(grid.settings, grid.pareto.tolist(), strict=True))
    beaten = [each for each, on_front in pairs if each.reaches and not on_front]
    front = sorted((each for each, on_front in pairs if on_front), key=lambda each: each != best)
    if best is None:
        figure.add_annotation(text="no setting reaches the target", showarrow=False)
        return figure
    slowest = max(each.build_seconds for each in beaten + front)
    shown = _fit_axes(figure, beaten + front)
    for name, some, color in (
        ("beaten by another", beaten, tone.other),
        ("no other is better in all", front, FOUND),
    ):
        sizes = [_size(each, slowest) for each in some]
        marker = {"color": color, "size": sizes, "line": {"color": tone.page, "width": 1}}
        _draw_points(figure, some, name=name, mode="markers", marker=marker)
    marker = {
        "color": MISSED,
        "size": [_size(best, slowest) + 5],
        "symbol": "circle-open",
        "line": {"width": 2.5},
    }
    _draw_points(figure, [best], name="recommended", mode="markers", marker=marker)
    _draw_noise(figure, grid, best, tone.muted)
    _name_front(figure, front, _label_sides(front, beaten, shown, height), tone.text)
    return figure


def _draw_noise(figure: go.Figure, grid: BuildGrid, best: GridSetting, color: str) -> None:
    """Where another build of the recommended setting may lie, as a bar through it."""
    half = grid.cost_change(best, best).half_width
    if not np.isfinite(half):
        return
    low, high = max(best.distance_computations - half, 1.0), best.distance_computations + half
    figure.add_scatter(
        x=[best.bytes_per_vector] * 2,
        y=[low, high],
        mode="lines",
        name="rebuild noise",
        line={"color": color, "width": 2},
        opacity=0.7,
        hovertemplate=f"rebuild noise: {low:,.0f} to {high:,.0f}<extra></extra>",
    )


def _value(setting: GridSetting, value: str) -> float:
    if value in AT_TARGET and not setting.reaches:
        return float("nan")
    return float(getattr(setting, value))


def _text(number: float) -> str:
    if np.isnan(number):
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 or number == round(number) else f"{number:.3g}"


def _draw_cells(
    figure: go.Figure, z: np.ndarray, text: np.ndarray, names: dict[str, list[str]], **more: Any
) -> None:
    figure.add_heatmap(
        z=z,
        text=text,
        **names,
        texttemplate="%{text}",
        showscale=False,
        hoverongaps=False,
        hovertemplate="M %{x}, ef_construction %{y}: %{text}<extra></extra>",
        xgap=2,
        ygap=2,
        **more,
    )


def _draw_missed(
    figure: go.Figure, missed: np.ndarray, names: dict[str, list[str]], dark: bool
) -> None:
    tone = surface(dark)
    text = np.where(np.isnan(missed), "", "none")
    plain = {"colorscale": [[0, tone.grid], [1, tone.grid]], "textfont": {"color": tone.text}}
    _draw_cells(figure, missed, text, names, zmin=0, zmax=1, **plain)
    figure.data[-1].hovertemplate = "M %{x}, ef_construction %{y}: misses the target<extra></extra>"


def _frame(figure: go.Figure, column: int, row: int) -> None:
    figure.add_shape(
        type="rect",
        x0=column - 0.49,
        x1=column + 0.49,
        y0=row - 0.49,
        y1=row + 0.49,
        line={"color": MISSED, "width": 3},
    )


def _title(figure: go.Figure, words: str, *, framed: bool) -> None:
    """The title in lines that a phone has room for."""
    lines = textwrap.wrap(words, 48)
    if framed:
        lines.append(f'<span style="color:{MISSED}">framed: recommended</span>')
    place = {"x": 0, "y": 1 - 16 / figure.layout.height, "yanchor": "top", "pad": {"l": 8}}
    figure.update_layout(
        title={"text": "<br>".join(lines), "font": {"size": 13}, **place},
        margin_t=14 + 18 * len(lines),
    )


def _size(setting: GridSetting, slowest: float) -> float:
    """Pixels across: the area grows with build time."""
    return float(8 + 14 * np.sqrt(setting.build_seconds / slowest)) if slowest > 0 else 8.0


def _draw_points(figure: go.Figure, some: list[GridSetting], **trace: Any) -> None:
    figure.add_scatter(
        x=[each.bytes_per_vector for each in some],
        y=[each.distance_computations for each in some],
        customdata=[[_name(each), each.ef, each.build_seconds] for each in some],
        hovertemplate="%{customdata[0]}, ef %{customdata[1]}<br>%{x:,.0f} bytes per vector<br>"
        "%{y:,.0f} distance computations<br>built in %{customdata[2]:.2f} s<extra></extra>",
        **trace,
    )


def _name(setting: GridSetting) -> str:
    return f"M {setting.m}, efc {setting.ef_construction}"


def _fit_axes(figure: go.Figure, some: list[GridSetting]) -> np.ndarray:
    """Ranges with room for labels: (2, 2) low and high of x and of the logarithm of y."""
    x, y = _points(some).T
    width, tall = max(np.ptp(x), 0.02 * x.max()), max(np.ptp(y), 0.05)
    shown = np.array(
        [
            [x.min() - 0.4 * width, x.max() + 0.15 * width],
            [y.min() - 0.15 * tall, y.max() + 0.15 * tall],
        ]
    )
    figure.update_xaxes(range=shown[0].tolist())
    figure.update_yaxes(range=shown[1].tolist(), tickformat="~s", nticks=7)
    return shown


def _points(some: list[GridSetting]) -> np.ndarray:
    """(s, 2) bytes and logarithm of the search cost."""
    costs = [[each.bytes_per_vector, np.log10(each.distance_computations)] for each in some]
    return np.array(costs, dtype=np.float64).reshape(-1, 2)


def _label_sides(
    front: list[GridSetting], beaten: list[GridSetting], shown: np.ndarray, height: int
) -> list[str | None]:
    """Where the label of each point of the front has room, None where it has nowhere."""
    area = np.array([NARROW, height - 130])
    pixels = [
        (_points(some) - shown[:, 0]) / np.ptp(shown, axis=1) * area for some in (front, beaten)
    ]
    taken = [(point, np.array([12, 12])) for point in np.concatenate(pixels)]
    sides: list[str | None] = []
    for point in pixels[0]:
        free = [side for side in SIDES if _is_free(_center(point, side), taken, area)]
        sides.append(free[0] if free else None)
        if free:
            taken.append((_center(point, free[0]), np.array(LABEL)))
    return sides


def _center(point: np.ndarray, side: str) -> np.ndarray:
    across, up = (LABEL[0] + 26) / 2, (LABEL[1] + 22) / 2
    shift = [(0, up), (0, -up), (across, 0), (-across, 0)][SIDES.index(side)]
    return np.asarray(point + np.array(shift))


def _is_free(
    center: np.ndarray, taken: list[tuple[np.ndarray, np.ndarray]], area: np.ndarray
) -> bool:
    half = np.array(LABEL) / 2
    inside = (center >= half).all() and (center <= area - half).all()
    return bool(inside) and all(
        (np.abs(center - other) >= half + size / 2).any() for other, size in taken
    )


def _name_front(
    figure: go.Figure, front: list[GridSetting], sides: list[str | None], color: str
) -> None:
    """Labels as text of the trace of the front, which is the second."""
    texts = [_name(each) if side else "" for each, side in zip(front, sides, strict=True)]
    figure.data[1].update(
        mode="markers+text",
        text=texts,
        textposition=[side or SIDES[0] for side in sides],
        textfont={"size": 11, "color": color},
    )
