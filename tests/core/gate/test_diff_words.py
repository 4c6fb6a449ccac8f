"""What two indexes differ in, in words, tables and JSON, from a result by hand; the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.gate import diff_words
from core.index import HnswParams
from core.metrics import rank_biased_overlap
from core.studies import DiffNoise, IndexDiff, LayerLinks
from core.studies.inspection.index_diff import GONE, LEFT, NEW, REASONS
from pages import launch
from tests.core.gate.made import cut_off, graph_of, vectors, write

LABELS = np.array([10, 11, 12, 13])
NONE = np.empty(0, np.int64)
DIFF = IndexDiff(
    k=2,
    ef=64,
    before=3,
    after=3,
    lost=np.array([12]),
    gained=np.array([13]),
    changed=NONE,
    links=(LayerLinks(0, 8, 7, 6, 7), LayerLinks(1, 2, 2, 2, 2)),
    asked=None,
    rows=None,
    labels=LABELS,
    first=np.array([[0, 2], [0, 1], [1, 2]]),
    second=np.array([[0, 3], [0, 1], [1, -1]]),
    first_distances=np.zeros((3, 2)),
    second_distances=np.array([[0, 0], [0, 0], [0, np.nan]]),
    reasons=np.array([[name in ones for name in REASONS] for ones in ((GONE, NEW), (), (LEFT,))]),
)
SAME = replace(
    DIFF,
    lost=NONE,
    gained=NONE,
    second=DIFF.first,
    links=(LayerLinks(0, 8, 8, 8, 8),),
    reasons=np.zeros((3, 6), bool),
)


def test_the_answer_counts_what_moved() -> None:
    overlap = rank_biased_overlap(DIFF.first, DIFF.second)
    assert diff_words.answer(DIFF) == (
        "2 of 3 queries (66.7 %) have another top 2 at ef 64, mean rank-biased overlap "
        f"{(overlap[0] + 1 + overlap[2]) / 3:.4f}; items: 1 gained, 1 lost, 0 with another vector; "
        "75 % of the links of layer 0 kept."
    )
    assert diff_words.answer(DIFF, "Inside rebuild noise.").endswith("kept. Inside rebuild noise.")
    assert diff_words.answer(SAME) == (
        "The two indexes are the same: 3 items, their vectors and links, and the answers to 3 "
        "queries at ef 64."
    )
    rewired = replace(SAME, links=(LayerLinks(0, 8, 8, 8, 8), LayerLinks(1, 2, 2, 1, 2)))
    assert diff_words.answer(rewired) == (
        "No query of 3 has another top 2 at ef 64; the same 3 items; the same links on layer 0, "
        "others above."
    )
    alone = replace(DIFF, links=(LayerLinks(0, 0, 7, 0, 0),))
    assert diff_words.links(alone) == "no link to keep"


def test_rebuild_noise_is_told_with_both_sizes() -> None:
    mean, params = DIFF.rank_overlap.mean(), HnswParams(m=8, ef_construction=50)
    alike = np.tile(mean + np.array([[-0.01], [0.0], [0.01]]), 3)
    inside = DiffNoise(params, (1, 2, 3), True, 2, 64, alike)
    half = inside.change(DIFF).half_width
    usual = (
        f"the answers of two builds of this setting overlap by {mean:.4f}, give or take {half:.4f}"
    )
    assert diff_words.noise(DIFF, inside) == f"Inside rebuild noise: {usual}."
    beyond = replace(inside, overlap=alike + 0.2 + half)
    assert diff_words.noise(DIFF, beyond).startswith("Beyond rebuild noise, less alike: the answer")
    assert diff_words.noise(SAME, beyond).startswith("Beyond rebuild noise, less alike: the answer")
    same = replace(inside, overlap=alike - 0.1 - half)
    assert diff_words.noise(DIFF, same).startswith("Beyond rebuild noise, more alike: the answer")
    assert "3 rebuilds of M 8, ef_construction 50 with other seeds, each in a random order" in (
        diff_words.noise_basis(inside)
    )
    told = json.loads(diff_words.json_text(DIFF, "a", "b", beyond))["rebuild_noise"]
    assert told["beyond"] is True
    assert (told["rebuilds"], told["half_width"]) == (3, beyond.change(DIFF).half_width)


def test_each_reason_has_a_sentence() -> None:
    assert DIFF.counts == {GONE: 1, LEFT: 1}
    assert diff_words.reasons(DIFF) == (
        f"item gone, 1 query: {REASONS[GONE]}.",
        f"no longer reached, 1 query: {REASONS[LEFT]}.",
    )
    assert diff_words.reasons(SAME) == ()


def test_the_tables_have_what_moved_farthest_first() -> None:
    moved = diff_words.moved_table(DIFF, lambda label: f"item {label}")
    assert moved["query"].tolist() == ["query 0", "query 2"]
    assert moved["rank-biased overlap"].is_monotonic_increasing
    assert moved["overlap"].tolist() == [0.5, 0.5]
    assert moved["reason"].tolist() == [GONE, LEFT]
    assert moved["left"].tolist() == ["item 12", "item 12"]
    assert moved["entered"].tolist() == ["item 13", ""]
    assert len(diff_words.moved_table(DIFF, most=1)) == 1
    own = diff_words.moved_table(replace(DIFF, asked=LABELS[:3]))
    assert own["query"].tolist() == ["10", "12"]
    assert diff_words.item_table(DIFF).to_numpy().tolist() == [["12", "lost"], ["13", "gained"]]
    layers = diff_words.layer_table(DIFF)
    assert layers["kept share"].tolist() == [0.75, 1.0]
    assert layers["between items of both"].tolist() == [7, 2]


def test_json_holds_counts_of_all_and_lists_of_some() -> None:
    made = json.loads(diff_words.json_text(DIFF, "a.bin", "b.bin"))
    assert (made["schema"], made["same"]) == ("nearfield-diff/1", False)
    assert made["items"]["lost"] == {"count": 1, "labels": [12]}
    assert made["links"][0] == {"layer": 0, "before": 8, "after": 7, "kept": 6, "possible": 7}
    assert made["queries"]["reasons"] == {GONE: 1, LEFT: 1}
    assert [each["left"] for each in made["queries"]["listed"]] == ["12", "12"]


def test_the_command_compares_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = graph_of(vectors())
    a, b = write(graph, tmp_path / "a.bin"), write(cut_off(graph), tmp_path / "b.bin")
    given = ["diff", str(a), str(b), "--metric=cosine", "--ef=600"]
    assert launch.main([*given, f"--json={tmp_path / 'diff.json'}"]) == 1
    out = capsys.readouterr().out
    assert "queries" in out.splitlines()[0]
    assert "  no longer reached, " in out
    made = json.loads((tmp_path / "diff.json").read_text())
    assert set(made["queries"]["reasons"]) == {LEFT}
    assert launch.main([*given[:2], str(a), "--metric=cosine"]) == 0
    assert capsys.readouterr().out.startswith("The two indexes are the same: 600 items")
    np.save(tmp_path / "q.npy", vectors(5))
    assert launch.main([*given, f"--queries={tmp_path / 'q.npy'}", "--rebuilds=2"]) in (0, 1)
    first = capsys.readouterr().out.splitlines()[0]
    assert "of 5" in first
    assert "rebuild noise" in first


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "a.bin: the file does not state its metric. Pass --metric cosine"),
        (["--metric=cosine", "--k=99", "--ef=9"], "ef must be between"),
        (["--metric=cosine", "--queries=none.npy"], "none.npy"),
        (["--metric=cosine", "--rebuilds=1"], "rebuilds must be between 2 and 100; got 1."),
        (["--metric=cosine", "--json=no/such/place"], "No such file or directory."),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(write(graph_of(vectors(50)), tmp_path / "a.bin"))
    assert launch.main(["diff", file, file, *more]) == 2
    error = capsys.readouterr().err
    assert error.startswith("nearfield: ")
    assert said in error
    assert error.count("\n") == 1
