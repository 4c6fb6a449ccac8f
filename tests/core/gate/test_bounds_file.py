"""Bounds: what a file may say, what it may not, in which words, and back again."""

from pathlib import Path

import pytest

from core.errors import ParameterError
from core.gate import (
    Bounds,
    DataSettings,
    DuplicatesBound,
    FarBound,
    IndexSettings,
    LostBound,
    MemoryBound,
    MissingBound,
    NormDriftBound,
    OpisBound,
    PairSettings,
    QuerySettings,
    RecallBound,
    ServedBound,
    TarBound,
    bounds_text,
    parse_bounds,
    read_bounds,
)
from core.gate.bounds import KINDS, SETTINGS, setting_names

DOCS = Path(__file__).resolve().parents[3] / "docs" / "gate.md"
EVERY = Bounds(
    (
        RecallBound(k=10, ef=64, at_least=0.95),
        RecallBound(k=1, ef=10, at_least=0.9, counts="lower_end"),
        ServedBound(k=10, ef=64, recall=0.9, at_least=0.99, counts="lower_end"),
        LostBound(ef=40, at_most=3),
        MissingBound(at_most=0),
        MemoryBound(at_most_mb=12.5),
        DuplicatesBound(at_most=1),
        NormDriftBound(reference="old.npy", at_most=0.02),
        FarBound(threshold=0.4, at_most=0.01, unit="cosine distance", counts="upper_end"),
        TarBound(threshold=0.6, at_least=0.9),
        OpisBound(at_most=0.03, counts="upper_end"),
    ),
    DataSettings(vectors="embedding", label="kind", metadata="table.tsv", drop_bad_rows=True),
    IndexSettings(metric="euclidean", m=8, ef_construction=100, seed=7, rebuilds=5),
    QuerySettings(source="index", size=500, seed=2),
    PairSettings(rows=6000, seed=1, singletons="drop"),
)


def test_every_bound_and_setting_is_read_as_it_was_written() -> None:
    assert {type(each) for each in EVERY.bounds} == set(KINDS.values())
    text = bounds_text(EVERY, ["A sentence.", "Two\nlines \u202e."])
    assert parse_bounds(text) == EVERY
    assert text.startswith("# A sentence.\n# Two lines [U+202E].\n\nversion = 1\n")
    assert text.count("[[recall_at_k]]") == 2
    assert "[lost_items]\nef = 40\nat_most = 3\n" in text


def test_what_is_usual_is_not_written() -> None:
    few = Bounds((LostBound(ef=40, at_most=0),))
    assert bounds_text(few) == "version = 1\n\n[lost_items]\nef = 40\nat_most = 0\n"


NAMES = ['"', "\\", '\\"]\n[opis]', "a\tb\r\n", "\x00\x7f\u202e", "#", "'''", "\U000e0001 \u65e5"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_column_comes_back(name: str) -> None:
    bounds = Bounds((OpisBound(at_most=0.1),), DataSettings(label=name))
    assert parse_bounds(bounds_text(bounds)) == bounds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There must be at least one bound: one of recall_at_k, served_queries,"),
        ("[lost_itms]", "A bounds file has no table named 'lost_itms'. Near it: lost_items"),
        (
            "[recall_at_k]\nk = 1\nef = 9\natleast = 1",
            "[recall_at_k] has no setting named 'atleast'. Near it: at_least. It takes k, ef, "
            "at_least, counts.",
        ),
        ("[recall_at_k]\nk = 10", "[recall_at_k] must state ef and at_least."),
        ("[recall_at_k]\nk = 10\nef = 9\nat_least = 1", "ef must be at least k = 10"),
        ("[recall_at_k]\nk = 1\nef = 9\nat_least = 95", "at_least must be a share between 0 and"),
        (
            '[recall_at_k]\nk = 1\nef = 9\nat_least = 1\ncounts = "low"',
            "counts must be one of mean, lower_end; got 'low'.",
        ),
        ("[lost_items]\nef = true\nat_most = 1", "ef must be a whole number"),
        ("[lost_items]\nef = 4\nat_most = -1", "at_most must be a whole number of at least 0"),
        ("[[opis]]\nat_most = 1\n[[opis]]\nat_most = nan", "[[opis]] number 2: at_most must be a"),
        ("opis = 3", "opis must be a table, as in [opis] with a line for each setting; got 3."),
        ("version = 2\n[opis]\nat_most = 1", "version must be 1, the form of bounds that this"),
        ("[opis\nat_most = 1", "This is no TOML: "),
        ("[opis]\nat_most = 1\n[index]\nM = 4", "[index] has no setting named 'M'. It takes metr"),
        ("[opis]\nat_most = 1\n[index]\nm = 1", "[index]: m must be between 2 and 512; got 1."),
        ("[opis]\nat_most = 1\n[index]\nrebuilds = 1", "rebuilds must be 0 or at least 2, for one"),
        ('[opis]\nat_most = 1\n[index]\nmetric = "l2"', "metric must be one of cosine, euclidean"),
        ("[opis]\nat_most = 1\n[data]\nlabel = 3", "[data]: label must be a text; got 3."),
        ("[opis]\nat_most = 1\n[data]\ndrop_bad_rows = 1", "drop_bad_rows must be true or false"),
        ('[norm_drift]\nreference = ""\nat_most = 1', "reference must be the path of a file"),
        ("[far]\nthreshold = nan\nat_most = 1", "[far]: threshold must be a finite number; got"),
        ("[memory]\nat_most_mb = 0", "at_most_mb must be a finite number above 0; got 0."),
    ],
)
def test_a_wrong_file_is_named_in_words(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ParameterError) as raised:
        read_bounds(path)
    assert str(raised.value).startswith("mine.toml: ")
    assert said in str(raised.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"^no\.toml could not be read: No such file"):
        read_bounds(tmp_path / "no.toml")
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ParameterError, match=r"^a\.toml is no TOML: it is not UTF-8\.$"):
        read_bounds(path)
    path.write_text("a = " + "[" * 50_000)
    with pytest.raises(ParameterError, match=r"^a\.toml: This is no bounds file: it is nested too"):
        read_bounds(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ParameterError, match=r"^a\.toml is no bounds file: it is over 1 MB\.$"):
        read_bounds(path)


def test_the_documentation_has_every_bound_and_setting() -> None:
    text = DOCS.read_text("utf-8")
    for kind, of in (*KINDS.items(), *SETTINGS.items()):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{kind}` |"))
        for name in setting_names(of):
            assert f"`{name}`" in row, (kind, name)
