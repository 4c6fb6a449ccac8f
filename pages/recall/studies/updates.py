"""Updates on the page: what does an index lose while it is changed, or by its duplicates?"""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core import studies
from core.figures import Figure, updates_by_round
from core.index.churn import HOWS
from core.studies import Updates
from core.studies.experiments.updates import DUPLICATES, SEARCHED_AT_MOST
from pages.recall.studies.runs import (
    SEED,
    Part,
    Study,
    basis_words,
    finished_parts,
    queries_words,
)
from pages.ui import jobs
from pages.ui.controls import beam, widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages
from pages.ui.display.text import count, number, percent
from pages.ui.jobs import Progress
from pages.ui.results import expected
from pages.ui.results.expected import Costs
from pages.ui.session.workspace import Workspace

TITLE = "Updates"
QUESTION = "What do duplicates, deletions and updates do to this index?"
SHOWS = "Recall and lost items, round after round of updates, replacements and deletions."
ABOUT = (
    "Round by round, a share of the rows is updated in place, deleted and inserted again, or only "
    "deleted. Replaced rows can leave others that no search reaches any more "
    "([Xiao et al. 2024](https://arxiv.org/abs/2407.07871))."
)
QUERIES = 500
UPDATED = 9  # insertions that an update of a row takes, as measured on 4,985 rows of WordNet
WORDS = {
    "update": "updating rows in place",
    "replace": "deleting and inserting them again",
    "delete": "deleting them",
}


@dataclass(frozen=True)
class Settings:
    """share: of the rows, in each round."""

    k: int
    ef: int
    rounds: int
    share: float


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> Updates:
    """The study of this data."""
    finished = finished_parts(part, settings)
    return studies.updates(
        part.vectors,
        part.params,
        k=settings.k,
        ef=settings.ef,
        rounds=settings.rounds,
        share=settings.share,
        queries=QUERIES,
        query_vectors=part.asked,
        seed=SEED,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def costs(part: Part, settings: Settings) -> Costs:
    """Two builds for duplicates; a build, the changes and their searches for each way."""
    n, asked = expected.split(part.n, part.given, QUERIES)
    m, rounds = part.params.m, settings.rounds
    build = expected.build(n, part.params)
    search = expected.insertions(asked, n, m, settings.ef)
    looks = (rounds + 1) * (search + expected.take_census(n, m, SEARCHED_AT_MOST, settings.ef))
    changes = UPDATED * rounds * settings.share * build
    series = {(how,): build + looks + (how != "delete") * changes for how in HOWS}
    return Costs({(DUPLICATES,): 2 * build, **series}, part.params.threads)


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:  # noqa: ARG001
    """Draw the study's controls."""
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        ef = beam.ef_slider(wanted.k)
    with middle:
        rounds = widgets.number("Rounds", "churn_rounds", low=1, high=8, value=5, step=1)
    with right:
        share = widgets.number("Rows per round, %", "churn_share", low=1, high=10, value=10, step=1)
    return Settings(wanted.k, ef, rounds, share / 100)


def answer(study: Updates) -> str:
    """What each way costs after the last round."""
    parts = [
        f"{WORDS[series.how]} takes recall@{study.k} from {number(series.recall[0])} to "
        f"{number(series.recall[-1])}"
        for series in study.series
    ]
    rounds = int(study.series[0].rounds[-1])
    asked = queries_words(study.queries, own=study.own_queries)
    return (
        f"After {count(rounds, 'round')} of {percent(study.share)}, over {asked}: "
        f"{', '.join(parts)}."
    )


def show(work: Workspace, study: Updates) -> None:  # noqa: ARG001
    """The series, and what removing duplicates does."""
    show_series(study)
    messages.note(without_duplicates(study))
    messages.note(
        f"{basis_words(study.n, study.queries, own=study.own_queries)} The queries are the same in "
        "every round, and no round touches them. Bands: 95 % bootstrap interval over queries. "
        "Deleted rows are still walked through, so a search "
        "costs more with each round; a rebuild takes them out."
    )


def without_duplicates(study: Updates) -> str:
    """What the removal of exact duplicates does."""
    copies = study.duplicates
    if copies is None:
        return "There are no exact duplicates among the indexed rows, so none were removed."
    return (
        f"Without its {count(copies.removed, 'exact duplicate')}, recall@{study.k} goes from "
        f"{percent(float(copies.before.recall.mean()))} to "
        f"{percent(float(copies.after.recall.mean()))}, unreachable items from "
        f"{copies.before.unreachable:,} to {copies.after.unreachable:,}."
    )


def show_series(study: Updates) -> None:
    """Each series that is there, round by round."""
    chart.show(
        chart.drawn(updates_by_round, study, dark=chart.is_dark()),
        key="updates",
        alt=answer(study),
        table=lambda: table(study),
    )


def table(study: Updates) -> pd.DataFrame:
    """One line per round of each way."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "way": series.how,
                    "round": series.rounds,
                    "mean recall": series.recall.round(4),
                    "95 % from": series.recall_low.round(4),
                    "95 % to": series.recall_high.round(4),
                    "distance computations": series.distance_computations.round(1),
                    "rows": series.live,
                    "unreachable": series.unreachable,
                    "not found by own vector": [percent(v) for v in series.unfindable_share],
                }
            )
            for series in study.series
        ]
    )


def picture(study: Updates) -> Figure:
    """Recall and lost items by round."""
    return updates_by_round(study, dark=chart.is_dark())


STUDY = Study(
    TITLE,
    QUESTION,
    SHOWS,
    ABOUT,
    draw_settings,
    run,
    answer,
    show,
    show_series,
    costs,
    picture,
    takes_queries=True,
    has_target=False,
)
