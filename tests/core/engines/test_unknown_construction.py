"""A setting whose ef_construction is not in the index's file: no recipe shows it as measured."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.engines import ENGINES, Setting
from tests.core.engines.test_recipes_libraries import run

SETTING = Setting("cosine", 20_000, 64, 24, 180, 7, 45, 0.98765, 500)
UNKNOWN = replace(SETTING, ef_construction=None)
# As each recipe's own comments cite it.
DEFAULTS = {
    "Elasticsearch": 100,
    "faiss": 40,
    "hnswlib": 200,
    "LanceDB": 300,
    "Milvus": 360,
    "OpenSearch": 100,
    "pgvector": 64,
    "Qdrant": 100,
    "Redis": 200,
    "usearch": 128,
    "Weaviate": 128,
}
SENTENCE = (
    "The ef_construction of the measured index is not known: it is not in the file. {name}'s "
    "default is {default}; the value below follows it, and what it gives was not measured."
)


def comments(code: str) -> str:
    """The comments of a recipe as one text."""
    lines = (line.strip() for line in code.splitlines())
    return " ".join(line.lstrip("#- ") for line in lines if line.startswith(("#", "--")))


def without_sentence(code: str) -> str:
    """The recipe without the lines of the sentence, which begin and end with it."""
    lines = code.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if "The ef_construction of the" in line)
    last = next(i for i in range(first, len(lines)) if lines[i].rstrip().endswith("measured."))
    return "".join(lines[:first] + lines[last + 1 :])


def test_every_system_is_here() -> None:
    assert set(DEFAULTS) == set(ENGINES)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DEFAULTS)
def test_the_default_is_written_and_said_not_to_be_measured(name: str, metric: Metric) -> None:
    default = DEFAULTS[name]
    found = ENGINES[name](replace(UNKNOWN, metric=metric))
    assert SENTENCE.format(name=name, default=default) in comments(found.code)
    assert (
        f"The ef_construction of the measured index is not in the file. {name}'s default of "
        f"{default} was taken, and what it gives was not measured."
    ) in found.warnings
    known = ENGINES[name](replace(SETTING, metric=metric, ef_construction=default))
    # But for that sentence the recipe is that of an index built with the default.
    assert without_sentence(found.code) == known.code
    assert max(map(len, found.code.splitlines())) <= 100


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_known_value_is_written_without_a_word(name: str) -> None:
    found = ENGINES[name](SETTING)
    assert "not known" not in found.code
    assert re.search(r"\b180\b", found.code)
    assert not any("not in the file" in warning for warning in found.warnings)


def test_a_default_that_a_system_does_not_take_at_this_m_is_raised() -> None:
    found = ENGINES["pgvector"](replace(UNKNOWN, m=48))
    assert "ef_construction = 96" in found.code
    assert any("from 96 to 1,000; 64 became 96" in warning for warning in found.warnings)


@pytest.mark.parametrize("name", ["hnswlib", "faiss", "usearch"])
def test_the_libraries_run_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).normal(size=(1200, 64)).astype(np.float32)
    left = run(ENGINES[name](UNKNOWN), vectors, tmp_path, monkeypatch)
    index = left["index"]
    built = {
        "hnswlib": lambda: index.ef_construction,
        "faiss": lambda: index.hnsw.efConstruction,
        "usearch": lambda: index.expansion_add,
    }
    assert built[name]() == DEFAULTS[name]
