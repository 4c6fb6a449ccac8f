// Names beside the nodes along the walk: those that matter most first, none over another.

const NAMES_AT_MOST = 9;
const LETTERS_AT_MOST = 26;
const LETTER_WIDTH = 6.6;
const LINE_HEIGHT = 17;
const RECENT = 3; // expanded nodes of layer 0 that keep their names

function shortened(name) {
  return name.length > LETTERS_AT_MOST ? `${name.slice(0, LETTERS_AT_MOST - 1)}…` : name;
}

/** What is named at a step, the most important first: {row, layer, words}. */
function namedAt(replay, step) {
  const { search, scene } = replay;
  const named = [];
  const add = (row, layer, before = "") =>
    named.push({ row, layer, words: before + shortened(replay.nameOf(row)) });
  const layer = replay.layerOf(step);
  if (step > 0 && step <= replay.hops) add(search.hop_node[step - 1], layer);
  if (step === replay.end && search.stop.row >= 0) add(search.stop.row, 0, "next candidate: ");
  if (search.item >= 0) add(search.item, 0, "query: ");
  add(scene.entry, scene.layers - 1, "entry point: ");
  if (step === replay.end) {
    for (const row of replay.missed) add(row, 0, "missed: ");
    for (const row of replay.answer) add(row, 0);
    return named;
  }
  const hop = Math.min(step, replay.hops);
  if (hop > 0 && layer === 0) add(search.best_row[hop - 1], 0);
  for (let at = hop - 2; at >= 0; at--) {
    const there = search.hop_layer[at];
    if (there > 0 || at > hop - 2 - RECENT) add(search.hop_node[at], there);
  }
  return named;
}

class NodeNames {
  constructor(root) {
    this.root = root;
    this.labels = [];
  }

  place(view, step, width, height) {
    const focus = view.focusAt(step);
    const taken = view.labelBoxes();
    const reserved = taken.length;
    const shown = new Set();
    const room = width < 420 ? NAMES_AT_MOST - 4 : NAMES_AT_MOST;
    for (const { row, layer, words } of namedAt(view.replay, step)) {
      if (taken.length === room + reserved) break;
      const key = `${row}/${layer}`;
      const seen = (focus === null || focus === layer) && !shown.has(key) && view.seenAt(row, layer);
      if (!seen) continue;
      const spot = this.spot(seen, words.length * LETTER_WIDTH, width, height, taken);
      if (!spot) continue;
      shown.add(key);
      taken.push({ ...spot, words });
    }
    this.write(taken.slice(reserved));
  }

  /** A free place right of a mark, else left, above or below it. */
  spot([x, y], long, width, height, taken) {
    const places = [
      [x + 10, y - LINE_HEIGHT / 2], [x - 10 - long, y - LINE_HEIGHT / 2],
      [x - long / 2, y - 10 - LINE_HEIGHT], [x - long / 2, y + 10],
    ];
    for (const [left, top] of places) {
      const box = { left, top, right: left + long, bottom: top + LINE_HEIGHT };
      const inside = left >= 0 && box.right <= width && top >= 0 && box.bottom <= height;
      const free = taken.every(
        (other) =>
          box.right < other.left || box.left > other.right ||
          box.bottom < other.top || box.top > other.bottom,
      );
      if (inside && free) return box;
    }
    return null;
  }

  write(taken) {
    while (this.labels.length < taken.length) {
      const label = document.createElement("div");
      this.labels.push(label);
      this.root.append(label);
    }
    this.labels.forEach((label, i) => {
      label.hidden = i >= taken.length;
      if (label.hidden) return;
      label.textContent = taken[i].words;
      label.style.transform = `translate(${taken[i].left}px, ${taken[i].top}px)`;
    });
  }
}
