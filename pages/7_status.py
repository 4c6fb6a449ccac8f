"""Runs the router where a server's first request is for this page (see `pages/__init__.py`)."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"))
