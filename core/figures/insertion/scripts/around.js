// The item whose neighbors are chosen in the middle, the others at their true distance from it.

const KEPT = 0;
const DROPPED = 1;
const AROUND_REACH = 10;

class AroundView {
  constructor(canvas, { hovered }) {
    this.canvas = canvas;
    canvas.addEventListener("pointermove", (event) =>
      hovered(this.nearest(event.offsetX, event.offsetY), event),
    );
    canvas.addEventListener("pointerleave", () => hovered(null));
  }

  draw(content, step, theme) {
    const opened = openPen(this.canvas, theme);
    this.marks = [];
    if (!opened) return;
    Object.assign(this, { content, step, theme, ...opened });
    if (step.scene < 0) {
      drawLevel(this);
      return;
    }
    this.scene = content.scenes[step.scene];
    this.setScale();
    this.labels = new Labels(this.pen, theme, this.width, this.height);
    this.drawRings();
    this.labels.hold(this.x, this.y, 10);
    const draw = {
      descent: () => this.drawDescent(),
      search: () => this.drawSearch(),
      rule: () => this.drawRule(step.at),
      pruned: () => this.drawRule(this.scene.row.length),
      links: () => this.drawRule(this.scene.row.length, { quiet: true }),
      back: () => this.drawBack(),
      end: () => this.drawRule(this.scene.row.length, { quiet: true }),
    };
    draw[step.kind]();
    diamond(this.pen, this.x, this.y, 8, theme.css(theme.page, 1));
    diamond(this.pen, this.x, this.y, 6.5, theme.textColor);
  }

  /** Radii: from 0, or the lowest distance where some are negative, to the farthest one shown. */
  setScale() {
    const { scene, step, width, height } = this;
    const shown = step.kind === "search" ? scene.vr : scene.r;
    this.low = Math.min(0, ...shown);
    this.high = Math.max(...shown, this.low + 1e-9);
    this.radius = Math.min(width, height) / 2 - 30;
    [this.x, this.y] = [width / 2, height / 2 + 4];
  }

  at(distance, angle) {
    const r = ((distance - this.low) / (this.high - this.low)) * this.radius;
    return [this.x + r * Math.cos(angle), this.y - r * Math.sin(angle)];
  }

  drawRings() {
    const { pen, theme, x, y } = this;
    pen.font = `12px ${theme.font}`;
    for (const tick of niceTicks(this.low, this.high, 6)) {
      const size = ((tick - this.low) / (this.high - this.low)) * this.radius;
      if (size < 1) continue;
      ring(pen, x, y, size, theme.gridText, 1);
      pen.fillStyle = theme.mutedText;
      pen.textAlign = "center";
      pen.textBaseline = "bottom";
      pen.fillText(written(tick), x, y - size - 1);
      this.labels.hold(x, y - size - 8, 12);
    }
    pen.textAlign = "left";
    pen.textBaseline = "top";
    pen.fillStyle = theme.mutedText;
    pen.fillText(`${this.content.distance_name} to ${this.centerName(28)}`, 4, 4);
    this.labels.hold(80, 10, 80);
  }

  centerName(most) {
    const { content, scene } = this;
    const name = content.names[scene.center];
    return shortened(scene.center === content.new ? `the new item, ${name}` : name, most + 14);
  }

  note(x, y, row, distance, words) {
    this.marks.push({ x, y, row, distance, words });
  }

  drawDescent() {
    const { scene, step, theme, pen } = this;
    const color = (role, alpha = 1) => theme.css(theme[role], alpha);
    const place = (at) => this.at(scene.r[at], scene.a[at]);
    for (let i = 0; i <= step.at; i++) {
      for (const at of scene.steps[i].visited) {
        const now = i === step.at;
        disc(pen, ...place(at), now ? 4.5 : 3, color("visited", now ? 1 : 0.45));
        this.note(...place(at), scene.row[at], scene.r[at], `compared on layer ${scene.steps[i].layer}`);
      }
    }
    const path = scene.steps.slice(0, step.at + 1).map((one) => one.origin);
    for (let i = 1; i < path.length; i++) {
      stroke(pen, ...place(path[i - 1]), ...place(path[i]), color("current"), 2.5);
    }
    for (const at of path) {
      disc(pen, ...place(at), 5, color("current"));
      this.note(...place(at), scene.row[at], scene.r[at], "on the walk");
    }
    const { origin, nearest } = scene.steps[step.at];
    if (nearest !== origin) {
      stroke(pen, ...place(origin), ...place(nearest), color("current"), 2, [5, 4]);
      ring(pen, ...place(nearest), 7, color("current"));
      this.labels.put(this.name(nearest), ...place(nearest), { gap: 11 });
    }
    ring(pen, ...place(origin), 8, theme.textColor, 1.5);
    const entry = scene.row.indexOf(this.content.entry);
    diamond(pen, ...place(entry), 7, color("entry"));
    for (const at of new Set([origin, entry])) {
      const words = at === entry ? `${this.name(at)}, entry point` : this.name(at);
      this.labels.put(words, ...place(at), { gap: 11, bold: at === origin });
    }
  }

  name(at) {
    return this.content.names[this.scene.row[at]];
  }

  drawSearch() {
    const { scene, step, theme, pen } = this;
    const ended = step.at === scene.visited.length - 1;
    const candidates = ended ? new Set(scene.row) : new Set();
    for (let i = 0; i <= step.at; i++) {
      const [x, y] = this.at(scene.vr[i], scene.va[i]);
      const chosen = candidates.has(scene.visited[i]);
      disc(pen, x, y, chosen ? 3.5 : 2.5, theme.css(chosen ? theme.kept : theme.visited, chosen ? 0.9 : 0.6));
      this.note(x, y, scene.visited[i], scene.vr[i], chosen ? "candidate" : "compared");
    }
    const start = this.at(scene.vr[0], scene.va[0]);
    disc(pen, ...start, 6, theme.css(theme.current, 1));
    if (scene.visited[0] === this.content.entry) diamond(pen, ...start, 8, theme.css(theme.entry, 1));
    this.labels.put(`start: ${this.content.names[scene.visited[0]]}`, ...start, { gap: 10, bold: true });
  }

  /** Candidates, of which the first `judged` have been asked; quiet: no current one. */
  drawRule(judged, { quiet = false } = {}) {
    const { scene, theme, pen, content } = this;
    const color = (role, alpha = 1) => theme.css(theme[role], alpha);
    const place = (at) => this.at(scene.r[at], scene.a[at]);
    const current = this.current(quiet);
    for (let at = scene.row.length - 1; at >= 0; at--) {
      const [x, y] = place(at);
      const verdict = at < judged ? scene.verdict[at] : -1;
      if (verdict === KEPT) stroke(pen, this.x, this.y, x, y, color("kept", theme.dark ? 1 : 0.75), 1.6);
      this.note(x, y, scene.row[at], scene.r[at], this.verdictWords(at, judged));
      if (verdict === KEPT) continue;
      if (verdict === DROPPED) cross(pen, x, y, 3.2, color("dropped", quiet ? 0.45 : 0.85), 1.6);
      else ring(pen, x, y, 2.6, color("other", verdict < 0 ? 0.9 : 0.5), 1.4);
    }
    if (current >= 0) this.drawCurrent(current);
    for (let at = 0; at < judged; at++) {
      if (scene.verdict[at] !== KEPT) continue;
      disc(pen, ...place(at), 5, color("kept"));
    }
    const fresh = scene.row.indexOf(content.new);
    if (fresh >= 0) {
      diamond(pen, ...place(fresh), 7.5, theme.textColor);
      this.labels.put(`${this.name(fresh)} (new)`, ...place(fresh), { gap: 11, bold: true });
    }
    if (current >= 0 && current !== fresh) {
      this.labels.put(this.name(current), ...place(current), { gap: 12, bold: true });
    }
    for (let at = 0; at < judged; at++) {
      if (scene.verdict[at] === KEPT && at !== fresh && at !== current) this.labels.put(this.name(at), ...place(at));
    }
  }

  /** The candidate that the step speaks of, or -1. */
  current(quiet) {
    const { scene, step, content } = this;
    if (quiet || !scene.applied) return -1;
    if (step.kind === "pruned") return scene.row.indexOf(content.new);
    const last = step.at - 1;
    return scene.verdict[last] > DROPPED ? -1 : last;
  }

  drawCurrent(current) {
    const { scene, theme, pen } = this;
    const here = this.at(scene.r[current], scene.a[current]);
    const against = scene.against[current];
    if (against >= 0) {
      const there = this.at(scene.r[against], scene.a[against]);
      const dropped = scene.verdict[current] === DROPPED;
      stroke(pen, ...here, ...there, theme.css(dropped ? theme.dropped : theme.muted, 1), 2, dropped ? [] : [5, 4]);
      stroke(pen, ...here, this.x, this.y, theme.css(theme.muted, 0.9), 1.2, [5, 4]);
    }
    ring(pen, ...here, 9, theme.css(theme.current, 1), 3);
  }

  drawBack() {
    const { scene, step, theme, pen } = this;
    this.drawRule(scene.row.length, { quiet: true });
    for (let i = 0; i <= step.at; i++) {
      const { place, linked } = scene.back[i];
      const spot = this.at(scene.r[place], scene.a[place]);
      const color = theme.css(linked ? theme.kept : theme.dropped, 1);
      stroke(pen, this.x, this.y, ...spot, color, linked ? 3 : 2, linked ? [] : [4, 4]);
      disc(pen, ...spot, 5, theme.css(theme.kept, 1));
      if (i === step.at) ring(pen, ...spot, 9, theme.css(theme.current, 1), 3);
    }
  }

  verdictWords(at, judged) {
    const { scene, content } = this;
    if (at >= judged) return "a candidate, not asked yet";
    const against = scene.against[at];
    const other = against < 0 ? "" : `${content.names[scene.row[against]]} (${written(scene.between[at], 4)})`;
    if (scene.verdict[at] === KEPT) return other ? `kept; the nearest kept before it is ${other}` : "kept";
    return scene.verdict[at] === DROPPED ? `dropped: nearer to ${other}` : "not asked: the list is full";
  }

  nearest(x, y) {
    let [best, reach] = [null, AROUND_REACH];
    for (const mark of this.marks ?? []) {
      const gap = Math.hypot(mark.x - x, mark.y - y);
      if (gap < reach) [best, reach] = [mark, gap];
    }
    return best;
  }
}
