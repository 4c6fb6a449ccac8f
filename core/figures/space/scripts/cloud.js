// The points of a map on the client: which are shown, in what order, and what lies at a place.

const CELLS = 256; // along each side
const STEPS = 65535;

class Cloud {
  constructor({ meta, arrays }) {
    this.name = meta.id;
    this.places = arrays.places;
    this.rows = arrays.rows ?? null;
    this.count = meta.count;
    this.axes = meta.axes;
    [this.corner, this.side] = [meta.corner, meta.side];
    this.extent = this.extents();
    this.shuffled = shuffle(this.count);
    this.visible = new Uint8Array(this.count).fill(1);
    this.index();
  }

  extents() {
    return [...Array(this.axes).keys()].map((axis) => {
      let [low, high] = [STEPS, 0];
      for (let at = axis; at < this.places.length; at += this.axes) {
        if (this.places[at] < low) low = this.places[at];
        if (this.places[at] > high) high = this.places[at];
      }
      return Math.max(0.02, (high - low) / STEPS);
    });
  }

  /** Points by cell: those of cell c are members[starts[c]] to members[starts[c + 1] - 1]. */
  index() {
    const starts = new Uint32Array(CELLS * CELLS + 1);
    const cell = (point) => (this.places[2 * point + 1] >> 8) * CELLS + (this.places[2 * point] >> 8);
    for (let point = 0; point < this.count; point++) starts[cell(point) + 1]++;
    for (let at = 0; at < CELLS * CELLS; at++) starts[at + 1] += starts[at];
    const next = starts.slice();
    this.members = new Uint32Array(this.count);
    for (let point = 0; point < this.count; point++) this.members[next[cell(point)]++] = point;
    this.starts = starts;
  }

  rowOf(point) {
    return this.rows ? this.rows[point] : point;
  }

  /** The point of a row, or -1 where it is not drawn; rows stand in ascending order. */
  pointOf(row) {
    if (!this.rows) return row;
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle] < row) low = middle + 1;
      else high = middle;
    }
    return this.rows[low] === row ? low : -1;
  }

  /** Unit square of a place in coordinates of the map, and back. */
  toUnit(place) {
    return this.corner.map((corner, axis) => (place[axis] - corner) / this.side);
  }

  toData([x, y]) {
    return [this.corner[0] + x * this.side, this.corner[1] + y * this.side];
  }

  unitOf(point) {
    return this.corner.map((_, axis) => this.places[this.axes * point + axis] / STEPS);
  }

  /**
   * The order to draw in, shown points alone: {order, faded}. The first `faded` of them are not
   * selected; selected ones lie on top. Shuffled, so that no class covers the others, and a first
   * part of the order is a fair sample.
   */
  arrange({ codes, hidden, shown, selected }) {
    const has = (bits, point) => !bits || (bits[point >> 3] >> (point & 7)) & 1;
    const order = new Uint32Array(this.count);
    let [low, high] = [0, this.count];
    for (const point of this.shuffled) {
      const isShown = has(shown, point) && !(hidden.size && hidden.has(codes[point]));
      this.visible[point] = isShown ? 1 : 0;
      if (!isShown) continue;
      if (selected && has(selected, point)) order[--high] = point;
      else order[low++] = point;
    }
    order.copyWithin(low, high);
    return { order: order.subarray(0, low + this.count - high), faded: selected ? low : 0 };
  }

  /** The middle of the cell with most points, in the unit square. */
  densest() {
    let [best, most] = [0, -1];
    for (let cell = 0; cell < CELLS * CELLS; cell++) {
      const count = this.starts[cell + 1] - this.starts[cell];
      if (count > most) [best, most] = [cell, count];
    }
    return [((best % CELLS) + 0.5) / CELLS, (Math.floor(best / CELLS) + 0.5) / CELLS];
  }

  cells(left, bottom, right, top) {
    const cell = (at) => Math.min(CELLS - 1, Math.max(0, Math.floor((at * STEPS) / 256)));
    return [cell(left), cell(bottom), cell(right), cell(top)];
  }

  /** About how many points a camera sees. */
  countSeen(camera) {
    const [width, height] = camera.size;
    const [left, top] = camera.toUnit(0, 0);
    const [right, bottom] = camera.toUnit(width, height);
    return this.countIn(left, bottom, right, top);
  }

  /** The shown point at most `radius` pixels from a place on the screen, or -1. */
  pointAt(camera, [left, top], radius) {
    return this.nearest(...camera.toUnit(left, top), radius / camera.scale);
  }

  /** About how many points lie in a part of the unit square. */
  countIn(...box) {
    const [left, bottom, right, top] = this.cells(...box);
    let count = 0;
    for (let row = bottom; row <= top; row++) {
      count += this.starts[row * CELLS + right + 1] - this.starts[row * CELLS + left];
    }
    return count;
  }

  /** The shown point nearest to (x, y), at most `radius` away, or -1. */
  nearest(x, y, radius) {
    const [left, bottom, right, top] = this.cells(x - radius, y - radius, x + radius, y + radius);
    let [best, least] = [-1, radius * radius];
    for (let row = bottom; row <= top; row++) {
      const end = this.starts[row * CELLS + right + 1];
      for (let at = this.starts[row * CELLS + left]; at < end; at++) {
        const point = this.members[at];
        if (!this.visible[point]) continue;
        const dx = this.places[2 * point] / STEPS - x;
        const dy = this.places[2 * point + 1] / STEPS - y;
        const apart = dx * dx + dy * dy;
        if (apart < least) [best, least] = [point, apart];
      }
    }
    return best;
  }
}

/** 0..count - 1 in an order that is the same each time. */
function shuffle(count) {
  const order = new Uint32Array(count);
  let state = 1;
  for (let at = 0; at < count; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    const other = Math.floor((state / 4294967296) * (at + 1));
    order[at] = order[other];
    order[other] = at;
  }
  return order;
}

function cloudOf(geometry) {
  return geometry.meta.axes === 3 ? new DeepCloud(geometry) : new Cloud(geometry);
}
