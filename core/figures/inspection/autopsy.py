"""What became of every true neighbor, and how far ef would have to grow for those missed."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, VISITED, layout, surface
from core.index.reaching import NONE_REACHES
from core.studies.inspection.autopsy import FATES, TIE, Autopsy

FATE_COLORS = {
    "found": TRUE_NEIGHBOR,
    "unreachable": MISSED,
    "never visited": MISSED,
    "visited and evicted": VISITED,
}
FATE_PATTERNS = {"never visited": "/"}
EF_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000)


def fate_totals(autopsy: Autopsy, *, dark: bool = False, height: int = 250) -> go.Figure:
    """The true neighbors of all queries by their fate, as one bar; the legend gives each count."""
    tone, total = surface(dark), int(autopsy.counts.sum())
    figure = go.Figure(layout=layout(dark=dark, height=height, barmode="stack", bargap=0.4))
    figure.update_layout(legend_traceorder="normal", margin_r=20)
    for fate, count in zip(FATES, autopsy.counts.tolist(), strict=True):
        share = _percent(count, total)
        figure.add_bar(
            x=[share],
            y=[""],
            orientation="h",
            name=f"{fate} {count:,} ({share:.3g} %)",
            marker={
                "color": FATE_COLORS.get(fate, tone.other),
                "pattern": {
                    "shape": FATE_PATTERNS.get(fate, ""),
                    "fillmode": "overlay",
                    "fgcolor": tone.page,
                },
                "line": {"width": 0},
            },
            hovertemplate=f"{fate}: {count:,} of {total:,}, {share:.3g} %<extra></extra>",
        )
    figure.update_xaxes(title=f"share of {total:,} true neighbors, %", range=[0, 100], dtick=25)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    return figure


def smallest_ef_of_missed(autopsy: Autopsy, *, dark: bool = False, height: int = 320) -> go.Figure:
    """Share of the missed true neighbors that a search returns as ef grows beyond its value.

    Ties are no misses here. The line ends at ef_max; what is then left is written beside it.
    """
    missed = autopsy.smallest_ef[autopsy.fate > TIE]
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=False))
    figure.update_yaxes(title="returned, % of those missed", range=[-4, 104])
    ends = np.log10([autopsy.ef * 0.95, max(autopsy.ef_max, autopsy.ef + 1) * 1.05])
    figure.update_xaxes(
        title="ef (beam width)",
        type="log",
        tickvals=EF_TICKS,
        ticktext=[f"{ef:,}" for ef in EF_TICKS],
        range=ends.tolist(),
    )
    if missed.size == 0:
        words = f"no true neighbor is missed at ef {autopsy.ef:,}"
        return figure.add_annotation(x=0.5, y=50, xref="paper", text=words, showarrow=False)
    # Among rows exactly as near, one that a smaller ef returned may be missed at this one.
    some = np.maximum(missed[missed != NONE_REACHES], autopsy.ef)
    efs, counts = np.unique(some, return_counts=True)
    returned = np.concatenate([[0], np.cumsum(counts)])
    shares = _percent(np.append(returned, returned[-1]), missed.size)
    figure.add_scatter(
        x=np.concatenate([[autopsy.ef], efs, [autopsy.ef_max]]),
        y=shares,
        customdata=np.append(returned, returned[-1]),
        mode="lines",
        line={"color": FOUND, "width": 2, "shape": "hv"},
        hovertemplate=f"ef %{{x:,}} returns %{{customdata:,}} of {missed.size:,}, %{{y:.3g}} %"
        "<extra></extra>",
    )
    left = missed.size - int(returned[-1])
    return figure.add_annotation(
        x=1,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        text=f"never returned up to ef {autopsy.ef_max:,}: {left:,} of {missed.size:,} "
        f"({_percent(left, missed.size):.3g} %)",
        showarrow=False,
    )


def _percent(part: Any, whole: int) -> Any:
    """100 part / whole, 0 where there is no whole."""
    return 100.0 * part / max(1, whole)
