"""The ef that each query needs, as colors of the rows of the data that the queries are."""

import numpy as np
from streamlit.testing.v1 import AppTest

from core.data import load_sample
from core.index import HnswParams, build_hnsw
from core.studies import ef_tradeoff, given_queries


def script() -> None:
    """Held-out rows, which are the queries unless others are chosen."""
    import streamlit as st

    from core.data import load_sample
    from core.index import HnswParams
    from pages.ui import jobs
    from pages.ui.results.ef_needed import ef_needed
    from pages.ui.session.workspace import Workspace

    jobs.begin_run()
    params = HnswParams(m=4, ef_construction=20)
    st.session_state["needed"] = ef_needed(Workspace("digits", load_sample("digits"), params))


def test_held_out_rows_have_the_color_of_what_they_need_and_others_none() -> None:
    digits, held = load_sample("digits"), np.random.default_rng(0).permutation(1797)[:179]
    rest = np.delete(digits.vectors, held, axis=0)
    graph = build_hnsw(rest, HnswParams(m=4, ef_construction=20))
    study = ef_tradeoff(graph, given_queries(graph, rest, digits.vectors[held], 10))
    needed = study.curve.smallest_ef(0.99)
    ran = AppTest.from_function(script, default_timeout=180).run()
    values = ran.session_state["needed"].values
    served = needed > 0
    np.testing.assert_allclose(values[held[served]], np.log10(needed[served]), rtol=1e-6)
    assert np.isnan(np.delete(values, held)).all()
    assert len(np.unique(needed)) > 10
