"""Names of regions by the labels that are commonest in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.projection.regions_parts import Part

PURE = 0.6  # share of one label from which it alone is the name


@dataclass(frozen=True)
class LabelName:
    """name: what a region is called, "" where it has no labels or is called as the one around it.

    leading: the commonest label, "" without one.
    """

    name: str
    leading: str


def label_names(
    parts: Sequence[Part],
    of: npt.NDArray[np.int64],
    codes: npt.NDArray[np.integer[Any]],
    names: Sequence[str],
) -> list[LabelName]:
    """For each part its commonest label with its share ("noun.animal 83 %"), or the two commonest.

    parts: at least one. of: (n,) the hill of each point. codes: (n,) into `names`, negative for a
    missing label, which counts for nothing. One label is the name where it has 60 % of the labeled
    points or is the only one; of equally common ones the lower code leads. A part in a part of the
    same labels has no name: nothing sets it apart.
    """
    known = codes >= 0
    table = np.zeros((len(parts[0].hills), len(names)), np.int64)
    np.add.at(table, (of[known], codes[known]), 1)
    leading: list[tuple[str, ...]] = []
    found = []
    for part in parts:
        counts = table[part.hills].sum(axis=0)
        order = [each for each in np.argsort(-counts, kind="stable")[:2].tolist() if counts[each]]
        share = counts[order[0]] / counts.sum() if order else 0.0
        alone = len(order) == 1 or share >= PURE
        labels = tuple(names[each] for each in (order[:1] if alone else order))
        same = part.parent >= 0 and set(labels) == set(leading[part.parent])
        name = f"{labels[0]} {100 * share:.0f} %" if len(labels) == 1 else ", ".join(labels)
        leading.append(labels)
        found.append(LabelName("" if same or not labels else name, labels[0] if labels else ""))
    return found
