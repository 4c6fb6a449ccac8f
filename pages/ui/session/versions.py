"""Versions of the data that remedies and selections made, and the way back, kept for the session.

Only the set that the first step was for is held; a later version that the server has let go is
made again from it by the same steps.
"""

from dataclasses import dataclass
from typing import Any

from core.data import EmbeddingSet, sample_names
from core.errors import CoreError
from core.studies import KeepRows, Remedy, Step, TakeColumn, WriteTag, after_step, treated
from pages.ui.session import contents, workspace
from pages.ui.session.links import Choice, from_parts, to_parts
from pages.ui.session.slot import Kept, Slot, of_fields, tell_lost
from pages.ui.session.workspace import Workspace

KEEPS_QUERIES = ("leave out rows",)  # an uploaded set of queries still fits then
AnyStep = Remedy | Step


@dataclass(frozen=True, eq=False)
class Version:
    """choice: the data and the index settings. steps: what was done to the first, in order."""

    choice: Choice
    name: str
    n: int
    dim: int
    steps: tuple[AnyStep, ...]


@dataclass(frozen=True, eq=False)
class History:
    """first: the set as it was before any step. versions: the first, and each that was made."""

    first: EmbeddingSet
    versions: tuple[Version, ...]

    def place(self, work: Workspace) -> int | None:
        """Which version the session works on; None where it works on other data."""
        places = [i for i, each in enumerate(self.versions) if each.choice.data == work.data]
        return places[-1] if places else None


_AS_FIELDS = of_fields(Version)


def _to_parts(kept: History | None) -> Any:
    if kept is None:
        return None
    versions = _AS_FIELDS["to_parts"](kept.versions)
    told = tuple((name, {**each, "choice": to_parts(each["choice"])}) for name, each in versions)
    return workspace.set_to_parts(kept.first), told


def _from_parts(parts: Any) -> History:
    first, told = parts
    versions = ((name, {**each, "choice": from_parts(each["choice"])}) for name, each in told)
    return History(workspace.set_from_parts(first), _AS_FIELDS["from_parts"](versions))


_HISTORY: Slot[History | None] = Slot(
    "versions",
    lambda: None,
    kept=Kept(
        "The versions of the data could not be opened",
        True,
        to_parts=_to_parts,
        from_parts=_from_parts,
    ),
)


def history(work: Workspace) -> History | None:
    """The versions of the loaded data, if steps made some."""
    kept = _HISTORY.get()
    return kept if kept is not None and kept.place(work) is not None else None


def apply(embeddings: EmbeddingSet, step: AnyStep) -> None:
    """Make a new version of the loaded data and work on it; from a callback.

    embeddings: the set that the step was made for; nothing is done where that is left already.
    Raises what the step refuses.
    """
    work = workspace.current()
    if not workspace.is_current(embeddings):
        return
    before, kept = workspace.chosen(), history(work)
    place = None if kept is None else kept.place(work)
    if kept is None or place is None:
        kept = History(work.embeddings, (_version(before, work.embeddings, ()),))
        place = 0
    made = _made(work.embeddings, step)
    same_vectors = isinstance(step, WriteTag | TakeColumn)
    if same_vectors:
        workspace.adopt_same_vectors(made)
    else:
        workspace.adopt_version(made, keep_queries=_keeps_queries(step))
    after = _version(workspace.chosen(), made, (*kept.versions[place].steps, step))
    _HISTORY.set(History(kept.first, (*kept.versions[: place + 1], after)))


def go_to(place: int) -> None:
    """Work on another version; from a callback."""
    kept = _HISTORY.get()
    if kept is None or not 0 <= place < len(kept.versions):
        return
    version = kept.versions[place]
    if version.choice.data not in sample_names() and contents.data(version.choice.data) is None:
        made = kept.first
        try:
            for step in version.steps:
                made = _made(made, step)
        except CoreError as error:
            tell_lost(f"The version {version.name!r} could not be made again: {error}")
            return
        contents.put_back(version.choice.data, made)
    workspace.restore(version.choice)


def whole(work: Workspace) -> int | None:
    """The version that a subset was opened from; None where the session works on no subset."""
    kept = history(work)
    place = None if kept is None else kept.place(work)
    if kept is None or place is None:
        return None
    steps = kept.versions[place].steps
    subsets = [i for i, step in enumerate(steps) if isinstance(step, KeepRows)]
    before = steps[: subsets[-1]] if subsets else ()
    places = [i for i, each in enumerate(kept.versions) if each.steps == before]
    return places[-1] if subsets and places else None


def _made(embeddings: EmbeddingSet, step: AnyStep) -> EmbeddingSet:
    return treated(embeddings, step) if isinstance(step, Remedy) else after_step(embeddings, step)


def _keeps_queries(step: AnyStep) -> bool:
    return isinstance(step, KeepRows) or (isinstance(step, Remedy) and step.action in KEEPS_QUERIES)


def _version(choice: Choice, made: EmbeddingSet, steps: tuple[AnyStep, ...]) -> Version:
    name = made.name
    if steps and isinstance(steps[-1], WriteTag):
        name = f"{name}, tagged {steps[-1].tag} in {steps[-1].column}"
    if steps and isinstance(steps[-1], TakeColumn):
        name = f"{name}, without the column {steps[-1].column}"
    return Version(choice, name, made.n, made.dim, steps)
