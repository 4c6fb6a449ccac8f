"""Versions of the data that remedies made, and the way back, kept for the session.

Only the set that the first remedy was for is held; a later version that the server has let go is
made again from it by the same remedies.
"""

from dataclasses import dataclass

from core.data import EmbeddingSet, sample_names
from core.studies import Remedy, treated
from pages.ui.session import workspace
from pages.ui.session.links import Choice
from pages.ui.session.slot import Slot
from pages.ui.session.uploads import uploads
from pages.ui.session.workspace import Workspace

KEEPS_QUERIES = ("leave out rows",)  # an uploaded set of queries still fits then


@dataclass(frozen=True, eq=False)
class Version:
    """choice: the data and the index settings. remedies: what was done to the first, in order."""

    choice: Choice
    name: str
    n: int
    dim: int
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, eq=False)
class History:
    """first: the set as it was before any remedy. versions: the first, and each that was made."""

    first: EmbeddingSet
    versions: tuple[Version, ...]

    def place(self, work: Workspace) -> int | None:
        """Which version the session works on; None where it works on other data."""
        places = [i for i, each in enumerate(self.versions) if each.choice.data == work.data]
        return places[-1] if places else None


_HISTORY: Slot[History | None] = Slot("versions", lambda: None)


def history(work: Workspace) -> History | None:
    """The versions of the loaded data, if remedies made some."""
    kept = _HISTORY.get()
    return kept if kept is not None and kept.place(work) is not None else None


def apply(embeddings: EmbeddingSet, remedy: Remedy) -> None:
    """Make a new version of the loaded data and work on it; from a callback.

    embeddings: the set that the remedy was made for; nothing is done where that is left already.
    """
    work = workspace.current()
    if not workspace.is_current(embeddings):
        return
    before, kept = workspace.chosen(), history(work)
    place = None if kept is None else kept.place(work)
    if kept is None or place is None:
        kept = History(work.embeddings, (_version(before, work.embeddings, ()),))
        place = 0
    made = treated(work.embeddings, remedy)
    workspace.adopt_version(made, keep_queries=remedy.action in KEEPS_QUERIES)
    remedies = (*kept.versions[place].remedies, remedy)
    after = _version(workspace.chosen(), made, remedies)
    _HISTORY.set(History(kept.first, (*kept.versions[: place + 1], after)))


def go_to(place: int) -> None:
    """Work on another version; from a callback."""
    kept = _HISTORY.get()
    if kept is None or not 0 <= place < len(kept.versions):
        return
    version = kept.versions[place]
    if version.choice.data not in sample_names() and uploads().get(version.choice.data) is None:
        made = kept.first
        for remedy in version.remedies:
            made = treated(made, remedy)
        uploads().add(made)
    workspace.restore(version.choice)


def _version(choice: Choice, made: EmbeddingSet, remedies: tuple[Remedy, ...]) -> Version:
    return Version(choice, made.name, made.n, made.dim, remedies)
