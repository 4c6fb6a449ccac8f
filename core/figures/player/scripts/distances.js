// The honest view: true distance to the query against the hop.

const CHART_MARGIN = { left: 58, right: 14, top: 14, bottom: 38 };

const LOW_CHART = 200; // pixels, below which words are few
const ROOM_FOR_NOTES = 0.15; // of the range of distances, below the least of them

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
  /** A drag moves through the steps, a click on a dot picks its row, one beside all goes there. */
  constructor(canvas, { scrubbed, hovered, picked }) {
    this.canvas = canvas;
    this.pointed = null;
    let [began, dragging] = [null, false];
    const seek = (event) => this.replay && scrubbed(this.hopAt(event.offsetX));
    canvas.addEventListener("pointerdown", (event) => {
      [began, dragging] = [event.offsetX, false];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (began === null) hovered(this.nearest(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      else dragging ||= Math.abs(event.offsetX - began) > 3;
      if (dragging) seek(event);
    });
    canvas.addEventListener("pointerup", (event) => {
      const hit = dragging || began === null ? null : this.nearest(event.offsetX, event.offsetY);
      if (hit) picked(hit.row);
      else if (began !== null) seek(event);
      [began, dragging] = [null, false];
    });
    canvas.addEventListener("pointercancel", () => ([began, dragging] = [null, false]));
    canvas.addEventListener("pointerleave", () => hovered(null));
  }

  show(replay, theme, lastHop) {
    this.replay = replay;
    this.theme = theme;
    this.lastHop = Math.max(2, lastHop);
    const { search } = replay;
    let [low, high] = [Infinity, -Infinity];
    // The query itself, at no distance, would leave little room for all others.
    const isOwn = (rows) => (_, i) => rows[i] !== search.item;
    const last = search.stop.row >= 0 ? [search.stop.distance] : [];
    const measured = [
      search.visit_distance.filter(isOwn(search.visit_row)),
      search.hop_distance.filter(isOwn(search.hop_node)),
      search.truth_distance, last,
    ];
    for (const values of measured) {
      for (const value of values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const room = high - low || 1;
    this.range = [low - ROOM_FOR_NOTES * room, high + 0.05 * room];
  }

  x(hop) {
    const { left, right } = CHART_MARGIN;
    return left + ((hop - 0.5) / (this.lastHop + 1)) * (this.canvas.clientWidth - left - right);
  }

  y(distance) {
    const { top, bottom } = CHART_MARGIN;
    const [low, high] = this.range;
    const height = this.canvas.clientHeight - top - bottom;
    return top + Math.min(1, 1 - (distance - low) / (high - low)) * height;
  }

  hopAt(x) {
    const { left, right } = CHART_MARGIN;
    const share = (x - left) / (this.canvas.clientWidth - left - right);
    return Math.min(this.replay.end, Math.max(0, Math.round(share * (this.lastHop + 1) + 0.5)));
  }

  /** The mark under the pointer: {row, layer}, or null. */
  nearest(x, y) {
    if (!this.replay) return null;
    const { search, hops } = this.replay;
    let [best, reach] = [null, 9];
    const offer = (row, hop, distance, layer) => {
      const gap = Math.hypot(this.x(hop) - x, this.y(distance) - y);
      if (gap < reach) [best, reach] = [{ row, layer }, gap];
    };
    const about = this.hopAt(x);
    for (let hop = Math.max(0, about - 3); hop < Math.min(hops, about + 3); hop++) {
      const layer = search.hop_layer[hop];
      for (const { row, distance } of this.replay.visitsOf(hop)) offer(row, hop + 1, distance, layer);
      offer(search.hop_node[hop], hop + 1, search.hop_distance[hop], layer);
    }
    for (const { row, hop, distance } of this.targets()) offer(row, hop, distance, 0);
    const { stop } = search;
    if (stop.row >= 0) offer(stop.row, hops + 1, stop.distance, 0);
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

  /** Draw a step of the search. */
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
    this.drawOwn(pen, hop, height);
    this.drawStop(pen, hop);
    this.drawCursor(pen, hop, height);
    this.drawPointed(pen);
  }

  /** Says that the query's own row lies below the axis. */
  drawOwn(pen, step, height) {
    const { search, seenAt } = this.replay;
    const seen = seenAt.get(search.item);
    if (seen === undefined || seen > step || search.item < 0 || height < LOW_CHART) return;
    const words = "the query itself, at 0";
    const left = this.x(seen) - 9 - pen.measureText(words).width; // the end is noted on the right
    this.note(pen, words, Math.max(CHART_MARGIN.left + 4, left), height - CHART_MARGIN.bottom - 16);
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
    const name = height < LOW_CHART ? "distance" : `${this.replay.search.distance_name} to the query`;
    pen.fillText(name, 0, 0);
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
    const { search, hops } = this.replay;
    pen.strokeStyle = this.theme.css(this.theme.found, 1);
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let at = 0; at < Math.min(hop, hops); at++) {
      if (search.hop_layer[at] > 0) continue;
      pen.lineTo(this.x(at + 0.5), this.y(search.worst[at]));
      pen.lineTo(this.x(at + 1.5), this.y(search.worst[at]));
    }
    pen.stroke();
  }

  drawExpanded(pen, step) {
    const { search, hops } = this.replay;
    const hop = Math.min(step, hops);
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
    const ended = hop >= this.replay.end;
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

  /** The comparison that ends the search: the next candidate above the farthest kept. */
  drawStop(pen, step) {
    const { search, hops, end } = this.replay;
    if (step < end || search.stop.row < 0) return;
    const { distance, worst } = search.stop;
    const [next, bound] = apart(distance, worst);
    const [x, y, limit] = [this.x(hops + 1), this.y(distance), this.y(worst)];
    pen.strokeStyle = this.theme.css(this.theme.expanded, 1);
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, 5, 0, 7);
    pen.stroke();
    const isLeft = x < this.canvas.clientWidth / 2;
    const note = (words, top) =>
      this.note(pen, words, isLeft ? x + 12 : x - 12 - pen.measureText(words).width, top);
    note(`next ${next}`, Math.min(y, limit - 2) - 16);
    note(`farthest kept ${bound}`, Math.max(limit, y + 2) + 6);
  }

  /** Words on a patch of the page's color. */
  note(pen, words, left, top) {
    pen.textAlign = "left";
    pen.textBaseline = "top";
    pen.fillStyle = this.theme.css(this.theme.page, 0.85);
    pen.fillRect(left - 3, top - 2, pen.measureText(words).width + 6, 15);
    pen.fillStyle = this.theme.textColor;
    pen.fillText(words, left, top);
  }

  drawCursor(pen, hop, height) {
    if (hop === 0) return;
    const x = Math.round(this.x(hop)) + 0.5;
    pen.strokeStyle = this.theme.css(this.theme.text, 0.35);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, CHART_MARGIN.top);
    pen.lineTo(x, height - CHART_MARGIN.bottom);
    pen.stroke();
  }
  /** A ring around each dot of the row that is pointed at. */
  drawPointed(pen) {
    if (this.pointed === null) return;
    const { search, hops } = this.replay;
    pen.strokeStyle = this.theme.textColor;
    pen.lineWidth = 1.5;
    const ring = (hop, distance) => {
      pen.beginPath();
      pen.arc(this.x(hop), this.y(distance), 8, 0, 7);
      pen.stroke();
    };
    for (let at = 0; at < hops; at++) {
      if (search.hop_node[at] === this.pointed) ring(at + 1, search.hop_distance[at]);
      for (let i = start(search.visit_end, at); i < search.visit_end[at]; i++) {
        if (search.visit_row[i] === this.pointed) ring(at + 1, search.visit_distance[i]);
      }
    }
    for (const { row, hop, distance } of this.targets()) if (row === this.pointed) ring(hop, distance);
  }
}
