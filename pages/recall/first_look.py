"""A first curve within seconds, of some of the rows, while the index of all rows is built."""

from core.figures import recall_vs_ef
from pages.recall import sentences
from pages.ui.controls import queries
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.results import tradeoffs
from pages.ui.session.workspace import Workspace


def show(work: Workspace, heading: Heading) -> None:
    """The section `Curve` of the Recall page before its index is there; nothing for small data."""
    rows = tradeoffs.rows_of_first_look(*work.embeddings.vectors.shape)
    if rows is None:
        return
    wanted = queries.show(work)
    found = tradeoffs.first_look(work, wanted)
    if found is None:
        return
    tradeoff, n = found.of_k(wanted.k), work.embeddings.n
    words = sentences.first_look(tradeoff, rows, n, wanted.target, wanted.share)
    heading.answer(words)
    ef = sentences.chosen_ef(tradeoff, wanted.target, wanted.share)
    chart.show(
        chart.drawn(
            recall_vs_ef,
            tradeoff,
            target=wanted.target,
            share=wanted.share,
            ef=ef,
            dark=chart.is_dark(),
        ),
        key="recall_first_look",
        alt=words,
        table=lambda: sentences.table(tradeoff, wanted.target, ef),
        csv_name="recall_vs_ef_of_some_rows",
    )
    messages.note(sentences.first_look_basis(tradeoff, rows))
