// One search as a sequence of hops: what is known after each.
//
// Step 0 is before the search, step h after its h-th hop, and step hops + 1 its end: the comparison
// that stops it, and the answer.

class Replay {
  constructor(search, scene) {
    this.search = search;
    this.scene = scene;
    this.hops = search.hop_node.length;
    this.end = this.hops + 1;
    this.extra = new Map();
    search.extra_row.forEach((row, place) => this.extra.set(row, place));
    this.truth = new Map();
    search.truth_row.forEach((row, place) => this.truth.set(row, place));
    this.answer = new Set(search.answer_row);
    this.missed = [...this.truth.keys()].filter((row) => !this.answer.has(row));
    this.readHistory();
    this.beam = new Set();
    this.beamHop = 0;
  }

  /** For each row the hop of layer 0 at which it was first seen, expanded, kept, pushed out. */
  readHistory() {
    const { search, hops } = this;
    [this.seenAt, this.expandedAt, this.enteredAt, this.leftAt] = [1, 2, 3, 4].map(() => new Map());
    this.metAbove = new Map();
    this.descent = 0;
    for (let at = 0; at < hops; at++) {
      const above = search.hop_layer[at] > 0;
      if (above) this.descent = at + 1;
      const seen = above ? this.metAbove : this.seenAt;
      const note = (map, row) => map.has(row) || map.set(row, at + 1);
      note(seen, search.hop_node[at]);
      if (!above) note(this.expandedAt, search.hop_node[at]);
      for (let i = start(search.visit_end, at); i < search.visit_end[at]; i++) {
        note(seen, search.visit_row[i]);
        if (!above && search.entered[i]) note(this.enteredAt, search.visit_row[i]);
      }
      for (const row of this.leaversOf(at)) this.leftAt.set(row, at + 1);
    }
  }

  /** The layer that a step acts on: null before the search, 0 at its end. */
  layerOf(step) {
    if (step === 0) return null;
    return step > this.hops ? 0 : this.search.hop_layer[step - 1];
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

  /** Distance of a drawn row to the query, to a 65,535th of their range. */
  distanceOf(row) {
    const { far, extra_far, far_range } = this.search;
    const point = this.scene.pointOfRow.get(row);
    const step = point === undefined ? extra_far[this.extra.get(row)] : far[point];
    return far_range[0] + (step / 65535) * (far_range[1] - far_range[0]);
  }

  /** Links of layer 0 that lead to a row. */
  linksInto(row) {
    const point = this.scene.pointOfRow.get(row);
    return point === undefined
      ? this.search.extra_in[this.extra.get(row)]
      : this.scene.in_degree[point];
  }

  /** The walk that would have led to a missed neighbor; empty where there is none. */
  pathTo(row) {
    const place = this.truth.get(row);
    if (place === undefined) return [];
    const { path_end, path_row } = this.search;
    return [...path_row.subarray(start(path_end, place), path_end[place])];
  }

  /** Rows in the beam after `hop` hops. */
  beamAfter(hop) {
    const { search } = this;
    if (hop < this.beamHop) {
      this.beam = new Set();
      this.beamHop = 0;
    }
    for (; this.beamHop < Math.min(hop, this.hops); this.beamHop++) {
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
