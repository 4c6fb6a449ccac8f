"""Lay out the UMAPs of the samples beside this script; only needed where samples or UMAP change.

    python sample_data/make_maps.py

Exact neighbors and settings are those that the Map page takes, so that what it would compute for a
sample is what is kept here.
"""

import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.data import load_sample, sample_names
from core.index import exact_neighbors
from core.projection import UmapSettings, project_umap
from core.projection.stored import map_file, write_maps

SETTINGS = UmapSettings()


def make_maps(sample: str) -> None:
    """The UMAP of a sample in 2-D and in 3-D, with its settings, as one file."""
    vectors = load_sample(sample).vectors
    rows = range(len(vectors))
    near = exact_neighbors(
        vectors, vectors, SETTINGS.neighbors, metric=SETTINGS.metric, exclude=rows
    )
    plane, space = (
        project_umap(
            vectors,
            near.ids,
            near.distances,
            components=components,
            min_dist=SETTINGS.min_dist,
            seed=SETTINGS.seed,
        )
        for components in (2, 3)
    )
    write_maps(map_file(sample), vectors, plane, space, SETTINGS)
    print(f"{sample}: {map_file(sample).stat().st_size:,} bytes, {SETTINGS}")


if __name__ == "__main__":
    print(f"umap-learn {version('umap-learn')}, numba {version('numba')}, NumPy {version('numpy')}")
    for name in sample_names():
        make_maps(name)
