"""The test to take away is run by pytest, on vectors that hold it and on vectors that do not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.metrics import count_pairs, opis_of_counts, point_at, point_at_far
from core.studies.thresholds.kept_test import Bounds, threshold_test

ROOT = Path(__file__).resolve().parents[4]
LABELS = np.repeat(np.arange(6), 15)
RANDOM = np.random.default_rng(17)
CENTERS = RANDOM.normal(size=(6, 8))


def drawn(noise: float | np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.asarray(CENTERS[LABELS] + random.normal(size=(90, 8)) * noise)


GOOD = drawn(0.5, 1)


def kept(**changed: str) -> str:
    counts = count_pairs(GOOD, LABELS)
    point = point_at_far(counts.totals, 0.05)
    assert point is not None
    bounds = Bounds(
        point.score, point.far + 0.05, point.tar - 0.15, opis_of_counts(counts).opis + 0.02
    )
    words = {
        "shown": 'cosine similarity >= "0.5"',
        "data": 'my """ data \\ \n set',
        "label": "kind of item",
        "over": "items",
        "file": "test_threshold.py",
    }
    return threshold_test(bounds, metric="cosine", **{**words, **changed})


def run(folder: Path, vectors: np.ndarray, text: str, label: str = "kind of item") -> str:
    """What pytest says of the file, on these vectors."""
    frame = pd.DataFrame(vectors, columns=[f"v{place}" for place in range(8)])
    frame[label] = [f"kind {code}" for code in LABELS]
    frame.to_parquet(folder / "vectors.parquet")
    (folder / "test_threshold.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_threshold.py"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NEARFIELD_VECTORS": "vectors.parquet",
            "NEARFIELD_LABEL": label,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_vectors_like_those_measured_pass(tmp_path: Path) -> None:
    assert "3 passed" in run(tmp_path, drawn(0.5, 2), kept())


def test_vectors_that_break_each_bound_fail(tmp_path: Path) -> None:
    # Classes 0 to 2 are so wide that few of their pairs pass; 3 to 5 lie in one place, so that all
    # 675 impostor pairs between them pass, of 3,375.
    broken = drawn(np.where(LABELS < 3, 3.0, 0.1)[:, None], 3)
    broken[LABELS > 3] = broken[LABELS == 3].repeat(2, axis=0)
    said = run(tmp_path, broken, kept())
    failed = re.findall(r"^FAILED test_threshold\.py::(\w+)", said, re.MULTILINE)
    assert failed == [
        "test_few_impostor_pairs_are_accepted",
        "test_most_genuine_pairs_are_accepted",
        "test_one_threshold_fits_all_classes",
    ]


def test_the_text_holds_the_bounds_in_full() -> None:
    counts = count_pairs(GOOD, LABELS)
    point = point_at_far(counts.totals, 0.05)
    assert point is not None
    text = kept()
    assert f"SCORE = {point.score!r}  #" in text
    assert f"MOST_FAR = {point.far + 0.05!r}\n" in text
    assert f"LEAST_TAR = {point.tar - 0.15!r}\n" in text
    assert point_at(counts.totals, point.score) == point
    names: dict[str, object] = {}
    exec(compile(text, "<kept>", "exec"), names)
    assert names["METRIC"] == "cosine"


def test_words_of_users_break_no_line() -> None:
    text = kept()
    assert text.count('"""') == 2
    assert "what Nearfield measured on my ''' data / set." in text
    assert "NEARFIELD_LABEL='kind of item' python -m pytest test_threshold.py" in text
    plain = kept(label="kind", data="words")
    assert "NEARFIELD_LABEL=kind python" in plain
    assert re.search(r"by drawing items\.\n", plain)


@pytest.mark.parametrize("word", ['"', '\\"', "{x}", "é\n", "'''"])
def test_any_name_leaves_a_file_that_compiles(word: str) -> None:
    compile(kept(data=word, label=word, shown=word), "<kept>", "exec")
