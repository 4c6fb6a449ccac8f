"""What the selection rule says of a candidate, in whole numbers that kernels write."""

KEPT, DROPPED, NOT_ASKED = 0, 1, 2
