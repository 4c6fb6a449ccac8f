// Distances in order: of the candidates by rank, of a search by visit, of the descent by visit.

const RANK_MARGIN = { left: 54, right: 12, top: 10, bottom: 34 };

class RankChart {
  constructor(canvas, { picked, hovered }) {
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => {
      const mark = this.nearest(event.offsetX, event.offsetY, 1e9);
      if (mark) picked(mark.place);
    });
    canvas.addEventListener("pointermove", (event) =>
      hovered(this.nearest(event.offsetX, event.offsetY, 9), event),
    );
    canvas.addEventListener("pointerleave", () => hovered(null));
  }

  draw(view, theme) {
    const opened = openPen(this.canvas, theme);
    this.marks = [];
    if (!opened || view.step.scene < 0) return;
    Object.assign(this, { view, theme, ...opened });
    const { scene, step } = view;
    const draw = { descent: () => this.drawDescent(), search: () => this.drawSearch() };
    this.axisWords = { descent: "comparison", search: "comparison" }[step.kind] ?? "candidate, by distance";
    (draw[step.kind] ?? (() => this.drawCandidates(scene)))();
  }

  /** Axes over `count` places and the range of `values`. */
  axes(count, values) {
    const { pen, theme, width, height } = this;
    const { left, right, top, bottom } = RANK_MARGIN;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    const [first, last] = [low - room, high + room];
    this.px = (place) => left + ((place + 0.5) / count) * (width - left - right);
    this.py = (value) => top + (1 - (value - first) / (last - first)) * (height - top - bottom);
    pen.fillStyle = theme.mutedText;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const tick of niceTicks(first, last, Math.max(2, height / 60))) {
      const y = Math.round(this.py(tick)) + 0.5;
      stroke(pen, left, y, width - right, y, theme.gridText, 1);
      pen.fillText(written(tick), left - 6, y);
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const tick of niceTicks(1, count, Math.max(2, width / 90))) {
      if (Number.isInteger(tick)) pen.fillText(tick.toLocaleString("en-US"), this.px(tick - 1), height - bottom + 5);
    }
    pen.fillText(this.axisWords, (left + width - right) / 2, height - 14);
    pen.save();
    pen.translate(9, (top + height - bottom) / 2);
    pen.rotate(-Math.PI / 2);
    pen.textBaseline = "middle";
    pen.fillText("distance", 0, 0);
    pen.restore();
  }

  mark(place, row, distance, words) {
    this.marks.push({ place, row, distance, words, x: this.px(place), y: this.py(distance) });
  }

  drawDescent() {
    const { view, pen, theme } = this;
    const { scene, step } = view;
    const all = scene.steps.flatMap((one, i) => one.visited.map((at) => [at, i]));
    this.axes(Math.max(1, all.length), scene.r);
    all.forEach(([at, i], place) => {
      const color = theme.css(theme.visited, i < step.at ? 0.6 : i === step.at ? 1 : 0.2);
      disc(pen, this.px(place), this.py(scene.r[at]), i === step.at ? 3.5 : 2.5, color);
      if (i <= step.at) this.mark(place, scene.row[at], scene.r[at], `compared on layer ${scene.steps[i].layer}`);
    });
    let place = 0;
    pen.lineWidth = 2;
    pen.strokeStyle = theme.css(theme.current, 1);
    pen.beginPath();
    scene.steps.slice(0, step.at + 1).forEach((one) => {
      pen.lineTo(this.px(place - 0.5), this.py(scene.r[one.origin]));
      place += one.visited.length;
      pen.lineTo(this.px(place - 0.5), this.py(scene.r[one.origin]));
    });
    pen.stroke();
  }

  drawSearch() {
    const { view, pen, theme } = this;
    const { scene, step } = view;
    const ended = step.at === scene.visited.length - 1;
    const candidates = ended ? new Set(scene.row) : new Set();
    this.axes(scene.vr.length, scene.vr);
    scene.vr.forEach((distance, i) => {
      const chosen = candidates.has(scene.visited[i]);
      const alpha = i <= step.at ? 0.8 : 0.12;
      disc(pen, this.px(i), this.py(distance), 2, theme.css(chosen ? theme.kept : theme.visited, alpha));
      if (i <= step.at) this.mark(i, scene.visited[i], distance, chosen ? "candidate" : "compared");
    });
  }

  drawCandidates(scene) {
    const { view, pen, theme } = this;
    const { step } = view;
    const judged = step.kind === "rule" ? step.at : scene.row.length;
    this.axes(scene.row.length, scene.r);
    scene.r.forEach((distance, at) => {
      const [x, y] = [this.px(at), this.py(distance)];
      const verdict = at < judged ? scene.verdict[at] : -1;
      if (verdict === KEPT) disc(pen, x, y, 4, theme.css(theme.kept, 1));
      else if (verdict === DROPPED) cross(pen, x, y, 2.4, theme.css(theme.dropped, 0.85), 1.4);
      else ring(pen, x, y, 1.8, theme.css(theme.other, 0.9), 1.2);
      this.mark(at, scene.row[at], distance, view.verdictWords(at, judged));
    });
    const current = view.current(step.kind !== "rule" && step.kind !== "pruned");
    if (current < 0) return;
    ring(pen, this.px(current), this.py(scene.r[current]), 7, theme.css(theme.current, 1), 2.5);
    const x = Math.round(this.px(current)) + 0.5;
    stroke(pen, x, RANK_MARGIN.top, x, this.height - RANK_MARGIN.bottom, theme.css(theme.text, 0.25));
  }

  nearest(x, y, reach) {
    let [best, gap] = [null, reach];
    for (const mark of this.marks ?? []) {
      const away = reach > 100 ? Math.abs(mark.x - x) : Math.hypot(mark.x - x, mark.y - y);
      if (away < gap) [best, gap] = [mark, away];
    }
    return best;
  }
}
