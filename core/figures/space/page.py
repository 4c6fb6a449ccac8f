"""The map's element: its code for the browser."""

from functools import cache
from pathlib import Path

from core.figures.webgl.scripts import shared_script

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = (
    "store",
    "camera",
    "deep_camera",
    "cloud",
    "deep_cloud",
    "twins",
    "points",
    "raster",
    "marks",
    "names",
    "legend",
    "area",
    "gestures",
    "around",
    "tree",
    "svg",
    "export",
    "tools",
    "wearing",
    "map",
)


@cache
def map_script() -> str:
    """JavaScript that defines `mountMap(element, key, send)`."""
    own = [(FOLDER / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    return "\n".join([shared_script("payload", "theme", "program", "orbit"), *own])


@cache
def map_style() -> str:
    """CSS of the map; `--nf-border`, `--nf-accent` and `--nf-page` are the page's to set."""
    return (FOLDER / "map.css").read_text("utf-8")
