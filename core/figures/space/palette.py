"""Colors of classes and of numbers on the map, none of them near those of the neighbors.

Classes take the colors that are farthest from each other in CIELAB, chosen one after the other (as
in Glasbey et al. 2007, Color displays for categorical images, Color Research and Application 32).
The first nine are as far apart as they can be also for protanopes and deuteranopes, by the matrices
of Machado, Oliveira and Fernandes (2009, A physiologically-based model for simulation of color
vision deficiency, IEEE TVCG 15). Numbers take Cividis (Nuñez, Anderton and Renslow 2018, PLoS ONE
13), from blue over gray to yellow, which looks the same to all.
"""

from functools import cache
from itertools import product

import numpy as np
from plotly.colors import sequential

from core.distances import Float64s
from core.figures.theme import MISSED, TRUE_NEIGHBOR

CLASSES_AT_MOST = 50
SHADES = 254  # of a scale of numbers
FALSE_NEIGHBOR = MISSED
ROLES = (TRUE_NEIGHBOR, "#E69F00", FALSE_NEIGHBOR)
APART_FROM_ROLES = 27.0  # in CIELAB
FIRST = "#0072B2"
SAFE = 9  # classes that color-blind eyes tell apart
LIGHTNESS = (42.0, 78.0)  # readable on white and on black
GREENS = (100.0, 200.0)  # hue angles in CIELAB that the first colors leave to the neighbors
LEAST_CHROMA = 24.0  # less is gray, the color of "other"
STEP = 15  # between candidates, of 255
CVD_SHARE = 1.7  # from the tenth color on a distance to color-blind eyes counts so many times
SCALE_ENDS = {False: (0.0, 0.93), True: (0.22, 1.0)}  # of Cividis, by dark
_PROTAN = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
_DEUTAN = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.01182, 0.04294, 0.968881),
)
_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.072175),
        (0.0193339, 0.119192, 0.9503041))  # fmt: skip
_WHITE = (0.95047, 1.0, 1.08883)


@cache
def class_palette(count: int) -> tuple[str, ...]:
    """`count` colors, at most 50; the first ones are the same for any count."""
    colors = _candidates()
    eyes = [_lab(colors), *(_lab(seen) for seen in _seen_by_color_blind(colors))]
    start = int(np.argmin(np.abs(colors - _rgb([FIRST])).sum(axis=1)))
    chosen = [start]
    nearest = [_distance(eye, eye[start]) for eye in eyes]
    hue = np.degrees(np.arctan2(eyes[0][:, 2], eyes[0][:, 1])) % 360
    green = (hue > GREENS[0]) & (hue < GREENS[1])
    while len(chosen) < min(count, CLASSES_AT_MOST):
        weight = 1.0 if len(chosen) < SAFE else CVD_SHARE
        apart = np.minimum(nearest[0], weight * np.minimum(nearest[1], nearest[2]))
        if len(chosen) < SAFE:
            apart[green] = 0
        best = int(np.argmax(apart))
        chosen.append(best)
        nearest = [
            np.minimum(near, _distance(eye, eye[best]))
            for near, eye in zip(nearest, eyes, strict=True)
        ]
    return tuple(_hex(colors[each]) for each in chosen[:count])


@cache
def number_scale(*, dark: bool) -> tuple[str, ...]:
    """254 colors from low to high; without the end that is as light or dark as the page."""
    stops = _rgb([_hex(_of_words(stop)) for stop in sequential.Cividis]).astype(np.float64)
    low, high = SCALE_ENDS[dark]
    at = np.linspace(low, high, SHADES) * (len(stops) - 1)
    channels = [np.interp(at, np.arange(len(stops)), channel) for channel in stops.T]
    return tuple(_hex(color) for color in np.rint(np.column_stack(channels)))


def lab(colors: list[str]) -> Float64s:
    """(c, 3) CIELAB coordinates of colors "#rrggbb", under D65."""
    return _lab(_rgb(colors))


def _candidates() -> Float64s:
    steps = np.arange(0, 256, STEP, dtype=np.float64)
    colors = np.array([*product(steps, repeat=3), _rgb([FIRST])[0]])
    places = _lab(colors)
    lightness, chroma = places[:, 0], np.hypot(places[:, 1], places[:, 2])
    fits = (lightness >= LIGHTNESS[0]) & (lightness <= LIGHTNESS[1]) & (chroma >= LEAST_CHROMA)
    for role in lab(list(ROLES)):
        fits &= _distance(places, role) >= APART_FROM_ROLES
    return colors[fits]


def _seen_by_color_blind(colors: Float64s) -> list[Float64s]:
    """The colors as a protanope and as a deuteranope sees them."""
    linear = _linear(colors)
    return [_encoded(linear @ np.array(matrix).T) for matrix in (_PROTAN, _DEUTAN)]


def _lab(colors: Float64s) -> Float64s:
    relative = _linear(colors) @ np.array(_XYZ).T / np.array(_WHITE)
    cube = np.cbrt(relative)
    bent = np.where(relative > (6 / 29) ** 3, cube, relative / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _linear(colors: Float64s) -> Float64s:
    share = np.asarray(colors, dtype=np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _encoded(linear: Float64s) -> Float64s:
    share = np.clip(linear, 0, 1)
    low = 12.92 * share
    return np.asarray(255 * np.where(share <= 0.0031308, low, 1.055 * share ** (1 / 2.4) - 0.055))


def _distance(places: Float64s, place: Float64s) -> Float64s:
    return np.asarray(np.linalg.norm(places - place, axis=1))


def _rgb(colors: list[str]) -> Float64s:
    return np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors], float)


def _hex(color: Float64s) -> str:
    return "#" + "".join(f"{round(float(part)):02x}" for part in color)


def _of_words(color: str) -> Float64s:
    """Plotly writes some scales as "rgb(r, g, b)", others as "#rrggbb"."""
    if color.startswith("#"):
        return np.asarray(_rgb([color])[0])
    return np.array([float(part) for part in color.removeprefix("rgb(").rstrip(")").split(",")])
