"""The section `Open world`: thresholds where they were not set, and what else could be done."""

from collections.abc import Callable
from dataclasses import dataclass

from core.studies.thresholds.transfer import FEWEST_CLASSES
from pages.thresholds import several, translator, unseen
from pages.thresholds.lab import eligible_classes
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count
from pages.ui.session.workspace import Workspace


@dataclass(frozen=True)
class Part:
    """show: draws the part, its answer included. classes: of two members that it needs, in all."""

    show: Callable[[Workspace, Heading], None]
    classes: int = 0


PARTS = {
    "Unseen classes": Part(unseen.show, FEWEST_CLASSES),
    "Several thresholds": Part(several.show, 2),
    "Another space": Part(translator.show),
}
QUESTION = "Does a threshold hold where it was not set?"


def show(work: Workspace, heading: Heading) -> None:
    """The section `Open world` of the Thresholds page."""
    found = eligible_classes(work.embeddings)
    first = next(name for name, part in PARTS.items() if found >= part.classes)
    name = widgets.segmented("Question", "world", list(PARTS), value=first, named=False)
    part = PARTS[name]
    if found < part.classes:
        heading.answer(refusal(name, part.classes, found))
        messages.empty(
            f"{work.embeddings.name} has too few labels for it.",
            "Choose a column whose values repeat as the label on the Data page, or look at "
            "Another space, which needs none.",
        )
        return
    part.show(work, heading)


def refusal(name: str, needed: int, found: int) -> str:
    """Why a part says nothing about the data."""
    has = count(found, "class", "classes") if found else "none"
    return f"{name}: at least {needed} classes of two members are needed; the data has {has}."
