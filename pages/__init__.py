"""The pages. Each is a package whose `page.py` is the recipe; what two share is in `pages.ui`.

The numbered scripts are for a server's first request. Streamlit learns only from `st.navigation` in
`app.py` that this folder is not its to route. Until a server has run that once, it looks here for a
script of the name in the address, and without one it tells the visitor that there is no such page.
Streamlit takes the number from the name; each script runs the router.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PageInfo:
    """A page of the app.

    folder: in `pages`, and the page's address. title: in the menu. question: that it answers.
    action: what a newcomer does first there, on the sample that the app opens with. view: controls
    that the action sets, by key.
    """

    folder: str
    title: str
    question: str
    action: str
    view: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Of its recipe, from the project's root."""
        return f"pages/{self.folder}/page.py"


_HARD_SEARCH = {"item": "1717", "k": "10", "ef": "10"}  # finds 7 of the 10 nearest to "soliton"
PAGES = (
    PageInfo("data", "Data", "What did I load?", "Check the sample"),
    PageInfo(
        "map", "Map", "What does the space look like?", "Mark what is musical", {"mark": "musical"}
    ),
    PageInfo(
        "neighbors", "Neighbors", "Who is near this item?", "See what ef 10 misses", _HARD_SEARCH
    ),
    PageInfo(
        "layers",
        "Layers",
        "What did HNSW build, and how does a search move through it?",
        "Play a search",
        _HARD_SEARCH,
    ),
    PageInfo("recall", "Recall", "What does ef buy?", "Ask for 95 % recall", {"target": "0.95"}),
    PageInfo(
        "thresholds",
        "Thresholds",
        "Which threshold to ship, and for whom does it fail?",
        "Choose a threshold",
    ),
)
STATUS = PageInfo("status", "Status", "How does this server do?", "Look at its jobs")  # of admins
OPENING = "map"
SUBTITLE = "See your embedding space, and the HNSW index that searches it."
