"""Thresholds: does one threshold fit all classes?"""

import streamlit as st

from core.figures.thresholds import class_utility, distance_histogram
from pages.thresholds import rates, summary
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import percent, plain
from pages.ui.session import workspace

work = workspace.current()
embeddings = work.embeddings
heading = Heading()
if summary.eligible_classes(embeddings) < 2:
    heading.answer("Thresholds need labels: at least two classes of two members.")
    messages.empty(
        f"{embeddings.name} has no such labels.",
        "Choose a column whose values repeat as the label on the Data page.",
    )
    st.stop()

slot = st.container()
with heading.until_ready("Does one threshold fit all classes?"):
    study = jobs.ready(summary.study(work))

rates.start_anew(work.fingerprint)
with slot:
    threshold = widgets.slider(
        "Threshold: a pair is accepted if its L2 distance on unit vectors is at most",
        "threshold",
        low=0.0,
        high=2.0,
        value=round(float(study.opis.calibration_range.mean()) * 200) / 200,
        step=0.005,
        format="%.3f",
        help="It moves every line, count and table of this page, and starts in the middle of the "
        "calibration range.",
    )
    by_chance = summary.chance(work)
classes = summary.class_table(study, embeddings, threshold)
words = summary.answer(study, classes, threshold, by_chance)
heading.answer(words)
messages.note(plain(summary.counts_at(study, threshold)))
if warning := summary.small_classes(study):
    messages.note(plain(warning))

picture, numbers = st.columns([4, 1])
with picture:
    chart.show(
        class_utility(study, threshold, embeddings.class_names, dark=chart.is_dark()),
        key="class_utility",
        alt=words,
        table=lambda: rates.utility_table(study, embeddings.class_names),
        csv_name="class_utility",
    )
    if outside := rates.outside(study, threshold):
        messages.note(plain(outside))
with numbers, st.container(horizontal=True):
    for name, value, explanation in summary.figures(study, by_chance):
        st.metric(name, value, help=explanation, width=summary.METRIC_WIDTH)

st.subheader("Classes at this threshold, worst first")
chart.show_table(classes.round(4), key="classes", csv_name="classes_at_threshold", open=True)
left, right = st.columns(2)
with left:
    shape = widgets.segmented("Rates as", "rates", rates.RATES, help=rates.RATES_HELP)
    chart.show(
        rates.rates(study, threshold, shape),
        key="far_frr",
        alt=f"{shape} of all pairs; the EER is {percent(study.eer[0])}",
        table=lambda: rates.rates_table(study),
    )
    if sampled := rates.sampled(study, shape):
        messages.note(plain(sampled))
with right:
    chart.show(
        distance_histogram(study, threshold, dark=chart.is_dark(), height=390),
        key="distances",
        alt="Distances of genuine and of impostor pairs",
        table=lambda: rates.distance_table(study),
    )

st.subheader("The worst decisions at this threshold")
accepted, rejected = st.tabs(
    ["Wrongly accepted, nearest first", "Wrongly rejected, farthest first"]
)
config = {f"image ({i})": st.column_config.ImageColumn(width="small") for i in (1, 2)}
for tab, rows in (
    (accepted, summary.wrongly_accepted(study, embeddings, threshold)),
    (rejected, summary.wrongly_rejected(study, embeddings, threshold)),
):
    with tab:
        if len(rows):
            st.dataframe(rows, hide_index=True, column_config=config)
        else:
            messages.empty("None at this threshold.", "Move the threshold to see some.")
