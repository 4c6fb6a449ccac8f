"""What a map is called where an area of a link says which map it was drawn on.

The usual map of a method has the method's name; every other one also a few digits that tell all it
depends on, so that an area never selects on another map than its own.
"""

from core.distances import Metric
from pages.map.kept_maps import KeptMap
from pages.ui.jobs.key import fingerprint

PCA, GIVEN = "pca", "given"
DIGITS = 8
NO_NAME = ""  # of a map that is not finished: it is another one a moment later


def of_layout(kept: KeptMap, metric: Metric) -> str:
    """The name of a finished layout; metric: that a layout has unless another one is chosen.

    Usual is what the method lays out from the PCA, without labels.
    """
    settings = kept.name.settings
    usual = type(settings)(metric=metric)
    if settings == usual and kept.before is None and not kept.name.codes:
        return settings.method
    return f"{settings.method}.{_digits((settings, kept.before, kept.name.codes))}"


def of_rows(name: str, rows: str) -> str:
    """The name of a map of some rows alone, which `rows` names."""
    return f"{name}.{_digits(rows)}" if name else NO_NAME


def of_columns(columns: tuple[str, ...], usual: tuple[str, ...]) -> str:
    """The name of given coordinates in 2-D; usual: the columns that are taken unless chosen."""
    flat = columns[:2]
    return GIVEN if flat == usual[:2] else f"{GIVEN}.{_digits(flat)}"


def _digits(value: object) -> str:
    return fingerprint(value)[:DIGITS]
