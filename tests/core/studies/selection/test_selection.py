"""What sets rows apart: counts by hand, p values and effects against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from core.data import EmbeddingSet
from core.errors import ParameterError
from core.studies import explain, facts_of
from core.studies.selection import significance
from core.studies.selection.facts import Facts, Numbers
from core.studies.selection.significance import fisher_p


def set_of(frame: pd.DataFrame, label_column: str | None = None) -> EmbeddingSet:
    vectors = np.random.default_rng(0).normal(size=(len(frame), 3))
    return EmbeddingSet.from_arrays(vectors, metadata=frame, label_column=label_column, name="mine")


@pytest.fixture
def animals() -> EmbeddingSet:
    """Forty rows: ten cats, thirty dogs, with a text, a weight, a date and a gap."""
    kinds = ["cat"] * 10 + ["dog"] * 30
    return set_of(
        pd.DataFrame(
            {
                "label": kinds,
                "note": [f"the {kind} number {row} purrs" for row, kind in enumerate(kinds)],
                "weight": np.r_[np.arange(10.0), 100 + np.arange(30.0)],
                "seen": pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(40), unit="D"),
                "owner": [None] * 10 + ["Ann", "Bo", "Cy"] * 10,
            }
        )
    )


def test_the_p_of_many_tables_is_that_of_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    n, drawn = 500, 120
    total = random.integers(0, n + 1, size=60)
    inside = random.hypergeometric(total, n - total, drawn)
    alone = []
    for seen, held in zip(inside, total, strict=True):
        table = np.array([[seen, held - seen], [drawn - seen, n - held - drawn + seen]])
        tails = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
        alone.append(min(1.0, 2 * min(tails)))
    assert fisher_p(inside, total, drawn, n) == pytest.approx(alone, rel=1e-9)
    monkeypatch.setattr(significance, "TERMS_AT_ONCE", 100)  # in blocks
    assert fisher_p(inside, total, drawn, n) == pytest.approx(alone, rel=1e-9)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ParameterError, match="no more inside than are held"):
        fisher_p(np.array([4]), np.array([3]), 5, 10)
    with pytest.raises(ParameterError, match="drawn must be between 0 and 10; got 11"):
        fisher_p(np.array([0]), np.array([3]), 11, 10)


def test_shares_effects_and_p_of_a_selection(animals: EmbeddingSet) -> None:
    # Selected: 8 of the 10 cats and 2 of the 30 dogs.
    found = explain(facts_of(animals), np.r_[np.arange(8), 10, 11])
    by_name = {(trait.kind, trait.column, trait.name): trait for trait in found.traits}
    cat = by_name["label", "label", "cat"]
    assert (cat.n_inside, cat.n_outside) == (8, 2)
    assert (cat.inside, cat.outside) == pytest.approx((0.8, 2 / 30))
    assert cat.effect == pytest.approx(0.8 - 2 / 30)
    assert cat.lift == pytest.approx(12.0)
    assert cat.odds_ratio == pytest.approx((8 / 2) / (2 / 28))
    assert cat.p == pytest.approx(2 * stats.hypergeom.sf(7, 40, 10, 10), rel=1e-9)
    assert by_name["word", "note", "cat"].inside == pytest.approx(0.8)
    assert ("word", "note", "purrs") not in by_name  # all rows hold it
    assert by_name["missing", "owner", ""].inside == pytest.approx(0.8)
    weight = by_name["number", "weight", ""]
    inside = animals.metadata["weight"].to_numpy()[np.r_[np.arange(8), 10, 11]]
    outside = np.delete(animals.metadata["weight"].to_numpy(), np.r_[np.arange(8), 10, 11])
    delta = np.sign(inside[:, None] - outside[None, :]).mean()  # Cliff's, by its definition
    assert weight.effect == pytest.approx(delta)
    assert (weight.inside, weight.outside) == (np.median(inside), np.median(outside))
    assert weight.p == pytest.approx(
        stats.mannwhitneyu(inside, outside, method="asymptotic").pvalue
    )
    assert by_name["date", "seen", ""].effect == pytest.approx(delta)  # dates go as weights do


def test_p_is_corrected_over_all_tests_and_the_largest_effect_comes_first(
    animals: EmbeddingSet,
) -> None:
    facts = facts_of(animals)
    found = explain(facts, np.arange(10))
    # cat, dog; Ann, Bo, Cy (10 rows each); owner missing; the words cat and dog; weight; seen
    assert found.tests == 10
    assert (found.n_inside, found.n_outside) == (10, 30)
    effects = [abs(trait.effect) for trait in found.traits]
    assert effects == sorted(effects, reverse=True)
    assert effects[0] == 1.0
    # Benjamini and Hochberg by their definition: p_(i) m / i, made monotone from the largest.
    every = explain(facts, np.arange(10))
    p = np.sort([trait.p for trait in every.traits])
    told = {trait.p: trait.p_corrected for trait in every.traits}
    untold = 2 * min(stats.hypergeom.cdf(0, 40, 10, 10), 1.0)  # of Ann, Bo and Cy: 0 of 10
    ordered = np.sort(np.r_[p, [untold] * (10 - len(p))])
    stepped = np.minimum.accumulate((ordered * 10 / np.arange(1, 11))[::-1])[::-1]
    assert [told[value] for value in p] == pytest.approx(stepped[: len(p)].tolist(), rel=1e-9)


def test_what_the_rest_has_more_of_has_a_negative_effect(animals: EmbeddingSet) -> None:
    found = explain(facts_of(animals), np.arange(10))
    dog = next(trait for trait in found.traits if (trait.kind, trait.name) == ("label", "dog"))
    assert (dog.inside, dog.outside, dog.effect, dog.lift) == (0.0, 1.0, -1.0, 0.0)
    assert dog.odds_ratio == 0.0
    cat = next(trait for trait in found.traits if (trait.kind, trait.name) == ("label", "cat"))
    assert cat.lift == float("inf")


def test_ties_count_for_neither_side_of_an_effect() -> None:
    # Of 25 pairs 2 > 1 three times; 1 < 2 and 1 < 3 four and four, 2 < 3 six times: (3 - 14) / 25.
    inside, outside = np.repeat([1.0, 1, 2, 2, 2], 16), np.repeat([1.0, 2, 2, 3, 3], 16)
    values = Numbers("number", "size", np.concatenate([inside, outside, [np.nan]]))
    facts = Facts((), (), (), sparse.csr_array(np.zeros((161, 0), np.float32)), (values,), "")
    (trait,) = explain(facts, np.arange(80)).traits
    assert trait.effect == pytest.approx(-11 / 25)
    assert (trait.inside, trait.outside, trait.n_inside, trait.n_outside) == (2.0, 2.0, 80, 80)
    assert trait.p == pytest.approx(stats.mannwhitneyu(inside, outside).pvalue)


def test_a_blind_selection_has_hardly_a_trait() -> None:
    random = np.random.default_rng(3)
    words = np.array([f"word{chr(97 + i)}x" for i in range(26)])
    frame = pd.DataFrame(
        {
            "text": [" ".join(random.choice(words, 5)) + f" {row}" for row in range(2000)],
            "size": random.normal(size=2000),
            "color": random.choice(["red", "blue"], 2000),
        }
    )
    assert explain(facts_of(set_of(frame)), random.permutation(2000)[:200]).traits == ()


def test_what_is_rare_or_general_is_no_fact() -> None:
    frame = pd.DataFrame(
        {
            "size": np.arange(12.0),
            "few": [1, 2] * 6,
            "odd": ["a"] * 8 + ["b"] * 4,
            "same": [True] * 12,
            "name": [f"item {'x' * 3 if row < 6 else 'y' * 3} no {row}" for row in range(12)],
        }
    )
    facts = facts_of(set_of(frame))
    held = list(zip(facts.kinds, facts.columns, facts.names, facts.totals.tolist(), strict=True))
    assert sorted(held) == [
        ("category", "few", "1", 6),
        ("category", "few", "2", 6),
        ("category", "odd", "a", 8),
        ("word", "name", "xxx", 6),
        ("word", "name", "yyy", 6),
    ]
    assert [each.column for each in facts.numbers] == []  # 12 numbers may be categories


def test_nothing_to_compare_is_refused(animals: EmbeddingSet) -> None:
    facts = facts_of(animals)
    for rows in (np.empty(0, np.int64), np.arange(40)):
        with pytest.raises(ParameterError, match="some of the 40 rows and leave others"):
            explain(facts, rows)
    with pytest.raises(ParameterError, match="row ids below n = 40"):
        explain(facts, [40])


def test_a_set_without_metadata_has_no_facts() -> None:
    bare = EmbeddingSet.from_arrays(np.eye(4), name="bare")
    found = explain(facts_of(bare), [0])
    assert (found.traits, found.tests) == ((), 0)
