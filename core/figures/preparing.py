"""A figure that is sent again and again: its properties as they go to a browser, and no more.

plotly copies and encodes all properties whenever a figure is asked for them, and its objects take
several times the memory of what is sent.
"""

from typing import Any

from plotly.graph_objects import Figure


class Prepared(Figure):  # type: ignore[misc]
    """Answers `to_dict`, and nothing else that a figure does; who holds one cannot change it."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self._properties = properties  # the figure's own __init__ would take them apart again

    def to_dict(self) -> dict[str, Any]:
        """The properties, which are not copied."""
        return self._properties

    def __repr__(self) -> str:
        traces = [trace.get("type", "scatter") for trace in self._properties["data"]]
        return f"Prepared({', '.join(traces)})"


def prepared(figure: Figure) -> Figure:
    """The figure as it is sent.

    >>> figure = Figure().add_bar(y=[1, 2])
    >>> prepared(figure).to_dict() == figure.to_dict()
    True
    """
    return Prepared(figure.to_dict())
