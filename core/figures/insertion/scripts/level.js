// The level drawn: where -ln u / ln M falls.

/** Draw into an `AroundView`, in which nothing stands around anything yet. */
function drawLevel({ pen, width, height, theme, content }) {
  const { draw, level } = content;
  const most = Math.max(4, level + 2);
  const [left, right] = [24, width - 24];
  const x = (value) => left + ((right - left) * value) / most;
  const [top, low] = [height / 2 - 70, height / 2 + 40];
  pen.textAlign = "center";
  for (let step = 0; step < most; step++) {
    const chosen = step === level;
    pen.fillStyle = chosen ? theme.css(theme.kept, 0.85) : theme.css(theme.muted, 0.12);
    pen.fillRect(x(step) + 2, top, x(step + 1) - x(step) - 4, low - top);
    pen.fillStyle = chosen ? "#fff" : theme.textColor;
    pen.font = `600 13px ${theme.font}`;
    pen.fillText(`level ${step}`, (x(step) + x(step + 1)) / 2, top + 34);
    pen.font = `12px ${theme.font}`;
    const share = draw && 100 * (draw.m ** -step - draw.m ** -(step + 1));
    if (draw) pen.fillText(`${written(share)} %`, (x(step) + x(step + 1)) / 2, top + 56);
    pen.fillStyle = theme.mutedText;
    pen.fillText(String(step), x(step), low + 20);
  }
  pen.fillText("−ln u / ln M; the whole part of it is the level", width / 2, low + 46);
  if (draw) pen.fillText("in the boxes: the share of all items that get each level", width / 2, top - 48);
  if (!draw) return;
  const marked = theme.css(theme.current, 1);
  stroke(pen, x(draw.scaled), top - 14, x(draw.scaled), top + 12, marked, 3);
  stroke(pen, x(draw.scaled), low - 12, x(draw.scaled), low + 6, marked, 3);
  disc(pen, x(draw.scaled), top - 14, 5, marked);
  pen.fillStyle = theme.textColor;
  pen.textAlign = draw.scaled > most / 2 ? "right" : "left";
  pen.fillText(`u = ${draw.u.toFixed(4)}`, x(draw.scaled) + (draw.scaled > most / 2 ? -9 : 9), top - 14);
}
