"""The anatomy of an index as plain values, to be kept, compared and read by other programs."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.index import Anatomy, Census, HnswGraph, LayerAnatomy

HUBS = 20
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
LAYER_COUNTS = (
    "layer",
    "nodes",
    "links",
    "limit",
    "weak_components",
    "strong_components",
    "largest_weak",
    "largest_strong",
)
LAYER_FIGURES = ("expected_nodes", "fill", "reciprocity")


def anatomy_report(
    graph: HnswGraph, anatomy: Anatomy, census: Census | None = None
) -> dict[str, Any]:
    """All of it as values that `json.dumps` takes: what is undefined (NaN) is None.

    Keys: "graph" ("not_in_file" lists what a file does not state of the build), "level_p_value",
    "seed", "layers" (the base first; degrees as {"degree": [...], "nodes": [...]}, lengths of links
    as {"quantile": [...], "distance": [...]}), "hubs" (the 20 rows of layer 0 that most links
    reach), "census" (None where none is given).
    """
    return {
        "graph": _graph(graph),
        "level_p_value": _number(anatomy.level_p_value),
        "seed": anatomy.seed,
        "layers": [_layer(layer) for layer in anatomy.layers],
        "hubs": _hubs(graph, anatomy),
        "census": None if census is None else _census(graph, census),
    }


def anatomy_table(graph: HnswGraph, anatomy: Anatomy) -> pd.DataFrame:
    """One row per layer, the base first; figures that are undefined on a layer are NaN.

    Columns: the figures of `LayerAnatomy`, mean and largest degrees, nodes that no link reaches,
    `link_length_<p>`, the p % quantile of the lengths of links, and the metric of the lengths.
    """
    rows = []
    for layer in anatomy.layers:
        row: dict[str, Any] = {
            name: getattr(layer, name) for name in (*LAYER_COUNTS, *LAYER_FIGURES)
        }
        row["mean_out_degree"] = layer.links / layer.nodes
        row["largest_out_degree"] = int(layer.out_degree.max())
        row["largest_in_degree"] = int(layer.in_degree.max())
        row["without_incoming_links"] = int(np.count_nonzero(layer.in_degree == 0))
        lengths = zip(QUANTILES, _quantiles(layer), strict=True)
        row |= {f"link_length_{100 * share:g}": length for share, length in lengths}
        rows.append({**row, "metric": graph.metric})
    return pd.DataFrame(rows)


def _graph(graph: HnswGraph) -> dict[str, Any]:
    return {
        "rows": graph.n,
        "dimensions": graph.dim,
        "metric": graph.metric,
        "source": graph.source,
        "codes": graph.codes,
        "transform": graph.carried if graph.transform is None else graph.transform.name,
        "m": graph.m,
        "ef_construction": graph.ef_construction,
        "not_in_file": list(graph.not_in_file),
        "highest_layer": graph.max_level,
        "entry_point": _row(graph, graph.entry_point),
        "deleted": graph.n_deleted,
        "memory_bytes": graph.memory_bytes,
        "fingerprint": graph.fingerprint,
    }


def _layer(layer: LayerAnatomy) -> dict[str, Any]:
    return {
        **{name: int(getattr(layer, name)) for name in LAYER_COUNTS},
        **{name: _number(getattr(layer, name)) for name in LAYER_FIGURES},
        "out_degree": _histogram(layer.out_degree),
        "in_degree": _histogram(layer.in_degree),
        "link_lengths": {
            "links_read": len(layer.link_lengths),
            "sampled": bool(layer.lengths_sampled),
            "quantile": list(QUANTILES),
            "distance": [_number(length) for length in _quantiles(layer)],
        },
    }


def _census(graph: HnswGraph, census: Census) -> dict[str, Any]:
    return {
        "ef": int(census.ef),
        "seed": int(census.seed),
        "is_sample": bool(census.is_sample),
        "checked": len(census.checked),
        "unreachable": len(census.unreachable),
        "unfindable": len(census.unfindable),
        "unfindable_share": _number(census.unfindable_share),
        "unfindable_share_interval": [_number(end) for end in census.interval],
        "self_recall": _number(census.self_recall),
        "unreachable_rows": census.unreachable.tolist(),
        "unfindable_rows": census.unfindable.tolist(),
        "unreachable_labels": graph.labels[census.unreachable].tolist(),
        "unfindable_labels": graph.labels[census.unfindable].tolist(),
    }


def _hubs(graph: HnswGraph, anatomy: Anatomy) -> list[dict[str, int]]:
    rows, in_degrees = anatomy.hubs(HUBS)
    return [
        {**_row(graph, row), "in_degree": int(degree)}
        for row, degree in zip(rows.tolist(), in_degrees.tolist(), strict=True)
    ]


def _row(graph: HnswGraph, row: int) -> dict[str, int]:
    return {"row": int(row), "label": int(graph.labels[row])}


def _histogram(degrees: npt.NDArray[np.integer[Any]]) -> dict[str, list[int]]:
    degree, nodes = np.unique(degrees, return_counts=True)
    return {"degree": degree.tolist(), "nodes": nodes.tolist()}


def _quantiles(layer: LayerAnatomy) -> npt.NDArray[np.float64]:
    """Lengths of links at `QUANTILES`; NaN on a layer without links."""
    if len(layer.link_lengths) == 0:
        return np.full(len(QUANTILES), np.nan)
    return np.asarray(np.quantile(layer.link_lengths, QUANTILES))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
