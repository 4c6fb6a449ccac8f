"""Sparse matrices in files of arrays: recognized by the names of their parts, and named."""

from collections.abc import Mapping

from core.errors import DataError

COMPRESSED = {"data", "indices", "indptr"}  # scipy's CSR, CSC and BSR; AnnData's
COORDINATES = {"data", "row", "col"}
DENSE = (
    "Save the vectors as a dense array (matrix.toarray()), or reduce them first, e.g. with "
    "sklearn.decomposition.TruncatedSVD"
)


def check_dense(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise DataError where the arrays are the parts of one sparse matrix, or sets of any size."""
    tables = [name for name, shape in shapes.items() if len(shape) == 2]
    names = set(shapes)
    flat = not any(name in tables for name in COMPRESSED | COORDINATES)
    if flat and (names >= COMPRESSED or (names >= COORDINATES and "format" in names)):
        raise DataError(f"The file holds a sparse matrix, which is not read. {DENSE}.")
    for name in ("train", "test"):
        if len(shapes.get(name, ())) == 1 and f"size_{name}" in names:
            raise DataError(
                f"The file holds sparse data, as ann-benchmarks writes sets: {name!r} lists the "
                f"members of sets of different sizes. {DENSE}."
            )


def sparse_groups(names: Mapping[str, object]) -> list[str]:
    """Paths of groups whose arrays are the parts of one sparse matrix, sorted.

    >>> sparse_groups(dict.fromkeys(["X/data", "X/indices", "X/indptr", "obs/data"]))
    ['X']
    """
    members: dict[str, set[str]] = {}
    for path in names:
        group, _, name = path.rpartition("/")
        members.setdefault(group, set()).add(name)
    return sorted(group for group, held in members.items() if group and held >= COMPRESSED)
