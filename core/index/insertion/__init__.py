"""How one item enters an index: its level, its descent, its neighbors and their links back."""

from core.index.insertion.growth import differing_rows, with_inserted
from core.index.insertion.levels import LevelDraw, draw_level, drawn_levels
from core.index.insertion.made import Insertion, insert_after, insert_into
from core.index.insertion.replay import first_insertion, trace_insertion
from core.index.insertion.results import (
    InsertionTrace,
    LayerInsertion,
    ReverseLink,
    Selection,
    Step,
)

__all__ = [
    "Insertion",
    "InsertionTrace",
    "LayerInsertion",
    "LevelDraw",
    "ReverseLink",
    "Selection",
    "Step",
    "differing_rows",
    "draw_level",
    "drawn_levels",
    "first_insertion",
    "insert_after",
    "insert_into",
    "trace_insertion",
    "with_inserted",
]
