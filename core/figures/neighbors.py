"""One item's neighbors: their distance by rank, found or missed."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, plain_texts, surface
from core.index import Neighbors

EVERY_RANK = 12  # up to so many ranks, each has its tick


def distance_by_rank(
    exact: Neighbors,
    found_ids: npt.NDArray[np.int64] | None,
    found_distances: npt.NDArray[np.float64] | None,
    names: npt.NDArray[np.str_],
    metric: str,
    *,
    expected: npt.NDArray[np.float64] | None = None,
    dark: bool = False,
    height: int = 420,
) -> go.Figure:
    """Distance of the true neighbors (1, k) by rank, and of what the index answered (k,).

    A missed neighbor is crossed; a row that the index gave in its place stands as a blue ring.
    Without an answer (None) all are drawn as true. expected: (k,) distances of a dashed line.
    """
    tone = surface(dark)
    ids, distances = exact.ids[0], exact.distances[0]
    ranks = np.arange(1, len(ids) + 1)
    found = "true" if found_ids is None else "true and found"
    answered = ids if found_ids is None else found_ids
    far = distances if found_distances is None else found_distances
    kept = np.isin(ids, answered)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.add_scatter(
        x=ranks,
        y=distances,
        mode="lines",
        line={"color": tone.other, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    if expected is not None:
        figure.add_scatter(
            x=ranks,
            y=expected,
            mode="lines",
            line={"color": tone.muted, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
            name="by the local dimension",
        )
    wrong = np.flatnonzero((answered >= 0) & ~np.isin(answered, ids))
    for x, y, rows, name, color, symbol in (
        (ranks[kept], distances[kept], ids[kept], found, TRUE_NEIGHBOR, "circle"),
        (ranks[~kept], distances[~kept], ids[~kept], "true and missed", MISSED, "x"),
        (
            wrong + 1,
            far[wrong],
            answered[wrong],
            "found instead",
            FOUND,
            "circle-open",
        ),
    ):
        if len(rows):
            figure.add_scatter(
                x=x,
                y=y,
                mode="markers",
                marker={
                    "color": color,
                    "size": 9,
                    "symbol": symbol,
                    "line": {"width": 2, "color": color},
                },
                text=plain_texts(names[rows]),
                customdata=rows,
                hovertemplate="%{text}<br>row %{customdata}, rank %{x}, distance %{y:.5g}"
                f"<extra>{name}</extra>",
                name=name,
            )
    step = {"dtick": 1} if len(ids) <= EVERY_RANK else {}
    figure.update_xaxes(title="rank", range=[0.5, len(ids) + 0.5], **step)
    figure.update_yaxes(title=f"{metric.replace('_', ' ')} distance to the item")
    return figure


def place_on_map(
    coordinates: npt.NDArray[np.float32],
    drawn: npt.NDArray[np.int64],
    item: int,
    near: npt.NDArray[np.int64],
    names: npt.NDArray[np.str_],
    *,
    dark: bool = False,
    height: int = 420,
) -> go.Figure:
    """One item (a ring) and its true neighbors over the rows `drawn` of a map (n, 2)."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=True))
    for rows, name, marker in (
        (drawn, "items", {"color": tone.other, "size": 3, "opacity": 0.5}),
        (near, "true neighbors", {"color": TRUE_NEIGHBOR, "size": 8}),
        (
            np.array([item]),
            "the item",
            {
                "color": tone.text,
                "size": 13,
                "symbol": "circle-open",
                "line": {"width": 3, "color": tone.text},
            },
        ),
    ):
        figure.add_scatter(
            x=coordinates[rows, 0],
            y=coordinates[rows, 1],
            mode="markers",
            marker=marker,
            text=plain_texts(names[rows]),
            customdata=rows,
            hovertemplate="%{text}<br>row %{customdata}<extra></extra>",
            name=name,
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure
