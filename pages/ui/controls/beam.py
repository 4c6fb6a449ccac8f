"""The two settings of a search, k and ef, the same on every page that searches."""

from pages.ui.controls import widgets
from pages.ui.session.workspace import Workspace

MOST_NEIGHBORS = 100
EF_MAX = 512
EF_HELP = (
    "Beam width of the search on layer 0: how many of the nearest rows found so far are kept "
    "([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320), algorithm 2)."
)


def returnable(work: Workspace) -> int:
    """How many rows a search of the index can return: those that it does not hold as deleted."""
    return work.embeddings.n - (0 if work.brought is None else work.brought.n_deleted)


def k_slider(work: Workspace) -> int:
    """How many neighbors are asked for, of the rows that can be returned but the query."""
    most = _most(work)
    return widgets.slider(
        "k", "k", low=1, high=most, value=min(10, most), help="Neighbors asked for."
    )


def _most(work: Workspace) -> int:
    return max(1, min(MOST_NEIGHBORS, returnable(work) - 1))


def ef_slider(k: int) -> int:
    """The beam width, from k on."""
    return widgets.slider("ef", "ef", low=k, high=largest_ef(k), value=max(40, k), help=EF_HELP)


def held_k(work: Workspace) -> int:
    """The k that another section or page has set, without drawing its slider."""
    most = _most(work)
    return max(1, min(widgets.held("k", int, min(10, most)), most))


def held_ef(k: int) -> int:
    """The ef that another section or page has set, without drawing its slider."""
    return max(k, min(widgets.held("ef", int, max(40, k)), largest_ef(k)))


def largest_ef(k: int) -> int:
    """The largest ef that is offered and swept for k neighbors."""
    return max(EF_MAX, 4 * k)
