"""The section `Take away`: the operating point, the figures behind it, and a test that holds it."""

from pages.thresholds import lab as labs
from pages.ui.display.heading import Heading
from pages.ui.session.workspace import Workspace


def show(work: Workspace, heading: Heading) -> None:
    """The section `Take away` of the Thresholds page."""
    lab = labs.lab(work)
    heading.answer(lab.basis)
