"""The unit that thresholds are shown in, the same in every section."""

from core.distances import Metric
from core.metrics import ScoreUnit, units_of
from pages.ui.controls import widgets


def chosen_unit(metric: Metric) -> ScoreUnit:
    """The unit of a metric that was chosen in a section that draws the choice, else its default."""
    known = units_of(metric)
    held = widgets.held("unit", str, known[0].name)
    return next((each for each in known if each.name == held), known[0])
