"""Results to plotly figures, in one theme."""

from plotly.graph_objects import Figure

from core.figures.anatomy import degree_distribution, link_lengths, nodes_per_layer
from core.figures.autopsy import fate_totals, smallest_ef_of_missed
from core.figures.data import class_sizes, norm_histogram
from core.figures.map import Classes, MapPoints, Values, space_map
from core.figures.neighbors import distance_by_rank
from core.figures.player import player_page, player_script, player_style
from core.figures.recall import recall_vs_ef, smallest_ef_histogram
from core.figures.replay import Played, replay_bytes
from core.figures.scene import Scene, drawn_rows, scene_bytes
from core.figures.thresholds import (
    class_utility,
    distance_histogram,
    far_frr,
    operating_curve,
)
from core.figures.what_if import before_after, recall_change

__all__ = [
    "Classes",
    "Figure",
    "MapPoints",
    "Played",
    "Scene",
    "Values",
    "before_after",
    "class_sizes",
    "class_utility",
    "degree_distribution",
    "distance_by_rank",
    "distance_histogram",
    "drawn_rows",
    "far_frr",
    "fate_totals",
    "link_lengths",
    "nodes_per_layer",
    "norm_histogram",
    "operating_curve",
    "player_page",
    "player_script",
    "player_style",
    "recall_change",
    "recall_vs_ef",
    "replay_bytes",
    "scene_bytes",
    "smallest_ef_histogram",
    "smallest_ef_of_missed",
    "space_map",
]
