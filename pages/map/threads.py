"""What a map makes of the chosen item's neighbors: which are torn away, which are false."""

import numpy as np

from core.index import Neighbors
from core.projection import Projection
from core.studies.inspection.map_quality import Threads, threads_of
from pages.map.drawing import Rows
from pages.ui import jobs
from pages.ui.display.text import count

TRUE_AT_MOST = 150
TRUE_SHARE = 10  # one of so many rows is still near in truth


def listed(n: int, k: int) -> int:
    """How many true neighbors are found of an item, so that a row outside is far in truth.

    >>> listed(117_659, 15), listed(900, 15), listed(40, 15)
    (150, 90, 15)
    """
    return max(k, min(TRUE_AT_MOST, n // TRUE_SHARE))


def nearest(found: Neighbors | None, k: int) -> Neighbors | None:
    """The first k of the true neighbors, as tables and threads show them."""
    return None if found is None else Neighbors(found.ids[:, :k], found.distances[:, :k])


def threads(projection: Projection, item: int, found: Neighbors | None, k: int) -> Threads | None:
    """The threads of an item on a map. found: (1, m) its true neighbors, of which k are drawn."""
    true = np.empty(0, np.int64) if found is None else found.ids[0][found.ids[0] >= 0]
    return _threads(projection, item, true, k) if len(true) else None


@jobs.cached
def _threads(projection: Projection, item: int, true: Rows, k: int) -> Threads:
    return threads_of(projection.coordinates, item, true, k)


def words(found: Threads | None, k: int, listed: int) -> str:
    """How many neighbors are torn and how many false, in a sentence; "" without any.

    listed: how many true neighbors are known of the item; a false one is none of them.
    """
    if found is None:
        return ""
    true = len(found.near) + len(found.torn)
    torn = f"{len(found.torn)} of its" if len(found.torn) else "none of its"
    verb = "are" if len(found.torn) > 1 else "is"
    false = f"{len(found.false)} of the {k}" if len(found.false) else f"all {k}"
    none = "none of" if len(found.false) else "among"
    is_one = len(found.false) == 1
    return (
        f"{torn[0].upper()}{torn[1:]} {count(true, 'true neighbor')} {verb} torn apart on this "
        f"map; {false} nearest here {'is' if is_one else 'are'} {none} its {listed:,} true nearest."
    )
