"""An insertion as its player reads it: pictures, steps and words."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.distances import Metric
from core.figures.insertion import words
from core.figures.insertion.places import Places
from core.figures.theme import ENTRY_POINT, EXPANDED, FOUND, MISSED, VISITED, surface
from core.index import NOT_ASKED, Insertion, LayerInsertion, ReverseLink, Selection, Step
from core.visible import visible

MILESTONES = (1, 2, 5)  # expansions after which the search is shown, and their tenfolds
DIGITS = 6


@dataclass(frozen=True, eq=False)
class ShownInsertion:
    """What to play. names: of every row of the trace that is touched, and of the new item.

    metric: of the index.
    """

    made: Insertion
    names: Mapping[int, str]
    metric: Metric


def insertion_payload(shown: ShownInsertion, *, dark: bool = False) -> dict[str, Any]:
    """The insertion as plain values: `scenes` to draw, `steps` through them, `chapters` of steps.

    A scene has its points: `row`, distance `r` to the center, angle `a`. A step names its scene,
    how far it is in it (`at`), its words, and what kind it is.
    """
    book = _Book(shown)
    book.write()
    draw = shown.made.draw
    content = {
        "scenes": book.scenes,
        "steps": book.steps,
        "chapters": book.chapters,
        "names": {str(row): visible(name) for row, name in shown.names.items()},
        "new": shown.made.trace.n,
        "entry": shown.made.trace.entry_point,
        "lengths": None if shown.metric == "inner_product" else shown.metric,
        "distance_name": f"{shown.metric.replace('_', ' ')} distance",
        "draw": None if draw is None else {"u": draw.u, "scaled": draw.scaled, "m": draw.m},
        "level": shown.made.trace.level,
    }
    key = hashlib.blake2b(json.dumps(content).encode(), digest_size=8).hexdigest()
    return {**content, "id": key, "roles": _roles(dark=dark)}


def _roles(*, dark: bool) -> dict[str, Any]:
    tone = surface(dark)
    colors = {
        "kept": FOUND,
        "dropped": MISSED,
        "current": EXPANDED,
        "visited": VISITED,
        "entry": ENTRY_POINT,
        "text": tone.text,
        "muted": tone.muted,
        "grid": tone.grid,
        "other": tone.other,
        "page": tone.page,
        "link": tone.muted,
        "plane": tone.muted,
    }
    return {"dark": dark, "colors": colors}


@dataclass
class _Book:
    """Scenes, steps and chapters, written in the order in which they are played."""

    shown: ShownInsertion
    scenes: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    chapters: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trace = self.shown.made.trace
        self.names = {row: visible(name) for row, name in self.shown.names.items()}
        self.places = Places(self.shown.made)

    def write(self) -> None:
        self._chapter("Level")
        self._step(-1, "level", 0, words.level_words(self.trace, self.shown.made.draw))
        if self.trace.descent:
            self._descent(self.trace.descent)
        for made in self.trace.layers:
            self._layer(made)
        self._chapter("End")
        last = len(self.scenes) - 1
        layers = [scene for scene, it in enumerate(self.scenes) if it["kind"] == "layer"]
        self._step(layers[-1] if layers else last, "end", 0, words.end_words(self.trace))

    def _chapter(self, title: str) -> None:
        self.chapters.append({"title": title, "step": len(self.steps)})

    def _step(self, scene: int, kind: str, at: int, said: list[str]) -> None:
        self.steps.append({"scene": scene, "kind": kind, "at": at, "words": said})

    def _descent(self, steps: Sequence[Step]) -> None:
        rows = np.unique(
            np.concatenate([part for step in steps for part in (step.visited, [step.origin])])
        ).astype(np.int64)
        distance = {self.trace.entry_point: self.trace.entry_distance}
        for step in steps:
            distance |= dict(
                zip(step.visited.tolist(), step.visited_distances.tolist(), strict=True)
            )
        angles = self.places.angles(rows, rows)
        place = {row: at for at, row in enumerate(rows.tolist())}
        self.scenes.append(
            {
                "kind": "descent",
                "title": "Descent",
                "center": self.trace.n,
                "row": rows.tolist(),
                "r": _rounded([distance[row] for row in rows.tolist()]),
                "a": _rounded(angles),
                "steps": [
                    {
                        "layer": step.layer,
                        "origin": place[step.origin],
                        "nearest": place[step.nearest],
                        "visited": [place[row] for row in step.visited.tolist()],
                    }
                    for step in steps
                ],
            }
        )
        self._chapter("Descent")
        for at, step in enumerate(steps):
            said = words.step_words(step, self.trace.level, self.names)
            self._step(len(self.scenes) - 1, "descent", at, said)

    def _layer(self, made: LayerInsertion) -> None:
        scene = len(self.scenes)
        self.scenes.append(self._layer_scene(made))
        self._chapter(f"Layer {made.layer}: search")
        for hops in milestones(len(made.expanded)):
            said = words.search_words(made, hops, self.trace.ef_construction, self.names)
            self._step(scene, "search", int(made.visited_ends[hops - 1]), said)
        self._chapter("selection")
        self._rule(scene, made.selection)
        self._step(scene, "links", 0, words.links_words(made, self.names))
        self._chapter("links back")
        for at, other in enumerate(made.reverse):
            self._back(scene, at, made.layer, other)

    def _rule(self, scene: int, selection: Selection) -> None:
        count = len(selection.rows)
        if not selection.applied:
            self._step(scene, "rule", count, words.few_words(selection))
            return
        asked = int((selection.verdict != NOT_ASKED).sum())
        for place in range(asked):
            said = words.rule_words(selection, place, self.shown.metric, self.names)
            self._step(scene, "rule", place + 1, said)
        if asked < count:
            self._step(scene, "rule", count, words.rest_words(selection, asked))

    def _back(self, scene: int, at: int, layer: int, other: ReverseLink) -> None:
        trace = self.trace
        said = words.back_words(other, trace.n, layer, trace.m, self.names)
        if other.selection is None:
            self._step(scene, "back", at, said)
            return
        self.scenes.append(self._selection_scene("reverse", other.selection))
        self._step(len(self.scenes) - 1, "pruned", len(other.selection.rows), said)

    def _layer_scene(self, made: LayerInsertion) -> dict[str, Any]:
        """The candidates, and all that the search compared on the way."""
        visited = np.append(made.start, made.visited)
        distances = np.append(made.start_distance, made.visited_distances)
        angles = self.places.angles(made.selection.rows, visited)
        place = {row: at for at, row in enumerate(made.selection.rows.tolist())}
        return {
            **self._selection_scene("layer", made.selection),
            "title": f"Layer {made.layer}",
            "layer": made.layer,
            "visited": visited.tolist(),
            "vr": _rounded(distances),
            "va": _rounded(angles),
            "ends": made.visited_ends.tolist(),
            "back": [
                {
                    "place": place[other.neighbor],
                    "linked": bool(np.any(other.links == self.trace.n)),
                }
                for other in made.reverse
            ],
        }

    def _selection_scene(self, kind: str, selection: Selection) -> dict[str, Any]:
        place = {row: at for at, row in enumerate(selection.rows.tolist())}
        return {
            "kind": kind,
            "title": f"Links of {self.names[selection.center]}",
            "center": selection.center,
            "limit": selection.limit,
            "applied": selection.applied,
            "row": selection.rows.tolist(),
            "r": _rounded(selection.distances),
            "a": _rounded(self.places.angles(selection.rows, selection.rows)),
            "verdict": selection.verdict.tolist(),
            "against": [place.get(row, -1) for row in selection.against.tolist()],
            "between": [
                None if np.isnan(value) else round(value, DIGITS + 3)
                for value in selection.against_distances.tolist()
            ],
        }


def milestones(expansions: int) -> list[int]:
    """Numbers of expansions after which a search is shown: 1, 2, 5, 10, 20, ..., and the last.

    >>> milestones(23), milestones(1), milestones(5)
    ([1, 2, 5, 10, 20, 23], [1], [1, 2, 5])
    """
    shown, scale = [], 1
    while scale < expansions:
        shown += [first * scale for first in MILESTONES if first * scale < expansions]
        scale *= 10
    return [*shown, expansions]


def _rounded(values: Any) -> list[float]:
    return [float(f"{value:.{DIGITS + 1}g}") for value in np.asarray(values, dtype=np.float64)]
