"""The pairs that the Thresholds page is about: of a sample of rows at once, then of all rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import pandas as pd
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.metrics import Gap, PairCounts, ScoreCounts
from core.metrics.pair_resamples import Over, resample_pairs
from core.progress import counted, part
from core.studies import Estimate, Estimates, PairStudy
from core.studies.thresholds.operating import DRAWN, EXACT_ROWS, FIRST_ROWS
from pages.ui import jobs
from pages.ui.display.text import count, plain
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import cached
from pages.ui.results import labeled_pairs
from pages.ui.session.workspace import Workspace

SAMPLED_MEMBERS = 20  # of a class in a sample of rows: fewer make its OPIS rise by half


class Pairs(Protocol):
    """Scored pairs of both kinds: what an operating point is chosen on."""

    @property
    def embeddings(self) -> EmbeddingSet:
        """The items."""

    @property
    def metric(self) -> Metric:
        """Of the scores."""

    @property
    def fingerprint(self) -> str:
        """Names the pairs, for the keys of jobs and caches."""

    @property
    def totals(self) -> ScoreCounts:
        """The pairs by score."""

    @property
    def gap(self) -> Gap:
        """Whether one threshold could separate them."""

    @property
    def basis(self) -> str:
        """Which pairs they are, in words."""


@dataclass(frozen=True, eq=False)
class Lab:
    """A labeled set with its counted pairs.

    embeddings: with labels. metric: of the scores. rows: at most so many were counted, None: all.
    keep_singletons: whether rows alone in their class are impostors.
    """

    embeddings: EmbeddingSet
    metric: Metric
    rows: int | None
    study: PairStudy
    keep_singletons: bool = True

    @property
    def fingerprint(self) -> str:
        """Names the pairs, for the keys of jobs and caches."""
        return f"{self.embeddings.fingerprint} {self.metric} {self.rows} {self.keep_singletons}"

    @property
    def counts(self) -> PairCounts:
        """The counted pairs."""
        return self.study.counts

    @property
    def totals(self) -> ScoreCounts:
        """The counted pairs by score."""
        return self.study.counts.totals

    @property
    def gap(self) -> Gap:
        """Whether one threshold could separate all pairs."""
        return self.study.gap

    @cached_property
    def names(self) -> list[str]:
        """Name of each eligible class, in the order of `counts.order.classes`."""
        return [self.embeddings.class_names[code] for code in self.counts.order.classes]

    @property
    def basis(self) -> str:
        """Which pairs were counted, in words."""
        totals, order = self.counts.totals, self.counts.order
        pairs = (
            f"{totals.n_genuine:,.0f} genuine and {totals.n_impostor:,.0f} impostor pairs of "
            f"{count(order.n, 'row')} in {count(len(order.classes), 'class', 'classes')}"
        )
        missing = self.study.missing
        left_out = f" {count(missing, 'row')} without a label left out." if missing else ""
        if not self.study.is_sample:
            return f"All {pairs}.{left_out}"
        drawn = "each class its share" if self.study.sampled == "rows" else "whole classes"
        return (
            f"The {pairs}, drawn from {self.study.n:,} rows ({drawn}, seed {self.study.seed})."
            f"{left_out}"
        )


def eligible_classes(embeddings: EmbeddingSet) -> int:
    """Classes with at least two members."""
    return int((embeddings.class_sizes > 1).sum())


def lab(work: Workspace, *, keep_singletons: bool = True) -> Lab:
    """The pairs of the session's data: all once they are counted, those of a sample before.

    Ends the section with its progress until the sample is there.
    """
    embeddings, metric = work.embeddings, work.params.metric
    found = jobs.ready(labeled_pairs.at_hand(embeddings, metric, keep_singletons=keep_singletons))
    rows = FIRST_ROWS if found.is_sample else None
    return Lab(embeddings, metric, rows, found, keep_singletons)


def least_members(lab: Lab) -> int:
    """The least members of a class whose figures are told; more in a sample of rows.

    2 where fewer than two classes of a sample have more.
    """
    if lab.study.sampled != "rows":
        return 2
    enough = int((lab.counts.order.sizes >= SAMPLED_MEMBERS).sum())
    return SAMPLED_MEMBERS if enough >= 2 else 2


def narrow(work: Workspace, shown: Lab) -> None:
    """Count all pairs in the background where a sample is shown; its progress is drawn here."""
    if shown.rows is None:
        return
    if work.embeddings.n > EXACT_ROWS:
        st.caption(
            plain(
                f"All pairs are counted up to {EXACT_ROWS:,} rows; here there are "
                f"{work.embeddings.n:,}, so that the figures stay those of the sample."
            )
        )
        return
    counted = labeled_pairs.counted
    if counted.need(shown.embeddings, shown.metric, shown.keep_singletons) is not None:
        st.rerun()


def estimated(shown: Lab, over: Over) -> Estimates | None:
    """The figures of the pairs with their intervals, as a job."""
    return _estimated.need(shown, over)


def calibrated(shown: Lab, over: Over) -> dict[str, Estimate] | None:
    """The figures of a calibration with their intervals, as a job."""
    found = estimated(shown, over)
    return None if found is None else _calibrated.need(shown, over)


@cached
def classes_at(shown: Lab, score: float) -> pd.DataFrame:
    """One line per class at a threshold, worst utility first."""
    return studies.classes_at(shown.counts, score, shown.names)


@jobs.job("Drawing rows for the intervals")
def _estimated(progress: Progress, shown: Lab, over: Over) -> Estimates:
    return studies.estimates(shown.study, over=over, progress=progress)


@jobs.job("Calibrating the scores for the costs")
def _calibrated(progress: Progress, shown: Lab, over: Over) -> dict[str, Estimate]:
    drawn = counted(part(progress, 0.0, 0.6), DRAWN)
    resamples = resample_pairs(shown.counts, over=over, progress=drawn)
    measured = part(progress, 0.6, 1.0)
    return studies.calibrated_estimates(shown.totals, resamples, progress=measured)
