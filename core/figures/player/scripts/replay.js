// One search as a sequence of hops: what is known after each, and how it is drawn on the layers.

class Replay {
  constructor(search, scene) {
    this.search = search;
    this.scene = scene;
    this.hops = search.hop_node.length;
    this.extra = new Map();
    search.extra_row.forEach((row, place) => this.extra.set(row, place));
    this.truth = new Set(search.truth_row);
    this.answer = new Set(search.answer_row);
    this.seenAt = this.firstVisits();
    this.beam = new Set();
    this.beamHop = 0;
  }

  /** Hop at which layer 0 first computed the distance of a row; the descent's end counts. */
  firstVisits() {
    const { search, hops } = this;
    const seen = new Map();
    for (let hop = 0; hop < hops; hop++) {
      if (search.hop_layer[hop] > 0) continue;
      if (!seen.has(search.hop_node[hop])) seen.set(search.hop_node[hop], hop + 1);
      for (let i = start(search.visit_end, hop); i < search.visit_end[hop]; i++) {
        if (!seen.has(search.visit_row[i])) seen.set(search.visit_row[i], hop + 1);
      }
    }
    return seen;
  }

  nameOf(row) {
    const point = this.scene.pointOfRow.get(row);
    const known = point === undefined ? undefined : this.scene.names[point];
    return known ?? this.search.names[row] ?? `row ${row.toLocaleString("en-US")}`;
  }

  place(row, layer) {
    const point = this.scene.pointOfRow.get(row);
    if (point !== undefined) return placeOf(this.scene, point, layer);
    const { extra_x, extra_y } = this.search;
    const place = this.extra.get(row);
    const scene = { layers: this.scene.layers, x: extra_x, y: extra_y };
    return place === undefined ? null : placeOf(scene, place, layer);
  }

  /** Rows in the beam after `hop` hops. */
  beamAfter(hop) {
    const { search } = this;
    if (hop < this.beamHop) {
      this.beam = new Set();
      this.beamHop = 0;
    }
    for (; this.beamHop < hop; this.beamHop++) {
      const at = this.beamHop;
      if (search.hop_layer[at] > 0) continue;
      if (this.beam.size === 0) this.beam.add(search.hop_node[at]);
      for (let i = start(search.visit_end, at); i < search.visit_end[at]; i++) {
        if (search.entered[i]) this.beam.add(search.visit_row[i]);
      }
      for (let i = start(search.left_end, at); i < search.left_end[at]; i++) {
        this.beam.delete(search.left_row[i]);
      }
    }
    return this.beam;
  }

  visitsOf(hop) {
    const { search } = this;
    const [first, last] = [start(search.visit_end, hop), search.visit_end[hop]];
    return Array.from({ length: last - first }, (_, i) => ({
      row: search.visit_row[first + i],
      distance: search.visit_distance[first + i],
      entered: Boolean(search.entered[first + i]),
    }));
  }

  leaversOf(hop) {
    const { search } = this;
    return search.left_row.subarray(start(search.left_end, hop), search.left_end[hop]);
  }
}

class ReplayMarks {
  constructor(painter, replay, theme) {
    this.painter = painter;
    this.replay = replay;
    this.theme = theme;
    this.visited = this.allVisited();
    this.path = this.wholePath();
    this.lit = this.litLinks();
    this.step = null;
    this.stepHop = -1;
  }

  allVisited() {
    const { replay, theme } = this;
    const { search } = replay;
    const marks = new Marks();
    for (let hop = 0; hop < replay.hops; hop++) {
      for (let i = start(search.visit_end, hop); i < search.visit_end[hop]; i++) {
        const place = replay.place(search.visit_row[i], search.hop_layer[hop]);
        marks.add(place, theme.visited, { alpha: 0.85, size: 5 });
      }
    }
    return marks.batch(this.painter);
  }

  wholePath() {
    const { replay, theme } = this;
    const { search } = replay;
    const strokes = new Strokes();
    for (let hop = 0; hop < replay.hops; hop++) {
      const to = replay.place(search.hop_node[hop], search.hop_layer[hop]);
      const before = Math.max(0, hop - 1);
      const from = replay.place(search.hop_node[before], search.hop_layer[before]);
      const falls = search.hop_layer[before] !== search.hop_layer[hop];
      const descent = search.hop_layer[before] > 0;
      const [width, alpha] = falls ? [3, 0.9] : descent ? [3, 0.9] : [1.5, 0.45];
      strokes.add(from, to, theme.expanded, { alpha, width });
    }
    return strokes.batch(this.painter);
  }

  litLinks() {
    const { replay, theme } = this;
    const { search } = replay;
    const strokes = new Strokes();
    search.lit_layer.forEach((layer, i) => {
      const [from, to] = [replay.place(search.lit_a[i], layer), replay.place(search.lit_b[i], layer)];
      if (from && to) strokes.add(from, to, theme.text, { alpha: search.lit_out[i] ? 0.75 : 0.3, width: search.lit_out[i] ? 1.6 : 1 });
    });
    return strokes.batch(this.painter);
  }

  /** Draw the state after `hop` hops. */
  draw(hop) {
    const { painter, replay } = this;
    const drawn = hop > 0 ? replay.search.visit_end[hop - 1] : 0;
    painter.draw(this.lit);
    painter.draw(this.visited, { count: drawn });
    painter.draw(this.path, { count: CORNERS.length * hop });
    if (this.stepHop !== hop) this.prepare(hop);
    painter.draw(this.step.strokes);
    painter.draw(this.step.marks);
  }

  prepare(hop) {
    this.dropStep();
    const strokes = new Strokes();
    const marks = new Marks();
    this.markTargets(marks, hop);
    this.markBeam(marks, hop);
    if (hop > 0 && hop <= this.replay.hops) this.markHop(strokes, marks, hop - 1);
    if (hop === this.replay.hops) this.markAnswer(marks);
    this.markEnds(marks);
    this.step = { strokes: strokes.batch(this.painter), marks: marks.batch(this.painter) };
    this.stepHop = hop;
  }

  markTargets(marks, hop) {
    const { replay, theme } = this;
    for (const row of replay.truth) {
      const seen = (replay.seenAt.get(row) ?? Infinity) <= hop;
      const look = { size: seen ? 9 : 11, shape: seen ? DISC : RING };
      marks.add(replay.place(row, 0), theme.truth, look);
    }
  }

  markBeam(marks, hop) {
    const { replay, theme } = this;
    for (const row of replay.beamAfter(hop)) {
      if (!replay.truth.has(row)) marks.add(replay.place(row, 0), theme.found, { size: 6 });
    }
  }

  markHop(strokes, marks, at) {
    const { replay, theme } = this;
    const layer = replay.search.hop_layer[at];
    const center = replay.place(replay.search.hop_node[at], layer);
    if (at < replay.hops - 1 || this.replay.hops === 1) {
      for (const { row, entered } of replay.visitsOf(at)) {
        const color = entered ? theme.found : theme.visited;
        strokes.add(center, replay.place(row, layer), color, { alpha: 0.9, width: entered ? 2 : 1 });
        marks.add(replay.place(row, layer), color, { size: entered ? 8 : 5 });
      }
      for (const row of replay.leaversOf(at)) {
        marks.add(replay.place(row, 0), theme.muted, { size: 9, shape: RING });
      }
    }
    marks.add(center, theme.page, { size: 15 });
    marks.add(center, theme.expanded, { size: 12 });
  }

  markAnswer(marks) {
    const { replay, theme } = this;
    for (const row of replay.answer) {
      const right = replay.truth.has(row);
      marks.add(replay.place(row, 0), right ? theme.truth : theme.found, { size: right ? 9 : 8 });
    }
    for (const row of replay.truth) {
      if (!replay.answer.has(row)) {
        marks.add(replay.place(row, 0), theme.missed, { size: 12, shape: CROSS });
      }
    }
  }

  markEnds(marks) {
    const { replay, theme } = this;
    const { search, scene } = replay;
    marks.add(replay.place(scene.entry, scene.layers - 1), theme.page, { size: 14, shape: DIAMOND });
    marks.add(replay.place(scene.entry, scene.layers - 1), theme.entry, { size: 12, shape: DIAMOND });
    if (search.item >= 0 && replay.place(search.item, 0)) {
      marks.add(replay.place(search.item, 0), theme.page, { size: 15, shape: DIAMOND });
      marks.add(replay.place(search.item, 0), theme.text, { size: 12, shape: DIAMOND });
    }
  }

  dropStep() {
    if (!this.step) return;
    this.painter.drop(this.step.strokes);
    this.painter.drop(this.step.marks);
  }

  drop() {
    this.dropStep();
    for (const batch of [this.visited, this.path, this.lit]) this.painter.drop(batch);
  }
}
