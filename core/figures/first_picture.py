"""The first rows of a file that are seen: a small scatter plot, there before all rows are read."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.map import LEGEND_AT_MOST, OTHER, Classes, class_colors
from core.figures.theme import Surface, class_styles, layout, plain_texts, surface
from core.projection import FirstPicture

POINT = 4


def first_scatter(picture: FirstPicture, *, dark: bool = False, height: int = 320) -> go.Figure:
    """The rows on their two axes, colored by class as on the map, where the file has classes.

    Drawn without WebGL, which takes longer to start than 2,000 points take to draw.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    if picture.codes is None:
        every = np.arange(len(picture.rows))
        _add(figure, picture, every, {"color": tone.muted}, "")
    else:
        colors = class_colors(picture.label, picture.codes, picture.class_names)
        _add_classes(figure, picture, colors, tone)
    shares = picture.projection.explained_variance
    known = shares is not None and bool(np.isfinite(shares).all())
    titles = [
        f"PC {axis + 1} ({100 * shares[axis]:.3g} % of variance)"
        if known and shares is not None
        else f"PC {axis + 1}"
        for axis in range(2)
    ]
    figure.update_xaxes(title=titles[0], showticklabels=False)
    figure.update_yaxes(title=titles[1], showticklabels=False)
    figure.update_layout(
        dragmode="pan",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"y": -0.14, "yanchor": "top", "font": {"size": 11}, "itemsizing": "constant"},
    )
    return figure


def _add_classes(figure: go.Figure, picture: FirstPicture, colors: Classes, tone: Surface) -> None:
    codes = colors.codes[picture.rows]
    others = np.flatnonzero(codes == OTHER)
    if len(others):
        _add(figure, picture, others, {"color": tone.other}, "other")
    for code, (name, (color, symbol)) in enumerate(
        zip(colors.names, class_styles(len(colors.names)), strict=True)
    ):
        places = np.flatnonzero(codes == code)
        if len(places):
            _add(figure, picture, places, {"color": color, "symbol": symbol}, name)
    figure.update_layout(showlegend=len(colors.names) <= LEGEND_AT_MOST)


def _add(
    figure: go.Figure,
    picture: FirstPicture,
    places: np.ndarray[Any, np.dtype[np.int64]],
    marker: dict[str, Any],
    name: str,
) -> None:
    """Some of the rows, by their places in `picture.rows`."""
    (shown,) = plain_texts([name])
    at = picture.projection.coordinates[places]
    figure.add_scatter(
        x=at[:, 0],
        y=at[:, 1],
        mode="markers",
        marker={"size": POINT, "opacity": 0.8, **marker},
        customdata=picture.rows[places].astype(np.int32),
        hovertemplate=f"{shown + '<br>' if shown else ''}row %{{customdata}}<extra></extra>",
        name=shown,
        showlegend=bool(shown),
    )
