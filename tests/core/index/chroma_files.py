"""Chroma's four files, cut from hnswlib's own as `persistDirty` writes them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.index.hnswlib_file import HEADER
from tests.core.index.index_files import hnswlib_bytes


def chroma_files(vectors: np.ndarray, *, room: int = 0, **options: Any) -> dict[str, bytes]:
    """The files of an index of `vectors`, with room for as many elements more.

    options: of `hnswlib_bytes`.
    """
    content = hnswlib_bytes(vectors, **options)
    header = np.frombuffer(content, HEADER, 1).copy()
    n, size = len(vectors), int(header["record_size"][0])
    header["max_elements"] = n + room
    end = HEADER.itemsize + n * size
    with np.errstate(over="ignore"):  # of bytes taken for floats
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1).astype("<f4")
    return {
        "header.bin": b"\x01\0\0\0" + header.tobytes(),
        "data_level0.bin": content[HEADER.itemsize : end] + bytes(room * size),
        "length.bin": lengths.tobytes() + bytes(4 * room),
        "link_lists.bin": content[end:],
    }


def write_folder(files: Mapping[str, bytes], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def zipped(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
