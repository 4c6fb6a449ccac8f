"""The FAR that is asked for where a threshold is used on what it was not set on."""

from pages.ui.controls import widgets

RATES = {"1 in 10": 0.1, "1 in 100": 0.01, "1 in 1,000": 0.001, "1 in 10,000": 0.0001}
USUAL = "1 in 100"
HELP = (
    "False acceptance rate: the share of pairs of different classes (or of queries of unknown "
    "classes) that may pass the threshold."
)


def draw() -> float:
    """Draw the control and give the rate."""
    return RATES[
        widgets.segmented("FAR asked for", "world_far", list(RATES), value=USUAL, help=HELP)
    ]


def told(far: float) -> str:
    """An asked rate as percent, in as few digits as it has.

    >>> told(0.01), told(0.0001)
    ('1 %', '0.01 %')
    """
    return f"{100 * far:g} %"
