"""The transforms of a faiss IndexPreTransform, which every vector and query goes through.

A count i32, then each: a fourcc, its own fields, and d_in i32, d_out i32, trained u8. A linear one
ends its fields with a bias flag u8, the matrix (d_out, d_in) f32 and the bias f32, each after a u64
count. (https://github.com/facebookresearch/faiss, `impl/index_write.cpp`, `VectorTransform.cpp`)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.files.cursor import Cursor
from core.index.files.faiss_head import LARGEST_DIM, fourcc
from core.index.transform import Centering, Linear, Normalization, Remapping, Step

LINEAR = {b"LTra": "linear transform", b"rrot": "random rotation", b"Viqm": "ITQ rotation"}
PCA = (b"PCAm", b"PcAm", b"Pcam")  # each form holds one more number than the one before
MOST_STEPS = 64


@dataclass(frozen=True, eq=False)
class _Fields:
    """The fields of a linear transform before its dimensions are known."""

    kind: str
    has_bias: bool
    matrix: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    offset: int


def read_steps(cursor: Cursor) -> tuple[Step, ...]:
    """The steps of a chain, each of which takes what the one before gives."""
    count = cursor.number("number of transforms", "<i4", 0, MOST_STEPS)
    steps: list[Step] = []
    for _ in range(count):
        start = cursor.offset
        for step in _read_step(cursor):
            if steps and steps[-1].dim_out != step.dim_in:
                raise cursor.error(
                    "transform",
                    f"{step.name} takes {step.dim_in:,} dimensions, and {steps[-1].dim_out:,} "
                    "come from the one before",
                    start,
                )
            steps.append(step)
    return tuple(steps)


def _read_step(cursor: Cursor) -> tuple[Step, ...]:
    """One transform; ITQ is three steps."""
    kind, offset = fourcc(cursor)
    if kind in PCA or kind in LINEAR:
        fields = _linear_fields(cursor, kind)
        return (_linear(cursor, fields, *_dims(cursor)),)
    if kind == b"VNrm":
        return (_normalization(cursor),)
    if kind == b"VCnt":
        mean = _numbers(cursor, "mean")
        return (_centering(cursor, mean, offset, *_dims(cursor)),)
    if kind == b"RmDT":
        return (_remapping(cursor),)
    if kind == b"Viqt":
        return _itq(cursor, offset)
    if kind == b"HRot":
        raise cursor.unsupported(
            "kind of transform",
            "HadamardRotation: the file holds the seed of its signs, not the signs",
            offset,
        )
    raise cursor.error("kind of transform", f"{kind!r} is none that faiss writes", offset)


def _dims(cursor: Cursor) -> tuple[int, int]:
    """The fields that every transform ends with."""
    dim_in = cursor.number("dimensions that a transform takes", "<i4", 1, LARGEST_DIM)
    dim_out = cursor.number("dimensions that a transform gives", "<i4", 1, LARGEST_DIM)
    cursor.number("trained flag of a transform", "u1", 0, 1)
    return dim_in, dim_out


def _linear_fields(cursor: Cursor, kind: bytes) -> _Fields:
    if kind in PCA:
        cursor.array("eigenvalue power", "<f4", 1)
        if kind == b"Pcam":
            cursor.array("epsilon", "<f4", 1)
        cursor.number("random rotation flag", "u1", 0, 1)
        if kind != b"PCAm":
            cursor.array("balanced bins", "<i4", 1)
        for field in ("mean", "eigenvalues", "eigenvectors"):
            cursor.counted(field, "<f4")  # the matrix and the bias follow from them
    if kind == b"Viqm":
        cursor.array("iterations and seed", "<i4", 2)
    has_bias = cursor.number("bias flag", "u1", 0, 1) == 1
    start = cursor.offset
    matrix, bias = _numbers(cursor, "matrix"), _numbers(cursor, "bias")
    return _Fields(LINEAR.get(kind, "PCA"), has_bias, matrix, bias, start)


def _linear(cursor: Cursor, fields: _Fields, dim_in: int, dim_out: int) -> Linear:
    if len(fields.matrix) != dim_in * dim_out or (fields.has_bias and len(fields.bias) != dim_out):
        raise cursor.error(
            "matrix",
            f"{len(fields.matrix):,} numbers and a bias of {len(fields.bias):,}, from {dim_in:,} "
            f"to {dim_out:,} dimensions",
            fields.offset,
        )
    matrix = fields.matrix.reshape(dim_out, dim_in)
    return Linear(fields.kind, matrix, fields.bias if fields.has_bias else None)


def _normalization(cursor: Cursor) -> Normalization:
    start = cursor.offset
    norm = float(cursor.array("norm", "<f4", 1)[0])
    if norm != 2:
        raise cursor.error("norm", f"{norm}; faiss can apply 2 only", start)
    return Normalization(_one_dim(cursor))


def _one_dim(cursor: Cursor) -> int:
    start = cursor.offset
    dim_in, dim_out = _dims(cursor)
    if dim_in != dim_out:
        raise cursor.error("dimensions of a transform", f"{dim_in:,} and {dim_out:,}", start)
    return dim_in


def _centering(
    cursor: Cursor, mean: npt.NDArray[np.float32], offset: int, dim_in: int, dim_out: int
) -> Centering:
    if not len(mean) == dim_in == dim_out:
        raise cursor.error(
            "mean", f"{len(mean):,} numbers, from {dim_in:,} to {dim_out:,} dimensions", offset + 4
        )
    return Centering(mean)


def _remapping(cursor: Cursor) -> Remapping:
    start = cursor.offset
    places = np.array(cursor.counted("map of dimensions", "<i4"))
    dim_in, dim_out = _dims(cursor)
    if len(places) != dim_out or places.min() < -1 or places.max() >= dim_in:
        raise cursor.error(
            "map of dimensions",
            f"{len(places):,} places from {places.min(initial=0):,} to {places.max(initial=0):,}, "
            f"from {dim_in:,} to {dim_out:,} dimensions",
            start,
        )
    return Remapping(dim_in, places)


def _itq(cursor: Cursor, offset: int) -> tuple[Step, ...]:
    """The mean is subtracted, the rest normalized, and rotated by one matrix."""
    mean = _numbers(cursor, "mean")
    cursor.number("PCA flag", "u1", 0, 1)
    for kind in (b"Viqm", b"LTra"):
        found, start = fourcc(cursor)
        if found != kind:
            raise cursor.error("part of ITQ", f"{found!r} is not {kind!r}", start)
        fields = _linear_fields(cursor, kind)
        dims = cursor.offset
        sizes = _dims(cursor)
    turn = _linear(cursor, fields, *sizes)
    dim_in, dim_out = _dims(cursor)
    if (turn.dim_in, turn.dim_out) != (dim_in, dim_out):
        raise cursor.error("dimensions of ITQ", f"{dim_in:,} and {dim_out:,}", dims)
    centering = _centering(cursor, mean, offset, dim_in, dim_in)
    return centering, Normalization(dim_in), Linear("ITQ", turn.matrix, turn.bias)


def _numbers(cursor: Cursor, field: str) -> npt.NDArray[np.float32]:
    """A count and as many finite f32, copied: the graph must not keep the file in memory."""
    start = cursor.offset
    values = np.array(cursor.counted(field, "<f4"), dtype=np.float32)
    if not np.isfinite(values).all():
        raise cursor.error(field, "one of its numbers is not finite", start)
    return values
