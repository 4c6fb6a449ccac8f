"""A report as one HTML page: it needs nothing else, runs nothing, and follows light and dark."""

import math
from html import escape

from core.gate.report import Checked, GateReport
from core.visible import visible

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
WIDE, HIGH, EDGE = 240.0, 26.0, 8.0  # of a bound's picture, and the room at its ends, in pixels
LEGEND = (
    "In each picture the dot is the figure, the line through it its 95 % interval, and the upright "
    "mark the bound, which holds where the ground is thick."
)
CSS = """
:root { color-scheme: light dark; --page: #fff; --text: #1B2430; --quiet: #5B6673; --line: #D8DEE5;
  --good: #007A59; --bad: #B84A00; --bar: #0072B2; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161C; --text: #E6EAEF; --quiet: #9BA7B4; --line: #323B46; --good: #35C79B;
    --bad: #FF8A45; --bar: #56B4E9; }
}
body { font: 16px/1.5 "Source Sans", "Source Sans Pro", system-ui, sans-serif; color: var(--text);
  background: var(--page); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.about { color: var(--quiet); font-size: 0.9rem; margin: 0; padding: 0; list-style: none; }
.bound { border-top: 1px solid var(--line); padding: 0.8rem 0; display: grid; gap: 0 1.2rem;
  grid-template-columns: 5rem 1fr 240px; align-items: start; }
.bound h3 { font-size: 1rem; margin: 0; }
.bound p { margin: 0.1rem 0 0; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
.passed { color: var(--good); }
.broken { color: var(--bad); }
.named { color: var(--quiet); font-size: 0.85rem; margin: 0.3rem 0 0; padding-left: 1.1rem; }
svg { display: block; max-width: 100%; margin-top: 0.2rem; }
svg text { font: 11px "Source Sans", system-ui, sans-serif; fill: var(--quiet); }
@media (max-width: 640px) { .bound { grid-template-columns: 4.5rem 1fr; }
  .bound .picture { grid-column: 2; } }
"""


def html_page(report: GateReport) -> str:
    """One HTML file; what users wrote is shown letter by letter."""
    about = "".join(f"<li>{_shown(each)}</li>" for each in report.about)
    bounds = "\n".join(_bound(each) for each in report.checks)
    title = "passed" if report.passed else "broken"
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>Nearfield: {title}, {_shown(report.data)}</title><style>{CSS}</style></head>"
        f"<body>\n<h1>{_shown(report.answer)}</h1>\n<ul class='about'>{about}</ul>\n"
        f"<h2>Bounds</h2>\n<p class='about'>{LEGEND}</p>\n{bounds}\n</body></html>\n"
    )


def _bound(checked: Checked) -> str:
    verdict = "passed" if checked.passed else "broken"
    named = "".join(f"<li>{_shown(each)}</li>" for each in checked.named)
    listed = f"<ul class='named'>{named}</ul>" if named else ""
    return (
        f"<section class='bound'><span class='verdict {verdict}'>{verdict}</span><div>"
        f"<h3>{_shown(checked.name)}</h3><p>{_shown(_capital(checked.finding))}</p>{listed}</div>"
        f"<div class='picture'>{_picture(checked)}</div></section>"
    )


def _picture(checked: Checked) -> str:
    """The figure as a dot, its interval as a line, and the bound as a mark, on one scale."""
    ends = checked.interval or (checked.figure, checked.figure)
    values = [checked.figure, checked.limit, *ends]
    if not all(map(math.isfinite, values)):
        return ""
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    low, high = low - 0.05 * span, high + 0.05 * span

    def x(value: float) -> float:
        return EDGE + (WIDE - 2 * EDGE) * (value - low) / (high - low)

    middle, mark = HIGH / 2, x(checked.limit)
    good = f"M{mark:.1f} {middle:.1f}H{WIDE if checked.side == 'at_least' else 0:.0f}"
    color = "var(--good)" if checked.passed else "var(--bad)"
    return (
        f"<svg viewBox='0 0 {WIDE:g} {HIGH:g}' width='{WIDE:g}' height='{HIGH:g}' role='img' "
        f"aria-label='{_shown(checked.sentence)}'>"
        f"<path d='M0 {middle:g}H{WIDE:g}' stroke='var(--line)'/>"
        f"<path d='{good}' stroke='var(--line)' stroke-width='6'/>"
        f"<path d='M{mark:.1f} 3V{HIGH - 3:g}' stroke='var(--text)' stroke-width='2'/>"
        f"<path d='M{x(ends[0]):.1f} {middle:g}H{x(ends[1]):.1f}' stroke='{color}' "
        f"stroke-width='3'/><circle cx='{x(checked.figure):.1f}' cy='{middle:g}' r='5' "
        f"fill='{color}'/></svg>"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(text: str) -> str:
    return escape(visible(text))
