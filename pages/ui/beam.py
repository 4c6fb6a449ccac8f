"""The two settings of a search, k and ef, the same on every page that searches."""

from pages.ui import controls

MOST_NEIGHBORS = 100
EF_MAX = 512
EF_HELP = (
    "Beam width of the search on layer 0: how many of the nearest rows found so far are kept "
    "([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320), algorithm 2)."
)


def k_slider(n: int) -> int:
    """How many neighbors are asked for, of n rows of which one is the query."""
    most = _most(n)
    return controls.slider(
        "k", "k", low=1, high=most, value=min(10, most), help="Neighbors asked for."
    )


def _most(n: int) -> int:
    return max(1, min(MOST_NEIGHBORS, n - 1))


def ef_slider(k: int) -> int:
    """The beam width, from k on."""
    return controls.slider("ef", "ef", low=k, high=largest_ef(k), value=max(40, k), help=EF_HELP)


def held_k(n: int) -> int:
    """The k that another section or page has set, without drawing its slider."""
    most = _most(n)
    return max(1, min(controls.held("k", int, min(10, most)), most))


def held_ef(k: int) -> int:
    """The ef that another section or page has set, without drawing its slider."""
    return max(k, min(controls.held("ef", int, max(40, k)), largest_ef(k)))


def largest_ef(k: int) -> int:
    """The largest ef that is offered and swept for k neighbors."""
    return max(EF_MAX, 4 * k)
