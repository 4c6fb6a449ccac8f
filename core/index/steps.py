"""Work in steps that end in time: each is sized by how long the one before it took."""

import time
from collections.abc import Callable, Iterator

Clock = Callable[[], float]

LONGEST = 0.3  # seconds: how long a stop waits for a step
AIM = 0.2  # seconds: rows take longer to insert as an index grows, so a step aims below the longest
FIRST = 100
GROWTH = 2


def timed_steps(
    total: int, *, smallest: int = 1, clock: Clock = time.perf_counter
) -> Iterator[slice]:
    """Slices that cover the range 0..total in order; the body of the loop is what is timed.

    The first has 100 items (or `smallest`), each next one so many as would have taken 0.2 s at the
    speed of the last, at most twice as many and at least `smallest`. So a step takes about 0.3 s at
    most, unless its smallest size takes longer. clock: gives seconds.
    """
    start, size = 0, max(FIRST, smallest)
    while start < total:
        part = slice(start, min(start + size, total))
        begun = clock()
        yield part
        size = next_size(part.stop - start, clock() - begun, smallest)
        start = part.stop


def next_size(done: int, seconds: float, smallest: int) -> int:
    """How many items the next step takes, after `done` items took `seconds`.

    >>> next_size(100, 0.4, 1), next_size(100, 0.001, 1), next_size(100, 9.0, 33)
    (50, 200, 33)
    """
    if seconds <= AIM / GROWTH:
        return max(smallest, GROWTH * done)
    return max(smallest, round(done * AIM / seconds))
