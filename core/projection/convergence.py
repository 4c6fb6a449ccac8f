"""What a layout tells while it converges: the share done in words, and the layout itself."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.progress import Progress
from core.projection.alignment import aligned
from core.projection.result import Method, Projection, Steps

# `watch(steps, make)` is called in each step; `make()` gives the layout as it is then.
Watch = Callable[[Steps, Callable[[], Projection]], None]


class Convergence:
    """Reports the steps of one layout, whose points `reference` (n, c) says how to turn."""

    def __init__(
        self,
        method: Method,
        seed: int,
        reference: Floats,
        unit: str,
        progress: Progress,
        watch: Watch | None,
    ) -> None:
        self._method, self._seed, self._reference = method, seed, reference
        self._unit, self._progress, self._watch = unit, progress, watch

    def step(self, done: int, total: int, places: Floats) -> None:
        """Say that `done` of `total` steps are behind; `places` (n, c) may go on changing."""
        self._progress(done / total, f"{self._unit[:-1]} {done:,} of {total:,}")
        if self._watch is not None:
            steps = Steps(done, total, self._unit)
            self._watch(steps, lambda: self._projection(places, steps))

    def end(self, places: Floats) -> Projection:
        """The finished layout."""
        return self._projection(places, None)

    def _projection(self, places: Floats, steps: Steps | None) -> Projection:
        turned: npt.NDArray[np.float32] = aligned(places, self._reference)
        return Projection(turned, self._method, None, self._seed, steps=steps)
