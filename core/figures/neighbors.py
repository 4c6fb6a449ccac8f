"""One item's neighbors: their distance by rank, found or missed."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, plain_texts, surface
from core.index import Neighbors

EVERY_RANK = 12  # up to so many ranks, each has its tick


def distance_by_rank(
    exact: Neighbors,
    found_ids: npt.NDArray[np.int64],
    found_distances: npt.NDArray[np.float64],
    names: npt.NDArray[np.str_],
    metric: str,
    *,
    dark: bool = False,
    height: int = 420,
) -> go.Figure:
    """Distance of the true neighbors (1, k) by rank, and of what the index answered (k,).

    A missed neighbor is crossed; a row that the index gave in its place stands as a blue ring.
    """
    tone = surface(dark)
    ids, distances = exact.ids[0], exact.distances[0]
    ranks = np.arange(1, len(ids) + 1)
    kept = np.isin(ids, found_ids)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.add_scatter(
        x=ranks,
        y=distances,
        mode="lines",
        line={"color": tone.other, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    wrong = np.flatnonzero((found_ids >= 0) & ~np.isin(found_ids, ids))
    for x, y, rows, name, color, symbol in (
        (ranks[kept], distances[kept], ids[kept], "true and found", TRUE_NEIGHBOR, "circle"),
        (ranks[~kept], distances[~kept], ids[~kept], "true and missed", MISSED, "x"),
        (
            wrong + 1,
            found_distances[wrong],
            found_ids[wrong],
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
