"""An insertion written down by hand, whose figures all differ."""

from dataclasses import replace

import numpy as np

from core.index import (
    DROPPED,
    KEPT,
    NOT_ASKED,
    Insertion,
    InsertionTrace,
    LayerInsertion,
    LevelDraw,
    ReverseLink,
    Selection,
    Step,
)

NEW = 9
NAMES = {
    0: "ant",
    1: "bee",
    2: "cat",
    3: "dog",
    4: "eel",
    5: "fox",
    6: "gnu",
    7: "hen",
    8: "ibis",
    NEW: "new thing",
}
NONE = float("nan")


def ids(*rows: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


# M = 2. ant is kept; bee is nearer to ant (0.25) than to the new item (0.5); cat is kept; the list
# is full, so dog and eel are not asked.
SELECTION = Selection(
    center=NEW,
    limit=2,
    rows=ids(0, 1, 2, 3, 4),
    distances=np.array([0.125, 0.5, 0.625, 0.75, 1.0]),
    verdict=np.array([KEPT, DROPPED, KEPT, NOT_ASKED, NOT_ASKED], dtype=np.int8),
    against=ids(-1, 0, 0, -1, -1),
    against_distances=np.array([NONE, 0.25, 0.875, NONE, NONE]),
    applied=True,
)
# cat held bee, fox, gnu and hen, 2 M = 4; it keeps fox and the new item. bee is nearer to the new
# item (0.5) than to cat (0.7); gnu and hen are nearer to fox.
PRUNED = Selection(
    center=2,
    limit=4,
    rows=ids(5, NEW, 1, 6, 7),
    distances=np.array([0.25, 0.625, 0.7, 0.8, 0.9]),
    verdict=np.array([KEPT, KEPT, DROPPED, DROPPED, DROPPED], dtype=np.int8),
    against=ids(-1, 5, NEW, 5, 5),
    against_distances=np.array([NONE, 1.1, 0.5, 0.3, 0.4]),
    applied=True,
)
FULL = ReverseLink(2, 0.625, ids(1, 5, 6, 7), ids(NEW, 5), PRUNED)
ROOM = ReverseLink(0, 0.125, ids(2, 3, 4), ids(2, 3, 4, NEW), None)
LAYER = LayerInsertion(
    layer=0,
    start=4,
    start_distance=1.0,
    expanded=ids(4, 0, 2),
    visited=ids(3, 2, 1, 0, 8),
    visited_distances=np.array([0.75, 0.625, 0.5, 0.125, 1.25]),
    visited_ends=ids(2, 4, 5),
    selection=SELECTION,
    links=ids(2, 0),
    reverse=(FULL, ROOM),
)
DESCENT = (
    Step(2, 8, 1.25, ids(3, 4), np.array([0.75, 1.0]), 3, 0.75),
    Step(2, 3, 0.75, ids(8), np.array([1.25]), 3, 0.75),
    Step(1, 3, 0.75, ids(4), np.array([1.0]), 3, 0.75),
)
TRACE = InsertionTrace(
    n=NEW,
    m=2,
    ef_construction=5,
    vector=np.array([0, 0], dtype=np.float32),
    level=0,
    entry_point=8,
    entry_distance=1.25,
    descent=DESCENT,
    layers=(LAYER,),
    becomes_entry=False,
)
# -ln(0.75) / ln(2) = 0.2877 / 0.6931 = 0.415
DRAW = LevelDraw(u=0.75, m=2, seed=1234, number=4999)
MADE = Insertion(
    trace=TRACE,
    draw=DRAW,
    differing=ids(),
    compared=NEW + 1,
    touched=ids(*range(NEW)),
    vectors=np.array(
        [
            *([0.125, 0], [0.5, 0], [0, 0.625], [0, -0.75], [-1, 0]),
            *([0, 0.875], [0.1, 1.425], [0, 1.525], [1.25, 0]),
        ],
        dtype=np.float32,
    ),
)


def at_level(level: int, *, entry: bool = False) -> InsertionTrace:
    """The same with an upper layer, on which gnu and hen, all there are, are linked."""
    few = Selection(
        center=NEW,
        limit=2,
        rows=ids(6),
        distances=np.array([0.8]),
        verdict=np.array([KEPT], dtype=np.int8),
        against=ids(-1),
        against_distances=np.array([NONE]),
        applied=False,
    )
    other = ReverseLink(6, 0.8, ids(), ids(NEW), None)
    upper = replace(
        LAYER,
        layer=1,
        start=6,
        expanded=ids(6),
        visited=ids(),
        visited_distances=np.array([]),
        visited_ends=ids(0),
        selection=few,
        links=ids(6),
        reverse=(other,),
    )
    return replace(TRACE, level=level, layers=(upper, LAYER), descent=(), becomes_entry=entry)
