"""Scripts that several elements begin with: payloads, colors of a theme, WebGL programs."""

from pathlib import Path

FOLDER = Path(__file__).with_name("shared")


def shared_script(*names: str) -> str:
    """The named files of the folder `shared`, one after the other."""
    return "\n".join((FOLDER / f"{name}.js").read_text("utf-8") for name in names)
