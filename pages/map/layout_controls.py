"""What the visitor chooses of the map's projection; all of it stands in the address."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import EmbeddingSet
from core.distances import METRICS, Metric, metric_name
from core.projection import (
    NAMES,
    LayoutSettings,
    PacmapSettings,
    TsneSettings,
    UmapSettings,
    is_map,
    most_neighbors,
    number_columns,
    proposed_columns,
)
from core.studies.parts.knn import ROWS_AT_MOST
from pages.map import kept_maps, layout_words, subsets
from pages.map.drawing import Rows
from pages.map.kept_maps import KeptMap
from pages.ui.controls import widgets
from pages.ui.controls.declared import NumberBox, Slider
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

METHOD, ROWS, METRIC = "projection", "map_rows", "map_metric"
PCA, UMAP, TSNE, PACMAP, GIVEN = (
    NAMES[each] for each in ("pca", "umap", "tsne", "pacmap", "given")
)
FEWEST_ROWS = 5  # below it there is nothing to lay out
VECTORS, NO_COLUMN = "the vectors", "none"
FEWEST_AXES = 2  # of a map that columns are
GIVEN_AXES = ("given_x", "given_y", "given_z")
KEPT_LISTED = 6

HELP = (
    "PCA keeps large distances, exactly and at once. UMAP "
    "([McInnes et al. 2018](https://arxiv.org/abs/1802.03426)), t-SNE "
    "([van der Maaten & Hinton 2008](https://www.jmlr.org/papers/v9/vandermaaten08a.html)) and "
    "PaCMAP ([Wang et al. 2021](https://jmlr.org/papers/v22/20-1061.html)) keep neighbors together "
    "and take a while. Given: coordinates that came with the data."
)
UMAP_NEIGHBORS = Slider(
    "umap_neighbors",
    "Neighbors of each item",
    low=2,
    high=100,
    value=UmapSettings.neighbors,
    step=1,
    help="More of them show the whole, fewer the detail; one less than umap-learn's n_neighbors "
    "([umap-learn](https://umap-learn.readthedocs.io/en/latest/parameters.html)).",
)
MIN_DIST = Slider(
    "umap_min_dist",
    "min_dist",
    low=0.0,
    high=1.0,
    value=UmapSettings.min_dist,
    step=0.05,
    help="How tightly points may be packed: small shows clusters, large keeps the broad shape "
    "([umap-learn](https://umap-learn.readthedocs.io/en/latest/parameters.html)).",
)
LABEL_WEIGHT = Slider(
    "umap_labels",
    "Weight of the labels",
    low=0.0,
    high=1.0,
    value=0.0,
    step=0.1,
    help="Above 0, labels draw the layout too: classes stand apart more than their vectors do, so "
    "such a map does not show how separable they are "
    "([umap-learn](https://umap-learn.readthedocs.io/en/latest/supervised.html)).",
)
PERPLEXITY = Slider(
    "tsne_perplexity",
    "Perplexity",
    low=2,
    high=100,
    value=int(TsneSettings.perplexity),
    step=1,
    help="How many neighbors of an item count, smoothly; three times as many attract "
    "([how to read it](https://distill.pub/2016/misread-tsne/)).",
)
EXAGGERATION = Slider(
    "tsne_exaggeration",
    "Exaggeration",
    low=1.0,
    high=12.0,
    value=TsneSettings.exaggeration,
    step=0.5,
    help="Attraction is multiplied by it to the end. 1 is t-SNE; about 4 looks like UMAP "
    "([Böhm et al. 2022](https://jmlr.org/papers/v23/21-0055.html)).",
)
PACMAP_NEIGHBORS = Slider(
    "pacmap_neighbors",
    "Neighbors of each item",
    low=2,
    high=50,
    value=PacmapSettings.neighbors,
    step=1,
    help="Neighbors that are linked; more of them keep more of the broad shape "
    "([Wang et al. 2021](https://jmlr.org/papers/v22/20-1061.html), section 4).",
)
MID_NEAR = Slider(
    "pacmap_mid_near",
    "Mid-near pairs for each neighbor",
    low=0.0,
    high=2.0,
    value=PacmapSettings.mid_near,
    step=0.1,
    help="They hold the whole together in the first phases "
    "([Wang et al. 2021](https://jmlr.org/papers/v22/20-1061.html), section 4).",
)
FURTHER = Slider(
    "pacmap_further",
    "Further pairs for each neighbor",
    low=0.5,
    high=5.0,
    value=PacmapSettings.further,
    step=0.5,
    help="They push apart what is far "
    "([Wang et al. 2021](https://jmlr.org/papers/v22/20-1061.html), section 4).",
)
SEED = NumberBox("map_seed", "Seed", value=UmapSettings.seed)
METRIC_HELP = (
    "Of the neighbors that are kept together; that of the index by default. Above "
    f"{ROWS_AT_MOST:,} rows they come from the index, and for another metric from one that is "
    "built for the map alone."
)


@dataclass(frozen=True)
class Asked:
    """What map is asked for. settings: of a layout, None for PCA and given coordinates.

    columns: of the given coordinates, none where they are the vectors. rows: the name of what is
    projected alone, as `subsets` has it. place: of the list of kept maps, which is drawn once
    the map of this run is among them.
    """

    method: str
    settings: LayoutSettings | None = None
    columns: tuple[str, ...] = ()
    rows: str = subsets.ALL_ROWS
    place: DeltaGenerator | None = field(default=None, compare=False)


def draw(work: Workspace) -> Asked:
    """Draw the choice of the projection with its settings, and give what is asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        rows = widgets.held(ROWS, str, subsets.ALL_ROWS)
        alone = subsets.rows_of(work.embeddings, rows)
        n = work.embeddings.n if alone is None else len(alone)
        offered = methods(work.embeddings, n)
        method = widgets.segmented(
            "Projection", METHOD, offered, value=_default(work, offered), named=False
        )
        with st.popover("Settings", help=HELP):
            settings, columns = _settings(work, method, n)
            rows = _rows(work, rows)
            place = st.container()
    return Asked(method, settings, columns, rows, place)


def methods(embeddings: EmbeddingSet, n: int) -> list[str]:
    """What `n` rows can be projected by, in the order of the choice."""
    offered = [PCA]
    if n >= FEWEST_ROWS:
        offered += [UMAP, TSNE]
    if most_neighbors(n, PacmapSettings.mid_near, PacmapSettings.further) >= PACMAP_NEIGHBORS.low:
        offered.append(PACMAP)
    if is_map(embeddings.vectors) or len(number_columns(embeddings.metadata)) >= FEWEST_AXES:
        offered.append(GIVEN)
    return offered


def _default(work: Workspace, offered: Sequence[str]) -> str:
    """Vectors that are a map as they are; a sample's UMAP; else PCA."""
    if is_map(work.embeddings.vectors) and GIVEN in offered:
        return GIVEN
    kept = projections.kept_umap(work.embeddings, 2, work.params.metric)
    return PCA if kept is None else UMAP


def _settings(
    work: Workspace, method: str, n: int
) -> tuple[LayoutSettings | None, tuple[str, ...]]:
    if method == UMAP:
        neighbors = UMAP_NEIGHBORS.draw(high=min(UMAP_NEIGHBORS.high, n - 1))
        min_dist = MIN_DIST.draw()
        weight = LABEL_WEIGHT.draw() if work.embeddings.labels is not None else 0.0
        return UmapSettings(_metric(work), neighbors, min_dist, _seed(), weight), ()
    if method == TSNE:
        perplexity = float(PERPLEXITY.draw(high=min(PERPLEXITY.high, (n - 1) // 3)))
        exaggeration = EXAGGERATION.draw()
        return TsneSettings(_metric(work), perplexity, exaggeration, _seed()), ()
    if method == PACMAP:
        mid_near, further = MID_NEAR.draw(), FURTHER.draw()
        most = min(PACMAP_NEIGHBORS.high, most_neighbors(n, mid_near, further))
        neighbors = PACMAP_NEIGHBORS.draw(high=most)
        return PacmapSettings(_metric(work), neighbors, mid_near, further, _seed()), ()
    if method == GIVEN:
        return None, _columns(work.embeddings)
    messages.note("PCA has no settings.")
    return None, ()


def _metric(work: Workspace) -> Metric:
    return widgets.select(
        "Metric",
        METRIC,
        METRICS,
        value=work.params.metric,
        format=metric_name,
        help=METRIC_HELP,
    )


def _seed() -> int:
    return SEED.draw(2**31 - 1)


def usual_columns(embeddings: EmbeddingSet) -> tuple[str, ...]:
    """The columns that are the axes in 2-D unless others are chosen; none: the vectors are it."""
    return () if is_map(embeddings.vectors) else _proposed(embeddings)[:2]


def _proposed(embeddings: EmbeddingSet) -> tuple[str, ...]:
    offered = number_columns(embeddings.metadata)
    return (*proposed_columns(embeddings.metadata), *offered, NO_COLUMN)[:3]


def _columns(embeddings: EmbeddingSet) -> tuple[str, ...]:
    """The columns that are to be the axes; none where the vectors are the map."""
    offered = number_columns(embeddings.metadata)
    proposed = _proposed(embeddings)
    own = [VECTORS] if is_map(embeddings.vectors) else []
    if len(offered) < FEWEST_AXES:  # one column is no map: the vectors are
        return ()
    first = widgets.select(
        "Across", GIVEN_AXES[0], [*own, *offered], value=own[0] if own else proposed[0]
    )
    if first == VECTORS:
        return ()
    others = [name for name in offered if name != first]
    second = widgets.select("Up", GIVEN_AXES[1], others, value=proposed[1])
    third = widgets.select(
        "Third axis, in 3-D",
        GIVEN_AXES[2],
        [NO_COLUMN, *(name for name in others if name != second)],
        value=_third(embeddings),
    )
    return (first, second) if third == NO_COLUMN else (first, second, third)


def _third(embeddings: EmbeddingSet) -> str:
    proposed = proposed_columns(embeddings.metadata)
    return proposed[2] if len(proposed) > 2 else NO_COLUMN


def _rows(work: Workspace, held: str) -> str:
    """What is projected: all rows, or a selection that was projected alone before."""
    offered = subsets.names(work.embeddings)
    if held not in offered:
        messages.note(
            f"The {plain(held)} of this link are no longer on this server: all rows are shown."
        )
    if len(offered) == 1:
        return subsets.ALL_ROWS
    return widgets.select("Project", ROWS, offered)


def list_kept(work: Workspace, asked: Asked, components: int) -> None:
    """Buttons that show finished layouts of these data again.

    Of a sample whoever made them; of other data those that this session has seen.
    """
    own = kept_maps.of_session(work.embeddings, components, everybodys=work.is_sample)
    found = own[:KEPT_LISTED]
    if not found or asked.place is None:
        return
    asked.place.markdown("**Kept maps**")
    for index, each in enumerate(found):
        asked.place.button(
            plain(kept_words(each, time.time())),
            key=f"_kept_map_{index}",
            type="tertiary",
            on_click=partial(widgets.put, **values_of(each.name.settings)),
        )


def kept_words(kept: KeptMap, now: float) -> str:
    """A kept map in the list: its settings, and when it was made."""
    when = "came with the sample" if kept.came_along else layout_words.ago(now - kept.made)
    return f"{layout_words.settings_words(kept.name.settings)}; {when}"


def values_of(settings: LayoutSettings) -> dict[str, object]:
    """The controls, by key, that ask for these settings."""
    values: dict[str, object] = {
        METHOD: str(settings),
        METRIC: settings.metric,
        SEED.key: settings.seed,
        ROWS: subsets.ALL_ROWS,
    }
    if isinstance(settings, UmapSettings):
        values |= {
            UMAP_NEIGHBORS.key: settings.neighbors,
            MIN_DIST.key: settings.min_dist,
            LABEL_WEIGHT.key: settings.label_weight,
        }
    elif isinstance(settings, TsneSettings):
        values |= {
            PERPLEXITY.key: int(settings.perplexity),
            EXAGGERATION.key: settings.exaggeration,
        }
    else:
        values |= {
            PACMAP_NEIGHBORS.key: settings.neighbors,
            MID_NEAR.key: settings.mid_near,
            FURTHER.key: settings.further,
        }
    return values


def offer_alone(embeddings: EmbeddingSet, selected: Rows) -> None:
    """A button that projects the selected rows alone."""
    if subsets.FEWEST_ROWS <= len(selected) < embeddings.n:
        st.button(
            "Project these alone",
            key="_alone",
            on_click=_project_alone,
            args=(embeddings, selected),
            help="PCA or a layout of these rows only; the way back stands above the map.",
        )


def _project_alone(embeddings: EmbeddingSet, selected: Rows) -> None:
    widgets.put(**{ROWS: subsets.add(embeddings, selected)})


def way_back(asked: Asked) -> None:
    """A button back to all rows, where a selection is projected alone."""
    if asked.rows != subsets.ALL_ROWS:
        st.button(
            "Back to all rows",
            key="_all_rows",
            icon=":material/arrow_back:",
            on_click=partial(widgets.put, **{ROWS: subsets.ALL_ROWS}),
        )
