// Without WebGL2: the same points from the same arrays, mixed pixel by pixel on a 2-D canvas.

const SLOW_RASTER = 60; // milliseconds of a frame, above which a part of the points stands for all in motion

/** Takes and does what a PointPainter takes and does. */
class PointRaster {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    [this.count, this.faded, this.cost] = [0, 0, 0];
  }

  get works() {
    return Boolean(this.pen);
  }

  start() {}

  place(cloud) {
    [this.places, this.axes] = [cloud.places, cloud.axes];
    this.cost = 0;
  }

  paint(codes) {
    this.codes = codes;
  }

  color(colors) {
    this.tints = new Float32Array(3 * 256);
    colors.forEach((color, code) => this.tints.set(rgb(color), 3 * code));
  }

  arrange({ order, faded }) {
    [this.order, this.count, this.faded] = [order, order.length, faded];
    this.cost = 0;
  }

  draw(camera, look, { page, fade = 1, moving = false, ratio = window.devicePixelRatio || 1 }) {
    const [wide, high] = camera.size.map((side) => Math.round(side * ratio));
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      [this.canvas.width, this.canvas.height] = [wide, high];
    }
    const part = moving && this.cost > SLOW_RASTER ? SLOW_RASTER / this.cost : 1;
    const start = performance.now();
    const mixed = new Float32Array(4 * wide * high); // each color times its opacity
    const view = { camera, ratio, wide, high, page: rgb(page), mixed };
    const [pale, bright] = looksOf(look, this.faded, fade);
    this.stamp(0, Math.ceil(this.faded * part), pale, view);
    this.stamp(this.faded, Math.ceil((this.count - this.faded) * part), bright, view);
    this.pen.putImageData(asImage(mixed, wide, high), 0, 0);
    if (part === 1) this.cost = performance.now() - start;
  }

  stamp(from, count, { size, alpha }, { camera, ratio, wide, high, page, mixed }) {
    const { codes, tints } = this;
    const order = this.axes === 3 ? this.farFirst(from, count, camera) : this.order.subarray(from, from + count);
    const stamp = discOf(Math.max(1, size * ratio), size > 5 ? 0.9 : 0);
    for (const point of order) {
      const [left, top] = camera.toScreen(...this.unitOf(point)).map((at) => Math.floor(at * ratio));
      if (!(left > -9 && top > -9 && left < wide + 9 && top < high + 9)) continue;
      const tint = 3 * codes[point];
      for (const [dx, dy, cover, rim] of stamp) {
        const [x, y] = [left + dx, top + dy];
        if (x < 0 || y < 0 || x >= wide || y >= high) continue;
        const pixel = 4 * (y * wide + x);
        const over = alpha * cover;
        for (let channel = 0; channel < 3; channel++) {
          const shade = tints[tint + channel] * (1 - rim) + page[channel] * rim;
          mixed[pixel + channel] = shade * over + mixed[pixel + channel] * (1 - over);
        }
        mixed[pixel + 3] = over + mixed[pixel + 3] * (1 - over);
      }
    }
  }

  unitOf(point) {
    const { axes, places } = this;
    const [x, y] = [places[axes * point] / STEPS, places[axes * point + 1] / STEPS];
    return axes === 2 ? [x, y] : [x, y, places[3 * point + 2] / STEPS];
  }

  /** In 3-D the nearer points cover those behind them. */
  farFirst(from, count, camera) {
    const order = [...this.order.subarray(from, from + count)];
    const far = new Map(order.map((point) => [point, camera.toScreen(...this.unitOf(point))[2]]));
    return order.sort((a, b) => far.get(b) - far.get(a));
  }

  close() {}
}

/** [dx, dy, cover, share of the rim] of the pixels of a point. */
function discOf(size, rim) {
  if (size <= 1.9) return [[0, 0, Math.min(1, size * size), 0]];
  const [radius, reach, pixels] = [size / 2, Math.ceil(size / 2 + 0.5), []];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const apart = Math.hypot(dx, dy);
      const cover = Math.min(1, Math.max(0, radius - apart + 0.4));
      const edge = Math.min(1, Math.max(0, apart - (radius - rim - 0.8)));
      if (cover > 0) pixels.push([dx, dy, cover, rim * edge * edge * (3 - 2 * edge)]);
    }
  }
  return pixels;
}

function asImage(mixed, wide, high) {
  const image = new ImageData(Math.max(1, wide), Math.max(1, high));
  for (let at = 0; at < mixed.length; at += 4) {
    const alpha = mixed[at + 3];
    if (alpha === 0) continue;
    for (let channel = 0; channel < 3; channel++) image.data[at + channel] = mixed[at + channel] / alpha;
    image.data[at + 3] = 255 * alpha;
  }
  return image;
}
