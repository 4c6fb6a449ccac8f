// A search drawn on the layers: what it has visited, the beam, the links of the hop, the answer.

class ReplayMarks {
  constructor(painter, replay, theme) {
    this.painter = painter;
    this.replay = replay;
    this.theme = theme;
    this.visited = this.allVisited();
    this.path = this.wholePath();
    this.lit = this.litLinks();
    this.step = null;
    this.stepShown = -1;
    this.pointed = null;
  }

  allVisited() {
    const { replay, theme } = this;
    const { search } = replay;
    const marks = new Marks();
    for (let hop = 0; hop < replay.hops; hop++) {
      for (let i = start(search.visit_end, hop); i < search.visit_end[hop]; i++) {
        const place = replay.place(search.visit_row[i], search.hop_layer[hop]);
        marks.addRimmed(place, theme.visited, theme.page, { size: 6 });
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
      const descent = search.hop_layer[before] > 0;
      const [width, alpha] = descent ? [3, 0.9] : [1.5, 0.45];
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
      const leaves = search.lit_out[i];
      if (!from || !to) return;
      strokes.add(from, to, theme.text, { alpha: leaves ? 0.75 : 0.3, width: leaves ? 1.6 : 1 });
    });
    return strokes.batch(this.painter);
  }

  /** Draw the state at a step; `weights` are the strengths of the layers. */
  draw(step, weights) {
    const { painter, replay } = this;
    const hop = Math.min(step, replay.hops);
    painter.draw(this.lit);
    this.drawVisited(hop, weights);
    painter.draw(this.path, { count: CORNERS.length * hop });
    if (this.stepShown !== step) this.prepare(step);
    painter.draw(this.step.strokes);
    painter.draw(this.step.marks);
    if (this.pointed) {
      painter.draw(this.pointed.strokes);
      painter.draw(this.pointed.marks);
    }
  }

  /** The visits of a layer follow one another, as the hops do. */
  drawVisited(hop, weights) {
    const { hop_layer, visit_end } = this.replay.search;
    for (let at = 0; at < hop; ) {
      const [layer, first] = [hop_layer[at], start(visit_end, at)];
      while (at < hop && hop_layer[at] === layer) at += 1;
      const count = 2 * (visit_end[at - 1] - first);
      this.painter.draw(this.visited, { first: 2 * first, count, fade: weights[layer] });
    }
  }

  prepare(step) {
    this.dropBatches(this.step);
    const { replay } = this;
    const [strokes, marks] = [new Strokes(), new Marks()];
    this.markTargets(marks, step);
    this.markBeam(marks, step);
    if (step > 0 && step <= replay.hops) this.markHop(strokes, marks, step - 1);
    if (step === replay.end) this.markEnd(marks);
    this.markEnds(marks);
    this.step = { strokes: strokes.batch(this.painter), marks: marks.batch(this.painter) };
    this.stepShown = step;
  }

  markTargets(marks, step) {
    const { replay, theme } = this;
    const ended = step === replay.end;
    for (const row of replay.truth.keys()) {
      if (ended && !replay.answer.has(row)) continue; // a cross stands there
      const seen = (replay.seenAt.get(row) ?? Infinity) <= step;
      if (seen) marks.addRimmed(replay.place(row, 0), theme.truth, theme.page, { size: 9 });
      else marks.add(replay.place(row, 0), theme.truth, { size: 11, shape: RING });
    }
  }

  markBeam(marks, step) {
    const { replay, theme } = this;
    for (const row of replay.beamAfter(step)) {
      if (replay.truth.has(row)) continue;
      marks.addRimmed(replay.place(row, 0), theme.found, theme.page, { size: 7 });
    }
    const farthest = replay.layerOf(step) === 0 ? Math.min(step, replay.hops) - 1 : -1;
    if (farthest < 0) return;
    const row = replay.search.worst_row[farthest];
    marks.add(replay.place(row, 0), theme.found, { size: 18, shape: RING });
  }

  markHop(strokes, marks, at) {
    const { replay, theme } = this;
    const layer = replay.search.hop_layer[at];
    const center = replay.place(replay.search.hop_node[at], layer);
    for (const { row, entered } of replay.visitsOf(at)) {
      const color = entered ? theme.found : theme.visited;
      strokes.add(center, replay.place(row, layer), color, { alpha: 0.9, width: entered ? 2.4 : 1.2 });
      if (layer > 0 || !replay.truth.has(row)) {
        marks.addRimmed(replay.place(row, layer), color, theme.page, { size: entered ? 8 : 6 });
      }
    }
    for (const row of replay.leaversOf(at)) {
      marks.add(replay.place(row, 0), theme.muted, { size: 11, shape: RING });
    }
    marks.addRimmed(center, theme.expanded, theme.page, { size: 12 });
  }

  markEnd(marks) {
    const { replay, theme } = this;
    for (const row of replay.answer) {
      const color = replay.truth.has(row) ? theme.truth : theme.found;
      marks.addRimmed(replay.place(row, 0), color, theme.page, { size: 9 });
    }
    for (const row of replay.missed) {
      marks.add(replay.place(row, 0), theme.missed, { size: 13, shape: CROSS });
    }
    if (replay.search.stop.row < 0) return;
    marks.add(replay.place(replay.search.stop.row, 0), theme.expanded, { size: 15, shape: RING });
  }

  markEnds(marks) {
    const { replay, theme } = this;
    const { search, scene } = replay;
    const entry = replay.place(scene.entry, scene.layers - 1);
    marks.addRimmed(entry, theme.entry, theme.page, { size: 12, shape: DIAMOND });
    const own = search.item >= 0 ? replay.place(search.item, 0) : null;
    if (own) marks.addRimmed(own, theme.text, theme.page, { size: 13, shape: DIAMOND });
  }

  /** Ring the row that is pointed at, and draw the walk that would have led to it. */
  point(row, layer) {
    this.dropBatches(this.pointed);
    this.pointed = null;
    if (row === null) return;
    const { replay, theme } = this;
    const [strokes, marks] = [new Strokes(), new Marks()];
    const walk = replay.pathTo(row).map((step) => replay.place(step, 0));
    walk.slice(1).forEach((to, i) => strokes.addDashed(walk[i], to, theme.missed, { width: 2.6 }));
    walk.slice(0, -1).forEach((place) => marks.add(place, theme.missed, { size: 13, shape: RING }));
    const place = replay.place(row, walk.length > 0 ? 0 : layer);
    if (place) marks.add(place, theme.text, { size: 18, shape: RING });
    this.pointed = { strokes: strokes.batch(this.painter), marks: marks.batch(this.painter) };
  }

  dropBatches(batches) {
    if (!batches) return;
    this.painter.drop(batches.strokes);
    this.painter.drop(batches.marks);
  }

  drop() {
    this.dropBatches(this.step);
    this.dropBatches(this.pointed);
    for (const batch of [this.visited, this.path, this.lit]) this.painter.drop(batch);
  }
}
