"""The histograms' element: its code for the browser, and what it is told."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.filters import Filter
from core.data.histograms import Histogram
from core.visible import visible

FOLDER = Path(__file__).with_name("scripts")
TITLE_AT_MOST, NAME_AT_MOST = 60, 80  # letters


@cache
def histograms_script() -> str:
    """JavaScript of the element; it sends `done`, what was brushed, clicked or cleared."""
    return (FOLDER / "histograms.js").read_text("utf-8")


@cache
def histograms_style() -> str:
    """CSS of the element."""
    return (FOLDER / "histograms.css").read_text("utf-8")


def histograms_content(
    histograms: Sequence[Histogram],
    counts: Sequence[npt.NDArray[np.int64]],
    filters: Sequence[Filter],
) -> list[dict[str, Any]]:
    """What the element draws of each column.

    counts: (b + 1,) of each histogram, of the rows that the filters of other columns leave.
    """
    by_column = {each.column: each for each in filters}
    return [
        _content(each, left, by_column.get(each.column))
        for each, left in zip(histograms, counts, strict=True)
    ]


def _content(
    histogram: Histogram, left: npt.NDArray[np.int64], own: Filter | None
) -> dict[str, Any]:
    span = histogram.span(own)
    return {
        "title": visible(histogram.column[:TITLE_AT_MOST]),
        "kind": histogram.kind,
        "names": [visible(name[:NAME_AT_MOST]) for name in histogram.names],
        "all": histogram.counts().tolist(),
        "left": left.tolist(),
        "chosen": histogram.chosen(own),
        "span": None if span is None else list(span),
        "filtered": own is not None,
    }
