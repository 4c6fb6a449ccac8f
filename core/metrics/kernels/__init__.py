"""Compiled kernels of metrics. Nothing here is imported before one runs: numba takes a second.

The functions of `core.metrics` check their arguments and then call these with exact types.
"""
