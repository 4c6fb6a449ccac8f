"""What the Recall page measures: the target, k, and which queries."""

from dataclasses import dataclass

import streamlit as st

from core.data import EmbeddingSet, read_embeddings
from core.errors import DataError
from pages.ui.controls import beam, uploaders, widgets
from pages.ui.controls.declared import Options, Slider, Switch
from pages.ui.display import messages
from pages.ui.display.text import count, plain
from pages.ui.session import selections, workspace
from pages.ui.session.received import File
from pages.ui.session.selections import Kept
from pages.ui.session.workspace import Workspace

ROWS, HELD_OUT = "rows of the index", "held-out rows"
GIVEN, UPLOADED = uploaders.GIVEN, "uploaded queries"
SELECTED = "a selection"
HONEST, ALL = "as many as needed", "all of them"
SIZES = (HONEST, "200", "1000", "5000", ALL)
ON_AVERAGE, BY_SHARE = "on average", "for a share of queries"
USUAL_KS = (1, 10, 100)
ABOUT = "queries"
FEWEST_HELD = 100  # rows from which some can be held out
RECALL_HELP = (
    "recall@k (ANN): the share of a query's k true nearest neighbors that are found "
    "([ann-benchmarks](https://github.com/erikbern/ann-benchmarks)). Other things are called "
    "recall@k too: in retrieval, the share of relevant items; in metric learning, hit@k."
)
SOURCE_HELP = (
    "Held-out rows are in no index: a second one with the same settings is built without them, and "
    "they are searched for as new queries would be. Rows of the index are easier: each is left out "
    "of its own answer by id, but its own node is linked to its neighbors. A selection, kept on "
    "the Map page, is such rows too. Best are real queries: upload a log of them."
)
TARGET = Slider(
    "target", "Target recall", low=0.5, high=1.0, value=0.99, step=0.01, help=RECALL_HELP
)
REACHED = Options(
    "reached",
    "Reached",
    (ON_AVERAGE, BY_SHARE),
    help="A mean hides queries that fare badly: 0.95 on average may be 0 for one in twenty.",
    in_sight=True,
)
SHARE = Slider("share", "Share of queries, %", low=50, high=100, value=95, step=1)
SOURCE = Options("source", "Queries are", help=SOURCE_HELP, former={"rows of the data": ROWS})
SIZE = Options(
    "size",
    "Number of queries",
    SIZES,
    former={"all rows": ALL},
    help="As many as needed: until the 95 % interval of mean recall is at most 0.005 to each side "
    "wherever it is at least 0.9, from 1,000 up to 10,000.",
)
SELECTION = Options(
    "selection",
    "Selection",
    help="Each of its rows is a row of the index and is left out of its own answer.",
)
STATED = Switch(
    "stated",
    "Use the file's ground truth",
    help="Otherwise the true neighbors are computed here, and compared with the file's.",
)


@dataclass(frozen=True)
class RecallSettings:
    """target: recall; share: of the queries that must reach it, None for their mean. k: answers.

    source: `ROWS`, `SELECTED`, `HELD_OUT`, `GIVEN` or `UPLOADED`. size: of `SIZES`, for held-out
    rows and rows of the index. stated: whether the ground truth of the data's file is used.
    """

    target: float
    share: float | None
    k: int
    source: str
    size: str
    stated: bool

    @property
    def ks(self) -> tuple[int, ...]:
        """Every k of the one traversal: the usual ones and the chosen one."""
        return tuple(sorted({*USUAL_KS, self.k}))

    def goal_at(self, k: int) -> str:
        """The target in words, for the k of a curve."""
        if self.share is None:
            return f"a mean recall@{k} of {self.target:g}"
        return f"recall@{k} of at least {self.target:g} for {100 * self.share:g} % of queries"


def show(work: Workspace) -> RecallSettings:
    """Draw the row of controls that most sections share."""
    by_share = REACHED.held() == BY_SHARE
    widths = [3, 3, 2, 2, 2] if by_share else [3, 3, 3, 2]
    left, goal, *part, middle, more = st.columns(widths, vertical_alignment="bottom")
    with left:
        target = TARGET.draw()
    with goal:
        by_share = REACHED.draw() == BY_SHARE
    with part[0] if part else goal:
        share = SHARE.draw() / 100 if by_share else None
    with middle:
        k = beam.k_slider(work)
    with more, st.popover("Queries", width="stretch"):
        source, size, stated = _queries(work)
    return RecallSettings(target, share, k, source, size, stated)


def held(work: Workspace) -> RecallSettings:
    """The same without drawing them, as they were left."""
    return RecallSettings(
        TARGET.held(),
        SHARE.held() / 100 if REACHED.held() == BY_SHARE else None,
        beam.held_k(work),
        SOURCE.held(_sources(work)),
        SIZE.held(),
        STATED.held(),
    )


def _queries(work: Workspace) -> tuple[str, str, bool]:
    source = SOURCE.draw(_sources(work))
    size, stated = HONEST, False
    if source == SELECTED:
        SELECTION.draw([each.name for each in selections.kept(work.embeddings)])
    if source in (ROWS, SELECTED, HELD_OUT):
        size = SIZE.draw()
    elif source == GIVEN and work.embeddings.ground_truth is not None:
        stated = STATED.draw()
    uploader(work)
    return source, size, stated


def rows_kind(work: Workspace) -> str:
    """Rows held out of an index, where one can be built without them, else rows of the index."""
    can_build = work.opened is None and work.embeddings.n >= FEWEST_HELD
    return HELD_OUT if can_build else ROWS


def _sources(work: Workspace) -> list[str]:
    given = [GIVEN] if work.embeddings.queries is not None else []
    uploaded = [UPLOADED] if work.queries is not None else []
    rows = [HELD_OUT, ROWS] if rows_kind(work) == HELD_OUT else [ROWS]
    selected = [SELECTED] if selections.kept(work.embeddings) else []
    return [*uploaded, *given, *rows, *selected]


def selected(work: Workspace) -> Kept | None:
    """The kept selection whose rows are the queries where the source is one; None without any."""
    names = [each.name for each in selections.kept(work.embeddings)]
    return selections.named(work.embeddings, SELECTION.held(names)) if names else None


def uploader(work: Workspace) -> None:
    """Bring queries, or let those that were brought go."""
    key = f"_queries_{uploaders.turn()}"
    uploaders.draw(
        "Your own queries",
        key=key,
        help="Vectors of the same model and dimension, such as a log of real queries. Their true "
        "neighbors are computed here.",
        on_change=_take,
        args=(key, work),
    )
    uploaders.show_state(ABOUT)
    if work.queries is not None:
        messages.note(f"{plain(work.queries.name)}: {count(work.queries.n, 'query', 'queries')}.")
        st.button("Forget these queries", on_click=workspace.adopt_queries, args=(None,))


def _take(key: str, work: Workspace) -> None:
    data = work.embeddings
    uploaders.read(key, lambda file: _queries_of(file, data.dim), _adopt, about=ABOUT, of=data)


def _queries_of(file: File, dim: int) -> EmbeddingSet:
    queries = read_embeddings(file.content, name=file.name)
    if queries.queries is not None:  # a file of data and its queries
        queries = EmbeddingSet.from_arrays(queries.queries, name=f"{queries.name}, its queries")
    if queries.dim != dim:
        raise DataError(
            f"The queries must have {dim:,} dimensions, as the data has; {file.name} has "
            f"{queries.dim:,}. Use the model that the data was made with."
        )
    return queries


def _adopt(queries: EmbeddingSet) -> None:
    workspace.adopt_queries(queries)
    widgets.put(source=UPLOADED)
