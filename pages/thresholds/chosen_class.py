"""The class that was chosen, the same in every section of the Thresholds page."""

from typing import Any

from pages.thresholds.lab import Lab
from pages.ui.controls import widgets
from pages.ui.display import chart
from pages.ui.session.slot import forget_widget, widget_value

KEY, NONE = "class", ("none", "no class", "(no class)")


def draw(lab: Lab, label: str = "Class") -> int | None:
    """Draw the choice of a class, and give its place among the eligible ones; None for none."""
    none = next(word for word in NONE if word not in lab.names or word == NONE[-1])
    options = [none, *lab.names]
    name = widgets.select(label, KEY, options, help="Also by a click on its line or its bar.")
    return None if name == none else lab.names.index(name)


def taken(chart_key: str) -> int | None:
    """The place that the point clicked on a chart carries, once; in the chart's callback."""
    place = clicked_place(widget_value(chart_key))
    forget_widget(chart_key)
    return place


def choose(lab: Lab, place: int) -> None:
    """Choose a class by its place; from a callback."""
    widgets.put(**{KEY: lab.names[place]})


def clicked_place(state: Any) -> int | None:
    """The whole number that the first selected point of a chart carries; None where none does.

    >>> clicked_place({"selection": {"points": [{"customdata": [7]}]}})
    7
    >>> clicked_place({"selection": {"points": [{}]}}) is None
    True
    """
    for carried in chart.clicked(state):
        if carried and isinstance(carried[0], int | float) and float(carried[0]).is_integer():
            return int(carried[0])
    return None
