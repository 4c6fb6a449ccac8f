"""The pages. Each is a package whose `page.py` is the recipe; what two share is in `pages.ui`.

The numbered scripts are for a server's first request. Streamlit learns only from `st.navigation` in
`app.py` that this folder is not its to route. Until a server has run that once, it looks here for a
script of the name in the address, and without one it tells the visitor that there is no such page.
Streamlit takes the number from the name; each script runs the router.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """folder: in `pages`, and the page's address. title: in the menu. question: that it answers."""

    folder: str
    title: str
    question: str

    @property
    def path(self) -> str:
        """Of its recipe, from the project's root."""
        return f"pages/{self.folder}/page.py"


PAGES = (
    PageInfo("data", "Data", "What did I load?"),
    PageInfo("map", "Map", "What does the space look like?"),
    PageInfo("neighbors", "Neighbors", "Who is near this item?"),
    PageInfo("layers", "Layers", "What did HNSW build, and how does a search move through it?"),
    PageInfo("recall", "Recall", "What does ef buy?"),
    PageInfo("thresholds", "Thresholds", "Does one threshold fit all classes?"),
)
OPENING = "map"
