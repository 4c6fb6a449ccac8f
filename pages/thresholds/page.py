"""Thresholds: which threshold to ship, and for whom does it fail?"""

from collections.abc import Callable
from dataclasses import dataclass

from pages.thresholds import (
    consistency,
    decide,
    errors,
    groups,
    judged_lab,
    lab,
    no_labels,
    open_world,
    retrieval,
    take_away,
)
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.heading import Heading
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace


@dataclass(frozen=True)
class Section:
    """question: shown until its answer is there. show: draws the section, its answer included.

    needs_labels: whether it says nothing without classes.
    """

    question: str
    show: Callable[[Workspace, Heading], None]
    needs_labels: bool = True


SECTIONS = {
    "Decide": Section("Which threshold, and what does it cost?", decide.show),
    "Consistency": Section("Does one threshold fit all classes?", consistency.show),
    "Groups": Section("For whom does the threshold fail?", groups.show),
    "Errors": Section("Which pairs does the threshold get wrong?", errors.show),
    "No labels": Section("Which similarity floor keeps unrelated out?", no_labels.show, False),
    "Retrieval": Section("Does each item find the others of its class first?", retrieval.show),
    "Open world": Section(open_world.QUESTION, open_world.show, needs_labels=False),
    "Take away": Section("Which threshold, and how is it kept?", take_away.show),
}

work, heading = workspace.current(), Heading()
has_labels = lab.eligible_classes(work.embeddings) >= 2
offered = [
    name
    for name, section in SECTIONS.items()
    if has_labels
    or not section.needs_labels
    or (name == "Decide" and judged_lab.held(work) is not None)
]
first = "Decide" if has_labels else "No labels"
section = SECTIONS[
    widgets.segmented("View", "section", offered, value=first, of_page=True, named=False)
]
if not has_labels:
    messages.note(
        "The other sections need labels: at least two classes of two members. Choose a column "
        "whose values repeat as the label on the Data page."
    )
with heading.until_ready(section.question):
    section.show(work, heading)
