"""The README's library example runs, and what it names exists."""

import re
from pathlib import Path

import pytest

from core.data import SUPPORTED_ENDINGS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(example.strip().splitlines()) <= 12
    exec(compile(example, "README.md", "exec"), {})
    curve, served, ids = capsys.readouterr().out.splitlines()
    assert curve.count("np.float64") == 5
    assert 0.5 < float(served) <= 1
    assert ids.startswith("[[")


def test_every_format_page_and_target_is_named() -> None:
    for ending in SUPPORTED_ENDINGS:
        assert f"`{ending}`" in TEXT
    for page in ("Data", "Map", "Neighbours", "Layers", "Recall", "Thresholds"):
        assert f"| {page} |" in TEXT
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_settings_exist() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("core/data/*.py"))
    for name in re.findall(r"NEARFIELD_\w+", TEXT):
        assert name in sources
