"""UMAPs of the samples, laid out once and kept beside them in `sample_data/`."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.data.samples import FOLDER, sample_names
from core.distances import Floats, Metric
from core.projection.result import Projection, check_components, frozen
from core.projection.settings import UmapSettings


def stored_umap(vectors: Floats, components: int, settings: UmapSettings) -> Projection | None:
    """The UMAP of `vectors` (n, d) where they are a sample's and the file has these settings.

    None otherwise. The vectors are recognized by their content, so other names, labels or metadata
    change nothing. Raises ParameterError for components other than 2 and 3.
    """
    check_components(components)
    for name in sample_names():
        kept = _kept(map_file(name))
        if kept is not None and kept.settings == settings and kept.is_of(vectors):
            return kept.plane if components == 2 else kept.space
    return None


def map_file(sample: str) -> Path:
    """The file of a sample's UMAPs."""
    return FOLDER / f"{sample}_umap.npz"


def write_maps(
    file: Path, vectors: Floats, plane: Projection, space: Projection, settings: UmapSettings
) -> None:
    """Keep the UMAPs of `vectors` in 2-D and 3-D, with what they were made from."""
    np.savez_compressed(
        file,
        plane=plane.coordinates,
        space=space.coordinates,
        shape=np.array(vectors.shape),
        digest=np.array(vectors_digest(vectors)),
        metric=np.array(settings.metric),
        neighbors=np.array(settings.neighbors),
        min_dist=np.array(settings.min_dist),
        seed=np.array(settings.seed),
    )


def vectors_digest(vectors: Floats) -> str:
    """32 hex digits that name the values and their order."""
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    return hashlib.blake2b(rows.data, digest_size=16).hexdigest()


@dataclass(frozen=True)
class _Kept:
    plane: Projection
    space: Projection
    shape: tuple[int, ...]
    digest: str
    settings: UmapSettings

    def is_of(self, vectors: Floats) -> bool:
        return self.shape == vectors.shape and self.digest == vectors_digest(vectors)


@cache
def _kept(file: Path) -> _Kept | None:
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        metric: Metric = arrays["metric"].item()
        settings = UmapSettings(
            metric,
            arrays["neighbors"].item(),
            arrays["min_dist"].item(),
            arrays["seed"].item(),
        )
        plane, space = (
            Projection(frozen(arrays[each]), "umap", None, settings.seed)
            for each in ("plane", "space")
        )
        shape = tuple(arrays["shape"].tolist())
        return _Kept(plane, space, shape, arrays["digest"].item(), settings)
