"""What is said of an index: each sentence, word by word."""

from dataclasses import replace

import numpy as np
import pytest

from core.engines import Setting
from core.index import HnswGraph, HnswParams, build_hnsw, read_index
from core.studies import Diagnosis, row_changes
from pages.recall import export, sentences
from pages.ui.display import index_words
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, usearch_bytes

ROWS = np.random.default_rng(7).normal(size=(120, 6)).astype(np.float32)
PARAMS = HnswParams("euclidean", m=5, ef_construction=70, seed=9)
BUILT = build_hnsw(ROWS, PARAMS)


def of_usearch(dtype: str = "f32") -> HnswGraph:
    return replace(read_index(usearch_bytes(ROWS, dtype=dtype)), source="usearch file")


def test_settings_of_each_source() -> None:
    assert index_words.settings(PARAMS, None) == "M 5, ef_construction 70, seed 9"
    graph = of_usearch()
    words = index_words.settings(PARAMS, graph)
    assert words == "usearch file: M 4, ef_construction not in the file"
    rest = "seed, threads, insertion order, build time"
    assert index_words.not_in_file(graph) == f"not in the file: {rest}"
    faiss = read_index(faiss_bytes(ROWS))
    assert index_words.settings(PARAMS, faiss).endswith("IndexHNSWFlat: M 4, ef_construction 30")
    ours = read_index(hnswlib_bytes(ROWS), metric="euclidean")
    assert index_words.settings(PARAMS, ours) == "hnswlib file: M 4, ef_construction 30"
    assert index_words.not_in_file(ours) == f"not in the file: metric (as you said), {rest}"


def test_memory_is_that_of_hnswlib_where_the_index_is_its_own() -> None:
    # Of each of 120 rows 4 + 8 x 5 + 4 x 6 + 8 bytes on layer 0 and 4 for the size of its upper
    # links, for each layer above 4 + 4 x 5, and 96 bytes of header.
    total = 96 + 120 * (76 + 4) + 24 * int(BUILT.levels.sum())
    assert index_words.memory(BUILT) == f", {total / 1000:.3g} kB in hnswlib"
    ours = read_index(hnswlib_bytes(ROWS), metric="euclidean")
    assert index_words.memory(ours).endswith("kB in hnswlib")
    assert index_words.memory(of_usearch()) == ""
    assert index_words.memory(read_index(faiss_bytes(ROWS))) == ""
    assert index_words.memory(replace(BUILT, codes="PQ 2 x 8 bit")) == ""


def test_values_for_other_programs() -> None:
    unknown = dict.fromkeys(("seed", "threads", "insertion_order"), "not in the file")
    graph = of_usearch()
    assert index_words.values(PARAMS, graph, graph) == {
        "source": "usearch file",
        "metric": "euclidean",
        "metric_from": "the file",
        "m": 4,
        "ef_construction": "not in the file",
        **unknown,
        "codes": None,
        "transform": None,
    }
    ours = read_index(hnswlib_bytes(ROWS), metric="euclidean")
    assert index_words.values(PARAMS, ours, ours) == {
        "source": "hnswlib file",
        "metric": "euclidean",
        "metric_from": "the user",
        "m": 4,
        "ef_construction": 30,
        **unknown,
        "codes": None,
        "transform": None,
    }
    assert index_words.values(PARAMS, BUILT, None) == {
        "source": "built by hnswlib",
        "metric": "euclidean",
        "metric_from": "the settings",
        "m": 5,
        "ef_construction": 70,
        "seed": 9,
        "threads": 1,
        "insertion_order": "by row",
        "codes": None,
        "transform": None,
    }


def test_what_an_index_is_built_with_instead() -> None:
    ours = read_index(hnswlib_bytes(ROWS), metric="euclidean")
    assert index_words.rebuilding(PARAMS, ours) == (
        "What is built here is built by hnswlib with M 5, ef_construction 70 and seed 9 unless "
        "another value is chosen. Seed, threads and order of insertion of the index that was "
        "opened are not in the file."
    )
    assert (
        "ef_construction 70 (not in the file: hnswlib's default) and seed 9"
    ) in index_words.rebuilding(PARAMS, of_usearch())


def changed(count: int) -> np.ndarray:
    """The first rows twice as long: they differ by half of the longer one's length."""
    rows = ROWS.copy()
    rows[:count] *= 2
    return rows


@pytest.mark.parametrize(
    ("count", "which"),
    [(1, "id 0"), (3, "ids 0, 1, 2"), (5, "ids 0, 1, 2, 3, 4"), (58, "ids 0, 1, 2, 3, 4, ...")],
)
def test_rows_that_differ(count: int, which: str) -> None:
    found = row_changes(BUILT, changed(count))
    assert index_words.changes(found, BUILT, "words") == (
        f"{count} of 120 rows of the index hold other vectors than the loaded data words ({which}):"
        " they differ by up to 50 % of their length, and rounding explains 0.0100 %. Searches "
        "compare with the index's vectors, and true neighbors are those of the data, so recall and "
        "every figure made from both mix the two."
    )


def test_rows_that_differ_are_named_by_label_and_rounding_by_kind() -> None:
    half = of_usearch("f16")
    graph = replace(half, labels=half.labels + 1_000)
    words = index_words.changes(row_changes(graph, changed(1)), graph, "words")
    assert "(id 1000)" in words
    assert "rounding to float16 explains 0.0588 %" in words  # 0.01 % and 2^-11
    same = row_changes(graph, ROWS)
    assert index_words.changes(same, graph, "words") == ""


def test_no_row_the_same() -> None:
    assert index_words.none_the_same(1, "words").startswith("None of the 1 row of the index")
    assert index_words.none_the_same(1200, "words") == (
        "None of the 1,200 rows of the index whose ids are row numbers of words holds that row's "
        "vector, so the index's own vectors are the data now. To keep the data and build an index "
        "of it, go back in the browser."
    )


SETTING = Setting("cosine", 1000, 64, 16, 200, 10, 40, 0.98765, 500)


def test_the_setting_in_a_sentence() -> None:
    assert export.answer(SETTING) == (
        "M 16, ef_construction 200 and ef 40, written for the system you use."
    )
    assert export.answer(replace(SETTING, ef_construction=None)) == (
        "M 16 and ef 40, written for the system you use; the index's ef_construction is not in "
        "the file."
    )


SOUND = Diagnosis(5000, 0, 500, 0, 512, 1.0, is_flat=False, reached=True)


def test_the_diagnosis_in_a_sentence() -> None:
    assert sentences.diagnosis(SOUND) == ""
    assert sentences.diagnosis(replace(SOUND, unreachable=110)) == (
        "110 of 5,000 items (2.20 %) cannot be reached by any search, whatever its ef; the census "
        "names them, and why."
    )
    worst = replace(
        SOUND, unreachable=2550, not_found=60, final_recall=0.672, is_flat=True, reached=False
    )
    assert sentences.diagnosis(worst) == (
        "This is a broken graph, not a small beam: 2,550 of 5,000 items (51 %) cannot be reached "
        "by any search; 60 of 500 items searched for by their own vector could be reached and are "
        "not found at ef 512; recall stays at 0.672 (ties counted) however large ef grows. A "
        "larger ef will not help; the census names the items that are lost, and why."
    )
    told = (
        "This is a broken graph, not a small beam: recall stays at 0.672 (ties counted) however "
        "large ef grows. A larger ef will not help; the census names the items that are lost, and "
        "why."
    )
    assert sentences.diagnosis(worst, said=True) == told
    assert sentences.diagnosis(replace(worst, reached=True), said=True) == ""
    assert sentences.diagnosis(replace(SOUND, unreachable=110), said=True) == ""
    stuck = sentences.diagnosis(replace(worst, unreachable=100, not_found=3))
    assert stuck.startswith("This is a broken graph, not a small beam: recall stays at 0.672")


def test_no_setting_is_recommended_for_a_broken_graph() -> None:
    assert export.refusal(SOUND) == ""
    assert export.refusal(replace(SOUND, unreachable=110)) == ""
    assert export.refusal(replace(SOUND, unreachable=250, not_found=25)) == (
        "No ef is recommended for this index, because it is broken: 250 of 5,000 items (5 %) "
        "cannot be reached by any search; 25 of 500 items searched for by their own vector could "
        "be reached and are not found at ef 512. A larger ef will not help."
    )
    stuck = replace(SOUND, final_recall=0.75, is_flat=True, reached=False)
    assert export.refusal(stuck) == (
        "No ef is recommended for this index, because it is broken: recall stays at 0.750 (ties "
        "counted) however large ef grows. A larger ef will not help."
    )
