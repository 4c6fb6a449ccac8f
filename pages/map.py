import plotly.graph_objects as go
import streamlit as st

from core.figures.theme import class_styles, layout
from pages.ui import cache, charts, controls, messages, needs, workspace

work = workspace.current()
messages.answer(
    f"{work.embeddings.name} holds {messages.count(len(work.embeddings.vectors), 'vector')} in 45 classes (test_it)."
)
a, b, c, d = st.columns(4)
with a:
    k = controls.slider("k", "k", low=1, high=100, value=10)
with b:
    item = controls.number("Item", "item", low=0, high=len(work.embeddings.vectors) - 1, value=0)
with c:
    color = controls.select("Color", "color", ["label", "density", "none"])
with d:
    space = controls.segmented("View", "view", ["2-D", "3-D"])
xy = cache.pca(work.embeddings).coordinates
figure = go.Figure(layout=layout(dark=charts.is_dark(), height=520))
for code, (col, sym) in enumerate(class_styles(12)):
    r = work.embeddings.labels == code
    figure.add_scattergl(
        x=xy[r, 0],
        y=xy[r, 1],
        mode="markers",
        marker={"color": col, "symbol": sym, "size": 5},
        name=f"class {code}",
    )
figure.update_xaxes(title="PC 1")
figure.update_yaxes(title="PC 2")
charts.show(
    figure, key="map", alt="PCA map", table=lambda: work.embeddings.metadata, on_select="rerun"
)
graph = needs.graph(work)
if graph is not None:
    st.write("graph", graph.n)
hoods = needs.neighborhoods(work, 10)
st.write(hoods is not None)
