"""CSV for spreadsheets: no cell runs, numbers stay numbers, our reader says what was guarded."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import read_embeddings
from core.data.sheets import any_runs, csv_text, guarded_cell, is_guarded, runs

FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "-",
    "--help",
)
KEPT = ("", "a=b", " =1", "-5", "+3.5", "-1e-3", "-.5", "word", "'tis", "0108")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded(text: str) -> None:
    assert guarded_cell(text) == f"'{text}"
    assert any_runs(["a", text])
    assert is_guarded(f"'{text}")


@pytest.mark.parametrize("text", KEPT)
def test_all_else_is_kept(text: str) -> None:
    assert guarded_cell(text) == text
    assert not any_runs(["a", text])
    assert not is_guarded(text)


@given(st.lists(st.text(alphabet="'=+-@a1.\t\n", max_size=6), unique=True))
def test_no_two_texts_become_the_same(texts: list[str]) -> None:
    guarded = [guarded_cell(text) for text in texts]
    assert len(set(guarded)) == len(texts)
    assert not any(map(runs, [cell for cell in guarded if not cell.startswith("'")]))


def test_a_table() -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=1", None, 'a "quoted", -1'],
            "n": [-1, 2, -3],
            "kind": pd.Categorical(["@x", "b", "@x"]),
            "when": pd.to_datetime(["2020-01-01"] * 3),
            "mixed": [-1.5, "-2+3", np.nan],
        }
    )
    rows = list(csv.reader(io.StringIO(csv_text(frame))))
    assert rows == [
        ["'=name", "n", "kind", "when", "mixed"],
        ["'=1", "-1", "'@x", "2020-01-01", "-1.5"],
        ["", "2", "b", "2020-01-01", "'-2+3"],
        ['a "quoted", -1', "-3", "'@x", "2020-01-01", ""],
    ]
    assert frame["=name"].tolist()[0] == "=1"  # the frame is not changed


def test_names_of_columns_that_are_no_texts_or_twice_the_same() -> None:
    frame = pd.DataFrame([[1, "=2"], [3, "=4"]], columns=["a", "a"])
    assert csv_text(frame) == "a,a\n1,'=2\n3,'=4\n"
    assert csv_text(pd.DataFrame(index=range(2))).strip('"\n') == ""


def test_our_reader_keeps_the_guard_and_says_so() -> None:
    frame = pd.DataFrame(
        {"x0": [1.0, 2.0, 3.0], "x1": [-0.5, 0.0, 1.0], "word": ["=a", "plain", "-b"]}
    )
    found = read_embeddings(csv_text(frame).encode(), name="words.csv")
    assert found.vectors.tolist() == [[1.0, -0.5], [2.0, 0.0], [3.0, 1.0]]
    assert found.metadata["word"].tolist() == ["'=a", "plain", "'-b"]
    said = "2 cells begin with ' before =, +, - or @, as files for spreadsheets do: kept"
    assert said in found.notes
    frame["word"] = ["a", "plain", "-5"]
    again = read_embeddings(csv_text(frame).encode(), name="words.csv")
    assert again.metadata["word"].tolist() == ["a", "plain", "-5"]
    assert not [note for note in again.notes if "begin" in note]
