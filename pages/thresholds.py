"""Thresholds: does one threshold fit all classes?"""

import streamlit as st

from core.figures.thresholds import class_utility, distance_histogram
from pages.ui import charts, controls, messages, thresholds_rates, thresholds_view, workspace

work = workspace.current()
embeddings = work.embeddings
heading = st.container()
if thresholds_view.eligible_classes(embeddings.labels) < 2:
    with heading:
        messages.answer("Thresholds need labels: at least two classes of two members.")
    messages.empty(
        f"{embeddings.name} has no such labels.",
        "Choose a column whose values repeat as the label on the Data page.",
    )
    st.stop()

slot = st.container()
study = thresholds_view.study(work)
if study is None:
    with heading:
        messages.answer("Does one threshold fit all classes? The pairs are being compared.")
    st.stop()

thresholds_rates.start_anew(work.fingerprint)
with slot:
    threshold = controls.slider(
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
    by_chance = thresholds_view.chance(work)
classes = thresholds_view.class_table(study, embeddings, threshold)
words = thresholds_view.answer(study, classes, threshold, by_chance)
with heading:
    messages.answer(words)
messages.note(messages.plain(thresholds_view.counts_at(study, threshold)))
if warning := thresholds_view.small_classes(study):
    messages.note(messages.plain(warning))

picture, numbers = st.columns([4, 1])
with picture:
    charts.show(
        class_utility(study, threshold, embeddings.class_names, dark=charts.is_dark()),
        key="class_utility",
        alt=words,
        table=lambda: thresholds_rates.utility_table(study, embeddings.class_names),
        csv_name="class_utility",
    )
    if outside := thresholds_rates.outside(study, threshold):
        messages.note(messages.plain(outside))
with numbers, st.container(horizontal=True):
    for name, value, explanation in thresholds_view.figures(study, by_chance):
        st.metric(name, value, help=explanation, width=thresholds_view.METRIC_WIDTH)

st.subheader("Classes at this threshold, worst first")
charts.show_table(classes.round(4), key="classes", csv_name="classes_at_threshold", open=True)
left, right = st.columns(2)
with left:
    shape = controls.segmented(
        "Rates as", "rates", thresholds_rates.RATES, help=thresholds_rates.RATES_HELP
    )
    charts.show(
        thresholds_rates.rates(study, threshold, shape),
        key="far_frr",
        alt=f"{shape} of all pairs; the EER is {messages.percent(study.eer[0])}",
        table=lambda: thresholds_rates.rates_table(study),
    )
    if sampled := thresholds_rates.sampled(study, shape):
        messages.note(messages.plain(sampled))
with right:
    charts.show(
        distance_histogram(study, threshold, dark=charts.is_dark(), height=390),
        key="distances",
        alt="Distances of genuine and of impostor pairs",
        table=lambda: thresholds_rates.distance_table(study),
    )

st.subheader("The worst decisions at this threshold")
accepted, rejected = st.tabs(
    ["Wrongly accepted, nearest first", "Wrongly rejected, farthest first"]
)
config = {f"image ({i})": st.column_config.ImageColumn(width="small") for i in (1, 2)}
for tab, rows in (
    (accepted, thresholds_view.wrongly_accepted(study, embeddings, threshold)),
    (rejected, thresholds_view.wrongly_rejected(study, embeddings, threshold)),
):
    with tab:
        if len(rows):
            st.dataframe(rows, hide_index=True, column_config=config)
        else:
            messages.empty("None at this threshold.", "Move the threshold to see some.")
