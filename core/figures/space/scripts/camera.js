// Where the visitor looks: a center in the unit square of the geometry, and a zoom of the home view.

const ZOOM_AT_MOST = 200; // beyond, the steps of 16 bits would show
const ZOOM_AT_LEAST = 0.5;
const MARGIN = 26; // pixels around all points

class MapCamera {
  constructor() {
    this.extent = [1, 1];
    this.size = [1, 1];
    this.home();
  }

  home() {
    [this.x, this.y, this.zoom] = [0.5, 0.5, 1];
  }

  get isHome() {
    return this.x === 0.5 && this.y === 0.5 && this.zoom === 1;
  }

  /** Pixels of one unit. */
  get scale() {
    const [width, height] = this.size.map((side) => Math.max(40, side - 2 * MARGIN));
    return this.zoom * Math.min(width / this.extent[0], height / this.extent[1]);
  }

  frame(cloud) {
    this.extent = cloud.extent;
  }

  /** Column-major matrix from the unit square to clip space. */
  get matrix() {
    const [across, up] = this.size.map((side) => (2 * this.scale) / side);
    return new Float32Array([
      across, 0, 0, 0, 0, up, 0, 0, 0, 0, 1, 0, -this.x * across, -this.y * up, 0, 1,
    ]);
  }

  /** Unit square -> pixels from the top left. */
  toScreen(x, y) {
    const scale = this.scale;
    return [(x - this.x) * scale + this.size[0] / 2, this.size[1] / 2 - (y - this.y) * scale];
  }

  toUnit(left, top) {
    const scale = this.scale;
    return [this.x + (left - this.size[0] / 2) / scale, this.y - (top - this.size[1] / 2) / scale];
  }

  panBy(dx, dy) {
    this.x = Math.min(1, Math.max(0, this.x - dx / this.scale));
    this.y = Math.min(1, Math.max(0, this.y + dy / this.scale));
  }

  /** Zoom so that what lies under (left, top) stays there. */
  zoomAt(factor, left = this.size[0] / 2, top = this.size[1] / 2) {
    const [x, y] = this.toUnit(left, top);
    this.zoom = Math.min(ZOOM_AT_MOST, Math.max(ZOOM_AT_LEAST, this.zoom * factor));
    const [nowX, nowY] = this.toUnit(left, top);
    this.x += x - nowX;
    this.y += y - nowY;
  }

  get named() {
    if (this.isHome) return "";
    return [this.x.toFixed(5), this.y.toFixed(5), this.zoom.toPrecision(5)].map(Number).join("_");
  }

  /** Take a view from a link; what is none changes nothing. */
  take(text) {
    const [x, y, zoom, ...more] = text.split("_").map(Number);
    const known = [x, y, zoom].every(Number.isFinite) && more.length === 0;
    if (!known || zoom < ZOOM_AT_LEAST || zoom > ZOOM_AT_MOST) return;
    [this.x, this.y] = [x, y].map((at) => Math.min(1, Math.max(0, at)));
    this.zoom = zoom;
  }
}
