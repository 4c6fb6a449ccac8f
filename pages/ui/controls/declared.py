"""Controls declared once: key, label, range and default; drawn in one place, read in any.

    TARGET = Slider("target", "Target recall", low=0.5, high=1.0, value=0.99, step=0.01)
    target = TARGET.draw()      # on the page that shows it
    target = TARGET.held()      # elsewhere: as it was left, or as a link says

Both give a value that is legal: within the range, or one of the options.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pages.ui.controls import widgets

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Slider(Generic[Number]):
    """A slider over [low, high]; the ends may follow from the data where it is drawn or read."""

    key: str
    label: str
    low: Number
    high: Number
    value: Number
    step: Number | None = None
    help: str | None = None

    def draw(self, *, low: Number | None = None, high: Number | None = None) -> Number:
        """Draw it and give its value; where low = high there is no choice, and nothing is drawn."""
        first, last = self._ends(low, high)
        return widgets.slider(
            self.label,
            self.key,
            low=first,
            high=last,
            value=min(max(self.value, first), last),
            step=self.step,
            help=self.help,
        )

    def held(self, *, low: Number | None = None, high: Number | None = None) -> Number:
        """Its value, whether this run draws it or not."""
        first, last = self._ends(low, high)
        return min(max(widgets.held(self.key, type(self.value), self.value), first), last)

    def _ends(self, low: Number | None, high: Number | None) -> tuple[Number, Number]:
        first = self.low if low is None else low
        return first, max(first, self.high if high is None else high)


@dataclass(frozen=True)
class NumberBox:
    """A whole number typed in, from `low` on; its end follows from the data."""

    key: str
    label: str
    low: int = 0
    value: int = 0
    width: int | Literal["stretch"] = "stretch"

    def draw(self, high: int, **also: Any) -> int:
        """Draw it and give its value.

        also: other controls, by key, and what a new number sets them to.
        """
        return widgets.number(
            self.label,
            self.key,
            low=self.low,
            high=high,
            value=self.value,
            step=1,
            width=self.width,
            also=also,
        )

    def held(self, high: int) -> int:
        """Its value, whether this run draws it or not."""
        return min(max(self.low, widgets.held(self.key, int, self.value)), max(self.low, high))


@dataclass(frozen=True)
class Options:
    """One of several texts, the first by default; which ones may follow from the data.

    in_sight: all are shown side by side, else in a list that opens. former: what options of a list
    were called in older links.
    """

    key: str
    label: str
    options: tuple[str, ...] = ()
    help: str | None = None
    in_sight: bool = False
    former: Mapping[str, str] = field(default_factory=dict)

    def draw(self, options: Sequence[str] = ()) -> str:
        """Draw it and give its value."""
        offered = list(options or self.options)
        if self.in_sight:
            return widgets.segmented(self.label, self.key, offered, help=self.help)
        return widgets.select(self.label, self.key, offered, help=self.help, former=self.former)

    def held(self, options: Sequence[str] = ()) -> str:
        """Its value, whether this run draws it or not."""
        offered = options or self.options
        value = widgets.held(self.key, str, offered[0])
        value = self.former.get(value, value)
        return value if value in offered else offered[0]


@dataclass(frozen=True)
class Switch:
    """On or off; off by default."""

    key: str
    label: str
    help: str | None = None

    def draw(self) -> bool:
        """Draw it and give its value."""
        return widgets.toggle(self.label, self.key, help=self.help)

    def held(self) -> bool:
        """Its value, whether this run draws it or not."""
        return widgets.held(self.key, str, "False").casefold() == "true"
