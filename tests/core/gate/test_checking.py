"""Checks: each figure against separate calls, its bound on both sides, and what cannot be."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wasserstein_distance

from core.data import EmbeddingSet
from core.errors import BadRowsError, ChoiceError, DataError, IndexFileError, ParameterError
from core.gate import (
    Bounds,
    Checked,
    DataSettings,
    DuplicatesBound,
    FarBound,
    IndexSettings,
    LostBound,
    MemoryBound,
    MissingBound,
    OpisBound,
    PairSettings,
    QuerySettings,
    RecallBound,
    ServedBound,
    TarBound,
    check,
    check_files,
    norm_drift,
)
from core.gate.bounds import Bound
from core.index import HnswGraph, HnswParams, ef_curve, exact_neighbors, hnswlib_bytes
from core.metrics import (
    bootstrap_interval,
    count_pairs,
    opis_of_counts,
    point_at,
    wilson_interval,
)
from core.studies import held_out_rows, hold_out, rebuild_spread
from tests.core.gate.made import cut_off, graph_of, vectors, write

ROWS = vectors()
QUERIES = vectors(40) + 0.01
LABELS = np.repeat(np.arange(20), 30)


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return graph_of(ROWS)


def labeled() -> EmbeddingSet:
    centers = np.random.default_rng(4).normal(size=(20, 8))
    kinds = pd.DataFrame({"kind": LABELS})
    rows = ROWS * 0.5 + centers[LABELS]
    return EmbeddingSet.from_arrays(rows, metadata=kinds, label_column="kind", name="kinds")


def one(bound: Bound, *args: object, **how: object) -> Checked:
    report = check(args[0], Bounds((bound,), **how.pop("settings", {})), **how)  # type: ignore
    return report.checks[0]


def test_recall_is_that_of_the_curve_of_held_out_rows() -> None:
    found = one(RecallBound(k=5, ef=7, at_least=0.5), ROWS)
    held = hold_out(ROWS, held_out_rows(600), HnswParams())
    truth = exact_neighbors(ROWS[held.kept], ROWS[held.rows], 5, metric="cosine")
    recall = ef_curve(held.graph, ROWS[held.rows], truth, ef_max=7).recall[:, -1]
    assert 0.8 < found.figure < 1
    assert found.figure == recall.mean()
    assert found.interval == tuple(map(float, bootstrap_interval(recall, resamples=200)))
    assert (found.items, found.of, found.passed) == (60, "held-out rows", True)


def test_the_mean_or_the_lower_end_counts() -> None:
    bound = RecallBound(k=5, ef=7, at_least=0.5)
    mean = one(bound, ROWS)
    low = mean.interval[0] if mean.interval else 0.0
    between = (mean.figure + low) / 2
    assert one(replace(bound, at_least=mean.figure), ROWS).passed
    assert one(replace(bound, at_least=between), ROWS).passed
    assert not one(replace(bound, at_least=between, counts="lower_end"), ROWS).passed
    assert one(replace(bound, at_least=low, counts="lower_end"), ROWS).passed
    assert not one(replace(bound, at_least=np.nextafter(mean.figure, 1)), ROWS).passed


def test_rebuilds_say_how_much_of_recall_is_chance() -> None:
    bound = RecallBound(k=5, ef=7, at_least=1)
    index = IndexSettings(m=6, ef_construction=20, rebuilds=2)
    report = check(ROWS, Bounds((bound,), index=index))
    held = hold_out(ROWS, held_out_rows(600), index.params("cosine"))
    queries = ROWS[held.rows]
    spread = rebuild_spread(
        ROWS[held.kept],
        index.params("cosine"),
        k=5,
        ef_max=7,
        rebuilds=2,
        query_vectors=queries,
    )
    assert report.checks[0].noise == spread.recall_noise[-1] > 0
    rows = check(ROWS, Bounds((bound,), index=index, queries=QuerySettings("index", 40)))
    assert rows.checks[0].noise
    own = check(ROWS, Bounds((bound,), index=index), index=graph_of(ROWS))
    assert own.checks[0].noise is None


def test_the_share_of_queries_that_are_served() -> None:
    bound = ServedBound(k=5, ef=7, recall=1.0, at_least=0.5)
    held = hold_out(ROWS, held_out_rows(600), HnswParams())
    truth = exact_neighbors(ROWS[held.kept], ROWS[held.rows], 5, metric="cosine")
    hits = ef_curve(held.graph, ROWS[held.rows], truth, ef_max=7).hits[:, -1]
    found = one(bound, ROWS)
    assert 0.5 < found.figure < 1
    assert found.figure == (hits >= 5).mean()
    assert found.interval == wilson_interval(found.figure, 60)
    assert one(replace(bound, at_least=found.figure), ROWS).passed
    assert not one(replace(bound, at_least=found.figure, counts="lower_end"), ROWS).passed
    assert "a share of " in found.sentence


def test_queries_that_are_given_search_the_index_of_all_rows(graph: HnswGraph) -> None:
    bound = RecallBound(k=3, ef=50, at_least=1)
    truth = exact_neighbors(ROWS, QUERIES, 3, metric="cosine")
    recall = ef_curve(graph, QUERIES, truth, ef_max=50).recall[:, -1].mean()
    given = one(bound, ROWS, queries=QUERIES)
    assert (given.figure, given.items, given.of) == (recall, 40, "given queries")
    own = EmbeddingSet.from_arrays(ROWS, queries=QUERIES, name="mine")
    assert one(bound, own).of == "queries of the data"
    report = check(ROWS, Bounds((bound,), queries=QuerySettings(size=9)), queries=QUERIES)
    assert report.checks[0].items == 9
    assert report.queries == "9 given queries of 40, drawn with seed 0"


def test_rows_of_an_index_file_are_left_out_of_their_own_answers(graph: HnswGraph) -> None:
    bounds = Bounds((RecallBound(k=1, ef=400, at_least=1),), queries=QuerySettings(size=50))
    report = check(graph, bounds, name="mine.bin")
    assert report.passed  # each row would find itself, and then its neighbor would be missed
    assert report.checks[0].items == 50
    assert report.queries.endswith("rows of an index flatter it")
    assert report.data == "mine.bin"


def test_a_source_of_queries_can_be_named(graph: HnswGraph) -> None:
    bound, own = (
        RecallBound(k=3, ef=50, at_least=0),
        EmbeddingSet.from_arrays(ROWS, queries=QUERIES, name="mine"),
    )
    sources = {"data": 40, "held_out": 60, "index": 600}
    for source, count in sources.items():
        settings = QuerySettings(source=source)  # type: ignore[arg-type]
        assert check(own, Bounds((bound,), queries=settings)).checks[0].items == count
    with pytest.raises(ParameterError, match="the data came with no queries"):
        check(ROWS, Bounds((bound,), queries=QuerySettings(source="data")))
    with pytest.raises(ParameterError, match="no row can be held out of an index that is there"):
        check(ROWS, Bounds((bound,), queries=QuerySettings(source="held_out")), index=graph)


def test_nodes_that_are_cut_off_are_lost_and_named(graph: HnswGraph) -> None:
    bound = LostBound(ef=40, at_most=0)
    assert one(bound, ROWS, index=graph).passed
    names = pd.DataFrame({"word": [f"w{row}" for row in range(600)]})
    data = EmbeddingSet.from_arrays(ROWS, metadata=names, name="mine")
    broken = one(bound, data, index=cut_off(graph))
    assert (broken.figure, broken.passed, broken.items) == (3.0, False, 600)
    assert broken.named == ("row 7: w7", "row 70: w70", "row 300: w300")
    assert "600 items of the index, 3 unreachable, 0 more not found by" in broken.sentence
    assert one(replace(bound, at_most=3), ROWS, index=cut_off(graph)).passed


def test_rows_that_an_index_lacks_or_holds_otherwise_are_missing(graph: HnswGraph) -> None:
    bound = MissingBound(at_most=0)
    assert one(bound, ROWS, index=graph).passed
    stale = ROWS.copy()
    stale[5] += 1
    more = np.concatenate([stale, ROWS[:2] + 1])
    gone = replace(graph, deleted=np.isin(np.arange(600), [9]))
    missing = one(bound, more, index=gone)
    assert missing.figure == 4
    assert missing.named == ("row 5", "row 9", "row 600", "row 601")
    with pytest.raises(ParameterError, match="compares an index file with the data"):
        one(bound, ROWS)


def test_duplicates_and_memory_are_counted(graph: HnswGraph) -> None:
    rows = np.concatenate([ROWS, ROWS[:2]])
    copies = one(DuplicatesBound(at_most=1), rows)
    assert (copies.figure, copies.named, copies.passed) == (2, ("row 600", "row 601"), False)
    size = hnswlib_bytes(graph) / 1e6
    assert one(MemoryBound(at_most_mb=size), ROWS).passed
    assert not one(MemoryBound(at_most_mb=size * 0.999), ROWS).passed


def test_norm_drift_is_wassersteins_distance() -> None:
    random = np.random.default_rng(1)
    ours, theirs = random.gamma(4, size=50), random.gamma(5, size=31)
    expected = wasserstein_distance(ours, theirs) / np.median(theirs)
    assert norm_drift(ours[:, None], -theirs[:, None]) == pytest.approx(expected)
    assert norm_drift(7 * ours[:, None], 7 * theirs[:, None]) == pytest.approx(expected)
    assert norm_drift(ours[:, None], ours[::-1, None]) == 0
    assert np.isnan(norm_drift(ours[:, None], 0 * theirs[:, None]))


def test_norm_drift_is_held_against_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "old.npy", ROWS)
    np.save(tmp_path / "new.npy", ROWS * 1.5)
    bounds = tmp_path / "b.toml"
    bounds.write_text('[norm_drift]\nreference = "old.npy"\nat_most = 0.4')
    found = check_files(tmp_path / "new.npy", bounds).checks[0]
    norms = np.linalg.norm(ROWS, axis=1)
    assert found.figure == pytest.approx(0.5 * norms.mean() / np.median(norms), rel=1e-6)
    assert not found.passed
    assert check_files(tmp_path / "old.npy", bounds).passed


def test_rates_at_a_threshold_in_any_unit() -> None:
    data, counts = labeled(), count_pairs(labeled().vectors, LABELS)
    point = point_at(counts.totals, 0.5)
    far = one(FarBound(threshold=0.5, at_most=point.far), data)
    assert (far.figure, far.items, far.passed) == (point.far, counts.totals.n_impostor, True)
    assert far.name == "FAR at cosine similarity >= 0.5"
    same = one(FarBound(threshold=0.5, at_most=1, unit="cosine distance"), data)
    assert same.figure == pytest.approx(far.figure)
    tar = one(TarBound(threshold=0.5, at_least=point.tar, counts="lower_end"), data)
    assert (tar.figure, tar.items) == (point.tar, counts.totals.n_genuine)
    assert not tar.passed
    assert tar.interval is not None
    assert tar.interval[0] < tar.figure < tar.interval[1]
    assert far.interval is not None
    assert not one(FarBound(threshold=0.5, at_most=point.far, counts="upper_end"), data).passed
    assert one(FarBound(threshold=0.5, at_most=far.interval[1], counts="upper_end"), data).passed


def test_opis_is_that_of_the_counted_pairs() -> None:
    data = labeled()
    score = opis_of_counts(count_pairs(data.vectors, LABELS)).opis
    found = one(OpisBound(at_most=score), data)
    assert (found.figure, found.items, found.passed) == (score, 20, True)
    assert not one(OpisBound(at_most=score, counts="upper_end"), data).passed
    some = check(data, Bounds((OpisBound(at_most=1),), pairs=PairSettings(rows=100)))
    assert "drawn from 600 with seed 0" in some.pairs


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: one(OpisBound(at_most=1), ROWS), "the data has no labels. Name their column"),
        (
            lambda: one(FarBound(threshold=1, at_most=1, unit="L2"), labeled()),
            "unit must be one of cosine similarity, cosine distance,",
        ),
        (
            lambda: one(LostBound(ef=9, at_most=0), ROWS[::-1].copy(), index=graph_of(ROWS[:99])),
            "No item of the index has the vector of the row",
        ),
        (
            lambda: one(MissingBound(at_most=0), graph_of(ROWS[:99]), index=graph_of(ROWS[:99])),
            "index is given twice",
        ),
    ],
)
def test_what_cannot_be_checked(made: Callable[[], Checked], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        made()


def test_a_figure_that_is_not_defined_breaks_its_bound() -> None:
    found = Checked(
        OpisBound(at_most=1), "OPIS", np.nan, None, 1, "at_most", np.nan, 0, "classes", "{figure}"
    )
    assert not found.passed
    assert "broken, nan is above it." in found.sentence


def test_files_of_every_kind_are_checked(graph: HnswGraph, tmp_path: Path) -> None:
    data, queries = tmp_path / "rows.npy", tmp_path / "queries.npy"
    np.save(data, ROWS)
    np.save(queries, QUERIES)
    file = write(graph, tmp_path / "index.bin")
    lost, found = LostBound(ef=40, at_most=0), RecallBound(k=3, ef=50, at_least=0.9)
    bounds = Bounds((lost, found), index=IndexSettings(metric="cosine"))
    both = check_files(data, bounds, index=file, queries=queries)
    assert both.passed
    assert both.index.startswith("hnswlib")
    alone = check_files(file, bounds, queries=queries)
    assert [each.figure for each in alone.checks] == [each.figure for each in both.checks]
    assert not check_files(write(cut_off(graph), file), bounds, queries=queries).passed
    with pytest.raises(ParameterError, match=r'In \[index\] of the bounds: metric = "cosine"'):
        check_files(file, Bounds((lost,)))
    labeled_bounds = replace(bounds, data=DataSettings(label="kind"))
    with pytest.raises(ParameterError, match=r"^index\.bin is an index file, which has none of"):
        check_files(file, labeled_bounds)
    with pytest.raises(IndexFileError):
        check_files(data, bounds, index=data)
    with pytest.raises(IndexFileError, match=r"no\.bin"):
        check_files(data, bounds, index=tmp_path / "no.bin")


def test_what_mends_the_reading_is_a_line_of_the_bounds(tmp_path: Path) -> None:
    bounds = Bounds((DuplicatesBound(at_most=0),))
    two = tmp_path / "two.npz"
    np.savez(two, image=ROWS, text=ROWS)
    with pytest.raises(ChoiceError, match=r"In \[data\] of the bounds: vectors = one of image,"):
        check_files(two, bounds)
    chosen = replace(bounds, data=DataSettings(vectors="text"))
    assert check_files(two, chosen).passed
    (tmp_path / "a.csv").write_text("x0,x1\n1,2\n3,nan\n")
    with pytest.raises(BadRowsError, match="drop_bad_rows = true"):
        check_files(tmp_path / "a.csv", bounds)
    with pytest.raises(DataError):
        check_files(tmp_path / "none.npy", bounds)
    table = tmp_path / "kinds.tsv"
    table.write_text("kind\n" + "\n".join(map(str, LABELS)))
    np.save(tmp_path / "rows.npy", labeled().vectors)
    file = tmp_path / "b.toml"
    file.write_text('[opis]\nat_most = 1\n[data]\nmetadata = "kinds.tsv"\nlabel = "kind"')
    assert check_files(tmp_path / "rows.npy", file).checks[0].items == 20


def test_progress_comes_to_its_end() -> None:
    heard: list[tuple[float, str]] = []
    bounds = Bounds((DuplicatesBound(at_most=0), LostBound(ef=9, at_most=0)))
    check(ROWS, bounds, progress=lambda share, words: heard.append((share, words)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert heard[0] == (0.0, "duplicates")
    assert (0.5, "lost_items") in heard
    assert heard[-1][1] == "600 of 600 rows inserted"
