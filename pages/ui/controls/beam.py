"""The two settings of a search, k and ef, the same on every page that searches."""

from pages.ui.controls.declared import Slider
from pages.ui.session.workspace import Workspace

MOST_NEIGHBORS = 100
EF_MAX = 512
EF_HELP = (
    "Beam width of the search on layer 0: how many of the nearest rows found so far are kept "
    "([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320), algorithm 2)."
)
K = Slider("k", "k", low=1, high=MOST_NEIGHBORS, value=10, help="Neighbors asked for.")
CENSUS_HELP = (
    "Beam width of the search for each item by its own vector. An item that is not among the rows "
    "that the beam holds at the end cannot be found by the best query there is for it."
)
EF = Slider("ef", "ef", low=1, high=EF_MAX, value=40, help=EF_HELP)
CENSUS_EF = Slider("census_ef", "ef of the census", low=1, high=EF_MAX, value=40, help=CENSUS_HELP)


def returnable(work: Workspace) -> int:
    """How many rows a search of the index can return: those that it does not hold as deleted."""
    return work.embeddings.n - (0 if work.opened is None else work.opened.n_deleted)


def k_slider(work: Workspace) -> int:
    """How many neighbors are asked for, of the rows that can be returned but the query."""
    return K.draw(high=_most(work))


def held_k(work: Workspace) -> int:
    """The k that another section or page has set, without drawing its slider."""
    return K.held(high=_most(work))


def ef_slider(k: int) -> int:
    """The beam width, from k on."""
    return EF.draw(low=k, high=largest_ef(k))


def held_ef(k: int) -> int:
    """The ef that another section or page has set, without drawing its slider."""
    return EF.held(low=k, high=largest_ef(k))


def largest_ef(k: int) -> int:
    """The largest ef that is offered and swept for k neighbors."""
    return max(EF_MAX, 4 * k)


def _most(work: Workspace) -> int:
    return max(1, min(MOST_NEIGHBORS, returnable(work) - 1))
