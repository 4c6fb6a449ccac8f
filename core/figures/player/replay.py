"""One or two searches as the player plays them, hop by hop, over a scene that it holds already."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.figures.player.scene import Rows, Scene
from core.figures.player.words import fate_words, stop_meaning, stop_words
from core.figures.theme import (
    ENTRY_POINT,
    EXPANDED,
    FOUND,
    MISSED,
    TRUE_NEIGHBOR,
    VISITED,
    surface,
)
from core.figures.webgl.grid import STEPS
from core.figures.webgl.packed import ends, joined, pack
from core.index import Hop, Neighbors, SearchTrace
from core.index.export import layer_rows
from core.studies import Misses
from core.visible import visible

LIT_AT_MOST = 20_000


@dataclass(frozen=True, eq=False)
class Played:
    """A search to play. truth: its true neighbors, (1, k). item: the row that the query is, or -1.

    name: the query in words. misses: what became of each true neighbor. distances: (n,) of the
    query to all rows, as the index stores them.
    """

    trace: SearchTrace
    truth: Neighbors
    item: int
    name: str
    misses: Misses
    distances: npt.NDArray[np.float64]


def replay_bytes(
    scene: Scene, scene_name: str, searches: Sequence[Played], *, chosen: int, dark: bool = False
) -> bytes:
    """The searches as the player reads them; `chosen` is the row whose links are lit, or -1."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    metas = []
    for number, played in enumerate(searches):
        own = _arrays(scene, played, chosen)
        metas.append(_meta(scene, played, own))
        arrays |= {f"{number}.{name}": array for name, array in own.items()}
    meta = {
        "scene": scene_name,
        "graph": scene.graph.fingerprint,  # which scenes of other colors share
        "roles": roles(dark=dark),
        "searches": metas,
        "chosen": chosen,
    }
    key = hashlib.blake2b(digest_size=8)
    for name, array in arrays.items():
        if ".lit_" not in name:  # another chosen node leaves the hop where it is
            key.update(array.tobytes())
    return pack({**meta, "id": key.hexdigest()}, arrays)


def roles(*, dark: bool) -> dict[str, Any]:
    """The colors of the player."""
    tone = surface(dark)
    colors = {
        "truth": TRUE_NEIGHBOR,
        "found": FOUND,
        "missed": MISSED,
        "expanded": EXPANDED,
        "visited": VISITED,
        "entry": ENTRY_POINT,
        "text": tone.text,
        "muted": tone.muted,
        "other": tone.other,
        "grid": tone.grid,
        "link": tone.muted,
        "plane": tone.muted,
        "page": tone.page,
    }
    return {"dark": dark, "colors": colors}


def _arrays(scene: Scene, played: Played, chosen: int) -> dict[str, npt.NDArray[Any]]:
    trace, hops = played.trace, played.trace.hops
    left = _left(hops, scene.graph.n)
    best = [_best(hop, played.item) for hop in hops]
    lit = _lit(scene, chosen)
    arrays = {
        "hop_layer": np.array([hop.layer for hop in hops], dtype="u1"),
        "hop_node": np.array([hop.expanded for hop in hops], dtype="u4"),
        "hop_distance": np.array([hop.expanded_distance for hop in hops], dtype="f4"),
        "hop_links": np.array([_links_out(scene, hop) for hop in hops], dtype="u4"),
        "visit_end": ends([len(hop.visited) for hop in hops]),
        "visit_row": joined([hop.visited for hop in hops], "u4"),
        "visit_distance": joined([hop.visited_distances for hop in hops], "f4"),
        "entered": joined([hop.entered for hop in hops], "u1"),
        "left_end": ends([len(rows) for rows in left]),
        "left_row": joined(left, "u4"),
        "best_row": np.array([row for row, _ in best], dtype="u4"),
        "best": np.array([distance for _, distance in best], dtype="f4"),
        "worst": np.array([_worst(hop) for hop in hops], dtype="f4"),
        "worst_row": np.array(
            [hop.beam[-1] if len(hop.beam) else hop.expanded for hop in hops], "u4"
        ),
        "beam_size": np.array([len(hop.beam) for hop in hops], dtype="u4"),
        "truth_row": played.truth.ids[0].astype("u4"),
        "truth_distance": played.truth.distances[0].astype("f4"),
        "path_end": ends([len(path) for path in played.misses.paths]),
        "path_row": joined(list(played.misses.paths), "u4"),
        "answer_row": trace.ids[trace.ids >= 0].astype("u4"),
        "lit_layer": lit[0].astype("u1"),
        "lit_a": lit[1].astype("u4"),
        "lit_b": lit[2].astype("u4"),
        "lit_out": lit[3].astype("u1"),
    }
    return arrays | _extra(scene, arrays, played)


def _meta(scene: Scene, played: Played, arrays: dict[str, npt.NDArray[Any]]) -> dict[str, Any]:
    trace = played.trace
    share = trace.distance_computations / scene.graph.n
    rows = [scene.graph.entry_point, *arrays["extra_row"].tolist(), *arrays["truth_row"].tolist()]
    rows += arrays["visit_row"].tolist() + arrays["hop_node"].tolist()
    rows += arrays["path_row"].tolist()
    name = visible(played.name)
    return {
        "title": f"ef {trace.ef:,}",
        "alt": f"The layers of the index, and the search near {name} at ef {trace.ef:,}",
        "query": name,
        "item": played.item,
        "k": trace.k,
        "ef": trace.ef,
        "width": trace.width,
        "stop": _stop(trace),
        "truth_words": [
            fate_words(played.misses, place, trace.ef, int(scene.links_in[row]))
            for place, row in enumerate(played.truth.ids[0])
        ],
        "far_range": [float(played.distances.min()), float(played.distances.max())],
        "entry_distance": trace.entry_distance,
        "distance_name": f"{scene.graph.metric.replace('_', ' ')} distance",
        "computations": trace.distance_computations,
        "share": f"{100 * share:.3g} %",
        "names": {str(row): visible(scene.names[row]) for row in set(rows)},
    }


def _stop(trace: SearchTrace) -> dict[str, Any]:
    """The comparison that ended the search; numbers that are none are left out."""
    stop = trace.stop
    numbers = {"distance": stop.distance, "worst": stop.worst}
    known = {name: value for name, value in numbers.items() if np.isfinite(value)}
    return {
        "row": stop.row,
        "words": stop_words(stop),
        "meaning": stop_meaning(stop, trace.ef),
        **known,
    }


def _links_out(scene: Scene, hop: Hop) -> int:
    """Links of the expanded node on its layer; above layer 0 all of them are visited."""
    return int(scene.graph.base.degrees[hop.expanded]) if hop.layer == 0 else len(hop.visited)


def _left(hops: Sequence[Hop], n: int) -> list[Rows]:
    """Rows that each hop pushed out of the beam of layer 0."""
    before: Rows = np.empty(0, dtype=np.int64)
    left: list[Rows] = []
    holds = np.zeros(n, dtype=bool)
    for hop in hops:
        if hop.layer == 0:
            held = before if len(before) else np.array([hop.expanded])
            holds[hop.beam] = True
            left.append(held[~holds[held]])
            holds[hop.beam] = False
            before = hop.beam
        else:
            left.append(np.empty(0, dtype=np.int64))
    return left


def _best(hop: Hop, item: int) -> tuple[int, float]:
    """The nearest row held after a hop that may be returned, and its distance."""
    others = np.flatnonzero(hop.beam != item)
    if len(others) == 0:  # deleted rows alone have been met, or the query's own
        return hop.expanded, hop.expanded_distance
    return int(hop.beam[others[0]]), float(hop.beam_distances[others[0]])


def _worst(hop: Hop) -> float:
    return hop.worst if len(hop.beam) else hop.expanded_distance


def _lit(scene: Scene, chosen: int) -> npt.NDArray[np.int64]:
    """Links of the chosen node on each of its layers: (4, links) layer, source, target, leaves."""
    parts = [np.empty((4, 0), dtype=np.int64)]
    for layer in range(int(scene.graph.levels[chosen]) + 1 if chosen >= 0 else 0):
        links = scene.graph.base if layer == 0 else layer_rows(scene.graph, layer)
        out = links.targets[links.indptr[chosen] : links.indptr[chosen + 1]].astype(np.int64)
        at = np.flatnonzero(links.targets == chosen)[:LIT_AT_MOST]
        into = np.searchsorted(links.indptr, at, side="right") - 1
        parts.append(_stacked(layer, np.full(len(out), chosen), out, 1))
        parts.append(_stacked(layer, into, np.full(len(into), chosen), 0))
    return np.concatenate(parts, axis=1)


def _stacked(layer: int, sources: Rows, targets: Rows, leaves: int) -> npt.NDArray[np.int64]:
    same = np.ones(len(sources), dtype=np.int64)
    return np.stack([layer * same, sources, targets, leaves * same])


def _extra(
    scene: Scene, arrays: dict[str, npt.NDArray[Any]], played: Played
) -> dict[str, npt.NDArray[Any]]:
    """Places of the rows that the search touches and the scene does not draw; all distances."""
    item = played.item
    touched = [arrays[name] for name in ("hop_node", "visit_row", "truth_row", "answer_row")]
    touched += [arrays["lit_a"], arrays["lit_b"], arrays["path_row"]]
    touched.append(np.array([item] if item >= 0 else []))
    rows = np.unique(joined(touched, "u4")).astype(np.int64)
    rows = rows[~scene.is_drawn[rows]]
    far = _on_grid(played.distances)
    return {
        "extra_row": rows.astype("u4"),
        "extra_x": scene.quantized[rows, 0],
        "extra_y": scene.quantized[rows, 1],
        "extra_in": scene.links_in[rows].astype("u4"),
        "far": far[scene.rows],
        "extra_far": far[rows],
    }


def _on_grid(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.uint16]:
    """Distances as 16-bit whole numbers between the smallest and the largest."""
    low, high = distances.min(), distances.max()
    steps = np.rint((distances - low) / ((high - low) or 1.0) * STEPS)
    return np.asarray(steps, dtype=np.uint16)
