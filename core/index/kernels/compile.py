"""How the kernels are compiled, and where the compiled code is kept.

numba's cache asks only whether the file of a kernel has changed, not the files of the kernels that
it calls, and would go on running old code. So the cache's folder is named by a digest of all the
sources here, and of those elsewhere that are compiled with them.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit

from core import ties
from core.compiled import CACHE_SETTING, code_folder

HERE = Path(__file__).parent
ELSEWHERE = (Path(ties.__file__),)


def _cache_folder() -> str | None:
    base = code_folder(HERE)
    if base is None:
        return None
    files = [*sorted(HERE.glob("*.py")), *ELSEWHERE]
    sources = b"".join(path.read_bytes() for path in files)
    return str(base / f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}")


FOLDER = _cache_folder()


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    """njit with the options of all kernels.

    nogil: threads run side by side. _nrt: no reference counts: the kernels allocate nothing and
    keep nothing, and a count taken and given back at each call of a helper is an atomic operation
    that costs as much as a distance.
    """
    settings: Any = config
    compiler: Any = njit
    with CACHE_SETTING:
        before, settings.CACHE_DIR = settings.CACHE_DIR, FOLDER or ""
        try:
            kept = FOLDER is not None
            return compiler(cache=kept, nogil=True, _nrt=False, **options)(function)
        finally:
            settings.CACHE_DIR = before


def kernel(function: Callable[..., Any]) -> Any:
    """Compile with exact arithmetic."""
    return _compile(function)


def fast_kernel(function: Callable[..., Any]) -> Any:
    """Compile so that sums may be reordered, for vector instructions; NaN and infinity are kept."""
    return _compile(function, fastmath={"reassoc", "contract", "nsz", "arcp"})
