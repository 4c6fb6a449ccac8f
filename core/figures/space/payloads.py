"""What the map's element is sent, each part once: places, colors, and which points are shown.

A place takes 2 bytes an axis and point, a color 1, a mask 1 bit. Each part is named by its content,
and the overlay names the parts that it is drawn over, so that another color sends no places again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.figures.map import OTHER, Classes, Values
from core.figures.space.palette import CLASSES_AT_MOST, SHADES, class_palette, number_scale
from core.figures.theme import surface
from core.figures.webgl.grid import on_grid
from core.figures.webgl.packed import pack
from core.visible import visible

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NO_VALUE = SHADES
TICKS = 5
FEW_VALUES = 20  # up to here none is an outlier


@dataclass(frozen=True)
class Sent:
    """A payload and the name by which the overlay refers to it."""

    name: str
    content: bytes


def geometry(coordinates: Floats, rows: Rows | None = None) -> Sent:
    """Places of the rows drawn, on 65,536 steps along each side of a square or cube about them.

    coordinates: (n, 2 or 3) of every row. rows: (m,) of those drawn, ascending; None for all, which
    need no ids.
    """
    grid = on_grid(coordinates if rows is None else coordinates[rows])
    arrays: dict[str, npt.NDArray[Any]] = {"places": grid.places.ravel()}
    if rows is not None:
        arrays["rows"] = rows.astype("u4")
    count, axes = grid.places.shape
    meta = {"axes": axes, "corner": grid.corner, "side": grid.side, "count": count}
    return _sent(meta, arrays)


def paint(colors: Classes | Values | None, n: int, rows: Rows | None = None) -> Sent:
    """One byte a drawn point, the palettes that it points into, and the legend.

    Without colors all points have the first of the palette, and their count is sent in place of
    bytes. n: rows of the data. More than 50 classes are the 50 commonest and "other".
    """
    if colors is None:
        return _plain(n if rows is None else len(rows))
    if isinstance(colors, Classes):
        codes, palettes, legend = _by_class(colors, rows)
    else:
        codes, palettes, legend = _by_value(colors, rows)
    light, dark = palettes[False], palettes[True]
    return _sent({"light": light, "dark": dark, "legend": legend}, {"codes": codes})


def masks(shown: Mask | None, selected: Mask | None, rows: Rows | None = None) -> Sent:
    """One bit a drawn point, low bits first; a mask that is None is left out.

    shown: (n,) rows that a filter keeps. selected: (n,) rows that stay bright.
    """
    given = {"shown": shown, "selected": selected}
    arrays: dict[str, npt.NDArray[Any]] = {
        name: np.packbits(mask if rows is None else mask[rows], bitorder="little")
        for name, mask in given.items()
        if mask is not None
    }
    return _sent({}, arrays)


def _sent(meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Sent:
    name = hashlib.blake2b(pack(meta, arrays), digest_size=8).hexdigest()
    return Sent(name, pack({**meta, "id": name}, arrays))


def _plain(count: int) -> Sent:
    light, dark = ([surface(dark).muted] for dark in (False, True))
    legend = {"kind": "none", "title": "", "entries": []}
    return _sent({"light": light, "dark": dark, "legend": legend, "count": count}, {})


_Painted = tuple[npt.NDArray[np.uint8], dict[bool, list[str]], dict[str, Any]]


def _by_class(colors: Classes, rows: Rows | None) -> _Painted:
    counts = np.bincount(colors.codes[colors.codes != OTHER], minlength=len(colors.names))
    kept = np.arange(len(colors.names))
    if len(kept) > CLASSES_AT_MOST:
        kept = np.argsort(-counts, kind="stable")[:CLASSES_AT_MOST]
    place = np.full(len(colors.names) + 1, len(kept), dtype=np.uint8)
    place[kept] = np.arange(len(kept))
    codes = place[colors.codes if rows is None else colors.codes[rows]]
    others = len(colors.codes) - int(counts[kept].sum())
    names = [(visible(colors.names[code]), int(counts[code])) for code in kept.tolist()]
    entries = [{"code": code, "name": name, "count": n} for code, (name, n) in enumerate(names)]
    if others:
        entries.append({"code": len(kept), "name": "other", "count": others})
    palette = list(class_palette(len(kept)))
    palettes = {dark: [*palette, surface(dark).other] for dark in (False, True)}
    return codes, palettes, {"kind": "classes", "title": visible(colors.title), "entries": entries}


def _by_value(colors: Values, rows: Rows | None) -> _Painted:
    values = np.asarray(colors.values, dtype=np.float64)
    known = np.isfinite(values)
    palettes = {dark: [*number_scale(dark=dark), surface(dark).other] for dark in (False, True)}
    codes = np.full(len(values), NO_VALUE, dtype=np.uint8)
    ticks: list[tuple[float, str]] = []
    if known.any():
        low, high = _ends(values[known], all_values=bool(colors.ticks))
        share = np.clip((values[known] - low) / ((high - low) or 1.0), 0, 1)
        codes[known] = np.rint(share * (SHADES - 1)).astype(np.uint8)
        told = colors.ticks or tuple((at, f"{at:.3g}") for at in np.linspace(low, high, TICKS))
        ticks = [((at - low) / ((high - low) or 1.0), words) for at, words in told]
        ticks = [(round(float(at), 4), words) for at, words in ticks if 0 <= at <= 1]
    without = int((~known).sum())
    entries = [{"code": NO_VALUE, "name": "no value", "count": without}] if without else []
    legend = {"kind": "scale", "title": visible(colors.title), "entries": entries, "ticks": ticks}
    return codes if rows is None else codes[rows], palettes, legend


def _ends(values: npt.NDArray[np.float64], *, all_values: bool) -> tuple[float, float]:
    """The values that the scale reaches from and to: beyond are outliers, where there are many."""
    few = all_values or len(np.unique(values[: 100 * FEW_VALUES])) <= FEW_VALUES
    low, high = np.percentile(values, [0, 100] if few else [1, 99])
    return float(low), float(high)
