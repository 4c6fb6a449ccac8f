"""A set with every fault, each planted in rows, dimensions or classes that are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import EmbeddingSet

DIM = 32
CLASSES = 6
MEMBERS = 60


@dataclass(frozen=True)
class Planted:
    """items: the set; each other field the row ids of a fault, in the order of planting."""

    items: EmbeddingSet
    zeros: list[int]
    copies: list[int]
    near: list[int]
    central: list[int]
    long: list[int]
    mislabeled: list[int]
    alone: list[int]


def clusters(seed: int = 0, dim: int = DIM) -> tuple[np.ndarray, np.ndarray]:
    """Rows around 6 far centers, and the label of each."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(CLASSES), MEMBERS)
    centers = random.normal(size=(CLASSES, dim)) * 1.4
    return centers[labels] + random.normal(size=(len(labels), dim)), labels


def bare(vectors: np.ndarray, **also: object) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(vectors, name="bare", **also)  # type: ignore[arg-type]


def planted() -> Planted:
    """Clusters of 360 rows, then the faults one after the other at the end."""
    random = np.random.default_rng(1)
    rows, codes = clusters()
    rows -= rows.mean(axis=0)
    labels = [f"class {code}" for code in codes]
    blocks, places, at = [rows], {}, len(rows)

    def plant(name: str, block: np.ndarray, of: list[str]) -> None:
        nonlocal at
        blocks.append(block)
        labels.extend(of)
        places[name] = list(range(at, at + len(block)))
        at += len(block)

    plant("zeros", np.zeros((2, DIM)), ["class 0"] * 2)
    plant("copies", rows[[3, 3, 70]], ["class 0", "class 0", "class 1"])
    shift = random.normal(size=(4, DIM))
    shift *= 1e-3 / np.linalg.norm(shift, axis=1, keepdims=True)
    plant("near", rows[[10, 80, 200, 300]] + shift, [labels[i] for i in (10, 80, 200, 300)])
    plant("central", random.normal(size=(12, DIM)) * 0.05, ["class 2"] * 12)
    plant("long", rows[[20, 130]] * [[4.0], [5.0]], ["class 0", "class 2"])
    places["mislabeled"] = [245, 255, 270]
    for row in places["mislabeled"]:
        labels[row] = "class 5"
    plant("alone", random.normal(size=(1, DIM)) * 2, ["only one"])
    labels[0] = None  # type: ignore[call-overload]
    vectors = np.vstack(blocks)
    vectors[:, 30] = 0
    vectors[:, 31] = 0
    vectors[5, 31] = 1
    vectors[2, 29] += 60
    frame = pd.DataFrame({"label": labels, "name": [f"item {i}" for i in range(at)]})
    queries = np.vstack([vectors[[7, 8]], random.normal(size=(3, DIM)) * 2])
    items = EmbeddingSet.from_arrays(vectors, metadata=frame, name="planted", queries=queries)
    return Planted(items, **places)
