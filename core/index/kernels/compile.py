"""The kernels of searches and builds; `core.compiling` says how they are compiled and kept."""

from pathlib import Path

from core import ties
from core.compiling import Kernels

_KERNELS = Kernels(Path(__file__).parent, [Path(ties.__file__)])
FOLDER = _KERNELS.folder
kernel, fast_kernel = _KERNELS.exact, _KERNELS.fast
