"""How the kernels are compiled."""

from numba import njit

# nogil: threads run side by side. cache: compiled once, kept on disk. _nrt: no reference counts:
# the kernels allocate nothing and keep nothing, and a count taken and given back at each call of a
# helper is an atomic operation that costs as much as a distance.
kernel = njit(cache=True, nogil=True, _nrt=False)

# May reorder sums, and so use vector instructions; NaN and infinity are kept.
fast_kernel = njit(
    cache=True, nogil=True, _nrt=False, fastmath={"reassoc", "contract", "nsz", "arcp"}
)
