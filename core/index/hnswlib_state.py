"""The state of an hnswlib index in memory, read without a loop over nodes.

Layout (hnswlib 0.8, `Index.__getstate__`): `data_level0` holds one record per node: link count
u16, deleted flag u8, one byte of padding, 2 M links u32, the vector (d x f32), the label u64.
`link_lists` holds, for each node above layer 0, one record per layer: count u16, two bytes of
padding, M links u32.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.index.records import NodeRecords
from core.spaces import Metric

DELETED_FLAG = 1


def read_state(state: dict[str, Any], metric: Metric) -> NodeRecords:
    """The records of a state dict that this process's own hnswlib index returned.

    Trusted input: nothing is checked. Large arrays are views into the state.
    """
    count, dim = int(state["cur_element_count"]), int(state["dim"])
    base = state["data_level0"].view(_base_record(state, dim))
    upper = state["link_lists"].view(_upper_record(int(state["max_M"])))
    return NodeRecords(
        vectors=base["vector"],
        labels=base["label"].astype(np.int64),
        deleted=(base["flags"] & DELETED_FLAG).astype(bool),
        levels=state["element_levels"][:count].astype(np.int32),
        base_counts=base["count"].astype(np.int64),
        base_links=base["links"],
        upper_counts=upper["count"].astype(np.int64),
        upper_links=upper["links"],
        entry_point=int(state["enterpoint_node"]),
        metric=metric,
        m=int(state["M"]),
        ef_construction=int(state["ef_construction"]),
    )


def _base_record(state: dict[str, Any], dim: int) -> npt.DTypeLike:
    return np.dtype(
        {
            "names": ["count", "flags", "links", "vector", "label"],
            "formats": ["<u2", "u1", ("<u4", state["max_M0"]), ("<f4", dim), "<u8"],
            "offsets": [0, 2, 4, state["offset_data"], state["label_offset"]],
            "itemsize": state["size_data_per_element"],
        }
    )


def _upper_record(m: int) -> npt.DTypeLike:
    return np.dtype(
        {
            "names": ["count", "links"],
            "formats": ["<u2", ("<u4", m)],
            "offsets": [0, 4],
            "itemsize": 4 + 4 * m,
        }
    )
