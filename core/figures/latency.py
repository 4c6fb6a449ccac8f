"""Measured latency and throughput of hnswlib."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.errors import ParameterError
from core.figures.axes import log_ticks
from core.figures.theme import FOUND, class_styles, layout, surface
from core.index import Latency

APART = 0.04  # of the width, from one named point to the next
ROOM = 1.3  # beyond the highest and the lowest point
MARGIN = 0.1  # of the width, for the name of the last point


def latency_vs_ef(latency: Latency, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Milliseconds of a single query at each measured ef: median, 95th and 99th percentile.

    Bars on the median: the distance between the quartiles of the rounds' medians.
    """
    figure = go.Figure(layout=layout(dark=dark, height=height))
    half = latency.p50_ms * latency.spread / 2
    noise = {"type": "data", "array": half, "thickness": 1.5, "width": 4}
    for values, name, dash, bars in (
        (latency.p99_ms, "99 % within", "dot", None),
        (latency.p95_ms, "95 % within", "dash", None),
        (latency.p50_ms, "half within", "solid", noise),
    ):
        figure.add_scatter(
            x=latency.ef,
            y=values,
            error_y=bars,
            mode="lines+markers",
            name=name,
            line={"color": FOUND, "dash": dash, "width": 2},
            customdata=100 * latency.spread,
            hovertemplate="%{y:.3g} ms at ef %{x:,}"
            + ("<br>rounds differ by %{customdata:.2g} %" if bars else "")
            + f"<extra>{name}</extra>",
        )
    ticks = latency.ef.tolist()
    figure.update_xaxes(
        title="ef (beam width)", type="log", tickvals=ticks, ticktext=[f"{ef:,}" for ef in ticks]
    )
    figure.update_yaxes(
        title="time of a single query, ms",
        type="log",
        **log_ticks(float(latency.p50_ms.min()) / ROOM, float(latency.p99_ms.max()) * ROOM),
    )
    return figure


def qps_vs_recall(
    latency: Latency,
    recall: npt.NDArray[np.float64],
    *,
    target: float,
    dark: bool = False,
    height: int = 400,
) -> go.Figure:
    """Queries per second at the measured ef against mean recall there (e,), the target as a line.

    The points of the fastest way are named by their ef, as far as the names have room.
    """
    if np.shape(recall) != latency.ef.shape:
        raise ParameterError(
            f"recall must hold the mean recall at each of the {len(latency.ef)} values of ef that "
            f"were measured; got shape {np.shape(recall)}."
        )
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    ways = _ways(latency)
    fastest = max(ways, key=lambda name: float(ways[name].max()))
    for (name, qps), (color, _) in zip(ways.items(), class_styles(len(ways)), strict=True):
        figure.add_scatter(
            x=recall,
            y=qps,
            mode="lines+markers+text" if name == fastest else "lines+markers",
            text=_names(latency.ef, recall) if name == fastest else None,
            textposition="top right",
            textfont={"color": tone.muted, "size": 11},
            cliponaxis=False,
            name=name,
            line={"color": color, "width": 2},
            customdata=latency.ef,
            hovertemplate="%{y:,.0f} queries per s at recall %{x:.4f}<br>ef %{customdata:,}"
            f"<extra>{name}</extra>",
        )
    figure.add_vline(x=target, line={"color": tone.muted, "width": 1, "dash": "dash"})
    figure.update_xaxes(title=f"mean recall@{latency.k}", range=_recall_range(recall, target))
    ends = _range(ways)
    figure.update_yaxes(
        title="queries per second", type="log", range=ends, **log_ticks(*(10**end for end in ends))
    )
    return figure


def _ways(latency: Latency) -> dict[str, npt.NDArray[np.float64]]:
    """Queries per second by name; the threads only where there are several to be seen."""
    ways = {
        "one by one, one thread": latency.single_qps,
        "all in one call, one thread": latency.batch_qps,
    }
    if latency.threads > 1 and np.isfinite(latency.threads_qps).all():
        ways[f"all in one call, {latency.threads:,} threads"] = latency.threads_qps
    return ways


def _names(efs: npt.NDArray[np.int64], recall: npt.NDArray[np.float64]) -> list[str]:
    """ "ef 10" and so on; none for a point too near to the last that has a name."""
    names, last = [], -np.inf
    for ef, place in zip(efs.tolist(), recall.tolist(), strict=True):
        room = place - last > APART * np.ptp(recall)
        names.append(f"ef {ef:,}" if room else "")
        last = place if room else last
    return names


def _recall_range(recall: npt.NDArray[np.float64], target: float) -> list[float]:
    """Where all points and the target lie, with room for names to the right."""
    low, high = min(float(recall.min()), target), max(float(recall.max()), target)
    margin = MARGIN * (high - low or 1.0)
    return [low - margin / 3, high + margin]


def _range(ways: dict[str, npt.NDArray[np.float64]]) -> list[float]:
    """The decimal logarithms between which all points lie, with room for names above."""
    values = np.concatenate(list(ways.values()))
    ends = values.min() / ROOM, values.max() * ROOM
    return [float(end) for end in np.log10(ends)]
