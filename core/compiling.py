"""How kernels are compiled, and where the compiled code is kept.

Each folder of kernels has a module that names itself here:

    _KERNELS = Kernels(Path(__file__).parent)
    kernel, fast_kernel = _KERNELS.exact, _KERNELS.fast

numba's cache asks only whether the file of a kernel has changed, not the files of the kernels that
it calls, and would go on running old code. So the cache's folder is named by a digest of all the
sources in the folder, and of those elsewhere that are compiled with them.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import Cache

from core.compiled import CACHE_SETTING, code_folder

LOGGER = logging.getLogger("nearfield")


class Kernels:
    """The kernels of one folder.

    here: the folder. elsewhere: files outside of it that are compiled with them. folder: where the
    compiled code is kept, or None where nothing can be written.
    """

    def __init__(self, here: Path, elsewhere: Sequence[Path] = ()) -> None:
        base = code_folder(here)
        files = [*sorted(here.glob("*.py")), *elsewhere]
        sources = b"".join(path.read_bytes() for path in files)
        name = f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}"
        self.folder = None if base is None else str(base / name)

    def exact(self, function: Callable[..., Any]) -> Any:
        """Compile with exact arithmetic."""
        return self._compile(function)

    def fast(self, function: Callable[..., Any]) -> Any:
        """Compile so that sums may be reordered, for vector instructions; NaN and inf are kept."""
        return self._compile(function, fastmath={"reassoc", "contract", "nsz", "arcp"})

    def _compile(self, function: Callable[..., Any], **options: Any) -> Any:
        """njit with the options of all kernels.

        nogil: threads run side by side. _nrt: no reference counts: the kernels allocate nothing and
        keep nothing, and a count taken and given back at each call of a helper is an atomic
        operation that costs as much as a distance.
        """
        settings: Any = config
        compiler: Any = njit
        with CACHE_SETTING:
            before, settings.CACHE_DIR = settings.CACHE_DIR, self.folder or ""
            try:
                kept = self.folder is not None
                return compiler(cache=kept, nogil=True, _nrt=False, **options)(function)
            finally:
                settings.CACHE_DIR = before


def let_unsaved_code_run(save: Callable[..., None]) -> Callable[..., None]:
    """numba's `Cache.save_overload`, which lets the call fail whose code cannot be kept.

    Here the code is run all the same, on a full disk for one.
    """

    def saved(self: Any, signature: Any, code: Any) -> None:
        try:
            save(self, signature, code)
        except OSError as error:
            _warn(str(error.strerror))

    return saved


@cache
def _warn(reason: str) -> None:
    LOGGER.warning("Compiled code could not be kept (%s): the next start compiles again.", reason)


_NUMBAS: Any = Cache  # also for UMAP and its libraries
_NUMBAS.save_overload = let_unsaved_code_run(_NUMBAS.save_overload)
