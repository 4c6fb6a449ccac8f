"""A page as one HTML file: sentences, figures and tables, which needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from core.figures.theme import ALONE
from core.visible import marked, visible

CSS = """
body { font: 16px/1.5 "Source Sans", "Source Sans Pro", system-ui, sans-serif; color: #1B2430;
  background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.3; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
p.note { color: #5B6673; font-size: 0.9rem; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { text-align: right; padding: 0.2rem 0.6rem; border-bottom: 1px solid #E3E7EC; }
th { font-weight: 600; }
div.wide { overflow-x: auto; }
pre { background: #F5F7F9; padding: 0.8rem; overflow-x: auto; font-size: 0.8rem; }
"""


@dataclass(frozen=True, eq=False)
class ReportPart:
    """A heading with what stands below it, in this order; what is None or empty is left out."""

    title: str
    note: str = ""
    figure: go.Figure | None = None
    alt: str = ""
    table: pd.DataFrame | None = None
    code: str = ""


def report_page(title: str, answer: str, notes: Sequence[str], parts: Sequence[ReportPart]) -> str:
    """One HTML file in the light theme; texts are shown letter by letter.

    It holds plotly's own code once and loads nothing from any network.
    """
    body = [f"<h1>{_shown(answer)}</h1>", *(_note(note) for note in notes)]
    for part in parts:
        body += _part(part)
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f'<meta http-equiv="Content-Security-Policy" content="{ALONE}">'
        f"<title>{_shown(title)}</title><style>{CSS}</style>"
        f"<script>{get_plotlyjs()}</script></head><body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _part(part: ReportPart) -> list[str]:
    lines = [f"<h2>{_shown(part.title)}</h2>"]
    if part.note:
        lines.append(_note(part.note))
    if part.figure is not None:
        drawn = part.figure.to_html(
            full_html=False, include_plotlyjs=False, config={"displaylogo": False}
        )
        lines.append(f"<div role='img' aria-label='{_shown(part.alt)}'>{drawn}</div>")
    if part.table is not None:
        lines.append(f"<div class='wide'>{_table(part.table)}</div>")
    if part.code:
        lines.append(f"<pre>{escape(marked(part.code))}</pre>")
    return lines


def _table(table: pd.DataFrame) -> str:
    shown = table.map(lambda cell: visible(cell) if isinstance(cell, str) else cell)
    named = shown.set_axis([visible(name) for name in table.columns], axis=1)
    return str(named.to_html(index=False, border=0))


def _note(text: str) -> str:
    return f"<p class='note'>{_shown(text)}</p>"


def _shown(text: str) -> str:
    return escape(visible(text))
