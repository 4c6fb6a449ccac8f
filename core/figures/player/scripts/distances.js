// The honest view: true distance to the query against the hop.

const CHART_MARGIN = { left: 58, right: 14, top: 14, bottom: 38 };

function niceTicks(low, high, about) {
  const span = high - low || 1;
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((size) => size >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  return ticks;
}

class DistanceChart {
  constructor(canvas, { scrubbed, hovered }) {
    this.canvas = canvas;
    this.hop = 0;
    let dragging = false;
    const seek = (event) => this.replay && scrubbed(this.hopAt(event.offsetX));
    canvas.addEventListener("pointerdown", (event) => {
      dragging = true;
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (dragging) seek(event);
      else hovered(this.nearest(event.offsetX, event.offsetY), event);
    });
    canvas.addEventListener("pointerup", () => (dragging = false));
    canvas.addEventListener("pointercancel", () => (dragging = false));
    canvas.addEventListener("pointerleave", () => hovered(null));
  }

  show(replay, theme, lastHop) {
    this.replay = replay;
    this.theme = theme;
    this.lastHop = Math.max(2, lastHop);
    const { search } = replay;
    let [low, high] = [Infinity, -Infinity];
    for (const values of [search.visit_distance, search.hop_distance, search.truth_distance]) {
      for (const value of values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const room = (high - low || 1) * 0.05;
    this.range = [low - room, high + room];
  }

  x(hop) {
    const { left, right } = CHART_MARGIN;
    return left + ((hop - 0.5) / (this.lastHop + 1)) * (this.canvas.clientWidth - left - right);
  }

  y(distance) {
    const { top, bottom } = CHART_MARGIN;
    const [low, high] = this.range;
    const height = this.canvas.clientHeight - top - bottom;
    return top + (1 - (distance - low) / (high - low)) * height;
  }

  hopAt(x) {
    const { left, right } = CHART_MARGIN;
    const share = (x - left) / (this.canvas.clientWidth - left - right);
    return Math.min(this.replay.hops, Math.max(0, Math.round(share * (this.lastHop + 1) + 0.5)));
  }

  /** The mark under the pointer: {row, hop, distance, role}, or null. */
  nearest(x, y) {
    if (!this.replay) return null;
    const { search, hops } = this.replay;
    let [best, reach] = [null, 9];
    const offer = (row, hop, distance, role) => {
      const gap = Math.hypot(this.x(hop) - x, this.y(distance) - y);
      if (gap < reach) [best, reach] = [{ row, hop, distance, role }, gap];
    };
    const about = this.hopAt(x);
    for (let hop = Math.max(0, about - 3); hop < Math.min(hops, about + 3); hop++) {
      for (const { row, distance } of this.replay.visitsOf(hop)) {
        offer(row, hop + 1, distance, "visited");
      }
      offer(search.hop_node[hop], hop + 1, search.hop_distance[hop], "expanded");
    }
    this.targets().forEach(({ row, hop, distance, found }) =>
      offer(row, hop, distance, found ? "true neighbor, found" : "true neighbor, missed"),
    );
    return best;
  }

  targets() {
    const { search, seenAt, answer, hops } = this.replay;
    return Array.from(search.truth_row, (row, i) => ({
      row,
      hop: seenAt.get(row) ?? hops + 1,
      distance: search.truth_distance[i],
      found: answer.has(row),
    }));
  }

  draw(hop) {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!this.replay || width === 0) return;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    this.drawAxes(pen, width, height);
    this.drawDescent(pen, height);
    this.drawVisits(pen, hop);
    this.drawWorst(pen, hop);
    this.drawExpanded(pen, hop);
    this.drawTargets(pen, hop);
    this.drawCursor(pen, hop, height);
  }

  drawAxes(pen, width, height) {
    const { left, right, top, bottom } = CHART_MARGIN;
    const { theme } = this;
    pen.font = `12px ${theme.font}`;
    pen.lineWidth = 1;
    pen.strokeStyle = theme.gridText;
    pen.fillStyle = theme.mutedText;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const tick of niceTicks(...this.range, Math.max(3, height / 60))) {
      const y = Math.round(this.y(tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(width - right, y);
      pen.stroke();
      pen.fillText(written(tick), left - 7, y);
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const tick of niceTicks(1, this.lastHop, Math.max(2, width / 90))) {
      if (Number.isInteger(tick)) pen.fillText(String(tick), this.x(tick), height - bottom + 6);
    }
    pen.fillText("hop", (left + width - right) / 2, height - 15);
    pen.save();
    pen.translate(11, (top + height - bottom) / 2);
    pen.rotate(-Math.PI / 2);
    pen.textBaseline = "middle";
    pen.fillText(`${this.replay.search.distance_name} to the query`, 0, 0);
    pen.restore();
  }

  drawDescent(pen, height) {
    const layers = this.replay.search.hop_layer;
    let descent = 0;
    while (descent < layers.length && layers[descent] > 0) descent += 1;
    if (descent === 0) return;
    const { left, top, bottom } = CHART_MARGIN;
    const x = this.x(descent + 0.5);
    pen.fillStyle = this.theme.shade;
    pen.fillRect(left, top, x - left, height - top - bottom);
    pen.fillStyle = this.theme.mutedText;
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillText("layer 0", x + 5, top + 2);
    if (x - left > 60) pen.fillText("descent", left + 5, top + 2);
  }

  drawVisits(pen, hop) {
    const { search, hops } = this.replay;
    for (let at = 0; at < hops; at++) {
      pen.fillStyle = this.theme.css(this.theme.visited, at < hop ? 0.8 : 0.16);
      for (let i = start(search.visit_end, at); i < search.visit_end[at]; i++) {
        pen.fillRect(this.x(at + 1) - 1.5, this.y(search.visit_distance[i]) - 1.5, 3, 3);
      }
    }
  }

  drawWorst(pen, hop) {
    const { search } = this.replay;
    pen.strokeStyle = this.theme.mutedText;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let at = 0; at < hop; at++) {
      if (search.hop_layer[at] > 0) continue;
      pen.lineTo(this.x(at + 0.5), this.y(search.worst[at]));
      pen.lineTo(this.x(at + 1.5), this.y(search.worst[at]));
    }
    pen.stroke();
  }

  drawExpanded(pen, hop) {
    const { search } = this.replay;
    pen.strokeStyle = this.theme.css(this.theme.expanded, 1);
    pen.fillStyle = pen.strokeStyle;
    pen.lineWidth = 2;
    pen.beginPath();
    for (let at = 0; at < hop; at++) pen.lineTo(this.x(at + 1), this.y(search.hop_distance[at]));
    pen.stroke();
    for (let at = 0; at < hop; at++) {
      pen.beginPath();
      pen.arc(this.x(at + 1), this.y(search.hop_distance[at]), 3, 0, 7);
      pen.fill();
    }
  }

  drawTargets(pen, hop) {
    const ended = hop >= this.replay.hops;
    pen.lineWidth = 2;
    for (const { hop: seen, distance, found } of this.targets()) {
      const [x, y] = [this.x(seen), this.y(distance)];
      const missed = ended && !found;
      pen.strokeStyle = this.theme.css(missed ? this.theme.missed : this.theme.truth, 1);
      pen.beginPath();
      if (missed) {
        pen.moveTo(x - 4, y - 4);
        pen.lineTo(x + 4, y + 4);
        pen.moveTo(x + 4, y - 4);
        pen.lineTo(x - 4, y + 4);
      } else {
        pen.arc(x, y, 5, 0, 7);
      }
      pen.stroke();
      if (seen <= hop && found) {
        pen.fillStyle = this.theme.css(this.theme.truth, 0.9);
        pen.fill();
      }
    }
  }

  drawCursor(pen, hop, height) {
    if (hop === 0 || hop > this.replay.hops) return;
    const x = Math.round(this.x(hop)) + 0.5;
    pen.strokeStyle = this.theme.css(this.theme.text, 0.35);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, CHART_MARGIN.top);
    pen.lineTo(x, height - CHART_MARGIN.bottom);
    pen.stroke();
  }
}
