"""The controls of the section `No labels`, and the off-topic queries that can be chosen."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data import EmbeddingSet, read_embeddings, sample_names
from core.distances import Metric
from core.errors import DataError
from core.metrics import ScoreUnit, units_of
from core.studies.thresholds.floor import SHARES, Basis
from core.studies.thresholds.floor_scores import PAIRED_ROWS
from pages.ui.controls import queries, uploaders, widgets
from pages.ui.controls.queries import GIVEN, UPLOADED
from pages.ui.display import messages
from pages.ui.display.text import count, plain
from pages.ui.session import workspace
from pages.ui.session.received import File
from pages.ui.session.slot import Kept, Slot
from pages.ui.session.workspace import Workspace

ROWS, NONE, OFF_TOPIC = "rows of the data", "none", "uploaded off-topic queries"
PAIRS, STRANGERS = "random pairs", "off-topic queries"
ABOUT = "off-topic queries"
USUAL = 1_000
ERRORS = (1, 2, 5, 10, 20, 50)
_OFF_TOPIC: Slot[EmbeddingSet | None] = Slot(
    "off_topic_queries",
    lambda: None,
    kept=Kept("The off-topic queries could not be opened", True),
)


@dataclass(frozen=True)
class Wanted:
    """What the controls say.

    share: of the unrelated that may pass. queries: where they come from. off_topic: the name of the
    off-topic queries. basis: what the floor keeps out. bearable: the total error up to which a
    floor separates. log: whether shares are drawn on a logarithmic axis. unit: of the scores.
    """

    share: float
    queries: str
    off_topic: str
    basis: Basis
    bearable: float
    log: bool
    unit: ScoreUnit


def show(work: Workspace, off_topic: dict[str, EmbeddingSet]) -> Wanted:
    """Draw the row of controls."""
    asked = widgets.held("off_topic", str, _first(off_topic)) in off_topic
    widths = [3, 3, *([3] if off_topic else []), *([3] if asked else []), 2, 2]
    share, source, *strangers, axis, more = st.columns(widths, vertical_alignment="bottom")
    with share:
        every = widgets.select(
            "Unrelated that may pass",
            "floor_share",
            _shares(),
            value=usual_share(work.embeddings.n),
            format=lambda one: f"1 in {one:,}",
            help="The share of unrelated pairs, or of off-topic queries, that the floor may let "
            "through.",
        )
    with source:
        queries_are = widgets.select(
            "Queries are",
            "floor_queries",
            _sources(work),
            help="Their nearest rows are the answers to keep. A row is left out of its own answer. "
            "Best are real queries: upload a log of them.",
        )
    against = NONE
    if off_topic:
        with strangers[0]:
            against = widgets.select(
                "Off-topic queries",
                "off_topic",
                [*off_topic, NONE],
                value=_first(off_topic),
                help="Queries that no row answers. They must come from the same model.",
            )
    basis: Basis = "pairs"
    if against != NONE:
        with strangers[-1]:
            chosen = widgets.select(
                "The floor keeps out",
                "floor_against",
                [PAIRS, STRANGERS],
                help="Random pairs of rows, or the best answers of off-topic queries, which are "
                "the highest of many and pass far more often.",
            )
            basis = "pairs" if chosen == PAIRS else "off_topic"
    with axis:
        log = widgets.toggle("Log axis", "floor_log", help="Shows the tails of the shares.")
    with more, st.popover("More", width="stretch"):
        bearable = widgets.select(
            "Total error that a floor may have",
            "bearable",
            ERRORS,
            value=10,
            format=lambda share: f"{share} %",
            help="Unrelated that pass and best answers that are lost, together. Where no floor has "
            "so little, none separates them.",
        )
        unit = _unit(work.params.metric)
        queries.uploader(work)
        _uploader(work, off_topic)
    return Wanted(
        share=SHARES[_shares().index(every)],
        queries=queries_are,
        off_topic=against,
        basis=basis,
        bearable=bearable / 100,
        log=log,
        unit=unit,
    )


def _first(off_topic: dict[str, EmbeddingSet]) -> str:
    """Off-topic queries that were uploaded are used; rows of a sample only where chosen."""
    return OFF_TOPIC if OFF_TOPIC in off_topic else NONE


def _shares() -> list[int]:
    """The shares that can be asked for, as one of how many."""
    return [round(1 / share) for share in SHARES]


def _unit(metric: Metric) -> ScoreUnit:
    """The unit that scores are shown in; the choice is that of the whole page."""
    units = {each.name: each for each in units_of(metric)}
    told = "; ".join(f"{each.name}: {each.used_by}" for each in units.values())
    return units[widgets.select("Unit", "unit", list(units), help=f"{told}.")]


def usual_share(n: int) -> int:
    """1 in 1,000, or the rarest that the pairs of n rows can tell."""
    rows = min(n, PAIRED_ROWS)
    pairs = rows * (rows - 1) // 2
    return max((one for one in _shares() if one <= min(pairs, USUAL)), default=_shares()[0])


def _sources(work: Workspace) -> list[str]:
    uploaded = [UPLOADED] if work.queries is not None else []
    given = [GIVEN] if work.embeddings.queries is not None else []
    return [*uploaded, *given, ROWS]


def off_topic_sets(work: Workspace) -> dict[str, EmbeddingSet]:
    """The sets of off-topic queries that have the dimension of the data, by name."""
    found = {}
    uploaded = _OFF_TOPIC.get()
    if uploaded is not None and uploaded.dim == work.embeddings.dim:
        found[OFF_TOPIC] = uploaded
    for name in sample_names():
        sample = workspace.sample(name)
        if sample.dim == work.embeddings.dim and not _same_vectors(sample, work.embeddings):
            found[f"rows of the sample {name}"] = sample.bare
    return found


def _same_vectors(one: EmbeddingSet, other: EmbeddingSet) -> bool:
    return bool(one.vectors is other.vectors or np.array_equal(one.vectors, other.vectors))


def why_none(dim: int) -> str:
    """Why no sample can stand for off-topic queries."""
    return (
        f"No other sample has {dim:,} dimensions, so none can stand for off-topic queries: upload "
        "some, made by the same model."
    )


def _uploader(work: Workspace, off_topic: dict[str, EmbeddingSet]) -> None:
    key = f"_off_topic_{uploaders.turn()}"
    uploaders.draw(
        "Off-topic queries",
        key=key,
        help="Vectors of queries that no row of the data answers, of the same model.",
        on_change=_take,
        args=(key, work),
    )
    uploaders.show_state(ABOUT)
    if OFF_TOPIC in off_topic:
        given = off_topic[OFF_TOPIC]
        messages.note(
            f"{plain(given.name)}: {count(given.n, 'off-topic query', 'off-topic queries')}."
        )
        st.button("Forget these off-topic queries", on_click=_OFF_TOPIC.set, args=(None,))
    elif not off_topic:
        messages.note(plain(why_none(work.embeddings.dim)))


def _take(key: str, work: Workspace) -> None:
    data = work.embeddings
    uploaders.read(key, lambda file: _off_topic_of(file, data.dim), _adopt, about=ABOUT, of=data)


def _off_topic_of(file: File, dim: int) -> EmbeddingSet:
    given = read_embeddings(file.content, name=file.name)
    if given.dim != dim:
        raise DataError(
            f"Off-topic queries must have {dim:,} dimensions, as the data has; {file.name} has "
            f"{given.dim:,}. Use the model that the data was made with."
        )
    return given.bare


def _adopt(given: EmbeddingSet) -> None:
    _OFF_TOPIC.set(given)
    widgets.put(off_topic=OFF_TOPIC)
