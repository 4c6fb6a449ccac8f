"""Compiled kernels of maps. Nothing here is imported before one runs: numba takes a second."""
