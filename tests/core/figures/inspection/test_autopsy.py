from typing import Any

import numpy as np
import pytest

from core.figures.inspection.autopsy import fate_totals, smallest_ef_of_missed
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, VISITED, surface
from core.index import HnswParams, build_hnsw
from core.studies.inspection.autopsy import FATES, Autopsy, autopsy
from core.studies.parts.query_sets import sample_queries

# The places of FATES: 0 found, 1 tie, 2 unreachable, 3 never visited, 4 visited and evicted.
FATE = [[0, 0, 3, 2], [0, 1, 3, 3], [0, 0, 4, 0]]
SMALLEST = [[4, 4, 30, -1], [4, 90, 12, 30], [4, 4, -1, 10]]


def made(fate: list[list[int]], smallest: list[list[int]], ef: int = 10) -> Autopsy:
    queries: Any = None  # no figure looks at the queries themselves
    return Autopsy(queries, ef, 200, np.array(fate, dtype=np.int8), np.array(smallest))


def test_one_bar_of_five_fates() -> None:
    figure = fate_totals(made(FATE, SMALLEST))
    # 6 found, 1 tie, 1 unreachable, 3 never visited and 1 evicted, of 12.
    assert [trace.x[0] for trace in figure.data] == pytest.approx(
        [50, 100 / 12, 100 / 12, 25, 100 / 12]
    )
    assert [trace.name for trace in figure.data] == [
        "found 6 (50 %)",
        "tie 1 (8.33 %)",
        "unreachable 1 (8.33 %)",
        "never visited 3 (25 %)",
        "visited and evicted 1 (8.33 %)",
    ]
    assert figure.data[3].hovertemplate == "never visited: 3 of 12, 25 %<extra></extra>"
    assert {trace.y for trace in figure.data} == {("",)}
    assert {trace.orientation for trace in figure.data} == {"h"}
    assert (figure.layout.barmode, figure.layout.xaxis.range) == ("stack", (0, 100))
    assert figure.layout.xaxis.title.text == "share of 12 true neighbors, %"


@pytest.mark.parametrize("dark", [False, True])
def test_fates_have_the_colors_of_their_roles(dark: bool) -> None:
    figure = fate_totals(made(FATE, SMALLEST), dark=dark, height=222)
    marks = [(trace.marker.color, trace.marker.pattern.shape) for trace in figure.data]
    assert marks == [
        (TRUE_NEIGHBOR, ""),
        (surface(dark).other, ""),
        (MISSED, ""),
        (MISSED, "/"),
        (VISITED, ""),
    ]
    assert len(set(marks)) == len(FATES)
    assert figure.layout.height == 222
    drawn = smallest_ef_of_missed(made(FATE, SMALLEST), dark=dark)
    assert drawn.layout.template.layout.font.color == surface(dark).text


def test_the_share_of_the_missed_grows_with_ef() -> None:
    figure = smallest_ef_of_missed(made(FATE, SMALLEST))
    (line,) = figure.data
    # Missed: 5, with 30, -1, 12, 30 and -1; neither found rows nor the tie count.
    assert line.x.tolist() == [10, 12, 30, 200]
    assert line.y.tolist() == [0, 20, 60, 60]
    assert line.customdata.tolist() == [0, 1, 3, 3]
    assert (line.line.color, line.line.shape) == (FOUND, "hv")
    (note,) = figure.layout.annotations
    assert note.text == "never returned up to ef 200: 2 of 5 (40 %)"
    assert figure.layout.xaxis.type == "log"
    assert [10**end for end in figure.layout.xaxis.range] == pytest.approx([9.5, 210])


def test_a_copy_that_a_smaller_ef_returned_counts_from_this_ef_on() -> None:
    (line,) = smallest_ef_of_missed(made([[0, 3, 3]], [[3, 5, 20]])).data
    assert line.x.tolist() == [10, 10, 20, 200]
    assert line.y.tolist() == [0, 50, 100, 100]


def test_nothing_missed_is_said_in_words() -> None:
    figure = smallest_ef_of_missed(made([[0, 1, 0]], [[3, 50, 3]]))
    assert len(figure.data) == 0
    assert [note.text for note in figure.layout.annotations] == [
        "no true neighbor is missed at ef 10"
    ]


def test_the_figures_of_a_real_autopsy() -> None:
    vectors = np.random.default_rng(0).normal(size=(900, 12)).astype(np.float32)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=3, ef_construction=10))
    found = autopsy(graph, sample_queries(graph, vectors, 5, size=80), 6, ef_max=300)
    totals = fate_totals(found).data
    for place, trace in enumerate(totals):
        assert trace.x[0] == pytest.approx(100 * np.mean(found.fate == place))
    (line,) = smallest_ef_of_missed(found).data
    missed = [
        int(ef)
        for fate, ef in zip(found.fate.ravel(), found.smallest_ef.ravel(), strict=True)
        if FATES[fate] not in ("found", "tie")
    ]
    assert len(missed) > 20
    for ef, share in zip(line.x.tolist(), line.y.tolist(), strict=True):
        assert share == pytest.approx(100 * sum(0 < least <= ef for least in missed) / len(missed))
