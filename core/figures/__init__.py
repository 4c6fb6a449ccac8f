"""Results to plotly figures, in one theme."""

from plotly.graph_objects import Figure

from core.figures.adaptive_ef import adaptive_costs, foreseen_ef
from core.figures.answer_quality import distance_error_vs_ef
from core.figures.class_consistency import (
    Space,
    accuracy_consistency,
    class_contributions,
    class_utility,
)
from core.figures.data import class_sizes, norm_histogram
from core.figures.experiments.build_grid import GRID_VALUES, grid_heatmap, grid_pareto
from core.figures.experiments.filtered_search import filter_costs, filter_recall
from core.figures.experiments.growth import growth_costs
from core.figures.experiments.insertion_order import order_recall
from core.figures.experiments.intrinsic_dimension import recall_by_rank
from core.figures.experiments.updates import updates_by_round
from core.figures.first_picture import first_scatter
from core.figures.group_errors import fmr_matrix, fnmr_by_group
from core.figures.insertion.page import insertion_script, insertion_style
from core.figures.insertion.payload import ShownInsertion, insertion_payload
from core.figures.inspection.anatomy import degree_distribution, link_lengths, nodes_per_layer
from core.figures.inspection.autopsy import fate_totals, smallest_ef_of_missed
from core.figures.inspection.index_diff import moved_answers
from core.figures.inspection.what_if import before_after, recall_change
from core.figures.latency import latency_vs_ef, qps_vs_recall
from core.figures.map import Classes, Values
from core.figures.neighbors import distance_by_rank
from core.figures.noise_band import NoiseLine, rebuild_noise
from core.figures.player.node_colors import Marked
from core.figures.player.page import player_page, player_script, player_style
from core.figures.player.replay import Played, replay_bytes
from core.figures.player.scene import Scene, drawn_rows, scene_bytes
from core.figures.preparing import prepared
from core.figures.recall import Line, recall_line, recall_vs_ef, smallest_ef_histogram
from core.figures.recall_latency import recall_vs_latency
from core.figures.report import ReportPart, report_page
from core.figures.small_picture import thumbnail
from core.figures.space.overlay import Overlay, overlay_content
from core.figures.space.page import map_script, map_style
from core.figures.threshold_floor import calibration_line, floor_distributions, reliability_diagram
from core.figures.threshold_open_world import (
    answer_scores,
    far_promised_and_got,
    identification,
    tar_promised_and_got,
)
from core.figures.threshold_several import classes_before_and_after, frr_by_way, opis_by_way
from core.figures.threshold_translation import two_spaces
from core.figures.thresholds import far_frr, operating_curve, score_histogram
from core.figures.two_nn import two_nn_line

__all__ = [
    "GRID_VALUES",
    "Classes",
    "Figure",
    "Line",
    "Marked",
    "NoiseLine",
    "Overlay",
    "Played",
    "ReportPart",
    "Scene",
    "ShownInsertion",
    "Space",
    "Values",
    "accuracy_consistency",
    "adaptive_costs",
    "answer_scores",
    "before_after",
    "calibration_line",
    "class_contributions",
    "class_sizes",
    "class_utility",
    "classes_before_and_after",
    "degree_distribution",
    "distance_by_rank",
    "distance_error_vs_ef",
    "drawn_rows",
    "far_frr",
    "far_promised_and_got",
    "fate_totals",
    "filter_costs",
    "filter_recall",
    "first_scatter",
    "floor_distributions",
    "fmr_matrix",
    "fnmr_by_group",
    "foreseen_ef",
    "frr_by_way",
    "grid_heatmap",
    "grid_pareto",
    "growth_costs",
    "identification",
    "insertion_payload",
    "insertion_script",
    "insertion_style",
    "latency_vs_ef",
    "link_lengths",
    "map_script",
    "map_style",
    "moved_answers",
    "nodes_per_layer",
    "norm_histogram",
    "operating_curve",
    "opis_by_way",
    "order_recall",
    "overlay_content",
    "player_page",
    "player_script",
    "player_style",
    "prepared",
    "qps_vs_recall",
    "rebuild_noise",
    "recall_by_rank",
    "recall_change",
    "recall_line",
    "recall_vs_ef",
    "recall_vs_latency",
    "reliability_diagram",
    "replay_bytes",
    "report_page",
    "scene_bytes",
    "score_histogram",
    "smallest_ef_histogram",
    "smallest_ef_of_missed",
    "tar_promised_and_got",
    "thumbnail",
    "two_nn_line",
    "two_spaces",
    "updates_by_round",
]
