"""The player of insertions: its code for the browser."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("scripts")
SHARED = Path(__file__).parents[1] / "player" / "scripts"
BORROWED = ("payload", "theme", "distances")  # numbers in words, colors, ticks of an axis
SCRIPTS = ("pen", "around", "ranks", "rule", "level", "insertion")


@cache
def insertion_script() -> str:
    """JavaScript that defines `mountInsertion(element, payload)`."""
    files = [SHARED / f"{name}.js" for name in BORROWED] + [
        FOLDER / f"{name}.js" for name in SCRIPTS
    ]
    return "\n".join(file.read_text("utf-8") for file in files)


@cache
def insertion_style() -> str:
    """CSS of the player; `--nf-border`, `--nf-accent` and `--nf-page` are the page's to set."""
    return (SHARED / "viewer.css").read_text("utf-8") + (FOLDER / "insertion.css").read_text(
        "utf-8"
    )
