"""The README's library example runs, and what it names exists."""

import re
from pathlib import Path

import hnswlib
import numpy as np
import pytest

from core.data import SUPPORTED_ENDINGS, load_sample
from core.limits import (
    ACCESS,
    API,
    API_TOKEN,
    CLUSTER_FOLDER,
    ENCODER,
    FOLDERS,
    FRAME_ANCESTORS,
    HOSTS,
    LIMITS,
    LOG,
    REMOTE_IMAGES,
    SCHEDULER,
    STORE,
    STORE_CACHE,
    URLS,
)
from core.metrics import count_pairs
from pages import PAGES

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_library_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = EXAMPLES[0]
    assert len(example.strip().splitlines()) <= 12
    exec(compile(example, "README.md", "exec"), {})
    curve, served, ids = capsys.readouterr().out.splitlines()
    assert curve.count("np.float64") == 5
    assert 0.5 < float(served) <= 1
    assert ids.startswith("[[")


def test_the_example_with_an_index_file_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = np.random.default_rng(0).normal(size=(500, 8)).astype(np.float32)
    index = hnswlib.Index(space="cosine", dim=8)
    index.init_index(max_elements=500, M=8)
    index.add_items(rows, np.arange(500))
    monkeypatch.chdir(tmp_path)
    index.save_index("index.bin")
    exec(compile(EXAMPLES[1], "README.md", "exec"), {})
    counted, causes, reciprocity = capsys.readouterr().out.splitlines()
    assert counted == "0 0.0"
    assert causes == "[]"
    assert 0 < float(reciprocity) < 1
    assert len(EXAMPLES) == 4


def test_the_example_of_a_study_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(EXAMPLES[2], "README.md", "exec"), {})
    apart, half, beyond = capsys.readouterr().out.split()
    assert beyond == str(abs(float(apart)) > float(half) > 0)


def test_the_example_of_files_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[3], "README.md", "exec"), {})
    data = load_sample("digits")
    assert data.labels is not None
    counts = count_pairs(data.vectors, data.labels).totals
    assert capsys.readouterr().out.split("\n")[:2] == ["(100, 10)", str(counts.n_impostor)]


def test_every_format_page_and_target_is_named() -> None:
    for ending in SUPPORTED_ENDINGS:
        assert f"`{ending}`" in TEXT
    for page in PAGES:
        assert f"| {page.title} |" in TEXT
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_settings_exist() -> None:
    others = {
        *ACCESS,
        API,
        API_TOKEN,
        CLUSTER_FOLDER,
        ENCODER,
        FOLDERS,
        FRAME_ANCESTORS,
        HOSTS,
        LOG,
        REMOTE_IMAGES,
        SCHEDULER,
        STORE,
        STORE_CACHE,
        URLS,
    }
    known = others | {limit.variable for limit in LIMITS}
    named = set(re.findall(r"NEARFIELD_\w+", TEXT))
    assert named == known
