"""The player of insertions: its code for the browser."""

from functools import cache
from pathlib import Path

from core.figures.webgl.scripts import shared_script

FOLDER = Path(__file__).with_name("scripts")
SHARED = Path(__file__).parents[1] / "player" / "scripts"
BORROWED = ("distances",)  # ticks of an axis
SCRIPTS = ("pen", "around", "ranks", "rule", "level", "insertion")


@cache
def insertion_script() -> str:
    """JavaScript that defines `mountInsertion(element, payload)`."""
    files = [SHARED / f"{name}.js" for name in BORROWED] + [
        FOLDER / f"{name}.js" for name in SCRIPTS
    ]
    own = [file.read_text("utf-8") for file in files]
    return "\n".join([shared_script("payload", "theme"), *own])


@cache
def insertion_style() -> str:
    """CSS of the player; `--nf-border`, `--nf-accent` and `--nf-page` are the page's to set."""
    return (SHARED / "viewer.css").read_text("utf-8") + (FOLDER / "insertion.css").read_text(
        "utf-8"
    )
