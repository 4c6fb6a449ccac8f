"""The map of a space: points in 2-D or 3-D, colored by class or value, and one item's neighbors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.region_names import region_names
from core.figures.theme import (
    SEQUENTIAL,
    TRUE_NEIGHBOR,
    Surface,
    class_styles,
    layout,
    plain_texts,
    surface,
)
from core.projection.regions import Region

Rows = npt.NDArray[np.int64]
OTHER = -1
LEGEND_AT_MOST = 12  # classes; more of them are named on the map
NAMED_CLASSES = 20
TOLD_APART = 45  # classes that colors and symbols tell apart
SPACE_SYMBOLS = {"triangle-up": "x"}  # plotly has no triangles in 3-D


@dataclass(frozen=True, eq=False)
class MapPoints:
    """The points to draw, m of them, all or a sample.

    coordinates: (n, 2 or 3) of every row, so that neighbors outside the sample can be shown.
    rows: (m,) row ids drawn. names: (n,) short names. axes: titles of the axes. labels: (n,) texts
    that a hover shows below the name, or None.
    """

    coordinates: npt.NDArray[np.float32]
    rows: Rows
    names: npt.NDArray[np.str_]
    axes: tuple[str, ...]
    labels: npt.NDArray[np.str_] | None = None


@dataclass(frozen=True, eq=False)
class Classes:
    """Color by class: codes (n,), -1 for "other", and the name of each code."""

    title: str
    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]


def class_colors(
    title: str, codes: npt.NDArray[np.int64], names: tuple[str, ...], most: int = TOLD_APART
) -> Classes:
    """Colors of all classes up to `most`; else of the 20 commonest, and the rest as "other".

    codes: (n,), -1 where the class is missing. names: of each code.
    """
    if len(names) <= most:
        return Classes(title, codes, names)
    commonest = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(names)), kind="stable")
    place = np.full(len(names) + 1, OTHER)
    place[commonest[:NAMED_CLASSES]] = np.arange(NAMED_CLASSES)
    return Classes(title, place[codes], tuple(names[i] for i in commonest[:NAMED_CLASSES]))


@dataclass(frozen=True, eq=False)
class Values:
    """Color by number: values (n,), NaN where there is none.

    ticks: values and what they are called beside the color bar, which then reaches over all values;
    by default it is a plain scale from the 1st percentile to the 99th.
    """

    title: str
    values: npt.NDArray[np.float64]
    ticks: tuple[tuple[float, str], ...] = ()


def space_map(
    points: MapPoints,
    colors: Classes | Values | None,
    *,
    item: int | None = None,
    neighbors: Rows | None = None,
    marked: Rows | None = None,
    regions: Sequence[Region] = (),
    dark: bool = False,
    height: int = 640,
) -> go.Figure:
    """Points, with threads from `item` to its true neighbors and rings around `marked` rows.

    regions: what is named on the map, largest first. Up to 12 classes have a legend; more are told
    by the names of their regions and by the hover.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    if isinstance(colors, Classes):
        _add_classes(figure, points, colors, tone)
    else:
        _add_values(figure, points, colors, tone)
    if marked is not None and len(marked):
        ring = {"color": "rgba(0,0,0,0)", "size": 10, "line": {"color": tone.text, "width": 1.5}}
        _add(figure, points, marked, ring, "marked")
    if item is not None:
        _add_item(
            figure, points, item, np.empty(0, np.int64) if neighbors is None else neighbors, tone
        )
    _dress(figure, points)
    _name(figure, points, colors, regions, tone)
    return figure


def _name(
    figure: go.Figure,
    points: MapPoints,
    colors: Classes | Values | None,
    regions: Sequence[Region],
    tone: Surface,
) -> None:
    """Names of regions; those of the classes that are drawn are framed in their colors."""
    edges: list[str | None] = []
    if isinstance(colors, Classes):
        styles = dict(zip(colors.names, class_styles(len(colors.names)), strict=True))
        edges = [styles[each.label][0] if each.label in styles else None for each in regions]
    names = region_names(regions, points.coordinates[points.rows], tone, edges)
    if points.coordinates.shape[1] == 2:
        figure.update_layout(annotations=names)
    else:
        figure.update_layout(scene={"annotations": names})


def _add_classes(figure: go.Figure, points: MapPoints, colors: Classes, tone: Surface) -> None:
    codes = colors.codes[points.rows]
    styles = class_styles(len(colors.names))
    others = points.rows[codes == OTHER]
    if len(others):
        _add(figure, points, others, {"color": tone.other, "size": _size(points)}, "other")
    for code, name in enumerate(colors.names):
        rows = points.rows[codes == code]
        if len(rows):
            color, symbol = styles[code]
            marker: dict[str, Any] = {"color": color, "size": _size(points), "opacity": 0.85}
            flat = points.coordinates.shape[1] == 2
            marker["symbol"] = symbol if flat else SPACE_SYMBOLS.get(symbol, symbol)
            has_legend = len(colors.names) <= LEGEND_AT_MOST
            _add(figure, points, rows, marker, name, legend=has_legend)


def _add_values(figure: go.Figure, points: MapPoints, colors: Values | None, tone: Surface) -> None:
    marker: dict[str, Any] = {"color": tone.muted, "size": _size(points), "opacity": 0.85}
    if colors is None:
        _add(figure, points, points.rows, marker, "", legend=False)
        return
    known = np.isfinite(colors.values[points.rows])
    without, rows = points.rows[~known], points.rows[known]
    if len(without):
        _add(figure, points, without, {"color": tone.other, "size": _size(points)}, "no value")
    if len(rows) == 0:
        return
    values = colors.values[rows].astype(np.float32)
    low, high = np.percentile(values, [0, 100] if colors.ticks else [1, 99])
    (title,) = plain_texts([colors.title])
    bar: dict[str, Any] = {"title": {"text": title, "side": "right"}, "thickness": 12}
    if colors.ticks:
        bar |= dict(zip(("tickvals", "ticktext"), zip(*colors.ticks, strict=True), strict=True))
    marker |= {
        "color": values,
        "colorscale": SEQUENTIAL,
        "cmin": float(low),
        "cmax": float(high),
        "colorbar": bar,
    }
    _add(figure, points, rows, marker, colors.title, legend=False)


def _add_item(
    figure: go.Figure, points: MapPoints, item: int, neighbors: Rows, tone: Surface
) -> None:
    place = points.coordinates[item]
    ends = np.full((len(neighbors), 3, points.coordinates.shape[1]), np.nan, dtype=np.float32)
    ends[:, 0], ends[:, 1] = place, points.coordinates[neighbors]
    _trace(
        figure,
        ends.reshape(-1, ends.shape[2]),
        mode="lines",
        line={"color": TRUE_NEIGHBOR, "width": 1.5 if ends.shape[2] == 2 else 4},
        hoverinfo="skip",
        showlegend=False,
    )
    _add(
        figure,
        points,
        neighbors,
        {
            "color": TRUE_NEIGHBOR,
            "size": _size(points) + 4,
            "line": {"color": tone.page, "width": 1},
        },
        "true neighbors",
    )
    _add(
        figure,
        points,
        np.array([item]),
        {"color": tone.text, "size": _size(points) + 7, "line": {"color": tone.page, "width": 2}},
        "item",
    )


def _add(
    figure: go.Figure,
    points: MapPoints,
    rows: Rows,
    marker: dict[str, Any],
    name: str,
    *,
    legend: bool = True,
) -> None:
    _trace(
        figure,
        points.coordinates[rows],
        mode="markers",
        marker=marker,
        text=np.array(_texts(points, rows), dtype=np.str_),  # plotly checks lists one by one
        customdata=rows.astype(np.int32),
        hovertemplate="%{text}<br>row %{customdata}<extra></extra>",
        name=plain_texts([name])[0],
        showlegend=legend,
    )


def _texts(points: MapPoints, rows: Rows) -> list[str]:
    """What a hover says of each row: its name, and its label on a line of its own."""
    names = plain_texts(points.names[rows])
    if points.labels is None:
        return names
    labels = plain_texts(points.labels[rows])
    return [f"{name}<br>{label}" for name, label in zip(names, labels, strict=True)]


def _trace(figure: go.Figure, places: npt.NDArray[np.float32], **options: Any) -> None:
    if places.shape[1] == 3:
        figure.add_scatter3d(x=places[:, 0], y=places[:, 1], z=places[:, 2], **options)
    else:
        figure.add_scattergl(x=places[:, 0], y=places[:, 1], **options)


def _size(points: MapPoints) -> float:
    """Smaller points where there are more."""
    base = 3.0 if points.coordinates.shape[1] == 3 else 5.0
    return base if len(points.rows) <= 20_000 else base - 2.0


def _dress(figure: go.Figure, points: MapPoints) -> None:
    legend = {"orientation": "h", "y": -0.07, "yanchor": "top", "x": 0, "maxheight": 0.16}
    figure.update_layout(
        legend={**legend, "itemsizing": "constant", "font": {"size": 12}},
        dragmode="pan" if points.coordinates.shape[1] == 2 else "orbit",
        uirevision=points.axes[0],
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    if points.coordinates.shape[1] == 2:
        figure.update_xaxes(title=points.axes[0])
        figure.update_yaxes(title=points.axes[1])
        return
    names = zip(("xaxis", "yaxis", "zaxis"), points.axes, strict=True)
    axes = {axis: {"title": {"text": name}} for axis, name in names}
    camera = {"eye": {"x": 1.45, "y": 1.45, "z": 1.0}, "center": {"z": -0.12}}
    figure.update_layout(scene={**axes, "camera": camera})
