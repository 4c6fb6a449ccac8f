"""Quick results kept between reruns and shared by all sessions.

For work of up to about 300 ms; what takes longer is a job (see `needs`). Every cache is bounded,
its values are never changed by a page, and data is named by fingerprint: hashing arrays would
sample them and take one array for another.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.index import HnswGraph
from core.projection import Projection, project_pca
from pages.ui.limits import CACHE_ENTRIES

Function = TypeVar("Function", bound=Callable[..., object])


def cached(function: Function) -> Function:
    """Cache a function of `EmbeddingSet`s, `HnswGraph`s, frozen parameters and plain values.

    Its arguments' representation must say all that the result depends on; arrays are refused.
    """
    keep = st.cache_resource(
        max_entries=CACHE_ENTRIES,
        show_spinner=False,
        hash_funcs={EmbeddingSet: _fingerprint, HnswGraph: _fingerprint, np.ndarray: _refuse},
    )
    return cast("Function", keep(function))


def _fingerprint(content: EmbeddingSet | HnswGraph) -> str:
    return content.fingerprint


def _refuse(array: npt.NDArray[np.generic]) -> str:
    raise TypeError(f"an array of shape {array.shape} cannot be a key; pass what made it.")


@cached
def pca(embeddings: EmbeddingSet, components: int = 2) -> Projection:
    """PCA coordinates, (n, components), at once."""
    return project_pca(embeddings.vectors, components=components)
