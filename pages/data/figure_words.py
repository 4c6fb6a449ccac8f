"""What the Data page says of the figures of a space: each with a reason, and the sample's value."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.studies import NeighborFigures, SpreadFigures
from pages.ui.display.text import count, number, percent

SAMPLE: Mapping[str, float] = {
    # Of the WordNet sample by cosine; a test measures them again.
    "TwoNN dimension": 15.16,
    "LID": 23.3,
    "PCA dimension, 99 %": 312,
    "participation ratio": 132.9,
    "effective rank": 205.8,
    "matrix entropy": 0.8952,
    "hubness": 1.485,
    "mean cosine": 0.06882,
    "partition score": 0.5931,
    "IsoScore": 0.3443,
    "coding rate": 158.9,
    "coding rate reduction": 53.21,
}


@dataclass(frozen=True)
class Line:
    """One figure: its name, value in words, the sample's, why it matters, and its source."""

    name: str
    value: str
    sample: str
    why: str


WHY = {
    "TwoNN dimension": "The dimension of the surface that the vectors lie on; the higher, the more "
    "neighbors look alike and the larger ef must be "
    "([Facco et al. 2017](https://doi.org/10.1038/s41598-017-11873-y)).",
    "LID": "The dimension around one item; where it is high, searches are hard "
    "([Levina & Bickel 2004](https://papers.nips.cc/paper/2004/hash/"
    "74934548253bcab8490ebd74afed7031-Abstract.html), k = 20).",
    "PCA dimension, 99 %": "Directions that a rotation would need to keep 99 % of the variance: "
    "how far vectors can be shortened.",
    "participation ratio": "How many directions share the variance; far below the dimensions, a "
    "few decide all distances ([Gao et al. 2017](https://doi.org/10.1101/214262)).",
    "effective rank": "Directions in use once every item has the same length "
    "([Roy & Vetterli 2007](https://infoscience.epfl.ch/handle/20.500.14299/10842); "
    "[Wei et al. 2024](https://arxiv.org/abs/2401.17139)).",
    "matrix entropy": "Its logarithm as a share of the most there could be: near 0 the model has "
    "collapsed, near 1 it fills its dimensions ([Wei et al. 2024]"
    "(https://arxiv.org/abs/2401.17139)).",
    "hubness": "Skewness of how often items are neighbors: above 1 a few hubs take many places of "
    "the lists ([Radovanovic et al. 2010](https://www.jmlr.org/papers/v11/radovanovic10a.html)).",
    "mean cosine": "Of all pairs: 0 for directions spread evenly; near 1 all vectors point the "
    "same way, and thresholds have little room "
    "([Ethayarajh 2019](https://arxiv.org/abs/1909.00512)).",
    "partition score": "Whether any direction is preferred, 1 if none; long vectors lower it, so "
    "compare only sets of like lengths ([Mu & Viswanath 2018](https://arxiv.org/abs/1702.01417)).",
    "IsoScore": "How evenly the dimensions are used: k of d alike give (k - 1) / (d - 1) "
    "([Rudman et al. 2022](https://arxiv.org/abs/2108.07344)).",
    "coding rate": "Nats that a vector takes at precision 0.5: the volume of the space; compare "
    "models of the same dimension ([Yu et al. 2020](https://arxiv.org/abs/2006.08558)).",
    "coding rate reduction": "What knowing the classes saves: large where classes keep to small "
    "parts of a large space ([Yu et al. 2020](https://arxiv.org/abs/2006.08558)).",
}


def values(spread: SpreadFigures | None, near: NeighborFigures | None) -> dict[str, float]:
    """All figures that are there, by name, in the order of `WHY`."""
    found: dict[str, float] = {}
    if near is not None:
        found |= {
            "TwoNN dimension": near.two_nn,
            "LID": near.lid,
            "hubness": near.hubness,
        }
    if spread is not None:
        found |= {
            "PCA dimension, 99 %": spread.pca_99,
            "participation ratio": spread.participation_ratio,
            "effective rank": spread.effective_rank,
            "matrix entropy": spread.matrix_entropy,
            "mean cosine": spread.mean_cosine,
            "partition score": spread.partition_score,
            "IsoScore": spread.iso_score,
            "coding rate": spread.coding_rate,
        }
        if not np.isnan(spread.coding_reduction):  # there are classes
            found["coding rate reduction"] = spread.coding_reduction
    return {name: found[name] for name in WHY if name in found}


def lines(spread: SpreadFigures | None, near: NeighborFigures | None) -> list[Line]:
    """A line for each figure that is there."""
    said = {name: number(value) for name, value in values(spread, near).items()}
    if near is not None:
        if np.isfinite(near.two_nn):
            said["TwoNN dimension"] += f" ± {number(near.two_nn_half_width, 2)}"
        if np.isfinite(near.lid):
            said["LID"] += f", half of the items {number(near.lid_low)} to {number(near.lid_high)}"
        said["hubness"] += f"; one item is in {count(near.largest, 'list')}"
    return [Line(name, said[name], number(SAMPLE[name]), WHY[name]) for name in said]


def block(line: Line) -> str:
    """One line in Markdown: the value in bold, the sample's beside it, the reason below."""
    return f"**{line.name}: {line.value}** (sample: {line.sample})  \n{line.why}"


def as_rows(spread: SpreadFigures | None, near: NeighborFigures | None) -> pd.DataFrame:
    """The figures as rows of a file."""
    found = values(spread, near)
    sample = [SAMPLE[name] for name in found]
    return pd.DataFrame({"figure": found.keys(), "value": found.values(), "WordNet sample": sample})


def dimension(near: NeighborFigures, dim: int) -> str:
    """The sentence under the line of TwoNN."""
    fit = near.fit
    if not np.isfinite(near.two_nn):
        return "TwoNN is not defined: too few items have two neighbors at different distances."
    copies = f" {count(fit.left_out, 'item has', 'items have')} a copy and no ratio." * (
        fit.left_out > 0
    )
    line = f"slope of the line {number(fit.dimension)}, which explains {percent(fit.r_squared)}"
    if fit.r_squared < STRAIGHT or abs(np.log(fit.dimension / near.two_nn)) > np.log(ALIKE):
        return (
            f"TwoNN gives {number(near.two_nn)} for vectors of {count(dim, 'dimension')}, but the "
            f"points bend off the line ({line}): one dimension does not describe this data, as "
            f"where near copies, hubs or several kinds of items are mixed.{copies}"
        )
    return (
        f"The vectors have {count(dim, 'dimension')}, and lie on a surface of about "
        f"{number(near.two_nn)}: the points lie on a line ({line}).{copies}"
    )


STRAIGHT = 0.98  # of the squares, explained by the line
ALIKE = 1.25  # times: the slope and the estimate by likelihood are then one


def basis(near: NeighborFigures, lengths: str) -> str:
    """What the figures from neighbor lists rest on."""
    drawn = (
        f"in lists of {near.rows:,} of {near.n:,} rows drawn with seed 0"
        if near.rows < near.n
        else f"in the lists of all {near.n:,} rows"
    )
    return (
        f"TwoNN and LID from {lengths}, hubness (k = {near.hub_k}) {drawn}; ± is the 95 % "
        "interval. The other figures are of all rows. The sample is WordNet by MiniLM, by cosine."
    )
