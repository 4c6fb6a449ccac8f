"""What the Recall page says and tabulates, of results made by hand whose figures all differ."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.data import EmbeddingSet
from core.engines import Setting
from core.index import EfCurve, Latency, Neighbors
from core.studies import AdaptiveEf, AnswerQuality, EfTradeoff, Hardness, HeldOut, QuerySet
from pages.recall import adaptive, curve, export, latency, queries, sentences
from pages.ui.controls.queries import HELD_OUT, ROWS, UPLOADED, RecallSettings
from pages.ui.results.query_sources import QuerySource
from pages.ui.results.tradeoffs import Curves
from tests.core.index.graphs import hand_graph

K = 4
GRAPH = hand_graph([{row: [(row + 1) % 50] for row in range(50)}], 0)
ASKED = RecallSettings(0.75, None, K, ROWS, "4", stated=False)


def curve_of(
    hits: list[list[int]],
    costs: list[list[int]],
    *,
    rows: bool = False,
    tied: int = 0,
) -> EfTradeoff:
    """Queries at ef 4, 5, ... over 50 rows. tied: so many of them have a tie after the 4th."""
    q, e = np.shape(hits)
    found = np.array(hits, np.int32)
    distances = np.tile(np.arange(1.0, K + 2), (q, 1))
    distances[:tied, K] = K
    ids = np.tile(np.arange(K + 1), (q, 1))
    vectors, of_data = np.zeros((q, 1), np.float32), np.arange(q) if rows else None
    asked = QuerySet(vectors, Neighbors(ids, distances), of_data, None)
    with_ties = np.minimum(found + (1 if tied else 0), K)
    computed = np.array(costs, np.int32)
    curve = EfCurve(K, np.arange(K, K + e), found, with_ties, computed, computed // 10)
    return EfTradeoff(asked, curve, 50)


# Mean recall 0.5, 0.8125 and 0.9375; recall of at least 0.75 for 25, 75 and 100 % of the queries;
# 12.5, 22.5 and 42.5 distance computations.
STUDY = curve_of(
    [[1, 2, 4], [2, 3, 4], [2, 4, 4], [3, 4, 3]],
    [[10, 20, 40], [11, 21, 41], [14, 24, 44], [15, 25, 45]],
)


ITEMS = EmbeddingSet.from_arrays(GRAPH.vectors, name="ring")
INSIDE = QuerySource(ROWS, ITEMS, GRAPH)
BIGGER = hand_graph([{row: [(row + 1) % 54] for row in range(54)}], 0)  # with the rows held out
HELD = QuerySource(HELD_OUT, ITEMS, GRAPH, HeldOut(np.arange(4), np.arange(4, 54), GRAPH))
LOG = QuerySource(UPLOADED, ITEMS, GRAPH, given=ITEMS)


def curves(study: EfTradeoff, source: QuerySource = INSIDE, **more: Any) -> Curves:
    count = len(study.curve.hits)
    return Curves({K: study}, source, **{"count": count, "wanted": count, **more})


# ---- the curve


def test_a_first_look_says_of_how_many_rows_it_is_and_what_the_whole_index_will_need() -> None:
    assert sentences.first_look(STUDY, 50, 400, 0.8) == (
        "On 50 of the 400 rows, ef 5 reaches a recall@4 of 0.812 on average, and at least 0.9 for "
        "50 % of queries, at 22 distance computations, 45 % of brute force. The index of all "
        "rows, which is being built, needs a larger ef, as a rule."
    )
    assert sentences.first_look(STUDY, 50, 400, 0.99) == (
        "On 50 of the 400 rows, no ef up to 6 reaches recall@4 0.99: the best is 0.938. The index "
        "of all rows, which is being built, finds less at the same ef, as a rule."
    )
    assert sentences.first_look_basis(STUDY, 50) == (
        "A first look: 50 rows drawn with seed 0; 4 queries of them are held out of an index with "
        "the same settings. The curve of all rows takes its place as soon as their index is there. "
        "Band: 95 % bootstrap interval of the mean over queries"
        f", at most {STUDY.half_width:.4f} to each side where the mean is at least 0.9."
    )


def test_the_answer_names_ef_recall_share_and_cost() -> None:
    # At ef 5: the cost 22.5 is rounded to the even 22, and is 22.5 of 50 rows.
    assert sentences.answer(STUDY, 0.75) == (
        "ef 5 reaches a recall@4 of 0.812 on average, and at least 0.9 for 50 % of queries, at 22 "
        "distance computations, 45 % of brute force."
    )
    # A share asks for recall 0.75 in at least all queries; then this recall is what is counted.
    assert sentences.answer(STUDY, 0.75, 1.0) == (
        "ef 6 reaches a recall@4 of 0.938 on average, and at least 0.75 for 100 % of queries, at "
        "42 distance computations, 85 % of brute force."
    )


def test_an_answer_of_rows_of_the_index_says_that_it_is_one() -> None:
    inside = replace(STUDY, queries=replace(STUDY.queries, rows=np.arange(4)))
    assert sentences.answer(inside, 0.75) == (
        "On rows of the index as queries, ef 5 reaches a recall@4 of 0.812 on average, and at "
        "least 0.9 for 50 % of queries, at 22 distance computations, 45 % of brute force. New "
        "queries need a larger ef, as a rule."
    )
    assert sentences.answer(inside, 0.95) == (
        "On rows of the index as queries, no ef up to 6 reaches recall@4 0.95: the best is 0.938. "
        "New queries find less, as a rule."
    )


def test_what_rows_of_the_index_flatter_is_told() -> None:
    # Of these the mean is 0.75 at ef 4; there the held-out rows have 0.5, and they need ef 5.
    easy = curve_of([[3, 4, 4]] * 4, [[10, 20, 30]] * 4, rows=True)
    start = "Paler line: rows of the index as queries"
    assert sentences.flattery(STUDY, easy, 0.75) == (
        f"{start}, each linked among its own neighbors. They reach the target at ef 4, where "
        "held-out rows have a mean recall of 0.500; these need ef 5."
    )
    assert sentences.flattery(STUDY, easy, 0.95).endswith(
        "They reach the target at ef 5, where held-out rows have a mean recall of 0.812; no ef "
        "serves these."
    )
    assert sentences.flattery(STUDY, STUDY, 0.75) == (
        f"{start}; they reach the target at the same ef, 5."
    )
    assert sentences.flattery(STUDY, STUDY, 0.95) == (
        f"{start}; no ef up to 6 reaches the target there either."
    )
    assert sentences.flattery(easy, STUDY, 0.95) == (
        f"{start}; no ef up to 6 reaches the target there."
    )
    # For a share: recall 0.75 in 80 % of the queries takes ef 6, of the easy ones ef 4.
    assert sentences.flattery(STUDY, easy, 0.75, 0.8).endswith("of 0.500; these need ef 6.")


def test_an_answer_that_no_ef_gives_names_the_best() -> None:
    assert sentences.answer(STUDY, 0.95) == (
        "No ef up to 6 reaches recall@4 0.95: the best is 0.938."
    )
    assert sentences.answer(STUDY, 1.0, 0.8) == (
        "No ef up to 6 gives 80 % of queries a recall@4 of 1: the best is 75 % of them."
    )


def test_the_chosen_ef_is_for_the_mean_or_for_a_share() -> None:
    assert sentences.chosen_ef(STUDY, 0.75, None) == 5
    assert sentences.chosen_ef(STUDY, 0.75, 0.8) == 6
    assert sentences.chosen_ef(STUDY, 0.95, None) is None
    assert sentences.chosen_ef(STUDY, 1.0, 0.8) is None


BAND = " Strict recall by id; band: 95 % bootstrap interval of the mean over queries"


def width() -> str:
    # Recall at ef 6 is 1, 1, 1 and 0.75: deviation 0.125, error of the mean 0.0625, times 1.96.
    return f", at most {1.96 * 0.0625:.4f} to each side where the mean is at least 0.9."


def test_the_basis_of_rows_names_their_seed() -> None:
    inside = curve_of([[4], [4]], [[10], [10]], rows=True)
    assert sentences.basis(inside, curves(inside)) == (
        "2 queries: rows of the data drawn with seed 0, in the index, each left out of its own "
        f"answer by id: it takes a place of the beam, so ef 4 is searched as ef 5.{BAND}."
    )
    every = curve_of([[4]] * 50, [[10]] * 50, rows=True)
    assert sentences.basis(every, curves(every)).startswith(
        "50 queries: every row of the data, in the index, each left out"
    )


def test_the_basis_of_held_out_rows_counts_the_others() -> None:
    assert sentences.basis(STUDY, curves(STUDY, HELD)) == (
        "4 queries: rows drawn with seed 0 and held out: an index with the same settings was built "
        f"from the other 50 rows.{BAND}{width()}"
    )


def test_the_basis_says_that_more_queries_are_to_come() -> None:
    assert sentences.basis(STUDY, curves(STUDY, HELD, wanted=1200)).startswith(
        "4 queries so far, of 1,200: rows drawn with seed 0 and held out:"
    )


def test_the_basis_of_other_queries_tells_where_they_lie_and_whose_truth_it_is() -> None:
    study = curve_of([[4], [4]], [[10], [10]])
    start = "2 queries from elsewhere; every row of the data may answer."
    assert sentences.basis(study, curves(study, LOG)) == f"{start}{BAND}."
    assert sentences.basis(study, curves(study, LOG, agreement=0.875, shift=1.19)) == (
        f"{start} Their true neighbors are computed; the file's agree for 87.5 % of places. They "
        f"lie as near to the data as its own rows do (1.19 times as far).{BAND}."
    )
    assert sentences.basis(study, curves(study, LOG, shift=1.2)) == (
        f"{start} Out of distribution: their nearest rows are 1.20 times as far as those of the "
        f"data's own rows.{BAND}."
    )


def test_ties_are_told_with_the_recall_that_counts_them() -> None:
    tied = curve_of([[2], [3], [3], [3]], [[10]] * 4, tied=1)
    # 2.75 of 4 found, 3.75 with the ties counted
    assert sentences.basis(tied, curves(tied, HELD)).endswith(
        " 25 % of queries have a tie at k: counting equals, recall at the largest ef is 0.938."
    )


def test_the_table_of_the_curve_has_each_figure_in_its_column() -> None:
    low, high = STUDY.interval
    line = sentences.whole_table(STUDY, 0.75).to_dict("records")[1]
    assert line == {
        "ef": 5,
        "mean recall": 0.8125,
        "with ties": 0.8125,
        "95 % from": round(low[1], 4),
        "95 % to": round(high[1], 4),
        "worst 5 % of queries": 0.5,
        "share with recall >= 0.75": 0.75,
        "distance computations": 22.5,
        "% of brute force": 45.0,
        "hops": 2.0,
    }
    assert low[1] < 0.8125 < high[1]
    tied = curve_of([[2], [3], [3], [3]], [[10]] * 4, tied=1)
    assert sentences.whole_table(tied, 0.75)["with ties"].tolist() == [0.9375]


def test_the_short_table_holds_the_usual_values_the_ends_and_the_chosen_one() -> None:
    long = curve_of([[4] * 20], [list(range(10, 30))])  # ef 4 to 23
    assert sentences.table(long, 0.9, None)["ef"].tolist() == [4, 10, 12, 16, 20, 23]
    chosen = sentences.table(long, 0.9, 17)
    assert chosen["ef"].tolist() == [4, 10, 12, 16, 17, 20, 23]
    assert chosen["distance computations"].tolist() == [10, 16, 18, 22, 23, 26, 29]


def test_curves_of_a_file_whose_truth_is_short_give_the_largest_k() -> None:
    one, ten = curve_of([[1]], [[1]]), curve_of([[2]], [[2]])
    found = Curves({1: one, 10: ten}, INSIDE, 1, 1)
    assert found.of_k(1) is one
    assert found.of_k(100) is ten


def test_the_setting_holds_what_was_measured_at_its_ef() -> None:
    assert export.setting_of(BIGGER, curves(STUDY, HELD), STUDY, 5) == Setting(
        metric="euclidean",
        n=54,
        dim=1,
        m=2,
        ef_construction=None,
        k=4,
        ef=5,
        recall=0.8125,
        queries=4,
        asked="held-out rows",
        measured_n=50,
    )
    promise = export.setting_of(BIGGER, curves(STUDY, HELD), STUDY, 5).promise
    assert promise == (
        "Measured: recall@4 of 0.8125 at ef 5, over 4 held-out rows on 50 x 1 vectors."
    )
    inside = curve_of([[4]], [[10]], rows=True)
    setting = export.setting_of(BIGGER, curves(inside), inside, 4)
    assert (setting.asked, setting.in_index) == ("rows of the index", True)
    assert export.setting_of(BIGGER, curves(STUDY, LOG), STUDY, 5).asked == "queries"


# ---- the queries


def hardness(smallest_ef: list[int]) -> Hardness:
    q = len(smallest_ef)
    one = np.ones(q)
    return Hardness(0.75, np.array(smallest_ef), one, one, one, one, np.array([""] * q))


def test_the_ef_of_half_and_of_95_percent_of_the_queries() -> None:
    # Of 20 sorted values half are served at the 10th, 95 % at the 19th.
    needed = [*range(4, 23), 1000]
    assert queries.answer(STUDY, hardness(needed)) == (
        "Half of the queries reach recall@4 0.75 at ef 13, 95 % at ef 22; the hardest needs 1,000."
    )
    # Of 41 at the 21st and the 39th (20.5 and 38.95) of 4, 5, ..., 44.
    assert queries.answer(STUDY, hardness(list(range(4, 45)))) == (
        "Half of the queries reach recall@4 0.75 at ef 24, 95 % at ef 42; the hardest needs 44."
    )


def test_queries_that_no_ef_serves_are_counted() -> None:
    assert queries.answer(STUDY, hardness([5, 4, 6, -1])) == (
        "Half of the queries reach recall@4 0.75 at ef 5; 1 query (25 %) does at no ef up to 6."
    )
    assert queries.answer(STUDY, hardness([*([4] * 20), *range(5, 43), -1, -1])) == (
        "Half of the queries reach recall@4 0.75 at ef 14, 95 % at ef 41; 2 queries (3.33 %) do at "
        "no ef up to 6."
    )
    assert queries.answer(STUDY, hardness([-1, -1])) == (
        "No query reaches recall@4 0.75 at any ef up to 6."
    )


def test_where_fewer_than_half_of_all_queries_are_served_no_half_is_spoken_of() -> None:
    assert queries.answer(STUDY, hardness([4, 5, 5, -1, -1, -1, -1])) == (
        "Only 3 of 7 queries (42.9 %) reach recall@4 0.75 at any ef up to 6."
    )
    assert queries.answer(STUDY, hardness([4, -1, -1])) == (
        "Only 1 of 3 queries (33.3 %) reaches recall@4 0.75 at any ef up to 6."
    )
    assert queries.answer(STUDY, hardness([4, 5, -1, -1])) == (
        "Half of the queries reach recall@4 0.75 at ef 5; 2 queries (50 %) do at no ef up to 6."
    )


def test_the_steps_in_which_the_recall_of_one_query_moves() -> None:
    assert sentences.steps(10, 0.99) == (
        "At k 10 the recall of one query moves in steps of 0.1: a target of 0.99 asks for all 10."
    )
    assert sentences.steps(10, 0.9) == (
        "At k 10 the recall of one query moves in steps of 0.1: a target of 0.9 asks for 9 of "
        "the 10 neighbors."
    )
    assert sentences.steps(100, 0.95) == (
        "At k 100 the recall of one query moves in steps of 0.01: a target of 0.95 asks for 95 "
        "of the 100 neighbors."
    )
    assert sentences.steps(1, 0.5) == "At k 1 the recall of one query is 0 or 1."


# ---- the time

MEASURED = Latency(
    ef=np.array([4, 5, 6]),
    k=K,
    p50_ms=np.array([0.11, 0.22, 0.33]),
    p95_ms=np.array([0.44, 0.55, 0.66]),
    p99_ms=np.array([1.77, 1.88, 1.99]),
    single_qps=np.array([1000.4, 900.4, 800.4]),
    batch_qps=np.array([2000.4, 1900.4, 1800.4]),
    threads_qps=np.array([4000.4, 3900.4, 3800.4]),
    spread=np.array([0.0125, 0.25, 0.0999]),
    spread_p99=np.array([0.02, 0.59, 0.1]),
    threads=3,
    rounds=5,
    queries=1200,
    machine="A_CPU, 3 cores",
)


def test_the_time_is_that_of_the_chosen_ef_in_its_own_percentiles() -> None:
    # The target 0.75 is reached from ef 5 on.
    assert latency.answer(MEASURED, STUDY, ASKED) == (
        "At ef 5, recall@4 0.812, hnswlib answers half of its queries within 0.220 ms and 99 % "
        "within 1.88 ms (medians of 5 rounds, noisy: from round to round that of half varied by 25 "
        "% and that of 99 % varied by 59 %); in batches on 3 threads, 3,900 a second."
    )


def test_only_a_time_that_varies_by_a_tenth_is_called_noisy() -> None:
    def times(target: float, measured: Latency = MEASURED) -> str:
        words = latency.answer(measured, STUDY, replace(ASKED, target=target))
        return words.split(" ms and 99 % within ")[1].split("; in batches")[0]

    assert times(0.5) == "1.77 ms (medians of 5 rounds)"
    assert times(0.93) == (
        "1.99 ms (medians of 5 rounds, noisy: from round to round that of 99 % varied by 10 %)"
    )
    one = replace(MEASURED, rounds=1, spread=np.full(3, np.nan), spread_p99=np.full(3, np.nan))
    assert times(0.5, one) == "1.77 ms, in a single round"


def test_the_time_of_the_next_timed_ef_else_of_the_largest() -> None:
    apart = replace(MEASURED, ef=np.array([4, 6, 6]))
    assert latency.answer(apart, STUDY, ASKED).startswith("At ef 6, recall@4 0.938, hnswlib")
    never = replace(ASKED, target=1.0)
    assert latency.answer(MEASURED, STUDY, never) == (
        "At ef 6, recall@4 0.938, hnswlib answers half of its queries within 0.330 ms and 99 % "
        "within 1.99 ms (medians of 5 rounds, noisy: from round to round that of 99 % varied by 10 "
        "%); in batches on 3 threads, 3,800 a second."
    )


def test_too_few_queries_for_all_threads_are_told_on_one() -> None:
    alone = replace(MEASURED, threads_qps=np.full(3, np.nan))
    assert latency.answer(alone, STUDY, ASKED).endswith("in batches on one thread, 1,900 a second.")


def test_how_the_time_was_measured() -> None:
    assert latency.basis(MEASURED).replace("\\", "") == (
        "Measured with hnswlib's knn_query from Python in a process of its own, on A_CPU, 3 cores: "
        "1,200 queries, medians of 5 rounds in alternating order. Between rounds (from quartile to "
        "quartile) the median varied by up to 25 %, the 99th percentile by up to 59 %. Another "
        "machine gives other times; distance computations stay the same."
    )
    assert r"A\_CPU" in latency.basis(MEASURED)


def test_the_table_of_times_has_each_figure_in_its_column() -> None:
    line = latency.table(MEASURED, np.array([0.5, 0.8125, 0.9375])).to_dict("records")[1]
    assert line == {
        "ef": 5,
        "mean recall": 0.8125,
        "p50, ms": 0.22,
        "p95, ms": 0.55,
        "p99, ms": 1.88,
        "queries per s, single": 900.0,
        "queries per s, batch": 1900.0,
        "queries per s, all threads": 3900.0,
        "spread of p50": 0.25,
        "spread of p99": 0.59,
    }


# ---- the goal


def test_the_goal_is_told_as_a_mean_or_a_share() -> None:
    assert ASKED.goal_at(4) == "a mean recall@4 of 0.75"
    assert replace(ASKED, share=0.95).goal_at(4) == "recall@4 of at least 0.75 for 95 % of queries"
    assert replace(ASKED, k=7).ks == (1, 7, 10, 100)


# ---- near misses

QUALITY = AnswerQuality(
    k=4,
    ef=np.array([4, 6]),
    recall=np.array([[0.5, 0.75], [1.0, 1.0]]),
    score_weighted=np.array([[0.6, 0.8], [1.0, 1.0]]),
    relative_error=np.array([[0.04, 0.02], [0.0, np.nan]]),
)


def test_near_misses_are_told_by_score_and_distance() -> None:
    # The 95th percentile of 0 and 4 % is 3.8 %.
    assert sentences.near_misses(QUALITY, 4) == (
        "At ef 4: recall@4 0.750, weighted by score 0.800; the rows found are 2 % farther than the "
        "true neighbors on average, and 3.80 % or less for 95 % of queries. Of 2 queries, of which "
        "1 have no relative distance error."
    )
    none = replace(QUALITY, relative_error=np.full((2, 2), np.nan))
    assert sentences.near_misses(none, 6) == (
        "At ef 6: recall@4 0.875, weighted by score 0.900; a relative distance error is not "
        "defined here. Of 2 queries, of which 2 have no relative distance error."
    )


def test_the_table_has_the_figures_of_distances_where_they_were_measured() -> None:
    frame = sentences.with_quality(sentences.whole_table(STUDY, 0.75), QUALITY)
    assert frame["ef"].tolist() == [4, 5, 6]
    assert frame["score-weighted recall"].tolist()[::2] == [0.8, 0.9]
    assert frame["distance error, %"].tolist()[::2] == [2.0, 2.0]
    assert frame["distance error, 95th percentile, %"].tolist()[::2] == [3.8, 2.0]
    assert frame.iloc[1].isna().sum() == 3
    line = curve._score_line(STUDY, QUALITY)
    assert line.recall.tolist() == [0.8, 0.9]
    assert line.costs["distance_computations"].tolist() == [12.5, 42.5]
    assert sentences.measured_efs(STUDY, 5) == (4, 5, 6)


# ---- an ef for each query

ADAPTED = AdaptiveEf(
    k=10,
    target=0.9,
    share=0.75,
    hops=8,
    ef_max=512,
    needed=np.array([10, 20, 40, -1]),
    foreseen=np.array([12, 25, 45, 50]),
    one_ef=40,
    equal_ef=40,
    one_cost=np.array([1000.0, 1000, 1000, 1200]),
    own_cost=np.array([400.0, 600, 1000, 1200]),
    foreseen_cost=np.array([450.0, 700, 1100, 1100]),
    equal_cost=np.array([1000.0, 1000, 1000, 1200]),
    probe_cost=np.array([200.0, 220, 230, 250]),
    rank_correlation=0.5,
    importance=np.array([0.01, 0.02, 0.03, 0.0, 0.2, 0.1, 0.0, 0.0, 0.0, -0.01, 0.0]),
)


def test_what_an_ef_for_each_query_saves_is_told_by_oracle_and_as_foreseen() -> None:
    # Means 1,050, 800 and 837.5: 23.8 % and 20.2 % less.
    low, high = ADAPTED.saving_interval
    text = adaptive.answer(ADAPTED)
    assert text.startswith(
        "One ef, 40, gives 75 % of the queries a recall@10 of at least 0.9 at 1,050 distance "
        "computations; each query's own smallest ef would need 800, 23.8 % less. With an ef "
        "foreseen from its first 8 hops it needs 838 and serves 75 % of the queries: "
    )
    assert low <= 0 < high  # of four queries no interval is narrow
    assert "no measurable saving against one ef that serves as many (95 %: 0 to 43 %)" in text
    steady = replace(ADAPTED, foreseen_cost=np.full(4, 768.0), equal_cost=np.full(4, 1024.0))
    assert adaptive.answer(steady).endswith(
        ": 25 % less than one ef that serves as many (95 %: 25 to 25 %)."
    )
    dearer = replace(ADAPTED, foreseen_cost=np.full(4, 1280.0), equal_cost=np.full(4, 1024.0))
    assert adaptive.answer(dearer).endswith(
        ": 25 % more than one ef that serves as many (95 %: -25 to -25 %)."
    )


def test_a_share_that_no_ef_serves_saves_nothing() -> None:
    none = np.full(4, np.nan)
    never = replace(ADAPTED, share=0.9, one_ef=-1, one_cost=none, own_cost=none)
    assert adaptive.answer(never) == (
        "No ef up to 512 gives 90 % of the queries a recall@10 of at least 0.9: the largest serves "
        "75 %, so there is nothing to save."
    )


def test_the_ways_to_choose_an_ef_stand_side_by_side() -> None:
    frame = adaptive.table(ADAPTED)
    assert frame["ef"].tolist() == ["40", "of each query", "of each query", "40"]
    assert frame["queries served"].tolist() == ["75 %"] * 4
    assert frame["distance computations"].tolist() == [1050.0, 800.0, 837.5, 1050.0]
    assert frame["less than one ef"].tolist() == ["0 %", "23.8 %", "20.2 %", "0 %"]
    told = adaptive.features(ADAPTED)
    assert told.iloc[0].tolist() == ["distance of the nearest row found in the first hops", 0.2]
    assert told.iloc[-1, 1] == -0.01
    assert "those of the first hops (225 on average) included" in adaptive.basis(ADAPTED)
