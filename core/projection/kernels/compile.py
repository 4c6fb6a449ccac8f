"""The kernels of maps; `core.compiling` says how they are compiled and kept."""

from pathlib import Path

from core.compiling import Kernels

_KERNELS = Kernels(Path(__file__).parent)
kernel = _KERNELS.exact
