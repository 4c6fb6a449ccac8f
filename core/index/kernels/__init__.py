"""Compiled kernels. Nothing here is imported before a search runs: numba takes a second to load.

The functions of `core.index` check their arguments and then call these with exact types:
float32 vectors, int32 ids, int64 offsets, C-contiguous.
"""
