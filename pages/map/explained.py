"""What sets the selected rows apart from the rest, in words and as a table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.projection.regions_words import Words
from core.studies import Explanation, Facts, Trait, explain, facts_of
from pages.map import naming
from pages.ui import jobs
from pages.ui.display import downloads, messages, tables
from pages.ui.display.text import count, number, plain
from pages.ui.jobs import Progress

Rows = npt.NDArray[np.int64]
TOLD = 6  # lines after the first; the table has all
RARER = 4  # of what is rarer here
HELP = (
    "The selected rows against all others. Effect: Cliff's delta, for a label, category or word "
    "the difference of the two shares, for numbers the rank-biserial correlation; from -1 to 1. p: "
    "Fisher's exact test, for numbers Mann and Whitney's, corrected over all that were tested "
    "(Benjamini and Hochberg 1995). Told are those of a corrected p of at most 0.05."
)


def show(embeddings: EmbeddingSet, rows: Rows, tags: Sequence[str] = ()) -> None:
    """The strongest traits as lines, and all of them as a table.

    tags: columns that selections were written to; see `without_own_tag`.
    """
    if len(rows) == embeddings.n:
        messages.empty("Every row is selected.", "Select a part, so that there is a rest.")
        return
    facts = collected(embeddings)
    if facts is None:
        return
    found = _explanation(facts, rows)
    news = without_own_tag(found, tags)
    st.markdown(f"**{plain(answer(news))}**", help=HELP)
    st.markdown("\n".join(f"- {plain(each)}" for each in lines(news)))
    if found.traits:
        frame = table(found)
        with st.expander(f"All {count(len(found.traits), 'trait')} with effect and p"):
            tables.show(frame, hide_index=True)
            downloads.download(frame, "selection_explained")
    messages.note(basis(found))


def without_own_tag(found: Explanation, tags: Sequence[str]) -> Explanation:
    """The traits but for a tag that the selection alone has, and all of it: that is no news."""
    own = [each for each in found.traits if each.column in tags and abs(each.effect) == 1]
    return replace(found, traits=tuple(each for each in found.traits if each not in own))


def collected(embeddings: EmbeddingSet) -> jobs.Named[Facts] | None:
    """The facts of the set; None while they are being collected."""
    words = None
    if embeddings.text_columns:
        words = naming.words_of.need(embeddings)
        if words is None:
            return None
    counted = None if words is None else jobs.Named(embeddings.fingerprint, words)
    found = _facts.need(embeddings, counted)
    return None if found is None else jobs.Named(embeddings.fingerprint, found)


def answer(found: Explanation) -> str:
    """The selection in a sentence, by what it has most above the rest."""
    rows = count(found.n_inside, "row")
    if not found.tests:
        return f"{rows}: nothing is known of them that could set them apart."
    more = [trait for trait in found.traits if trait.effect > 0]
    if not found.traits:
        return f"{rows}: nothing tells them from the rest."
    if not more:
        return f"{rows}: nothing is commoner here than in the rest."
    return f"{rows}, set apart most by {line(more[0])}."


def lines(found: Explanation) -> list[str]:
    """What the selection has more of, after what the answer tells, and what is rarer there."""
    more = [line(trait) for trait in found.traits if trait.effect > 0][1 : TOLD + 1]
    less = [_called(trait) for trait in found.traits if trait.effect < 0][:RARER]
    return [*more, *([f"Rarer or lower here: {', '.join(less)}"] if less else [])]


def line(trait: Trait) -> str:
    """One trait in words.

    >>> line(Trait("label", "lexname", "noun.plant", 0.81, 0.07, 81, 70, 0.74, 0.0, 0.0))
    'noun.plant: 81 % of the selection, 7 % of the rest'
    """
    if not trait.is_share:
        inside, outside = (_median(trait, each) for each in (trait.inside, trait.outside))
        return f"{trait.column}: median {inside} in the selection, {outside} in the rest"
    shares = f"{_share(trait.inside)} of the selection, {_share(trait.outside)} of the rest"
    return f"{_called(trait)}: {shares}"


def _called(trait: Trait) -> str:
    match trait.kind:
        case "label":
            return trait.name
        case "word":
            return f"the word {trait.name} in {trait.column}"
        case "missing":
            return f"no {trait.column}"
        case "category":
            return f"{trait.column} {trait.name}"
    return trait.column


def basis(found: Explanation) -> str:
    """What was compared, and how many tests the p values are corrected for."""
    tested = count(found.tests, "comparison")
    told = count(len(found.traits), "trait")
    return (
        f"{count(found.n_inside, 'selected row')} against {found.n_outside:,} others: {tested} by "
        f"labels, values, words and numbers, {told} with a corrected p of at most 0.05."
    )


def table(found: Explanation) -> pd.DataFrame:
    """One line per trait, the largest effect first."""
    return pd.DataFrame(
        {
            "what": [trait.kind for trait in found.traits],
            "column": [trait.column for trait in found.traits],
            "value": [trait.name for trait in found.traits],
            "in the selection": [_cell(trait, trait.inside) for trait in found.traits],
            "in the rest": [_cell(trait, trait.outside) for trait in found.traits],
            "effect": [round(trait.effect, 4) for trait in found.traits],
            "times as common": [trait.lift for trait in found.traits],
            "odds ratio": [trait.odds_ratio for trait in found.traits],
            "rows": [trait.n_inside for trait in found.traits],
            "rows of the rest": [trait.n_outside for trait in found.traits],
            "p": [trait.p for trait in found.traits],
            "corrected p": [trait.p_corrected for trait in found.traits],
        }
    )


@jobs.job("Collecting what is known of each row", lane="long")
def _facts(progress: Progress, embeddings: EmbeddingSet, words: jobs.Named[Words] | None) -> Facts:
    return facts_of(embeddings, None if words is None else words.value, progress=progress)


@jobs.cached
def _explanation(facts: jobs.Named[Facts], rows: Rows) -> Explanation:
    return explain(facts.value, rows)


def _cell(trait: Trait, value: float) -> str:
    return _share(value) if trait.is_share else f"median {_median(trait, value)}"


def _share(value: float) -> str:
    """A share as percent; 100 times 0.07 is 7 here, and no more."""
    return f"{number(round(100 * value, 9))} %"


def _median(trait: Trait, value: float) -> str:
    if trait.kind != "date":
        return number(value)
    return str(np.datetime64(round(value), "ns").astype("datetime64[s]")).replace("T", " ")
