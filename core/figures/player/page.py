"""The player of searches: its code for the browser, and a page of its own to take away."""

import base64
from functools import cache
from html import escape
from pathlib import Path

from core.figures.theme import ALONE, surface
from core.figures.webgl.scripts import shared_script
from core.visible import visible

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = (
    "reading",
    "camera",
    "painter",
    "stack",
    "replay",
    "marks",
    "words",
    "distances",
    "names",
    "legend",
    "link",
    "view",
    "player",
    "mount",
)


@cache
def player_script() -> str:
    """JavaScript that defines `keepScene(bytes)` and `mountPlayer(element, bytes, picked)`."""
    own = [(FOLDER / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    return "\n".join([shared_script("payload", "theme", "program", "orbit"), *own])


@cache
def player_style() -> str:
    """CSS of the player; `--nf-border`, `--nf-accent` and `--nf-page` are the page's to set."""
    return (FOLDER / "viewer.css").read_text("utf-8")


def player_page(
    scene: bytes, replay: bytes, *, title: str, words: str = "", dark: bool = False
) -> str:
    """A self-contained HTML page that plays the searches; it loads nothing from any server."""
    tone = surface(dark)
    return PAGE.format(
        title=escape(visible(title)),
        words=escape(visible(words)),
        policy=ALONE,
        style=player_style(),
        script=player_script(),
        text=tone.text,
        page=tone.page,
        border=tone.grid,
        scene=base64.b64encode(scene).decode("ascii"),
        replay=base64.b64encode(replay).decode("ascii"),
    )


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
body {{ margin: 24px; font: 15px/1.45 "Source Sans", "Source Sans Pro", sans-serif;
  color: {text}; background: {page}; }}
h1 {{ font-size: 20px; margin: 0 0 6px; }}
.nf {{ --nf-border: {border}; --nf-accent: #0072B2; --nf-page: {page}; }}
{style}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{words}</p>
<div id="player"></div>
<script type="module">
{script}
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
keepScene(bytes("{scene}"));
mountPlayer(document.getElementById("player"), bytes("{replay}"), () => {{}});
</script>
</body>
</html>
"""
